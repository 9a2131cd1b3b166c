"""Simulated archives, in the exact CSV dialect of the real ones and with known ground truth."""
