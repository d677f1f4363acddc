"""What is kept of the e-mail messages in a document, so that replies find what they answer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Message:
    """An e-mail message.

    `id` is its Message-ID, `topic` its subject without marks such as "Re:", and `sent` the day on
    which it was sent (ISO 8601), empty if unknown. `answers` are the ids of the messages that it
    replies to, the last one first.
    """

    id: str
    topic: str
    sent: str = ""
    answers: tuple[str, ...] = ()
