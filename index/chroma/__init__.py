"""Chroma: vector collections in a local store or on a server, and a server as a shared store."""
