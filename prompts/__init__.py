"""The texts that Footnote says, one file each, read as package data."""

from functools import cache
from importlib.resources import files


@cache
def read_prompt(name: str) -> str:
    """Return the text of a prompt, white space at both ends trimmed."""
    return files(__name__).joinpath(f"{name}.md").read_text("utf-8").strip()
