"""The text of an e-mail message, whatever file it comes from: fields, body, and attachments."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from types import MappingProxyType

from index.documents.content import ContentBuilder
from index.documents.formats import FORMATS
from index.documents.html import add_html
from index.documents.inner import add_inner
from index.documents.quoted_mail import is_introduction, split_quotes
from index.documents.text import find_blocks

_MAX_DEPTH = 5  # messages attached to messages
_MAX_ATTACHMENTS = 200
_SYMBOL_BYTES = 20_000  # smaller pictures are logos in signatures
_REPLY = re.compile(
    r"\s*(?:(?:re|aw|antw|sv|vs|ref|rif|odp)\s?(?:\[\d+\])?\s?:\s*)+", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file attached to a message."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Mail:
    """A message. `fields` are pairs such as ("From", "ann@example.org"), in the order to show.

    The body is plain text or, if `html` is not empty, a page. `id` is its Message-ID, and
    `answers` are the ids of the messages that it replies to, the last one first.
    """

    subject: str
    fields: Sequence[tuple[str, str]]
    text: str = ""
    html: str | bytes = ""
    attachments: Sequence[Attachment | Mail] = ()
    id: str = ""
    answers: Sequence[str] = ()

    @property
    def topic(self) -> str:
        """The subject without the marks of replies, such as "Re:" and "AW:"."""
        return _REPLY.sub("", " ".join(self.subject.split()), count=1)


NO_MAIL: Mapping[str, Mail] = MappingProxyType({})


def add_mail(
    builder: ContentBuilder, mail: Mail, depth: int = 0, earlier: Mapping[str, Mail] = NO_MAIL
) -> None:
    """Append a message. `depth` counts the messages that contain it.

    A reply names the message that it answers, if that is one of `earlier`: the known messages by
    their ids. Attachments of known formats are read, too. One that cannot be read is only
    named, and a remark says why.
    """
    builder.add(" ".join(mail.subject.split()), "heading", min(depth + 1, 6))
    for name, value in mail.fields:
        if shown := " ".join(value.split()):
            builder.add(f"{name}: {shown}", "row")
    builder.add(_name_answered(mail, earlier), "row")
    if mail.html:
        add_html(builder, mail.html)
    else:
        sender = dict(mail.fields).get("From", "")
        _add_text(builder, mail.text, f"From: {' '.join(sender.split())}" if sender else "")
    for attachment in mail.attachments[:_MAX_ATTACHMENTS]:
        if isinstance(attachment, Attachment):
            _add_attachment(builder, attachment, min(depth + 2, 6))
        elif depth < _MAX_DEPTH:
            add_mail(builder, attachment, depth + 1)


def _name_answered(mail: Mail, earlier: Mapping[str, Mail]) -> str:
    """Return the line that names the message that a reply answers; empty if it is not known.

    If only the subject is known, the reply's own subject says as much.
    """
    known = next((earlier[each] for each in mail.answers if each in earlier), None)
    if known is None:
        return ""
    fields = dict(known.fields)
    details = (" ".join(fields.get(name, "").split()) for name in ("From", "Date"))
    return f"In reply to: {', '.join(filter(None, (known.topic, *details)))}"


def _add_text(builder: ContentBuilder, text: str, writer: str) -> None:
    """Append a plain text. Quoted replies lose their marks; who wrote them becomes a heading.

    `writer` becomes the heading of what the message itself says below a quotation.
    """
    quoted = False
    for part in split_quotes(text):
        if part.fields:
            writer = part.fields[0]
            builder.add(writer, "heading", 3)
            for line in part.fields[1:]:
                builder.add(line, "row")
        elif quoted and not part.quoted and part.text.strip():
            builder.add(writer, "heading", 3)
        quoted = part.quoted
        for block in find_blocks(part.text):
            piece = part.text[block.start : block.end]
            joined = " ".join(piece.split())
            if block.kind == "paragraph" and is_introduction(joined):
                builder.add(joined, "heading", 3)
            else:
                builder.add(piece, block.kind, block.level)


def _add_attachment(builder: ContentBuilder, attachment: Attachment, level: int) -> None:
    name = PurePosixPath(attachment.name.replace("\\", "/")).name
    builder.add(f"Attachment: {name}", "row")
    kind = FORMATS.get(PurePosixPath(name).suffix.lower())
    symbol = kind == "picture" and len(attachment.data) < _SYMBOL_BYTES
    if kind is None or symbol or not attachment.data.strip():
        return
    add_inner(builder, attachment.data, name, name, level)
