"""Simulated archives, in the exact dialect of the real ones, of known truth."""
