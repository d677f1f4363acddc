"""Measurements: `python -m benchmarks`, and the recipe of what was fitted."""
