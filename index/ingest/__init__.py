"""Files -> a new snapshot: scan, plan, parse, embed, build and collect garbage."""
