"""Question -> evidence: search, read, rank, and fold what says the same."""
