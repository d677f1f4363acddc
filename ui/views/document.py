"""Renders the reader: a document with what was cited of it. The browser loads the rest of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from secrets import token_hex
from urllib.parse import urlencode

from rag.library.library import PageLayout, is_address
from rag.library.reading import Heading, OpenDocument, cut_portions
from ui.views.html import render
from ui.views.marks import ALSO, CITED, Mark
from ui.views.sheet import render_sheet
from ui.views.text import render_text
from ui.views.wording import ENGLISH, Wording

_MOST_HEADINGS = 3_000


@dataclass(frozen=True, slots=True)
class Steps:
    """Navigation between the citations of an answer.

    `at` is the position of the current citation, from 1 to `count`. `before` and `after` are the
    numbers of the previous and next citation. `turn` is the index of the exchange; `source` is the
    list: "cite" (cited sentences) or "near" (closest passages).
    """

    turn: int
    source: str
    before: int
    after: int
    at: int
    count: int


@dataclass(frozen=True, slots=True)
class CitedPlace:
    """A cited span of the document that is open. `place` says in words where it is."""

    start: int
    end: int
    place: str = ""


def render_source_hint(say: Wording = ENGLISH) -> str:
    """Return the hint that the source panel shows before a source is chosen."""
    return render("hint.html", say, hint=say("source_hint"))


def render_document(
    opened: OpenDocument,
    cited: CitedPlace | None = None,
    others: Sequence[CitedPlace] = (),
    page: PageLayout | None = None,
    steps: Steps | None = None,
    say: Wording = ENGLISH,
    *,
    has_file: bool = False,
) -> str:
    """Return the reader with the cited place, or the beginning of the document.

    `others` are marked in a lighter colour. `page` is the printed page with the cited place, or the
    first one, if the document has any. `steps` are links to the other citations of the answer. With
    `has_file`, there is a link to the original file.
    """
    document = opened.document
    marks = [Mark(other.start, other.end, ALSO) for other in others if other != cited]
    if cited is not None:
        marks.append(Mark(cited.start, cited.end, CITED))
    portions = cut_portions(document)
    start = cited.start if cited else 0
    at = next((n for n, portion in enumerate(portions) if portion.end > start), 0)
    if page is not None:
        item, shown = page.number - 1, render_sheet(opened, page, marks, say)
    else:
        first, last = (portions[at].first, portions[at].last) if portions else (0, 0)
        item, shown = at, render_text(document, first, last, marks, say)
    pages = [part for part in document.parts if part.kind == "page"]
    address = document.path if is_address(document.path) else ""
    place = cited.place if cited else ""
    fields = urlencode({"document": document.path, "version": opened.version})
    layout = {
        "document": document.path,
        "version": opened.version,
        "length": len(document.text),
        "blocks": len(document.blocks),
        "portions": [[each.first, each.start] for each in portions],  # each ends with the next one
        "pages": [[part.number, part.start] for part in pages],
        "printed": [page.count, page.width / page.height] if page else None,
        "marks": [[mark.start, mark.end, mark.kind] for mark in marks],
        "labels": _label(cited, others, say),
        "at": cited.start if cited else None,
    }
    return render(
        "source.html",
        say,
        document=document,
        address=address,
        where=" · ".join(filter(None, (document.path, _name_answered(opened, say), place))),
        place=place,
        steps=steps,
        opened=token_hex(4),  # the browser notices that the same place is opened again
        layout=json.dumps(layout, ensure_ascii=False, separators=(",", ":")),
        printed=page is not None,
        pages=page.count if page else pages[-1].number if pages else 0,
        has_headings=any(block.kind == "heading" for block in document.blocks),
        file=f"reader/file?{fields}" if has_file and not address else "",
        item=item,
        shown=shown,
    )


def _name_answered(opened: OpenDocument, say: Wording) -> str:
    answered = opened.record.answered
    return say("in_reply_to", message=answered) if answered else ""


def render_outline(headings: Sequence[Heading], say: Wording = ENGLISH) -> str:
    """Return the headings of a document as a list of buttons."""
    left_out = max(0, len(headings) - _MOST_HEADINGS)
    shown = headings[:_MOST_HEADINGS]
    return render("outline.html", say, headings=shown, left_out=left_out)


def find_steps(turn: int, source: str, numbers: Sequence[int], current: int) -> Steps | None:
    """Return the links to the previous and the next citation; None if there is only one."""
    if len(numbers) < 2:
        return None
    at = numbers.index(current)
    before, after = numbers[at - 1], numbers[(at + 1) % len(numbers)]
    return Steps(turn, source, before, after, at + 1, len(numbers))


def _label(
    cited: CitedPlace | None, others: Sequence[CitedPlace], say: Wording
) -> list[tuple[int, int, str]]:
    """Return the start and end of each cited place in order, with what its mark is called."""
    places = {(each.start, each.end): each for each in (*others, *([cited] if cited else []))}
    ordered = [places[span] for span in sorted(places)]
    return [
        (each.start, each.end, say("cited_place", at=at, count=len(ordered), place=each.place))
        for at, each in enumerate(ordered, 1)
    ]
