"""Follows files and folders: says when something in them has changed and come to rest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Event

from index.errors import SourceError
from index.ingest.scan import IGNORE_FILE

SETTLING_SECONDS = 1.0


def watch_paths(
    store: Path,
    paths: Sequence[str | Path],
    *,
    settling: float = SETTLING_SECONDS,
    stop: Event | None = None,
) -> Iterator[int]:
    """Yield how many files have changed, whenever nothing more has changed for `settling` seconds.

    The first yield, of 0, says that from now on no change is missed. Changes of hidden files do
    not count, nor those within the store, unless a folder in it is given by its own name. Ends
    when `stop` is set. Raises `SourceError` when the paths cannot be followed.
    """
    from watchfiles import Change, watch

    inside = store.resolve()
    # Of folders within each other the inner one counts: one of the store's may be given itself.
    roots = sorted((Path(path).resolve() for path in paths), key=lambda root: -len(root.parts))

    def matters(change: Change, name: str) -> bool:
        file = Path(name)
        root = next((root for root in roots if file.is_relative_to(root)), file)
        if file.is_relative_to(inside) and inside not in root.parents:
            return False
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
