"""What the window keeps: conversations, feedback, uploads, and how much of each."""
