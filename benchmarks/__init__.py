"""Benchmarks (`python -m benchmarks`), and the script that fits the ranking."""
