"""Ratings of answers, stored in a file in the store that `rag eval` can read."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

from rag.errors import FootnoteError
from rag.types import Answer
from ui.state.quotas import MB

_LONGEST = 2_000  # characters of a comment


def feedback_file(store: Path) -> Path:
    """Return the path of a store's feedback file."""
    return store / "feedback.jsonl"


def keep_feedback(
    store: Path, question: str, answer: Answer, *, good: bool, comment: str = "", most: int
) -> None:
    """Append a line with the question, the answer and the rating.

    `rag eval` asks the questions of well-rated answers, and expects the same sentences, or a
    refusal. Raises `FootnoteError` if the file cannot be written, or would be larger than `most`
    bytes.
    """
    sentences = [citation.sentence for citation in answer.citations]
    spans = [answer.text[start:end] for start, end in answer.emphasis]
    fields = {
        "question": question,
        "answer": spans or sentences,
        "evidence": sentences,
        "good": good,
        "comment": comment.strip()[:_LONGEST],
        "model": answer.model,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    line = f"{json.dumps(fields, ensure_ascii=False)}\n"
    file = feedback_file(store)
    try:
        size = file.stat().st_size if file.exists() else 0
        if size + len(line.encode()) > most:
            raise FootnoteError(
                f"{file.name} has reached its limit of {most // MB:,} MB",
                "ask the administrator to move the file away or to increase RAG_FEEDBACK_MB",
            )
        # Other users of this machine must not read the questions.
        with open(file, "a", encoding="utf-8", opener=_open_private) as out:
            out.write(line)
    except OSError as error:
        raise FootnoteError(
            f"{file} cannot be written ({error.strerror})", "check its permissions"
        ) from error


def _open_private(file: str, flags: int) -> int:
    return os.open(file, flags, 0o600)
