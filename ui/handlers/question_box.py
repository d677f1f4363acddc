"""The states of the question box."""

from __future__ import annotations

from typing import Any

import gradio as gr


def waiting_box(*text: str) -> Any:
    """Return the question box while an answer is running, with a stop button."""
    return gr.Textbox(*text, submit_btn=False, stop_btn=True)


def ready_box(*text: str) -> Any:
    """Return the question box ready for the next question, with a submit button."""
    return gr.Textbox(*text, submit_btn=True, stop_btn=False)
