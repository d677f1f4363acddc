"""What was asked: outcomes and times, for whoever runs the window. The text only if switched on."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import portalocker

from rag.settings import Settings
from rag.types import Answer
from ui.state.quotas import MB

log = logging.getLogger(__name__)

_LONGEST = 2_000  # characters of a question, and of each quoted sentence
_MOST_QUOTED = 10  # sentences


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that was asked.

    `at` is the time (ISO 8601, UTC). `outcome` is answered, refused, failed, stopped or busy.
    `question` and `quoted`, the sentences that the answer cites or that came nearest, are empty if
    the text is not kept.
    """

    at: str
    outcome: str
    seconds: float
    question: str = ""
    quoted: tuple[str, ...] = ()


class QuestionLog:
    """A file with a line for each question. Safe for several processes at the same time.

    `most` is its maximum size in bytes: when it is reached, the older half is deleted. Lines older
    than `days` are deleted by `forget_old`, and whenever it is shortened.
    """

    def __init__(self, file: Path, *, keep_text: bool, most: int, days: int) -> None:
        self._file = file
        self._keep_text = keep_text
        self._most = most
        self._days = days

    @property
    def keeps_text(self) -> bool:
        """Whether the text of questions is kept."""
        return self._keep_text

    def add(self, question: str, answer: Answer | None, outcome: str, seconds: float) -> None:
        """Record a question. If that fails, a warning is logged."""
        asked = Asked(datetime.now(UTC).isoformat(timespec="seconds"), outcome, round(seconds, 3))
        if self._keep_text:
            citations = (answer.closest if answer.refused else answer.citations) if answer else ()
            quoted = tuple(each.sentence[:_LONGEST] for each in citations[:_MOST_QUOTED])
            asked = replace(asked, question=question[:_LONGEST], quoted=quoted)
        line = f"{json.dumps(asdict(asked), ensure_ascii=False)}\n".encode("utf-8", "replace")
        try:
            if self._size() + len(line) > self._most:
                self._rewrite(halve=True)
            with self._locked(), open(self._file, "ab", opener=_open_private) as out:
                out.write(line)
        except OSError as error:
            log.warning("a question could not be recorded (%s)", error.strerror)

    def forget_old(self) -> None:
        """Delete what was asked more than `days` ago."""
        if self._file.exists():
            self._rewrite()

    def read(self) -> list[Asked]:
        """Return what was asked, the newest first."""
        return list(self._read())[::-1]

    def _read(self) -> Iterator[Asked]:
        oldest = (datetime.now(UTC) - timedelta(days=self._days)).isoformat(timespec="seconds")
        try:
            lines = self._file.read_text("utf-8", "replace").splitlines()
        except OSError:
            return
        for line in lines:
            try:
                fields = json.loads(line)
                asked = Asked(**fields | {"quoted": tuple(fields["quoted"])})
                if asked.at >= oldest:
                    yield asked
            except (ValueError, TypeError, KeyError):  # a line that was cut off
                continue

    def _rewrite(self, *, halve: bool = False) -> None:
        """Delete old lines; with `halve` also the older half of the others."""
        try:
            with self._locked():
                kept: Sequence[Asked] = list(self._read())
                if halve:
                    kept = kept[len(kept) // 2 :]
                lines = "".join(f"{json.dumps(asdict(a), ensure_ascii=False)}\n" for a in kept)
                draft = self._file.with_suffix(".draft")
                with open(draft, "w", encoding="utf-8", opener=_open_private) as out:
                    out.write(lines)
                draft.replace(self._file)
        except OSError as error:
            log.warning("old questions could not be deleted (%s)", error.strerror)

    def _size(self) -> int:
        return self._file.stat().st_size if self._file.exists() else 0

    def _locked(self) -> portalocker.Lock:
        return portalocker.Lock(self._file.with_suffix(".lock"), "a", timeout=10)


def _open_private(file: str, flags: int) -> int:
    return os.open(file, flags, 0o600)


def make_question_log(settings: Settings) -> QuestionLog:
    """Return the log of a store's questions."""
    return QuestionLog(
        settings.store / "questions.jsonl",
        keep_text=settings.keep_questions,
        most=settings.questions_mb * MB,
        days=settings.questions_days,
    )
