"""User interfaces: the command line and the chat window (a Gradio web application)."""

import rag  # noqa: F401 - before Gradio: `index`, which `rag` imports, turns Gradio's telemetry off
