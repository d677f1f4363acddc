"""Renders the templates in `templates/` as HTML. Jinja2 escapes all values."""

from __future__ import annotations

import re
from functools import cache
from html import escape
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ui.views.wording import Wording

_FOLDER = Path(__file__).with_name("templates")

# Gradio's HTML component treats its value as a template again. These characters could start an
# expression there. Our templates never use them, so every occurrence comes from a value.
_GRADIO_MARKS = re.compile(r"[{}$`\\]")


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def render(template: str, say: Wording, **values: object) -> str:
    """Return the HTML of a template. The strings of `say` and all values are escaped."""
    return _escape_for_gradio(_templates().get_template(template).render(say=say, **values))


def escape_text(text: str) -> str:
    """Return text as escaped HTML."""
    return _escape_for_gradio(escape(text))


def _escape_for_gradio(html: str) -> str:
    return _GRADIO_MARKS.sub(lambda mark: f"&#{ord(mark[0])};", html)
