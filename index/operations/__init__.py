"""The operations on a store: update, remove documents, roll back, copy, check, repair."""
