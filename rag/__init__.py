"""Ask a folder of documents; every answer is tied to the exact sentences it came from.

>>> from rag import answer
>>> print(answer("Who is the German defence minister?").text)  # doctest: +SKIP
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any


def _check_neighbours() -> None:
    """Refuse to go on when a file of the user's hides one of our packages."""
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

from rag.types import Answer, Citation  # noqa: E402

if TYPE_CHECKING:
    from rag.assistant import Assistant, answer

__all__ = ["Answer", "Assistant", "Citation", "answer"]


def __getattr__(name: str) -> Any:
    """Load what asks when it is first used: LangChain takes longer than all the rest."""
    if name not in ("Assistant", "answer"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from rag import assistant

    return getattr(assistant, name)
