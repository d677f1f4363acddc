"""What the window does when a person uses one of its parts."""
