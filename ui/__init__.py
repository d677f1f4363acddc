"""What people see: the command line and the chat window."""

import rag  # noqa: F401 - before Gradio, whose reports about its use `index` switches off
