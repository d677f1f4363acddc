"""Watches files and folders, and reports changes after they have stopped."""

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
    """Yield the number of changed files when nothing has changed for `settling` seconds.

    The first value is 0; no change after it is missed. Changes of hidden files are ignored. So are
    changes in the store, except below a folder in the store that `paths` names. Ends when `stop`
    is set. Raises `SourceError` if the paths cannot be watched.
    """
    from watchfiles import Change, watch

    inside = store.resolve()
    # Longest path first, so that a folder in the store that is given itself is found first.
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
            # A batch ends when no change came for one step, and after ten steps at the latest.
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
        raise SourceError(f"the folders cannot be watched ({error})", "check the paths") from error
