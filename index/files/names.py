"""Checks names of snapshots, segments and files that come from a file or a server.

Such names become parts of paths. A name that this program could not have made is rejected, so that
a path cannot lead out of the store.
"""

from __future__ import annotations

import re

from index.errors import StoreBrokenError

_ID = re.compile(r"[0-9]{8}T[0-9]{12}-[0-9a-f]{8}")  # the form of `index.files.manifest.new_id`
_FILE = re.compile(
    r"documents\.jsonl|(documents|sentences|passages)\.npy"
    r"|vectors/(sentences|passages)\.npy|lexical/(sentences|passages)/[a-z]+\.(npy|bin)"
)
_HASH = re.compile(r"[0-9a-f]{64}")
_PART = re.compile(r"[0-9A-Za-z-]{1,64}")
_NUMBER = re.compile(r"[0-9]{10}")
_SHOWN = 60  # characters of an invalid name that an error shows


def check_id(name: object) -> str:
    """Return the id of a snapshot or segment. Raises `StoreBrokenError` if it is invalid."""
    if isinstance(name, str) and _ID.fullmatch(name):
        return name
    raise _unknown(name)


def check_part(name: str) -> str:
    """Return a name that is safe as a component of a path. Raises `StoreBrokenError`."""
    if _PART.fullmatch(name):
        return name
    raise _unknown(name)


def read_number(name: str, prefix: str) -> int:
    """Return the number at the end of a record's name. Raises `StoreBrokenError` without one."""
    number = name.removeprefix(prefix)
    if not _NUMBER.fullmatch(number):
        raise StoreBrokenError(f"the server holds a record called {_show(name)}", "delete it there")
    return int(number)


def check_hashes(hashes: object) -> dict[str, str]:
    """Return `hashes`, the sha256 of each file of a segment by its name in the segment.

    Raises `StoreBrokenError` if a name or a hash is invalid.
    """
    for name, value in hashes.items() if isinstance(hashes, dict) else [(hashes, "")]:
        known = isinstance(name, str) and _FILE.fullmatch(name)
        if not (known and isinstance(value, str) and _HASH.fullmatch(value)):
            raise StoreBrokenError(
                f"the index holds a segment with the unknown file {_show(name)}",
                "run `rag doctor --repair` on a machine that has a copy",
            )
    return dict(hashes)  # type: ignore[call-overload, no-any-return]


def _unknown(name: object) -> StoreBrokenError:
    return StoreBrokenError(
        f"the index names an invalid snapshot or segment {_show(name)}",
        "run `rag doctor --repair`, or `rag index --full` to start over",
    )


def _show(name: object) -> str:
    return repr(name)[:_SHOWN]
