"""A folder that is the copy of an index on a Chroma server, and says of which."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from index.chroma.client import Server
from index.errors import StoreBrokenError, StoreNotWritableError
from index.files.layout import StoreLayout, make_folder, write_atomically


@dataclass(frozen=True, slots=True)
class Replica:
    """Of which server's database a folder is a copy; `name` is that of the folder itself.

    Two processes that use the same folder share its locks too, so whoever holds its writer lock
    knows that no other writer of this name lives.
    """

    server: Server
    name: str


_tokens: dict[Path, str | None] = {}  # for as long as the process lives; never on disk


def attach(store: Path, server: Server) -> None:
    """Make a folder, which is made if need be, the copy of an index on a server.

    Raises `StoreBrokenError` if it is an index of its own or another server's,
    `StoreNotWritableError`, and `StoreUnreachableError` if the server is not to be talked to.
    """
    _tokens[store.resolve()] = server.token
    server.check()
    known = find_replica(store)
    if known is not None and known.server == server:
        return
    layout = StoreLayout(store)
    same = known is not None and _place(known.server) == _place(server)
    if not same and (known is not None or layout.current.exists()):
        raise StoreBrokenError(
            f"the folder {store} holds another index than that of {server}", "choose another folder"
        )
    fields = {
        "url": server.url,
        "tenant": server.tenant,
        "database": server.database,
        "ca": server.ca,
        "insecure": server.insecure,
        "name": known.name if known else uuid4().hex,
    }
    try:
        make_folder(store)
        write_atomically(layout.server, json.dumps(fields, indent=1).encode())
    except OSError as error:
        raise StoreNotWritableError(
            f"the index folder {store} cannot be written ({error.strerror})",
            "choose another with --store or RAG_STORE",
        ) from error


def _place(server: Server) -> tuple[str, str, str]:
    return server.url, server.tenant, server.database


def find_replica(store: Path) -> Replica | None:
    """Return what a folder is a copy of; None if it is an index of its own."""
    try:
        fields = json.loads(StoreLayout(store).server.read_bytes())
        server = Server(
            fields["url"],
            fields["tenant"],
            fields["database"],
            fields["ca"],
            fields.get("insecure") is True,
            _tokens.get(store.resolve()),
        )
        return Replica(server, str(fields["name"]))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreBrokenError(
            f"{StoreLayout(store).server} cannot be read ({type(error).__name__})",
            f"remove the folder {store}; it is a copy of what the server holds",
        ) from error


def name_store(store: Path) -> str:
    """Return what people know a store by: its folder, or the server that it is a copy of."""
    replica = find_replica(store)
    return str(store) if replica is None else f"{replica.server.url} ({replica.server.database})"
