"""Event handlers of the window's components."""
