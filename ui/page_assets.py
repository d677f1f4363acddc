"""The styles and scripts of the window's page.

Gradio takes a script with each HTML component, and would send it again for each of the components
that use it. So the scripts are functions in the head of the page, and a component calls its own.
"""

from __future__ import annotations

import re
from pathlib import Path

_HOME = Path(__file__).parent
_SHEETS = ("theme", "panes", "sources", "conversation", "notes", "source", "reader")
STYLES = [_HOME / "styles" / f"{name}.css" for name in _SHEETS]
"""The style sheets, in the order in which they apply."""

_SCRIPTS = ("window", "adding", "sources", "choice", "panes", "reader", "messages", "notes")
_EVENT = re.compile(r"(?<=trigger\()'\w+'")  # its name, in quotes
_GIVEN = "element, trigger, props, watch"  # what Gradio gives to the script of a component


def make_head() -> str:
    """Return HTML that defines one function for each script in `ui/scripts`."""
    functions = "\n".join(_wrap(name) for name in _SCRIPTS)
    return f"<script>\nwindow.footnote = {{}};\n{functions}\n</script>"


def run_scripts(*names: str) -> str:
    """Return JavaScript that runs scripts of `ui/scripts` for a component, in this order.

    It has a comment with the events that the scripts trigger: Gradio finds out from this text which
    events a component has.
    """
    events = {event for name in names for event in _EVENT.findall(_read_script(name))}
    calls = "\n".join(f"footnote.{name}({_GIVEN});" for name in names)
    return f"// {' '.join(sorted(events))}\n{calls}"


def _wrap(name: str) -> str:
    return f"footnote.{name} = ({_GIVEN}) => {{\n{_read_script(name)}\n}};"


def _read_script(name: str) -> str:
    return (_HOME / "scripts" / f"{name}.js").read_text("utf-8")
