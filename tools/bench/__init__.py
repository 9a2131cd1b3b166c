"""Benchmarks: the cost of cleaning, downloading and whole studies."""
