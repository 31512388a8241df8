"""Benchmarks: quality against the gold with floors, speed, size. `python -m bench --help`."""
