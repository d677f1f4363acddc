"""Templates of `templates/` -> HTML. Whatever a template is given is escaped: Jinja2 sees to it."""

from __future__ import annotations

import re
from functools import cache
from html import escape
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ui.views.wording import Wording

_FOLDER = Path(__file__).with_name("templates")

# Gradio's HTML component reads what it shows as a template of its own: these would start an
# expression in it. The templates write none of them, so that all there are come from outside.
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
    """Return a template's HTML. `say` and all values are escaped where the template shows them."""
    return _escape_for_gradio(_templates().get_template(template).render(say=say, **values))


def escape_text(text: str) -> str:
    """Return text as HTML that shows it and does nothing else."""
    return _escape_for_gradio(escape(text))


def _escape_for_gradio(html: str) -> str:
    return _GRADIO_MARKS.sub(lambda mark: f"&#{ord(mark[0])};", html)
