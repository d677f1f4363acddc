"""Where an index lives: in its folder alone, or in a shared store of which the folder is a copy."""
