"""Finds the e-mail messages that replies answer, among all documents of a snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from index.messages import Message
from index.types import DocumentRecord


def name_answered(records: Sequence[DocumentRecord]) -> list[DocumentRecord]:
    """Return the records; each reply names the message that it answers, if that is indexed.

    Only for documents of one message: in a folder of mail, the text names what a reply answers.
    """
    known: dict[str, tuple[DocumentRecord, Message]] = {}
    for record in records:
        for message in record.messages:
            if message.id:
                known.setdefault(message.id, (record, message))
    named = []
    for record in records:
        answered = ""
        if len(record.messages) == 1:
            found = (known[each] for each in record.messages[0].answers if each in known)
            answered = next((_describe(*each) for each in found if each[0] is not record), "")
        named.append(record if record.answered == answered else replace(record, answered=answered))
    return named


def _describe(record: DocumentRecord, message: Message) -> str:
    """Return the title of a message, and its date if it is known."""
    title = record.title if len(record.messages) == 1 else message.topic or record.title
    return f"{title} ({message.sent})" if message.sent else title
