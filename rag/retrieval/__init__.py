"""Question -> evidence: search, read, rank, and remove duplicates."""
