"""Brings a copy of a shared index up to date before it is read."""

from __future__ import annotations

import logging
import time
from pathlib import Path

from index.errors import StoreError
from index.files.current import current_id
from index.files.layout import StoreLayout
from index.remote.protocol import Remote

log = logging.getLogger(__name__)

_FRESH = 1.0  # seconds for which a copy counts as up to date

_asked: dict[Path, float] = {}  # when each copy was last compared with the shared store
_behind: set[Path] = set()  # the copies that could not be brought up to date


def refresh(remote: Remote) -> None:
    """Bring a copy up to date, unless that was done within the last second.

    If it fails and the copy is complete, its readers go on with the copy as it is, and a warning
    is logged. Raises `StoreError` if there is no complete copy.
    """
    if not remote.is_copy:
        return
    place, layout = remote.store.resolve(), StoreLayout(remote.store)
    whole = layout.manifest(current_id(remote.store) or "none").exists()
    if whole and time.monotonic() - _asked.get(place, -_FRESH) < _FRESH:
        return
    try:
        remote.pull()
        _behind.discard(place)
    except StoreError as error:
        if not whole:
            raise
        if place not in _behind:  # logged once, not each second
            log.warning("%s: going on with the copy", error.problem)
        _behind.add(place)
    _asked[place] = time.monotonic()
