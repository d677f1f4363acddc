"""Conversations on disk: a folder for each visitor, a file for each conversation.

A visitor cannot see the conversations of other visitors. The exception is a link to one answer. It
holds two random keys, of the conversation and of the answer. Everyone who may use the window and
has the link sees this answer, and nothing else of the conversation.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rag.settings import Settings
from ui.state.conversation import MOST_EXCHANGES, Conversation, Exchange, is_key, unpack
from ui.state.quotas import MB
from ui.state.visitor_files import Fields, VisitorFiles

log = logging.getLogger(__name__)

_LONGEST_TITLE = 200  # characters
_MOST_CHATS = 200  # per visitor, because the list is read again after each answer


@dataclass(frozen=True, slots=True)
class ChatLimits:
    """Limits for stored conversations.

    `visitor` and `total` are the maximum bytes on disk, for one visitor and for all visitors.
    `days` is how long a conversation is kept after its last change.
    """

    visitor: int = 20 * MB
    total: int = 200 * MB
    days: int = 365


@dataclass(frozen=True, slots=True)
class Chat:
    """A stored conversation, with its title and the time of its last change (ISO 8601, UTC)."""

    title: str
    changed: str
    conversation: Conversation


class Chats:
    """The conversations in a folder. Safe for several processes at the same time.

    Without a folder, no conversations are stored. When a visitor reaches a limit, the visitor's
    oldest conversations are deleted. When the total limit is reached, new exchanges are not stored;
    conversations of other visitors are never deleted to make space.
    """

    def __init__(self, folder: Path | None, limits: ChatLimits = ChatLimits()) -> None:
        self._limits = limits
        self._files = VisitorFiles(folder, "a conversation", limits.total, limits.days)

    @property
    def kept(self) -> bool:
        """Whether conversations are stored on disk."""
        return self._files.folder is not None

    def list_all(self, visitor: str) -> list[Chat]:
        """Return a visitor's conversations, the most recently changed first."""
        files = self._files.list_files(visitor)
        found = [chat for file in files if (chat := _read(file)) is not None]
        return sorted(found, key=lambda chat: chat.changed, reverse=True)

    def find(self, visitor: str, key: object) -> Chat | None:
        """Return a visitor's conversation by its key; None if there is none."""
        file = self._files.find(visitor, key)
        return None if file is None else _read(file)

    def find_answer(self, key: object, answer: object) -> Exchange | None:
        """Return the exchange that a link names, of any visitor; None if there is none."""
        if self._files.folder is None or not is_key(key):
            return None
        for file in self._files.folder.glob(f"*/{key}.json"):
            chat = _read(file)
            for exchange in chat.conversation.exchanges if chat else ():
                if exchange.key == answer and exchange.answer is not None:
                    return exchange
        return None

    def put(self, visitor: str, key: str, exchange: Exchange) -> None:
        """Store an exchange of a conversation. If it cannot be written, a warning is logged."""

        def add(chat: Chat | None) -> Chat:
            before = chat or Chat(exchange.question[:_LONGEST_TITLE], "", Conversation(key=key))
            known = {each.key for each in before.conversation.exchanges}
            if exchange.key not in known and len(known) >= MOST_EXCHANGES:
                return before
            return Chat(before.title, _now(), before.conversation.put(exchange))

        self._add(visitor, key, add)

    def copy(self, visitor: str, title: str, conversation: Conversation) -> None:
        """Store a new conversation that starts with exchanges of another conversation."""
        chat = Chat(title, _now(), conversation)
        self._add(visitor, conversation.key, lambda before: before or chat)

    def rename(self, visitor: str, key: str, title: str) -> None:
        """Change the title of a conversation."""
        wanted = " ".join(title.split())[:_LONGEST_TITLE]
        if wanted:
            self._change(visitor, key, lambda chat: chat and replace(chat, title=wanted))

    def forget(self, visitor: str, key: str) -> None:
        """Delete a conversation."""
        self._change(visitor, key, lambda chat: None)

    def forget_old(self) -> None:
        """Delete conversations that did not change for `days`, and old empty folders."""
        self._files.forget_old()

    def _add(self, visitor: str, key: str, change: Callable[[Chat | None], Chat | None]) -> None:
        """Change a conversation so that it grows, if there is room."""
        if self.kept and not self._files.has_room():
            log.warning("a conversation could not be stored (RAG_CONVERSATIONS_MB is reached)")
            return
        self._change(visitor, key, change)
        self._files.forget_oldest(visitor, key, self._limits.visitor, _MOST_CHATS)

    def _change(self, visitor: str, key: str, change: Callable[[Chat | None], Chat | None]) -> None:
        def run(file: Path) -> Fields | None:
            chat = change(_read(file))
            return None if chat is None else _pack(chat)

        self._files.change(visitor, key, run)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")


def _read(file: Path) -> Chat | None:
    """Read a conversation; None if the file is missing or damaged."""
    try:
        fields: dict[str, Any] = json.loads(file.read_text("utf-8"))
        exchanges = unpack(fields["exchanges"])
        return Chat(
            str(fields["title"]), str(fields["changed"]), Conversation(exchanges, file.stem)
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        log.warning("%s is not a conversation (%s)", file, type(error).__name__)
        return None


def _pack(chat: Chat) -> Fields:
    return {
        "title": chat.title,
        "changed": chat.changed,
        "exchanges": [each.to_dict() for each in chat.conversation.exchanges],
    }


def find_folder(settings: Settings) -> Path | None:
    """Return the folder of the store's conversations; None if RAG_CONVERSATIONS is off."""
    return settings.store / "conversations" if settings.conversations else None


def read_limits(settings: Settings) -> ChatLimits:
    """Return the limits for conversations from the settings."""
    return ChatLimits(
        settings.visitor_conversations_mb * MB,
        settings.conversations_mb * MB,
        settings.conversations_days,
    )
