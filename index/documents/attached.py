"""The documents attached to an e-mail, each of which is read as a file of its own.

Each is found by its path in the mail: its name, or those of the attached message and of the file
in it, such as ``Offer.eml/Prices.pdf``. The path is only a key: nothing is written to the disk.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from index.documents.content import Attachment, ContentError, shorten_title
from index.documents.formats import load_content

_MAX_DEPTH = 5  # messages attached to messages

NamedAttachments = Mapping[str, Attachment]
"""Attachments by their names, each of which is unique in its mail."""


def name_attachments(attachments: Sequence[Attachment]) -> NamedAttachments:
    """Return attachments by names such as "a.pdf" and, for the next one, "a (2).pdf"."""
    named: dict[str, Attachment] = {}
    for each in attachments:
        path = PurePosixPath(each.name)
        name, number = each.name, 1
        while name in named:
            number += 1
            name = f"{path.stem} ({number}){path.suffix}"
        named[name] = each
    return named


def title_attachment(attachment: Attachment, path: str) -> str:
    """Return the title of an attached document. `path` is its path, below that of its mail."""
    place = PurePosixPath(path)
    return shorten_title(f"{place.name} (attached to: {attachment.topic or place.parent.name})")


def check_name(name: str) -> str:
    """Return the name of an attachment. Raises `ValueError` if it could mean another path."""
    if name.strip(". ") == "" or "/" in name or not name.isprintable():
        raise ValueError("not a name of an attachment")
    return name


class OpenMail:
    """The attachments of the file that was read last. They are kept, as each is asked for alone."""

    def __init__(self) -> None:
        self._key = ""
        self._attachments: dict[str, NamedAttachments] = {}

    def keep(self, key: str, member: str, attachments: NamedAttachments) -> None:
        """Keep the attachments of a file, or of its attached message `member`.

        `key` is the hash of the file. Those of an earlier file are forgotten.
        """
        if key != self._key:
            self._key, self._attachments = key, {}
        self._attachments[member] = attachments

    def find(self, key: str, file: Attachment, member: str) -> Attachment:
        """Return the attachment `member` of a file; the file itself if `member` is empty.

        Raises `ContentError` if there is none of this name, or an error of the file's parser.
        """
        parts = member.split("/") if member else []
        if len(parts) > _MAX_DEPTH:
            raise ContentError("is attached to too many messages", "save it as a file")
        found = file
        for depth, part in enumerate(parts):
            above = "/".join(parts[:depth])
            if key != self._key or above not in self._attachments:
                content = load_content(found.data, found.name)[1]
                self.keep(key, above, name_attachments(content.attachments))
            if part not in self._attachments[above]:
                raise ContentError("is not in its mail any more", "run `rag index`")
            found = self._attachments[above][part]
        return found
