"""Messages of Outlook, read with python-oxmsg.

A message that is attached to another one is no file in it, but a part of its storage. It is
written as an .eml file, so that it is read, opened and saved like what is attached to any mail.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from email.message import EmailMessage
from email.utils import format_datetime
from functools import cached_property

from oxmsg import Message
from oxmsg.attachment import Attachment as StoredAttachment
from oxmsg.properties import Properties

from index.documents.content import Content, ContentBuilder, ContentError
from index.documents.eml import find_ids
from index.documents.mail import Attachment, Mail, add_mail

_MAX_DEPTH = 5  # messages attached to messages
_TO, _CC = 1, 2
# Properties [MS-OXPROPS].
_KIND_OF_RECIPIENT = 0x0C15  # PidTagRecipientType
_ID = 0x1035  # PidTagInternetMessageId
_REFERENCES = 0x1039  # PidTagInternetReferences
_ANSWERED = 0x1042  # PidTagInReplyToId
_METHOD = 0x3705  # PidTagAttachMethod
_BY_VALUE, _EMBEDDED = 1, 5  # its values
# An embedded message [MS-OXMSG], sections 2.2.2.1 and 2.4.1.2.
_STORAGE = "__substg1.0_3701000D"
_HEADER = 24  # bytes in front of its properties


class _EmbeddedMessage(Message):
    """A message that is attached to another one."""

    @cached_property
    def _properties(self) -> Properties:
        return Properties(self._storage, properties_header_offset=_HEADER)


def load(data: bytes, name: str) -> Content:
    """Parse an .msg file."""
    try:
        message = Message.load(io.BytesIO(data))
    except Exception as error:
        raise ContentError("is not a readable .msg file", "save it as .eml") from error
    subject = _read_subject(message)
    html = message.html_body or ""
    sent = message.sent_date
    mail = Mail(
        subject,
        _read_fields(message),
        message.body or "",
        "" if message.body else html,
        [*_read_attachments(message, 0)],
        _read_text(message, _ID).strip(),
        find_ids(_read_text(message, _ANSWERED), _read_text(message, _REFERENCES)),
        sent.date().isoformat() if sent is not None else "",
    )
    builder = ContentBuilder()
    add_mail(builder, mail)
    return builder.build(subject)


def _read_text(message: Message, number: int) -> str:
    return message.properties.str_prop_value(number) or ""


def _read_subject(message: Message) -> str:
    return " ".join((message.subject or "").split())


def _read_recipients(message: Message, wanted: int) -> str:
    shown = []
    for each in message.recipients:
        kind = each.properties.int_prop_value(_KIND_OF_RECIPIENT) or _TO
        address = each.email_address
        if kind == wanted:
            named = each.name and each.name != address
            shown.append(f"{each.name} <{address}>" if named else address)
    return ", ".join(shown)


def _read_fields(message: Message) -> list[tuple[str, str]]:
    sent = message.sent_date
    return [
        ("From", message.sender or ""),
        ("To", _read_recipients(message, _TO)),
        ("Cc", _read_recipients(message, _CC)),
        ("Date", f"{sent:%Y-%m-%d %H:%M %Z}" if sent is not None else ""),
    ]


def _read_attachments(message: Message, depth: int) -> Iterator[Attachment]:
    """Yield what is attached to a message. `depth` counts the messages that contain it."""
    for each in message.attachments:
        method = each.properties.int_prop_value(_METHOD) or _BY_VALUE
        if method == _EMBEDDED and depth < _MAX_DEPTH:
            yield from _read_embedded(each, depth + 1)
        elif method & _BY_VALUE:
            yield Attachment(each.file_name or "", each.file_bytes or b"")


def _read_embedded(attachment: StoredAttachment, depth: int) -> Iterator[Attachment]:
    """Yield an embedded message as an .eml file."""
    # oxmsg has no name for them.
    for storage in getattr(attachment._storage, "storages", ()):
        if storage.name == _STORAGE:
            message = _EmbeddedMessage(storage)
            try:
                name = _read_subject(message).replace("/", "_").replace("\\", "_")
                yield Attachment(f"{name or 'message'}.eml", _write(message, depth))
            except Exception:  # noqa: BLE001 - whatever error the storage's parser raises
                yield Attachment("message.eml", b"", "is not a readable message: save it as .eml")


def _write(message: Message, depth: int) -> bytes:
    """Return a message as the bytes of an .eml file, with what is attached to it."""
    written = EmailMessage()
    sent = message.sent_date
    fields = {
        "Subject": message.subject or "",
        "From": message.sender or "",
        "To": _read_recipients(message, _TO),
        "Cc": _read_recipients(message, _CC),
        "Date": format_datetime(sent) if sent is not None else "",
        "Message-ID": _read_text(message, _ID),
        "In-Reply-To": _read_text(message, _ANSWERED),
        "References": _read_text(message, _REFERENCES),
    }
    for name, value in fields.items():
        if shown := " ".join(value.split()):
            written[name] = _encodable(shown)
    written.set_content(_encodable(message.body or ""))
    if html := message.html_body:
        written.add_alternative(_encodable(html), subtype="html")
    for each in _read_attachments(message, depth):
        name = _encodable(each.name)
        written.add_attachment(each.data, "application", "octet-stream", filename=name)
    return written.as_bytes()


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
