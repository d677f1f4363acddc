"""Questions for `rag eval` that an administrator made of what was asked."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

from rag.errors import FootnoteError
from ui.state.quotas import MB

_LONGEST = 2_000  # characters of a question, an answer or a sentence


def evaluation_file(store: Path) -> Path:
    """Return the path of a store's file of evaluation questions."""
    return store / "evaluation.jsonl"


def keep_case(
    store: Path, question: str, answer: Sequence[str], evidence: Sequence[str], *, most: int
) -> str:
    """Append a question in the format of `rag eval`, and return its line.

    Without an answer and evidence, it is a question that must be refused. Raises `FootnoteError` if
    it has no text, or the file cannot be written or would be larger than `most` bytes.
    """
    if not question.strip():
        raise FootnoteError("the question has no text", "write one")
    fields = {
        "question": question.strip()[:_LONGEST],
        "answer": [each.strip()[:_LONGEST] for each in answer if each.strip()],
        "evidence": [each.strip()[:_LONGEST] for each in evidence if each.strip()],
    }
    line = json.dumps(fields, ensure_ascii=False)
    file = evaluation_file(store)
    try:
        size = file.stat().st_size if file.exists() else 0
        if size + len(line.encode()) >= most:
            raise FootnoteError(
                f"{file.name} has reached its limit of {most // MB:,} MB", "move the file away"
            )
        with open(file, "a", encoding="utf-8", opener=_open_private) as out:
            out.write(f"{line}\n")
    except OSError as error:
        raise FootnoteError(
            f"{file} cannot be written ({error.strerror})", "check its permissions"
        ) from error
    return line


def _open_private(file: str, flags: int) -> int:
    return os.open(file, flags, 0o600)
