"""The answers that are being written now, and how they are stopped.

Gradio cancels a running event only after the event that cancels it has ended (6.31: an event with
`cancels` becomes two, one after the other). The next part of the answer may arrive in between, and
replaces what the second event has shown: a stopped answer was shown as a running one for ever. So
the handlers that stop an answer tell it here, and the answer ends itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Lock

_LONGEST = 10.0  # seconds to wait for the end of an answer; one is asked about every 0.1 seconds


@dataclass(frozen=True, slots=True, eq=False)
class RunningAnswer:
    """Events of one answer: it shall stop, its page shows another conversation, it has ended."""

    stopped: Event = field(default_factory=Event)
    left: Event = field(default_factory=Event)
    ended: Event = field(default_factory=Event)


class RunningAnswers:
    """The running answers of each open page. Its methods may be called from several threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._answers: defaultdict[str, set[RunningAnswer]] = defaultdict(set)

    @contextmanager
    def begin(self, page: str) -> Iterator[RunningAnswer]:
        """Register an answer for `page` (Gradio's session hash) until the block ends."""
        answer = RunningAnswer()
        with self._lock:
            self._answers[page].add(answer)
        try:
            yield answer
        finally:
            answer.ended.set()
            with self._lock:
                self._answers[page].discard(answer)
                if not self._answers[page]:
                    del self._answers[page]

    def stop(self, page: str) -> bool:
        """Tell the answers of a page to stop; return whether there are any.

        They show what they have, and that they have stopped.
        """
        answers = self._find(page)
        for answer in answers:
            answer.stopped.set()
        return bool(answers)

    def leave(self, page: str) -> None:
        """End the answers of a page that is going to show another conversation.

        They show nothing more after this method has returned.
        """
        answers = self._find(page)
        for answer in answers:
            answer.left.set()
        for answer in answers:
            answer.ended.wait(_LONGEST)

    def _find(self, page: str) -> list[RunningAnswer]:
        with self._lock:
            return [*self._answers.get(page, ())]
