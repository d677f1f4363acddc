"""E-mail messages as programs and servers store them."""

from __future__ import annotations

import email
import re
from collections.abc import Iterable
from email.message import EmailMessage, MIMEPart
from email.policy import EmailPolicy
from email.utils import parsedate_to_datetime

from index.documents.content import Content, ContentBuilder, ContentError
from index.documents.mail import Attachment, Mail, add_mail
from index.documents.text import decode_text

_FIELDS = ("From", "To", "Cc", "Bcc", "Reply-To", "Date")
_ID = re.compile(r"<[^<>\s]{1,500}>")
_MAX_FIELD = 20_000  # characters: about 500 recipients


class _Policy(EmailPolicy):
    """Shortens long header fields, because parsing a field takes time quadratic in its length."""

    def header_source_parse(self, sourcelines: Iterable[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(list(sourcelines))
        return name, value[:_MAX_FIELD]


MAIL_POLICY = _Policy()


def load(data: bytes, name: str) -> Content:
    """Parse an .eml file."""
    mail = read_mail(data)
    builder = ContentBuilder()
    add_mail(builder, mail)
    return builder.build(" ".join(mail.subject.split()))


def read_mail(data: bytes) -> Mail:
    """Return the message in the bytes of a file. Raises `ContentError`."""
    if b"\0" in data[:200]:  # UTF-16
        data = decode_text(data).encode("utf-8")
    message = email.message_from_bytes(data, policy=MAIL_POLICY)
    if not isinstance(message, EmailMessage) or not message.keys():
        raise ContentError("is not an e-mail message", "save it again as .eml")
    return _read(message)


def _read(message: EmailMessage) -> Mail:
    body = message.get_body(("plain", "html"))
    text = html = ""
    if isinstance(body, EmailMessage):
        content = _decode(body)
        if body.get_content_subtype() == "html":
            html = content
        else:
            text = content
    return Mail(
        _field(message, "Subject"),
        [(name, _field(message, name)) for name in _FIELDS],
        text,
        html,
        [each for part in message.iter_attachments() for each in _read_attachment(part)],
        _field(message, "Message-ID").strip(),
        find_ids(_field(message, "In-Reply-To"), _field(message, "References")),
        _find_day(_field(message, "Date")),
    )


def find_ids(answered: str, references: str) -> tuple[str, ...]:
    """Return the ids of the messages that a reply answers, the last one first (RFC 5322, 3.6.4)."""
    ids = [*_ID.findall(answered), *reversed(_ID.findall(references))]
    return tuple(dict.fromkeys(ids))


def _find_day(date: str) -> str:
    """Return the day of a Date field, ISO 8601; empty if it is none."""
    try:
        return parsedate_to_datetime(date).date().isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return ""


def _field(message: EmailMessage, name: str) -> str:
    try:
        return str(message.get(name, ""))
    except (ValueError, IndexError, AttributeError, TypeError):  # damaged fields, in Python 3.11
        return str(dict(message.raw_items()).get(name, ""))


def _decode(part: EmailMessage) -> str:
    """Return the text of a part. Characters that its character set does not know are replaced."""
    try:
        return str(part.get_content())
    except (LookupError, UnicodeError):
        data = part.get_payload(decode=True)
        return data.decode("utf-8", "replace") if isinstance(data, bytes) else ""


def _read_attachment(part: MIMEPart) -> list[Attachment | Mail]:
    if part.get_content_type() == "message/rfc822":
        inner = part.get_content()
        return [_read(inner)] if isinstance(inner, EmailMessage) else []
    name = part.get_filename()
    data = part.get_payload(decode=True)
    if name:
        return [Attachment(name, data if isinstance(data, bytes) else b"")]
    if part.get_content_maintype() == "multipart":
        return [each for inner in part.iter_parts() for each in _read_attachment(inner)]
    return []
