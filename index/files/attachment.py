"""The file `server.json`: it says of which shared index a folder is a copy."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from index.errors import StoreBrokenError, StoreNotWritableError
from index.files.layout import StoreLayout, make_folder, write_atomically


@dataclass(frozen=True, slots=True)
class Attachment:
    """Of which shared index a folder is a copy.

    The scheme of `url` says which kind of store it is, `fields` is what that kind needs beside
    the URL. `copy` is a random name of the folder. Processes that use the same folder share its
    file locks, so the process that holds the folder's writer lock knows that no other writer of
    this name is alive.
    """

    url: str
    copy: str
    fields: Mapping[str, Any]


def attach_folder(
    store: Path, url: str, fields: Mapping[str, Any], *, identity: Collection[str] = ()
) -> None:
    """Make a folder, which is created if necessary, the copy of a shared index.

    `identity` names the fields that say, with the URL, which index it is. The other fields only
    say how to reach it, and may change. Raises `StoreBrokenError` if the folder holds an index
    of its own or is a copy of another one, and `StoreNotWritableError`.
    """
    known = read_attachment(store)
    if known is not None and known.url == url and known.fields == fields:
        return
    same = (
        known is not None
        and known.url == url
        and all(known.fields.get(name) == fields[name] for name in identity)
    )
    layout = StoreLayout(store)
    if not same and (known is not None or layout.current.exists()):
        raise StoreBrokenError(
            f"the folder {store} holds another index than that of {url}", "choose another folder"
        )
    content = {"url": url, **fields, "name": known.copy if known else uuid4().hex}
    try:
        make_folder(store)
        write_atomically(layout.server, json.dumps(content, indent=1).encode())
    except OSError as error:
        raise StoreNotWritableError(
            f"the index folder {store} cannot be written ({error.strerror})",
            "choose another with --store or RAG_STORE",
        ) from error


def read_attachment(store: Path) -> Attachment | None:
    """Return what a folder is a copy of; None if its index is its own.

    Raises `StoreBrokenError` if the file cannot be read.
    """
    try:
        fields = json.loads(StoreLayout(store).server.read_bytes())
        url, copy = str(fields.pop("url")), str(fields.pop("name"))
        return Attachment(url, copy, dict(fields))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise unreadable_attachment(store, error) from error


def unreadable_attachment(store: Path, error: Exception) -> StoreBrokenError:
    """Return the error for a `server.json` that cannot be used."""
    return StoreBrokenError(
        f"{StoreLayout(store).server} cannot be read ({type(error).__name__})",
        f"remove the folder {store}; it is a copy of what the server holds",
    )
