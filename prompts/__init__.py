"""The texts that Footnote says, one file each, read as package data."""

from functools import cache
from importlib.resources import files


@cache
def read_prompt(name: str, language: str = "en") -> str:
    """Return the text of a prompt, white space at both ends trimmed.

    In the language (ISO 639-1) that is asked for where there is such a file, else in English.
    """
    file = files(__name__).joinpath(f"{name}.{language}.md")
    if not file.is_file():
        file = files(__name__).joinpath(f"{name}.md")
    return file.read_text("utf-8").strip()
