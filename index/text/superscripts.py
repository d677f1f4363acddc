"""Raised digits: marks of footnotes, and exponents. They belong to no number that they follow."""

from __future__ import annotations

import re

DIGITS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
RAISED = str.maketrans("0123456789+-\N{MINUS SIGN}", f"{DIGITS}\N{SUPERSCRIPT PLUS SIGN}⁻⁻")
"""For `str.translate`: characters -> their raised forms."""

_APART = str.maketrans({digit: f" {number}" for number, digit in enumerate(DIGITS)})
_MARK = re.compile(rf"[{DIGITS}]+(?:[,–-][{DIGITS}]+)*(?=\s|$)")  # noqa: RUF001
_AFTER_NUMBER = re.compile(rf"(?<=\d)(?<!\b10)[{DIGITS}]+$")


def set_apart(text: str) -> str:
    """Return a text in which raised digits are words of their own: ``556²`` is ``556 2``."""
    return text if text.isascii() else text.translate(_APART)


def strip_mark(text: str) -> str:
    """Return a number without the mark of a footnote at its end. Powers of ten stay."""
    return text if text.isascii() else _AFTER_NUMBER.sub("", text)


def leading_mark(text: str) -> int:
    """Return the length of the footnote mark that a text begins with; 0 if there is none."""
    found = _MARK.match(text)
    return found.end() if found else 0
