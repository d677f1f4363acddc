"""Messages of Outlook, read with python-oxmsg."""

from __future__ import annotations

import io

from oxmsg import Message

from index.documents.content import Attachment, Content, ContentBuilder, ContentError
from index.documents.eml import find_ids
from index.documents.mail import Mail, add_mail

_TO, _CC = 1, 2
# Properties [MS-OXPROPS].
_KIND_OF_RECIPIENT = 0x0C15  # PidTagRecipientType
_ID = 0x1035  # PidTagInternetMessageId
_REFERENCES = 0x1039  # PidTagInternetReferences
_ANSWERED = 0x1042  # PidTagInReplyToId


def load(data: bytes, name: str) -> Content:
    """Parse an .msg file."""
    try:
        message = Message.load(io.BytesIO(data))
    except Exception as error:
        raise ContentError("is not a readable .msg file", "save it as .eml") from error
    subject = " ".join((message.subject or "").split())
    html = message.html_body or ""
    sent = message.sent_date
    mail = Mail(
        subject,
        _read_fields(message),
        message.body or "",
        "" if message.body else html,
        [
            Attachment(each.file_name or "", each.file_bytes or b"")
            for each in message.attachments
            if each.attached_by_value
        ],
        _read_text(message, _ID).strip(),
        find_ids(_read_text(message, _ANSWERED), _read_text(message, _REFERENCES)),
        sent.date().isoformat() if sent is not None else "",
    )
    builder = ContentBuilder()
    add_mail(builder, mail)
    return builder.build(subject)


def _read_text(message: Message, number: int) -> str:
    return message.properties.str_prop_value(number) or ""


def _read_fields(message: Message) -> list[tuple[str, str]]:
    recipients: dict[int, list[str]] = {_TO: [], _CC: []}
    for each in message.recipients:
        kind = each.properties.int_prop_value(_KIND_OF_RECIPIENT) or _TO
        address = each.email_address
        shown = f"{each.name} <{address}>" if each.name and each.name != address else address
        recipients.setdefault(kind, []).append(shown)
    sent = message.sent_date
    return [
        ("From", message.sender or ""),
        ("To", ", ".join(recipients[_TO])),
        ("Cc", ", ".join(recipients[_CC])),
        ("Date", f"{sent:%Y-%m-%d %H:%M %Z}" if sent is not None else ""),
    ]
