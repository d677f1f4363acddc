"""Ask a folder of documents; every answer is tied to the exact sentences it came from.

>>> from rag import answer
>>> print(answer("Who is the German defence minister?").text)  # doctest: +SKIP
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any


def _check_neighbours() -> None:
    """Raise an error if a file in the user's folder hides one of our packages."""
    home = Path(__file__).resolve().parent.parent
    for name in ("index", "prompts"):
        loaded = sys.modules.get(name)
        spec = loaded.__spec__ if loaded else importlib.util.find_spec(name)
        origin = Path(spec.origin) if spec and spec.origin else None
        if origin is None or not origin.with_name("py.typed").is_file():
            place = origin or f"a folder named {name}"
            raise ImportError(
                f"{place} hides Footnote's package `{name}`: rename it or run from another folder"
                f" (Footnote is in {home})"
            )


_check_neighbours()

from rag.errors import (  # noqa: E402
    BusyError,
    ChatModelError,
    FootnoteError,
    ModelError,
    QuestionError,
    SettingsError,
    SourceError,
    StoreBrokenError,
    StoreBusyError,
    StoreError,
    StoreMissingError,
    UnknownDocumentError,
)
from rag.types import Answer, Citation, Delta, Evidence  # noqa: E402

if TYPE_CHECKING:
    from rag.assistant import Assistant, answer
    from rag.library.library import Library
    from rag.settings import Settings

__all__ = [
    "Answer",
    "Assistant",
    "BusyError",
    "ChatModelError",
    "Citation",
    "Delta",
    "Evidence",
    "FootnoteError",
    "Library",
    "ModelError",
    "QuestionError",
    "Settings",
    "SettingsError",
    "SourceError",
    "StoreBrokenError",
    "StoreBusyError",
    "StoreError",
    "StoreMissingError",
    "UnknownDocumentError",
    "answer",
]

# Loaded when they are first used, because LangChain and pydantic take long to import.
_LAZY = {
    "Assistant": "rag.assistant",
    "answer": "rag.assistant",
    "Library": "rag.library.library",
    "Settings": "rag.settings",
}


def __getattr__(name: str) -> Any:
    """Load a public name that is not loaded yet."""
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_LAZY[name]), name)


def __dir__() -> list[str]:
    """Return the public names, including those that are not loaded yet."""
    return sorted({*globals(), *__all__})
