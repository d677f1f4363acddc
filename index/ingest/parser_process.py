"""The process that parses documents. It limits the damage that a hostile file can do.

It receives one request at a time over a connection and answers in JSON. The operating system
limits its memory, and an alarm signal limits its time, even inside of native parsers.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import resource
import signal
import sys
from contextlib import suppress
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from index.documents import load_with_members, read_bytes, require_content, require_format
from index.documents.codec import encode_document, to_line
from index.documents.content import ContentError, Member
from index.documents.input_files import make_stamp
from index.documents.members import OpenFile, title_attachment
from index.documents.ocr.budget import Budget, limit
from index.errors import DocumentError, UnknownFormatError
from index.text.sentences import split_sentences

if TYPE_CHECKING:
    from index.documents.page_image import Pages, Runs


def main() -> None:
    """Serve requests until the other end closes the connection.

    The arguments of the process are a file descriptor and the memory limit in bytes.
    """
    handle, memory = map(int, sys.argv[-2:])
    with suppress(ValueError, OSError):  # not every system has this limit
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.setrecursionlimit(2000)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):  # libraries may read or print
        os.dup2(nowhere, standard)
    with Connection(handle) as connection:
        connection.send_bytes(b"ready")
        while True:
            try:
                request = json.loads(connection.recv_bytes())
            except EOFError:
                return
            signal.alarm(request["seconds"])
            answer = _answer(request, connection)
            signal.alarm(0)
            connection.send_bytes(answer)


def _answer(request: dict[str, Any], connection: Connection) -> bytes:
    def tell(number: int, total: int) -> None:
        connection.send_bytes(to_line({"page": number, "pages": total}))

    try:
        if request["task"] == "parse":
            with limit(Budget(**request["ocr"], on_page=tell), has_alarm=True):
                return to_line(_parse(**request["file"]))
        if request["task"] == "extract":
            data = _read_unchanged(**request["details"])
            return to_line({"data": base64.b64encode(data).decode("ascii")})
        return to_line(_PAGES.answer(request["task"], **request["details"]))
    except Exception as error:  # noqa: BLE001 - the process has to survive for the next file
        return to_line(_describe(error))


def _describe(error: Exception) -> dict[str, Any]:
    """Return the reason why a document cannot be parsed, without any of its text."""
    if isinstance(error, DocumentError):
        unsupported = isinstance(error, UnknownFormatError)
        described = {"problem": error.reason, "remedy": error.remedy, "needs": error.needs}
        return described | {"unsupported": unsupported}
    if isinstance(error, ContentError):
        return {"problem": error.problem, "remedy": error.remedy, "needs": error.needs}
    if isinstance(error, MemoryError):
        return {
            "problem": "needs too much memory to be parsed",
            "remedy": "split it",
            "out_of_memory": True,
        }
    problem = f"cannot be read ({type(error).__name__})"
    return {"problem": problem, "remedy": "convert it to another format"}


def _parse(path: str, source: str, member: str) -> dict[str, Any]:
    """Parse a file, or the member of it that has the path `member`."""
    sha256, data = _LAST.read(path, source, again=bool(member))
    fields: dict[str, Any] = {"sha256": sha256, "size": len(data)}
    try:
        require_format(path, PurePosixPath(member or source).suffix)
        found = _OPEN.find(sha256, Member(Path(source).name, lambda: data), member)
        content = found.read()
        require_content(path, content)
        document, members = load_with_members(content, path, found.name)
        _OPEN.keep(sha256, member, members)
        if member and (title := title_attachment(found, path)):
            document = replace(document, title=title, titles=(title, *document.titles))
        sentences = split_sentences(document.text, document.blocks, document.language)
        return fields | {
            "document": encode_document(document),
            "sentences": [(sentence.start, sentence.end) for sentence in sentences],
            "members": [*members],
        }
    except Exception as error:  # noqa: BLE001 - any error is reported as this document's failure
        return fields | _describe(error)


class _LastFile:
    """The bytes of the file that was read last: its members follow it, one after the other."""

    def __init__(self) -> None:
        self._key: tuple[str, str] | None = None
        self._read = "", b""

    def read(self, path: str, source: str, *, again: bool) -> tuple[str, bytes]:
        """Return the hash and the bytes of a file. With `again`, they may be kept ones."""
        key = source, _look(source)
        if not again or key != self._key:
            self._key, self._read = None, ("", b"")
            data = read_bytes(Path(source), path)
            self._key, self._read = key, (hashlib.sha256(data).hexdigest(), data)
        return self._read


class _OpenPages:
    """The file of which a page was wanted last: further pages of it need not open it again."""

    def __init__(self) -> None:
        self._key: tuple[str, str, str, str] | None = None
        self._pages: Pages | None = None

    def answer(
        self, task: str, number: int, runs: Runs, path: str, source: str, member: str, sha256: str
    ) -> dict[str, Any]:
        """Return a page's picture (task "draw"), or where the characters of its runs stand."""
        pages = self._open(path, source, member, sha256)
        if not 1 <= number <= pages.count:
            raise DocumentError(path, f"has no page {number}", "choose another")
        if task == "draw":
            return {"picture": base64.b64encode(pages.draw(number)).decode("ascii")}
        width, height = pages.measure(number)
        boxes = pages.find(number, runs)
        return {"count": pages.count, "width": width, "height": height, "boxes": boxes}

    def _open(self, path: str, source: str, member: str, sha256: str) -> Pages:
        from index.documents.page_image import open_pages

        key = source, member, sha256, _look(source)
        if self._pages is None or key != self._key:
            if self._pages is not None:
                self._pages.close()
            self._pages = None
            data = _read_unchanged(path, source, member, sha256)
            self._key, self._pages = key, open_pages(data)
        return self._pages


def _read_unchanged(path: str, source: str, member: str, sha256: str) -> bytes:
    """Return the bytes of a document. Raises `DocumentError` if its file has another hash."""
    data = read_bytes(Path(source), path)
    if hashlib.sha256(data).hexdigest() != sha256:
        raise DocumentError(path, "has changed since it was indexed", "run `rag index`")
    # A new `OpenFile`, because the other members are not needed afterwards.
    return OpenFile().find(sha256, Member(Path(source).name, lambda: data), member).read()


def _look(source: str) -> str:
    """Return what changes with the file's content; empty if the file is gone."""
    try:
        return make_stamp(Path(source).stat())
    except OSError:
        return ""


_LAST = _LastFile()
_OPEN = OpenFile()
_PAGES = _OpenPages()
