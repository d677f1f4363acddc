"""State of the window: conversations, feedback, uploads, and their quotas."""
