"""Plain text. The document's text is the decoded file itself, newlines normalised."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from itertools import pairwise

from index.documents.content import Content, ContentError
from index.documents.enumerations import holds_list
from index.types import Block

_PARAGRAPH = re.compile(r"[^\n]*\S[^\n]*(?:\n[^\n]*\S[^\n]*)*")
_MAGIC = (b"%PDF-", b"PK\x03\x04", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x7fELF", b"\x1f\x8b")
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF8, "utf-8-sig"),
)
_MAX_CONTROL_SHARE = 0.01
_WRAP_MIN_WIDTH = 50


def load(data: bytes, name: str) -> Content:
    """Read a plain text file."""
    text = decode_text(data)
    return Content(text, tuple(find_blocks(text)))


def decode_text(data: bytes) -> str:
    r"""Decode bytes of an unknown encoding; newlines become ``\\n``, a byte order mark is dropped.

    Raises `ContentError` when they are not text.
    """
    text = _decode(data)
    visible = text.replace("\t", "").replace("\n", "").replace("\r", "").replace("\f", "")
    controls = sum(not c.isprintable() and ord(c) < 0xA0 for c in visible)
    if controls > _MAX_CONTROL_SHARE * len(visible):
        raise _binary()
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _decode(data: bytes) -> str:
    try:
        for mark, encoding in _BOMS:
            if data.startswith(mark):
                return data.decode(encoding)
        if data.startswith(_MAGIC) or b"\0" in data:
            raise _binary()
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _guess_encoding(data)


def _guess_encoding(data: bytes) -> str:
    from charset_normalizer import from_bytes  # 30 ms that UTF-8 files need not pay

    guess = from_bytes(data).best()
    if guess is None:
        raise _binary()
    return str(guess)


def _binary() -> ContentError:
    return ContentError("is not text (it looks like a binary file)", "give it its right suffix")


def find_blocks(text: str) -> Iterator[Block]:
    """Yield the paragraphs of a text; lines that are not wrapped prose stand for themselves."""
    for match in _PARAGRAPH.finditer(text):
        paragraph = match.group()
        whole = Block(match.start(), match.end())
        if holds_list(text, whole):
            yield whole  # its items are found where those of all formats are
        elif "\n" in paragraph and not _is_wrapped(paragraph.split("\n")):
            offset = match.start()
            for line in paragraph.split("\n"):
                yield Block(offset, offset + len(line))
                offset += len(line) + 1
        else:
            yield whole


def _is_wrapped(lines: list[str]) -> bool:
    """Whether lines are one paragraph that was broken at a column, not a list of lines.

    Wrapped prose breaks where the next word did not fit: the line and the first word of the
    next one together are longer than the longest line.
    """
    width = max(map(len, lines))
    if width < _WRAP_MIN_WIDTH:
        return False
    return all(
        len(line) + 1 + len((following.split() or [""])[0]) >= width
        for line, following in pairwise(lines)
    )
