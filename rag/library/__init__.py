"""A store of documents as the rest of the program uses it."""
