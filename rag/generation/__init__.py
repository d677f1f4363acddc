"""Answers that a chat model writes, each sentence checked against its sources."""
