"""E-mail messages: subject, sender, recipients, date, text, and the names of attachments."""

from __future__ import annotations

import email
import email.policy
from email.message import EmailMessage

from index.documents.content import Content, ContentBuilder, ContentError
from index.documents.html import add_html
from index.documents.text import find_blocks

_HEADERS = ("From", "To", "Cc", "Date")


def load(data: bytes, name: str) -> Content:
    """Parse an .eml file. The content of attachments is not parsed."""
    message = email.message_from_bytes(data, policy=email.policy.default)
    if not isinstance(message, EmailMessage) or not message.keys():
        raise ContentError("is not an e-mail message", "save it again as .eml")
    subject = " ".join(str(message.get("Subject", "")).split())
    builder = ContentBuilder()
    builder.add(subject, "heading", 1)
    for header in _HEADERS:
        if value := " ".join(str(message.get(header, "")).split()):
            builder.add(f"{header}: {value}", "row")
    body = message.get_body(("plain", "html"))
    if isinstance(body, EmailMessage):
        _add_body(builder, body)
    for attachment in message.iter_attachments():
        if filename := attachment.get_filename():
            builder.add(f"Attachment: {filename}", "row")
    return builder.build(subject)


def _add_body(builder: ContentBuilder, body: EmailMessage) -> None:
    try:
        content = str(body.get_content())
    except (LookupError, UnicodeError) as error:  # unknown character set
        raise ContentError("is in an unknown character set", "save it as UTF-8") from error
    if body.get_content_subtype() == "html":
        add_html(builder, content)
        return
    text = content.replace("\r\n", "\n").replace("\r", "\n")
    for block in find_blocks(text):
        builder.add(text[block.start : block.end], block.kind, block.level)
