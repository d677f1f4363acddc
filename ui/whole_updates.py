"""Gradio's blocks, with updates of components that are always sent whole.

Gradio sends the outputs of a generator after the first as differences from those before. Its
browser client (6.31, `apply_diff`) changes the earlier output in place, even if the page has not
shown it yet. This happens when several messages arrive before the reply that names their event, as
on a busy page. An update that only the first message has was lost then: the question stayed in its
box, and there was no button to stop the answer.
"""

from __future__ import annotations

from typing import Any

import gradio as gr


class WholeUpdateBlocks(gr.Blocks):  # type: ignore[misc]
    """Blocks whose generators send each update of a component as a whole, never as a difference."""

    def handle_streaming_diffs(self, block_fn: Any, data: list[Any], *args: Any, **kw: Any) -> Any:
        """Return what is sent for the outputs `data`. A new update replaces the one before."""
        outputs = list(data)  # Gradio changes the list
        sent = super().handle_streaming_diffs(block_fn, data, *args, **kw)
        for place, output in enumerate(outputs):
            if _is_update(output) and isinstance(sent[place], list):
                sent[place] = [("replace", [], output)]
        return sent


def _is_update(output: Any) -> bool:
    return isinstance(output, dict) and output.get("__type__") == "update"
