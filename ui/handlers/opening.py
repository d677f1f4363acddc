"""The event handler of a page that is opened: most of what it shows, in one response."""

from __future__ import annotations

from typing import Any

import gradio as gr

from ui.handlers.adding import AddingHandlers
from ui.handlers.chats import ChatHandlers
from ui.handlers.operation import OperationHandlers
from ui.handlers.sources import SourceHandlers
from ui.state.conversation import Conversation


class OpeningHandlers:
    """The handler of a page that is opened. What may take long has events of its own."""

    def __init__(
        self,
        returns: ChatHandlers,
        reads: SourceHandlers,
        adds: AddingHandlers,
        operation: OperationHandlers,
    ) -> None:
        self._returns = returns
        self._reads = reads
        self._adds = adds
        self._operation = operation

    def open_page(self, packed: object, request: gr.Request) -> tuple[Any, ...]:
        """Return the conversation (its HTML, and itself), the list of conversations, and the rest.

        `packed` is the conversation that the browser stored. The rest is the empty reader, the
        place to begin at, the buttons that add documents, and the tab for administrators.
        """
        shown, conversation = self._returns.restore(packed, request)
        current = conversation if isinstance(conversation, Conversation) else Conversation()
        return (
            shown,
            conversation,
            self._returns.list_chats(current, request),
            self._reads.dismiss(request),
            *self._adds.offer(request),
            self._operation.offer(request),
        )
