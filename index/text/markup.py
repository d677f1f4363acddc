"""Removes markup from pieces of a document's text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import unescape
from itertools import pairwise

# Names that manuals use as placeholders, too: ``<time>`` is text, ``<time class="…">`` is a tag.
_PLACEHOLDER = (
    r"address|article|aside|audio|button|col|colgroup|fieldset|footer|form|header|iframe|input|"
    r"label|legend|main|nav|option|select|svg|time|video"
)
HTML_TAG = re.compile(
    rf"</(?:{_PLACEHOLDER})\s*>|<(?:{_PLACEHOLDER})\s[^<>]*=[^<>]*>|"
    r"</?(?:a|abbr|b|big|blockquote|br|caption|center|code|dd|del|details|div|dl|dt|em|figcaption|"
    r"figure|font|h[1-6]|hr|i|img|ins|kbd|li|mark|nobr|ol|p|picture|pre|q|s|samp|section|small|"
    r"source|span|strong|sub|summary|sup|table|tbody|td|tfoot|th|thead|tr|tt|u|ul|var|wbr)"
    r"(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
"""A tag of HTML in a Markdown file. Other words in angle brackets, such as ``<name>``, are text."""
_CODE_OR_TAG = re.compile(  # tags in code stay
    r"(?P<code>`+[^`]+`+)|(?P<cell>(?:</t[dh]\s*>\s*)?<t[dh](?:\s[^<>]*)?>)"
    rf"|(?P<line_end><br\s*/?>|</(?:li|p|div|dd|dt)\s*>)|{HTML_TAG.pattern}",
    re.IGNORECASE,
)
_CODE_OR_ENTITY = re.compile(r"(`+[^`]+`+)|&(?:#\d{1,7}|#[xX][\da-fA-F]{1,6}|[A-Za-z]\w{1,30});")
_LINE_MARK = re.compile(r"\n[ \t]*(?:#+|//+|\*+|--|;+|%+)[ \t]?")
# CommonMark has no spaces in the address of a link, but programs for manuals and notes allow them.
# They are allowed here in pictures, and where the address ends like a file's name.
_LINK = re.compile(
    r"!\[([^\]\[]*)\](?:\([^()\n]*\)|\[[^\]]*\])"
    r"|\[([^\]\[]*)\](?:\((?:[^()\s]*|[^()\n]*\w\.\w{2,5}(?:#[^()\s]*)?)(?:\s+\"[^\"]*\")?\)"
    r"|\[[^\]]*\])"
)
_EMPHASIS = re.compile(r"(\*{1,3}|_{1,3}|~~)(?=\S)(.+?)(?<=\S)\1", re.DOTALL)
_CODE = re.compile(r"`+([^`]+)`+")
_QUOTE_MARK = re.compile(r"\n[ \t]*(?:>[ \t]?)+")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")


def strip_markup(text: str) -> str:
    """Return Markdown text without emphasis, link, code and quote marks, HTML tags and escapes.

    Between the cells of an HTML table is ``|`` then, as in a table of Markdown, and a space where a
    tag ends a line.
    """
    for _ in range(2):  # a picture within a link
        text = _LINK.sub(lambda found: found[1] or found[2] or "", text)
    text = _CODE_OR_TAG.sub(_replace_tag, text)
    text = _CODE_OR_ENTITY.sub(lambda found: found[1] or unescape(found[0]), text)
    text = _CODE.sub(r"\1", text)
    for _ in range(2):  # bold within italics
        text = _EMPHASIS.sub(_unwrap, text)
    return _ESCAPE.sub(r"\1", _QUOTE_MARK.sub("\n", text))


def _replace_tag(match: re.Match[str]) -> str:
    if match["cell"]:
        return " | "
    return match["code"] or (" " if match["line_end"] else "")


def _unwrap(match: re.Match[str]) -> str:
    """Return the text inside emphasis marks; underscores within a name_like_this stay."""
    before = match.string[match.start() - 1 : match.start()]
    after = match.string[match.end() : match.end() + 1]
    inside_word = match[1].startswith("_") and (before.isalnum() or after.isalnum())
    return match[0] if inside_word else match[2]


def strip_marks(text: str) -> str:
    """Return the text of a source code comment without the marks at the start of its lines."""
    return _LINE_MARK.sub("\n", text)


def readable(text: str, format_name: str) -> str:
    """Return a piece of a document's text without the markup of its format."""
    if format_name == "markdown":
        return strip_markup(text)
    return strip_marks(text) if format_name == "code" else text


# A cut is marked in the text with its number in characters that Unicode reserves for programs.
_DIGIT, _CUT_END = 0xFDD0, "\ufde0"
_RESERVED = re.compile("[\ufdd0-\ufde0]")
_CUT = re.compile(f"([\ufdd0-\ufddf]+){_CUT_END}")


def split_readable(text: str, cuts: Sequence[int], format_name: str) -> list[str]:
    """Return what `readable` returns, in the pieces before, between and after ascending `cuts`.

    Markup that begins in one piece and ends in another is removed too. A piece that is only markup,
    such as a part of a link's address, is empty.
    """
    if format_name not in ("markdown", "code"):
        return [text[start:end] for start, end in pairwise((0, *cuts, len(text)))]
    edges = pairwise((0, *cuts, len(text)))
    plain = [_RESERVED.sub("\ufffd", text[start:end]) for start, end in edges]
    marked = plain[0] + "".join(_number(at) + each for at, each in enumerate(plain[1:], 1))
    first, *others = _CUT.split(readable(marked, format_name))
    pieces = [first, *("" for _ in cuts)]
    for number, piece in zip(others[::2], others[1::2], strict=True):
        pieces[_read_number(number)] = piece
    return pieces


def _number(value: int) -> str:
    return "".join(chr(_DIGIT + int(digit, 16)) for digit in f"{value:x}") + _CUT_END


def _read_number(digits: str) -> int:
    return int("".join(f"{ord(digit) - _DIGIT:x}" for digit in digits), 16)
