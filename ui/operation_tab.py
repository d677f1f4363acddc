"""The components and events of the page about the window's operation."""

from __future__ import annotations

from typing import Any

import gradio as gr

from ui.handlers.operation import OperationHandlers
from ui.page_assets import run_scripts

_QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}


class OperationTab:
    """The content of the tab; the tab is shown to administrators only."""

    def __init__(self, tab: gr.Tab) -> None:
        self._tab = tab
        self._case = gr.HTML(elem_id="fn-case")
        self._page = gr.HTML(elem_id="fn-operation", js_on_load=run_scripts("notes"))

    def connect(self, handlers: OperationHandlers) -> None:
        """Connect the events."""
        self._tab.select(handlers.show, outputs=self._page, **_QUIET)
        self._page.evaluate(handlers.evaluate, outputs=self._case, **_QUIET)
