"""Follows files and folders: says when something in them has changed and come to rest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Event

from index.errors import SourceError
from index.sources import IGNORE_FILE

SETTLING_SECONDS = 1.0


def watch_paths(
    store: Path,
    paths: Sequence[str | Path],
    *,
    settling: float = SETTLING_SECONDS,
    stop: Event | None = None,
) -> Iterator[int]:
    """Yield how many files have changed, whenever nothing more has changed for `settling` seconds.

    The first yield, of 0, says that from now on no change is missed. Changes
    within the store, and of hidden files, do not count. Ends when `stop` is set. Raises
    `SourceError` when the paths cannot be followed.
    """
    from watchfiles import Change, watch

    inside = store.resolve()
    roots = [Path(path).resolve() for path in paths]

    def matters(change: Change, name: str) -> bool:
        file = Path(name)
        if file.is_relative_to(inside):
            return False
        root = next((root for root in roots if file.is_relative_to(root)), file)
        hidden = any(part.startswith(".") for part in file.relative_to(root).parts)
        return not hidden or file.name == IGNORE_FILE

    milliseconds = round(1000 * settling)
    watching = False
    try:
        for changes in watch(
            *roots,
            watch_filter=matters,
            # A batch ends when nothing has come for a step, at the latest after ten of them.
            step=milliseconds,
            debounce=10 * milliseconds,
            stop_event=stop,
            rust_timeout=milliseconds,
            yield_on_timeout=True,
        ):
            if changes or not watching:
                watching = True
                yield len({name for _, name in changes})
    except OSError as error:
        raise SourceError(f"the folders cannot be followed ({error})", "check the paths") from error
