"""Snapshots of the index: write segments, publish, open, search and check them."""
