"""Benchmarks: ``make bench``. They measure and compare; no figure ever fails them."""
