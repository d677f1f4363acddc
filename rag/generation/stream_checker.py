"""A chat model's stream -> an answer. Each complete sentence is checked against its sources.

Opening phrases such as "According to the documents," are left out; otherwise the wording of the
model is not changed. The marks after a sentence are added here: the citations that support it, or
``[?]`` if no source does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from rag.claims import SUPPORT, Likeness, Verdict
from rag.generation.attribution import attribute
from rag.generation.context import Context
from rag.generation.markers import Marker, MarkerParser
from rag.generation.phrases import find_opening, is_refusal
from rag.types import CheckedSpan, Evidence

UNSUPPORTED = " [?]"
_FORGED = re.compile(r"\[(\d{1,3}|\?)\]")
_END = re.compile(r"[.!?\u2026\u3002][\"'\u201d\u2019)]*\s+(?=\S)|\n+(?=\S)")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:[A-Z]|Dr|Mr|Mrs|Ms|Prof|St|No|vs|etc|e\.g|i\.e|ca|bzw|z\.B|d\.h|Nr|Abs|Mio|Mrd"
    r"|Sr|Sra|p\.ej|M|Mme|av)\.$"
)
_SHORTEST = 3  # words of a claim; "Yes." is checked together with the next sentence


class AnswerWriter:
    """Converts a model's text into a checked answer, piece by piece. Use one per answer."""

    def __init__(
        self,
        context: Context,
        likeness: Callable[[], Likeness],
        *,
        language: str,
        refusal: str,
        strict: bool = False,
        support: float = SUPPORT,
    ) -> None:
        self._context = context
        self._likeness = likeness
        self._language = language
        self._refusal = refusal
        self._strict = strict
        self._support = support
        self._parser = MarkerParser()
        self._numbers: dict[int, int] = {}  # source number -> citation number
        self._claim = ""  # the current sentence
        self._cited: list[int] = []  # the sources that the current sentence cites
        self._space = ""  # held back, because marks are written before it
        self._opening = True  # the current sentence may begin with an opening phrase
        self._text = ""
        self._refusals = 0
        self.supported: list[tuple[str, tuple[int, ...]]] = []  # claims with source numbers
        self.unsupported: list[tuple[int, int]] = []
        self.checked: list[CheckedSpan] = []
        self.dropped = 0

    @property
    def text(self) -> str:
        """The answer so far."""
        return self._text

    @property
    def refused(self) -> bool:
        """Whether the model said nothing else than that the documents do not answer."""
        return bool(self._refusals) and not (self.supported or self.unsupported or self.dropped)

    @property
    def is_baseless(self) -> bool:
        """Whether the model made claims and no source supports any of them."""
        return bool(self.unsupported or self.dropped) and not self.supported

    def feed(self, text: str) -> Iterator[str]:
        """Add a piece of the model's text; yield the new text of the answer."""
        for part in self._parser.feed(text):
            yield from self._take(part)

    def close(self) -> Iterator[str]:
        """Yield the rest of the answer. Call this at the end of the stream."""
        for part in self._parser.close():
            yield from self._take(part)
        yield from self._finish()

    def list_cited(self) -> list[Evidence]:
        """Return the sentences that the answer cites, in the order of their numbers."""
        return [self._context.sentences[number - 1] for number in self._numbers]

    def _take(self, part: str | Marker) -> Iterator[str]:
        if isinstance(part, Marker):
            there = range(1, len(self._context.sentences) + 1)
            self._cited += [n for n in part.numbers if n in there and n not in self._cited]
            return
        text = self._space + part
        self._space = ""
        start = max(len(self._claim) - 2, 0)
        while end := self._find_end(self._claim + text, start):
            length = len(self._claim)
            yield from self._say(text[: end.start() - length + len(end.group().rstrip())])
            yield from self._finish()
            text = text[end.end() - length :]
            yield from self._put(" ")
            start = 0
        kept = text.rstrip()
        self._space = text[len(kept) :]
        yield from self._say(kept)

    def _find_end(self, text: str, start: int) -> re.Match[str] | None:
        """Return the match of the sentence's end; None if it is not complete."""
        for match in _END.finditer(text, start):
            said = text[: match.start() + len(match.group().rstrip())]
            if len(said.split()) >= _SHORTEST and not _ABBREVIATION.search(said):
                return match
        return None

    def _say(self, text: str) -> Iterator[str]:
        if not self._claim and not self._text.strip():
            text = text.lstrip()
        # Text that remains when a marker is removed must not look like a mark, as in "[[1]1]".
        known = (self._claim or self._text)[-4:]
        text = _FORGED.sub(r"[\1)", known + text)[len(known) :]
        self._claim += text
        if self._opening:
            length = find_opening(self._claim)
            if length is None:
                return
            self._drop_opening(length)
            text = self._claim
        if not self._strict:
            yield from self._put(text)

    def _drop_opening(self, length: int) -> None:
        rest = self._claim[length:]
        self._claim = rest[:1].upper() + rest[1:] if length else rest
        self._opening = False

    def _put(self, text: str) -> Iterator[str]:
        if text and (self._text or text.strip()):
            self._text += text
            yield text

    def _finish(self) -> Iterator[str]:
        """Check the current sentence, and yield its marks."""
        held = self._claim if self._opening and not self._strict else ""
        claim, cited = self._claim.strip(), self._cited
        self._claim, self._cited, self._opening = "", [], True
        if not claim:
            return
        yield from self._put(held)
        if is_refusal(claim, self._refusal, cites=bool(cited)):
            self._refusals += 1
            yield from self._put(claim if self._strict else "")
            return
        found = attribute(
            claim, cited, self._context, self._likeness(), self._language, self._support
        )
        if self._strict:
            if not found.numbers:
                self.dropped += 1
                return
            yield from self._put(claim)
        self._note(claim, found.verdict)
        if found.numbers:
            self.supported.append((claim, found.numbers))
            for number in found.numbers:
                place = self._numbers.setdefault(number, len(self._numbers) + 1)
                yield from self._put(f" [{place}]")
        else:
            self.unsupported.append((len(self._text) - len(claim), len(self._text)))
            yield from self._put(UNSUPPORTED)

    def _note(self, claim: str, verdict: Verdict) -> None:
        """Keep what the sources say about each clause of the claim that was just written."""
        start = len(self._text) - len(claim)
        self.checked += [
            CheckedSpan(start + clause.start, start + clause.end, clause.outcome)
            for clause in verdict.clauses
        ]
