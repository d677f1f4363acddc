"""Makes a folder the copy of an index on a Chroma server, and opens that server for it."""

from __future__ import annotations

from pathlib import Path

from index.chroma.client import Server
from index.chroma.server_store import ServerStore
from index.files.attachment import Attachment, attach_folder

_tokens: dict[Path, str | None] = {}  # in this process only: a token is never written to disk


def attach(store: Path, server: Server) -> None:
    """Make a folder, which is created if necessary, the copy of an index on a server.

    Raises `StoreBrokenError` if the folder holds an index of its own or is a copy of another one,
    `StoreNotWritableError`, and `StoreUnreachableError` if the connection would not be safe.
    """
    _tokens[store.resolve()] = server.token
    server.check()
    fields = {
        "tenant": server.tenant,
        "database": server.database,
        "ca": server.ca,
        "insecure": server.insecure,
    }
    attach_folder(store, server.url, fields, identity=("tenant", "database"))


def open_server(store: Path, attachment: Attachment) -> ServerStore:
    """Return the server of which a folder is a copy; nothing is sent yet.

    Raises `KeyError` if the attachment lacks a field.
    """
    fields = attachment.fields
    return ServerStore(
        Server(
            attachment.url,
            fields["tenant"],
            fields["database"],
            fields["ca"],
            fields.get("insecure") is True,
            _tokens.get(store.resolve()),
        )
    )
