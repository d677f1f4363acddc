r"""Answer -> the Markdown text of a message, with its sources; and the way back.

Programs such as Open WebUI show messages as Markdown. Text of documents and of chat models must
not become a picture or a link there, because a picture would send a request to another host when
it is shown. So what would begin one is escaped with ``\``. Code blocks are left as they are.
"""

from __future__ import annotations

import re

from rag.answers.fences import closes_code, find_open_fence, opens_code
from rag.types import Answer, Citation

_SOURCES = "\n\nSources:\n\n"
_LONGEST = 300  # characters of a sentence in the list of sources
# What makes links and pictures, "](" and "]:", HTML, and fences of "~".
_LINK = re.compile(r"(?<=\])(?=[(:])")
_TAG = re.compile(r"(?<!\\)((?:\\\\)*)<(?=[A-Za-z/!?])")
_TILDES = re.compile(r"~{3,}")
_STRONG = re.compile(r"\*\*(?P<text>[^*\n]+)\*\*")
_MARK = re.compile(r"\[\d{1,4}\]")
_SPACES = re.compile(r"\s+")


def write_content(answer: Answer) -> str:
    """Return the text of an answer, its notice, and the numbered list of its sources.

    The likely short answer is bold.
    """
    text, at = "", 0
    for start, end in sorted(answer.emphasis):
        plain = "*" in answer.text[start:end] or "\n" in answer.text[start:end]
        if start >= at and start < end and not plain:
            text += f"{answer.text[at:start]}**{answer.text[start:end]}**"
            at = end
    text = escape_markdown(text + answer.text[at:])
    if fence := find_open_fence(text):
        text += f"\n{fence}"
    if answer.notice:
        text += f"\n\n{_write_line(answer.notice)}"
    if answer.citations:
        text += _SOURCES + "\n".join(map(_write_source, answer.citations))
    return text


def read_content(content: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Return the text of a message that `write_content` made, and the spans that are bold.

    The sources are left out.
    """
    content = content.partition(_SOURCES)[0]
    text, at, spans = "", 0, []
    for match in _STRONG.finditer(content):
        text += content[at : match.start()]
        spans.append((len(text), len(text) + len(match["text"])))
        text, at = text + match["text"], match.end()
    return text + content[at:], tuple(spans)


def escape_markdown(text: str) -> str:
    """Return a text in which nothing but code blocks, lists and emphasis is Markdown."""
    lines, fence = [], ""
    for line in text.split("\n"):
        if fence:
            lines.append(line)
            fence = "" if closes_code(line, fence) else fence
        elif fence := opens_code(line):
            lines.append(line)
        else:
            lines.append(_escape_line(line))
    return "\n".join(lines)


def find_stable_end(text: str) -> int:
    """Return up to where `escape_markdown` will not change, whatever follows the text.

    This is the last space, or the beginning of a line that may become the fence of a code block.
    """
    line = text.rfind("\n") + 1
    if text[line:].startswith("`"):
        return line
    return max(text.rfind(" ") + 1, line)


def cites(text: str) -> bool:
    """Whether a text has the mark of a citation."""
    return _MARK.search(text) is not None


def _escape_line(line: str) -> str:
    line = line.replace("```", r"\`\`\`")  # only a fence at the beginning of a line is one
    line = _TILDES.sub(lambda match: match[0].replace("~", r"\~"), line)
    return _TAG.sub(r"\1\\<", _LINK.sub(r"\\", line))


def _write_source(citation: Citation) -> str:
    name = ", ".join(filter(None, (citation.title, citation.place)))
    sentence = _SPACES.sub(" ", citation.sentence).strip()
    shown = sentence if len(sentence) <= _LONGEST else f"{sentence[: _LONGEST - 1]}…"
    return f"{citation.number}. {_write_line(name)}: “{_write_line(shown)}”"


def _write_line(text: str) -> str:
    return _escape_line(_SPACES.sub(" ", text).strip())
