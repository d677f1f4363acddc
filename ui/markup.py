"""Templates of `templates/` -> HTML. Whatever a template is given is escaped: Jinja2 sees to it."""

from __future__ import annotations

from functools import cache
from html import escape
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ui.wording import Wording

_FOLDER = Path(__file__).with_name("templates")

# Gradio's HTML component reads what it shows as a template of its own: these would start an
# expression in it. The templates write none of them, so that all there are come from outside.
_GRADIO_MARKS = str.maketrans({c: f"&#{ord(c)};" for c in "{}$`\\"})


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(template: str, say: Wording, **values: object) -> str:
    """Return a template's HTML. `say` and all values are escaped where the template shows them."""
    html = _templates().get_template(template).render(say=say, **values)
    return html.translate(_GRADIO_MARKS)


def escape_text(text: str) -> str:
    """Return text as HTML that shows it and does nothing else."""
    return escape(text).translate(_GRADIO_MARKS)
