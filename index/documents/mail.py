"""The text of an e-mail message, whatever file it comes from, and what is attached to it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from types import MappingProxyType

from index.documents.content import ContentBuilder, Member, shorten_title
from index.documents.formats import FORMATS
from index.documents.html import add_html
from index.documents.members import clean_name
from index.documents.quoted_mail import is_introduction, split_quotes
from index.documents.text import find_blocks
from index.messages import Message

_MAX_DEPTH = 5  # messages attached to messages
_MAX_ATTACHMENTS = 200  # of a message
_MAX_DOCUMENTS = 1_000  # attached to all messages of a file
_MAX_MESSAGES = 2_000  # of a file, of which it is kept what they answer
_MAX_ID = 500  # characters of a Message-ID
_MAX_ANSWERS = 20  # messages that a reply answers, which are those of its thread
_SYMBOL_BYTES = 20_000  # smaller pictures are logos in signatures
_REPLY = re.compile(
    r"\s*(?:(?:re|aw|antw|sv|vs|ref|rif|odp)\s?(?:\[\d+\])?\s?:\s*)+", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file attached to a message. `name` is as the message says it, which may be a path.

    `problem` says why it cannot be read.
    """

    name: str
    data: bytes
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Mail:
    """A message. `fields` are pairs such as ("From", "ann@example.org"), in the order to show.

    The body is plain text or, if `html` is not empty, a page. `id`, `answers` and `sent` are those
    of `Message`.
    """

    subject: str
    fields: Sequence[tuple[str, str]]
    text: str = ""
    html: str | bytes = ""
    attachments: Sequence[Attachment | Mail] = ()
    id: str = ""
    answers: Sequence[str] = ()
    sent: str = ""

    @property
    def topic(self) -> str:
        """The subject without the marks of replies, such as "Re:" and "AW:", and not too long."""
        subject = self.subject.encode("utf-8", "replace").decode("utf-8")  # no lone surrogates
        return shorten_title(_REPLY.sub("", " ".join(subject.split()), count=1))

    def describe(self) -> Message:
        """Return what is kept of the message to find what replies answer."""
        key = self.id if len(self.id) <= _MAX_ID else ""
        return Message(key, self.topic, self.sent, tuple(self.answers[:_MAX_ANSWERS]))


NO_MAIL: Mapping[str, Mail] = MappingProxyType({})


def add_mail(
    builder: ContentBuilder, mail: Mail, depth: int = 0, earlier: Mapping[str, Mail] = NO_MAIL
) -> None:
    """Append a message. `depth` counts the messages that contain it.

    A reply names the message that it answers, if that is one of `earlier`: the known messages by
    their ids. Attachments are named. Those of known formats become members of the content, to
    be read as documents of their own; attached messages are part of the text.
    """
    if (mail.id or mail.answers) and depth == 0 and len(builder.messages) < _MAX_MESSAGES:
        builder.messages.append(mail.describe())
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
            _add_attachment(builder, attachment, mail.topic)
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


def _add_attachment(builder: ContentBuilder, attachment: Attachment, topic: str) -> None:
    name = PurePosixPath(clean_name(attachment.name)).name
    if not name:
        return
    builder.add(f"Attachment: {name}", "row")
    if attachment.problem:
        builder.note(f"{name} {attachment.problem}")
    kind = FORMATS.get(PurePosixPath(name).suffix.lower())
    symbol = kind == "picture" and len(attachment.data) < _SYMBOL_BYTES
    if kind is None or symbol or not attachment.data.strip():
        return
    if len(builder.members) < _MAX_DOCUMENTS:
        builder.members.append(Member(name, lambda: attachment.data, topic))
    else:
        builder.note(f"{name} was not read: a file may have {_MAX_DOCUMENTS:,} attachments")
