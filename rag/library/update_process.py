"""Updates the index in a separate process, while the window keeps answering.

The process has a lower priority than answering. Its memory is freed when it ends, and a crash does
not affect the window.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from multiprocessing.connection import Connection
from pathlib import Path

from index import FootnoteError, OnProgress, Report
from rag.library.library import Library
from rag.settings import Settings

_NICE = 10  # lower priority; the maximum is 19


def update_apart(
    settings: Settings,
    paths: Sequence[str | Path] = (),
    on_progress: OnProgress = lambda progress: None,
    on_wait: Callable[[str], None] = lambda holder: None,
) -> Report:
    """Run `Library.update` in another process. Raises the same errors."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    worker = context.Process(target=_run, args=(theirs, settings, list(paths)), daemon=True)
    worker.start()
    theirs.close()
    try:
        while True:
            kind, *said = ours.recv()
            if kind == "progress":
                on_progress(*said)
            elif kind == "wait":
                on_wait(*said)
            elif kind == "done":
                report: Report = said[0]
                return report
            else:
                raise FootnoteError(*said)
    except EOFError as error:
        raise FootnoteError(
            "the rebuild was stopped from outside", "start it again; nothing indexed is lost"
        ) from error
    finally:
        ours.close()
        worker.terminate()
        worker.join()


def _run(pipe: Connection, settings: Settings, paths: Sequence[str | Path]) -> None:
    os.nice(_NICE)
    with suppress(BrokenPipeError), closing(pipe):  # the other process is gone
        try:
            with closing(Library(settings)) as library:
                report = library.update(
                    paths,
                    lambda progress: pipe.send(("progress", progress)),
                    lambda holder: pipe.send(("wait", holder)),
                )
            pipe.send(("done", report))
        except FootnoteError as error:
            pipe.send(("failed", error.problem, error.remedy))
