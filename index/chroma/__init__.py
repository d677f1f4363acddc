"""Chroma: vectors in collections, and an index that is kept on a Chroma server."""
