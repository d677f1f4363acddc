"""The members of a file, each of which is read as a file of its own.

They are what is attached to an e-mail, and the files in an archive. Each is found by its path in
the file: its name, or those of a mail or archive in it and of the member of that, such as
``Offer.eml/Prices.pdf``. The path is only a key: nothing is written to the disk.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from pathlib import PurePosixPath

from index.documents.content import ContentError, Member, shorten_title
from index.documents.formats import load_content

_MAX_DEPTH = 5  # files in files
_MAX_PART = 100  # characters of a name, and as many of its suffix
_MAX_FOLDERS = 20

NamedMembers = Mapping[str, Member]
"""Members by their names, each of which is unique in its file and no folder of another."""


def clean_name(name: str) -> str:
    """Return a file name with its folders, without what could lead out of them.

    Parts such as ".." and characters that cannot be shown are left out. Empty if nothing is left.
    """
    parts = filter(None, map(_clean_part, name.replace("\\", "/").split("/")))
    return "/".join([*parts][-_MAX_FOLDERS - 1 :])


def _clean_part(part: str) -> str:
    shown = PurePosixPath("".join(filter(str.isprintable, part)).strip(" ."))
    return f"{shown.stem[:_MAX_PART]}{shown.suffix[:_MAX_PART]}"


def name_members(members: Sequence[Member]) -> NamedMembers:
    """Return members by names such as "a.pdf" and, for the next one, "a (2).pdf".

    A name loses its folders if one of them is the name of another member.
    """
    named: dict[str, Member] = {}
    folders: set[str] = set()
    for each in members:
        path = PurePosixPath(each.name)
        if any(str(folder) in named for folder in path.parents):
            path = PurePosixPath(path.name)
        name, number = str(path), 1
        while name in named or name in folders:
            number += 1
            name = str(path.with_name(f"{path.stem} ({number}){path.suffix}"))
        named[name] = each
        folders.update(map(str, PurePosixPath(name).parents))
    return named


def title_attachment(member: Member, path: str) -> str:
    """Return the title of an attached document; empty for a document in an archive.

    `path` is its path, below that of its mail.
    """
    if member.topic is None:
        return ""
    place = PurePosixPath(path)
    return shorten_title(f"{place.name} (attached to: {member.topic or place.parent.name})")


def check_name(name: str) -> str:
    """Return the name of a member. Raises `ValueError` if it could mean another path."""
    if any(not part.strip(". ") or not part.isprintable() for part in name.split("/")):
        raise ValueError("not a name of a member")
    return name


class OpenFile:
    """The members of the file that was read last. They are kept, as each is asked for alone."""

    def __init__(self) -> None:
        self._key = ""
        self._members: dict[str, NamedMembers] = {}

    def keep(self, key: str, path: str, members: NamedMembers) -> None:
        """Keep the members of a file, or of its member with this path.

        `key` is the hash of the file. Those of an earlier file or member are forgotten.
        """
        known = self._members.items() if key == self._key else ()
        above = {each: named for each, named in known if not each or path.startswith(f"{each}/")}
        self._key, self._members = key, above | {path: members}

    def find(self, key: str, file: Member, path: str) -> Member:
        """Return the member of a file with this path; the file itself if `path` is empty.

        Raises `ContentError` if there is none of this name, or an error of the file's parser.
        """
        found, above, below, depth = file, "", path, 0
        while below:
            if depth == _MAX_DEPTH:
                raise ContentError("is within too many files", "save it as a file")
            if key != self._key or above not in self._members:
                content = load_content(found.read(), found.name)[1]
                self.keep(key, above, name_members(content.members))
            members = self._members[above]
            starts = accumulate(below.split("/"), "{}/{}".format)
            name = next((start for start in starts if start in members), "")
            if not name:
                raise ContentError("is not in its file any more", "run `rag index`")
            found, depth = members[name], depth + 1
            above = f"{above}/{name}" if above else name
            below = below[len(name) + 1 :]
        return found
