"""What people think of answers, kept in a file beside the index that `rag eval` reads."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from rag.errors import FootnoteError
from rag.types import Answer

_LONGEST = 2_000  # characters of a comment


def feedback_file(store: Path) -> Path:
    """Return where feedback on the answers from a store is kept."""
    return store / "feedback.jsonl"


def keep_feedback(
    store: Path, question: str, answer: Answer, *, good: bool, comment: str = ""
) -> None:
    """Add a line: the question, as it was understood, and what answered it.

    `rag eval` asks the questions of good answers, and expects the same sentences, or a refusal.
    Raises `FootnoteError` when the file cannot be written.
    """
    sentences = [citation.sentence for citation in answer.citations]
    spans = [answer.text[start:end] for start, end in answer.emphasis]
    line = {
        "question": question,
        "answer": spans or sentences,
        "evidence": sentences,
        "good": good,
        "comment": comment.strip()[:_LONGEST],
        "model": answer.model,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    file = feedback_file(store)
    try:
        with file.open("a", encoding="utf-8") as out:
            out.write(f"{json.dumps(line, ensure_ascii=False)}\n")
    except OSError as error:
        raise FootnoteError(
            f"{file} cannot be written ({error.strerror})", "check its permissions"
        ) from error
