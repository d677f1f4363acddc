"""Evaluation with questions whose correct answers are known."""
