"""Opens the `Remote` of a folder, from what the folder says about itself.

Only `index.operations` calls this, once per operation.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from index.chroma.attach import open_server
from index.errors import StoreBrokenError
from index.files.attachment import Attachment, read_attachment, unreadable_attachment
from index.remote.local import LocalOnly
from index.remote.protocol import Remote
from index.remote.shared_index import SharedIndex
from index.shared_store import SharedStore

OPENERS: dict[str, Callable[[Path, Attachment], SharedStore]] = {
    "http": open_server,
    "https": open_server,
}
"""How a shared store is opened, by the scheme of its URL. Nothing is sent yet."""


def open_remote(store: Path) -> Remote:
    """Return where the index of a folder lives. Nothing is sent yet.

    Raises `StoreBrokenError` if the folder is a copy and does not say of which index.
    """
    attachment = read_attachment(store)
    if attachment is None:
        return LocalOnly(store)
    scheme = urlsplit(attachment.url).scheme
    if scheme not in OPENERS:
        raise StoreBrokenError(
            f"the folder {store} is a copy of {attachment.url}, and no store of this version has "
            f"a URL that begins with {scheme}:",
            "choose another folder",
        )
    try:
        shared = OPENERS[scheme](store, attachment)
    except (KeyError, TypeError, ValueError) as error:
        raise unreadable_attachment(store, error) from error
    return SharedIndex(store, shared, attachment.copy)
