"""What is done to a store as a whole: update, remove, roll back, copy, check, repair."""
