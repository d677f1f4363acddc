"""Events of HTML components for `gr.on`, which lets several events share one handler.

Gradio (6.31) makes the events of its other components in the form that `gr.on` reads, but not those
that the script of an HTML component triggers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr


@dataclass(frozen=True, slots=True)
class HtmlEvent:
    """An event of an HTML component, with the attributes that `gr.on` reads."""

    __self__: gr.HTML
    event_name: str
    has_trigger: bool = True
    callback: None = None
    connection: str = "sse"
    event_specific_args: None = None


def find_events(name: str, *components: gr.HTML) -> list[Any]:
    """Return the event `name` of each component.

    Raises AttributeError if the script of a component does not trigger it.
    """
    for component in components:
        getattr(component, name)
    return [HtmlEvent(component, name) for component in components]
