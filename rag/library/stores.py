"""Settings -> the folder of the index, or of the local copy of a server's index."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from index import FootnoteError, Server, attach
from rag.settings import Settings, make_server


def choose_store(settings: Settings) -> Path:
    """Return the folder of the configured index; for a server, the folder of the local copy.

    Raises `SettingsError` and `StoreError`.
    """
    if settings.chroma_url is None:
        return settings.store
    return place_copy(settings, settings.chroma_url)


def place_copy(settings: Settings, url: str) -> Path:
    """Prepare and return the folder for the local copy of a server's index.

    Raises `SettingsError` and `StoreError`.
    """
    server = make_server(settings, url)
    store = settings.store / "servers" / _name(server)
    attach(store, server)
    return store


def choose_target(settings: Settings, target: str) -> Path:
    """Return the folder to copy an index to: `target`, or the folder of a server's local copy.

    Raises `SettingsError`, `StoreError`, and `FootnoteError` if `target` is not a folder.
    """
    if "://" in target:
        return place_copy(settings, target)
    folder = Path(target)
    if folder.exists() and not folder.is_dir():
        raise FootnoteError(f"{folder} is not a folder", "name another target")
    return folder


def _name(server: Server) -> str:
    """Return a readable and unique folder name for a server's copy."""
    whole = "\n".join((server.url, server.tenant, server.database))
    readable = re.sub(r"[^\w.-]+", "-", f"{server.url.partition('://')[2]}-{server.database}")
    return f"{readable[:80]}-{hashlib.sha256(whole.encode()).hexdigest()[:8]}"
