"""The prompt templates for a chat model: the bundled ones, or those of a configured folder."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from prompts import read_prompt
from rag.errors import SettingsError

FIELDS = {
    "answer": frozenset({"sentences", "question", "refusal"}),
    "notes": frozenset({"sentences", "question", "refusal"}),
    "rewrite": frozenset({"conversation", "question"}),
    "split": frozenset({"question"}),
    "summary": frozenset({"sentences", "question"}),
}
"""The fields that each template must contain, in braces."""

_FIELD = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Templates:
    """The texts of the templates, checked."""

    answer: str
    notes: str
    rewrite: str
    split: str
    summary: str


def load_templates(folder: Path | None = None) -> Templates:
    """Load the templates. For a file that the folder lacks, the bundled template is used.

    Raises `SettingsError` if a template lacks a required field or has an unknown one.
    """
    if folder is not None and not folder.is_dir():
        raise SettingsError(f"the prompt folder {folder} does not exist", "correct RAG_PROMPTS")
    return Templates(**{name: _load(name, folder) for name in FIELDS})


def fill(template: str, **values: str) -> str:
    """Return a template with its fields filled. Braces in the values are not changed."""
    return _FIELD.sub(lambda match: values.get(match[1], match[0]), template)


def _load(name: str, folder: Path | None) -> str:
    file = folder / f"{name}.md" if folder else None
    if file is None or not file.exists():
        return read_prompt(name)
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"the prompt {file} cannot be read ({type(error).__name__})", "save it as UTF-8"
        ) from error
    found = set(_FIELD.findall(text))
    if missing := FIELDS[name] - found:
        fields = ", ".join(f"{{{field}}}" for field in sorted(missing))
        raise SettingsError(f"the prompt {file} lacks {fields}", "add it to the template")
    if unknown := found - FIELDS[name]:
        fields = ", ".join(f"{{{field}}}" for field in sorted(unknown))
        raise SettingsError(f"the prompt {file} has an unknown field: {fields}", "remove it")
    return text.strip()
