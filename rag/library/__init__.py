"""One store with its index, its models and its shared snapshot."""
