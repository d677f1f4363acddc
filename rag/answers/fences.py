"""Fences of code blocks in Markdown, as CommonMark defines those of backticks."""

from __future__ import annotations

import re

_OPENS = re.compile(r"(`{3,})[^`]*")


def opens_code(line: str) -> str:
    """Return the fence with which a line opens a code block; empty if it does not."""
    match = _OPENS.fullmatch(line)
    return match[1] if match else ""


def closes_code(line: str, fence: str) -> bool:
    """Whether a line closes the code block that a fence opened."""
    return re.fullmatch(rf" {{0,3}}{fence}`*\s*", line) is not None


def find_open_fence(text: str) -> str:
    """Return the fence of the code block that a text leaves open; empty if there is none."""
    fence = ""
    for line in text.split("\n"):
        if not fence:
            fence = opens_code(line)
        elif closes_code(line, fence):
            fence = ""
    return fence
