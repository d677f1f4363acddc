"""A copy of a server's index is brought up to date before it is read."""

from __future__ import annotations

import logging
import time
from pathlib import Path

from index.chroma.remote import find_origin
from index.errors import StoreError
from index.files.current import current_id
from index.files.layout import StoreLayout

log = logging.getLogger(__name__)

_FRESH = 1.0  # seconds in which it is not asked again whether there is something newer

_asked: dict[Path, float] = {}  # when it was last seen to that a copy is up to date, by folder
_behind: set[Path] = set()  # those that could not be brought up to date


def refresh(store: Path) -> None:
    """Bring a copy up to date, if it is one and has not just been.

    What goes wrong is no matter where there is a copy to go on with. Raises `StoreError`.
    """
    origin = find_origin(store)
    if origin is None:
        return
    place, layout = store.resolve(), StoreLayout(store)
    whole = layout.manifest(current_id(store) or "none").exists()
    if whole and time.monotonic() - _asked.get(place, -_FRESH) < _FRESH:
        return
    try:
        origin.pull()
        _behind.discard(place)
    except StoreError as error:
        if not whole:
            raise
        if place not in _behind:  # said once, not each second
            log.warning("%s: going on with the copy", error.problem)
        _behind.add(place)
    _asked[place] = time.monotonic()
