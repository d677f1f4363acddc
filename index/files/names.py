"""The names of snapshots, segments and their files, as they may come from outside.

What a file or a server says a snapshot is called becomes part of a path here: a name that this
program could not have made is never used for one.
"""

from __future__ import annotations

import re

from index.errors import StoreBrokenError

_ID = re.compile(r"[0-9]{8}T[0-9]{12}-[0-9a-f]{8}")  # as `index.files.manifest.new_id` makes them
_FILE = re.compile(
    r"documents\.jsonl|(documents|sentences|passages)\.npy"
    r"|vectors/(sentences|passages)\.npy|lexical/(sentences|passages)/[a-z]+\.(npy|bin)"
)
_HASH = re.compile(r"[0-9a-f]{64}")
_PART = re.compile(r"[0-9A-Za-z-]{1,64}")
_NUMBER = re.compile(r"[0-9]{10}")
_SHOWN = 60  # characters of a bad name that an error repeats


def check_id(name: object) -> str:
    """Return the name of a snapshot or segment. Raises `StoreBrokenError` if it is none."""
    if isinstance(name, str) and _ID.fullmatch(name):
        return name
    raise _unknown(name)


def check_part(name: str) -> str:
    """Return a name that leads nowhere else as a part of a path. Raises `StoreBrokenError`."""
    if _PART.fullmatch(name):
        return name
    raise _unknown(name)


def read_number(name: str, prefix: str) -> int:
    """Return the number of a record on a server. Raises `StoreBrokenError` if it has none."""
    number = name.removeprefix(prefix)
    if not _NUMBER.fullmatch(number):
        raise StoreBrokenError(f"the server holds a record called {_show(name)}", "delete it there")
    return int(number)


def check_hashes(hashes: object) -> dict[str, str]:
    """Return the sha256 of each file of a segment, by name in the segment.

    Raises `StoreBrokenError` if a name or a hash is none.
    """
    for name, value in hashes.items() if isinstance(hashes, dict) else [(hashes, "")]:
        known = isinstance(name, str) and _FILE.fullmatch(name)
        if not (known and isinstance(value, str) and _HASH.fullmatch(value)):
            raise StoreBrokenError(
                f"the index holds a segment with a file {_show(name)}, which no version makes",
                "run `rag doctor --repair` on a machine that has a copy",
            )
    return dict(hashes)  # type: ignore[call-overload, no-any-return]


def _unknown(name: object) -> StoreBrokenError:
    return StoreBrokenError(
        f"the index speaks of a part called {_show(name)}, which no version makes",
        "run `rag doctor --repair`, or `rag index --full` to start over",
    )


def _show(name: object) -> str:
    return repr(name)[:_SHOWN]
