"""The routes from which the reader loads parts of an open document.

All are GET requests that name a document of the index, so no path of a file comes from outside.
They are routes of Gradio's app, whose logins they check.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from rag.errors import FootnoteError
from rag.library.library import Library, read_unchanged
from rag.library.reading import OpenDocument, TextSearch, list_headings
from ui.handlers.request import read_wording
from ui.views.document import render_outline
from ui.views.marks import ALSO, CITED, FOUND, Mark
from ui.views.sheet import render_sheet
from ui.views.text import render_text
from ui.web.login_required import find_user

_MOST_BLOCKS = 400  # in one response
_MOST_MARKS = 500
_NUMBER = re.compile(r"\d{1,9}")
_MARK = re.compile(rf"(\d{{1,9}})-(\d{{1,9}})-({CITED}|{ALSO})")
# A page of another type could run scripts in the window's origin: browsers then save the file.
_SHOWN_TYPES = {
    ".pdf": "application/pdf",
    ".txt": "text/plain; charset=utf-8",
    ".md": "text/plain; charset=utf-8",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
}
_NEVER_CHANGES = "private, max-age=86400, immutable"  # the address has the file's version

Answer = Callable[[Request, OpenDocument], Response]


class ReaderRoutes:
    """Answers the reader's requests. Each names a document and the version that is open."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._search = TextSearch()

    def list_routes(self) -> list[Route]:
        """Return the routes for Gradio's app."""
        answers: dict[str, Answer] = {
            "text": self._text,
            "sheet": self._sheet,
            "image": self._image,
            "outline": self._outline,
            "find": self._find,
            "file": self._file,
        }
        return [
            Route(f"/reader/{name}", self._guard(answer), methods=["GET"])
            for name, answer in answers.items()
        ]

    def _guard(self, answer: Answer) -> Callable[[Request], Awaitable[Response]]:
        """Return an endpoint that answers visitors who are logged in, about the open version."""

        def respond(request: Request) -> Response:
            try:
                opened = self._library.open_document(request.query_params.get("document", ""))
            except FootnoteError as error:
                return PlainTextResponse(str(error), 503)
            if opened is None:
                return PlainTextResponse("there is no such document", 404)
            if request.query_params.get("version") != opened.version:
                return PlainTextResponse("the document has changed", 409)
            return answer(request, opened)

        async def endpoint(request: Request) -> Response:
            if not _is_logged_in(request):
                return PlainTextResponse("log in first", 401)
            response = await asyncio.to_thread(respond, request)
            response.headers.setdefault("cache-control", "no-store")
            return response

        return endpoint

    def _text(self, request: Request, opened: OpenDocument) -> Response:
        """Return blocks `first` to `last` with marks."""
        first, last = _read_number(request, "first"), _read_number(request, "last")
        last = min(last, first + _MOST_BLOCKS)
        blocks = opened.document.blocks[first:last]
        if not blocks:
            return HTMLResponse("")
        marks = self._read_marks(request, opened, blocks[0].start, blocks[-1].end)
        return HTMLResponse(render_text(opened.document, first, last, marks, read_wording(request)))

    def _sheet(self, request: Request, opened: OpenDocument) -> Response:
        """Return the printed page `page` with marks."""
        page = _read_number(request, "page")
        layout = self._library.pages.lay_out(opened.record, opened.document, page)
        if layout is None:
            return _no_page()
        marks: list[Mark] = []
        if layout.offsets:
            marks = self._read_marks(request, opened, layout.offsets[0], layout.offsets[-1] + 1)
        return HTMLResponse(render_sheet(opened, layout, marks, read_wording(request)))

    def _image(self, request: Request, opened: OpenDocument) -> Response:
        """Return the picture of the printed page `page`."""
        picture = self._library.pages.draw(opened.record, _read_number(request, "page"))
        if picture is None:
            return _no_page()
        return Response(picture, 200, {"cache-control": _NEVER_CHANGES}, "image/jpeg")

    def _outline(self, request: Request, opened: OpenDocument) -> Response:
        """Return the headings."""
        headings = list_headings(opened.document)
        return HTMLResponse(render_outline(headings, read_wording(request)))

    def _find(self, request: Request, opened: OpenDocument) -> Response:
        """Return the offsets at which `query` stands, and whether there are more."""
        hits = self._search.find(opened, request.query_params.get("query", ""))
        return JSONResponse({"hits": [start for start, _ in hits.spans], "more": hits.more})

    def _file(self, request: Request, opened: OpenDocument) -> Response:
        """Return the original file."""
        record = opened.record
        data = self._library.pages.extract(record) if record.within else read_unchanged(record)
        if data is None:
            return PlainTextResponse("the file has changed or is gone", 410)
        name = record.source.rpartition("/")[2]
        kind = _SHOWN_TYPES.get("." + name.rpartition(".")[2].lower())
        shown = "inline" if kind else "attachment"
        headers = {"content-disposition": f"{shown}; filename*=UTF-8''{quote(name, safe='')}"}
        return Response(data, 200, headers, kind or "application/octet-stream")

    def _read_marks(
        self, request: Request, opened: OpenDocument, start: int, end: int
    ) -> list[Mark]:
        """Return the marks that a request lists, and the hits of its query between two offsets."""
        found = _MARK.finditer(request.query_params.get("marks", ""))
        marks = [
            Mark(int(each[1]), int(each[2]), each[3])
            for each, _ in zip(found, range(_MOST_MARKS), strict=False)
        ]
        query = request.query_params.get("query", "")
        if query:
            hits = self._search.find(opened, query).between(start, end)
            marks += [Mark(*span, FOUND) for span in hits]
        return marks


def _is_logged_in(request: Request) -> bool:
    """Return whether the window has no logins, or the visitor is logged in."""
    return request.app.auth is None or find_user(request.app, request.cookies) is not None


def _read_number(request: Request, name: str) -> int:
    """Return a number of a request; 0 if it is none."""
    value = request.query_params.get(name, "")
    return int(value) if _NUMBER.fullmatch(value) else 0


def _no_page() -> Response:
    return PlainTextResponse("this page cannot be drawn", 404)
