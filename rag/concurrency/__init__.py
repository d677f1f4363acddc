"""Concurrent questions: a limit, batched embedding, and streams that can be cancelled."""
