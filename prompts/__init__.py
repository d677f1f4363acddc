"""Prompts for chat models and fixed answer texts, one file each, read as package data."""

from functools import cache
from importlib.resources import files


@cache
def read_prompt(name: str, language: str = "en") -> str:
    """Return the text of a prompt, without white space at both ends.

    `language` is an ISO 639-1 code. If there is no file in this language, the English text is
    returned.
    """
    file = files(__name__).joinpath(f"{name}.{language}.md")
    if not file.is_file():
        file = files(__name__).joinpath(f"{name}.md")
    return file.read_text("utf-8").strip()
