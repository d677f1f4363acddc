"""Reads added files as they arrive, one update at a time, and reports the state of each file."""

from __future__ import annotations

import logging
import os
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock, Thread
from typing import Literal

from rag.errors import FootnoteError, NoDocumentsError
from rag.library.library import Failure, Library, Plan, Progress, Report
from rag.library.update_process import update_apart

log = logging.getLogger(__name__)

_MOST_LISTED = 10_000  # files; more that were refused are not listed
_LONGEST = 300  # characters of the name of a refused file, and of the reason

State = Literal["waiting", "reading", "ready", "failed"]


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file that is to be read.

    `reason` says in one line why it failed. `unsupported` is true if its format is unknown.
    `remark` says of a file that is ready what could not be read, or not well.
    """

    name: str
    state: State = "waiting"
    reason: str = ""
    unsupported: bool = False
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Intake:
    """The files that arrived since the list was cleared, in their order.

    `busy` is true while files are read. `published` counts the snapshots that came out so far.
    `holder` is the process that has to be waited for. `problem` is why reading stopped. `updated`
    is true after the folders were looked at, and `partly` if some documents would be found better
    after all were read again.
    """

    arrivals: tuple[Arrival, ...] = ()
    busy: bool = False
    published: int = 0
    holder: str = ""
    problem: str = ""
    updated: bool = False
    partly: bool = False

    def count(self, *states: State) -> int:
        """Return the number of files in these states."""
        return sum(arrival.state in states for arrival in self.arrivals)


class IntakeQueue:
    """Reads files in a separate process, in a thread of its own. Safe for several threads."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._lock = Lock()
        self._arrivals: dict[str, Arrival] = {}  # by absolute path, or by name if refused
        self._state = Intake()
        self._wanted: set[Literal["added", "everything", "anew"]] = set()
        self._batch = ""  # of the files that arrived last
        self._running = self._closed = False

    def add(self, files: Sequence[Path], refused: Sequence[Failure] = (), batch: str = "") -> None:
        """Read these files of the folder of added documents; list also those that were refused.

        A new list begins when all files before were read, unless these are of the same `batch`.
        """
        with self._lock:
            if not (batch and batch == self._batch):
                self._clear_if_done()
            self._batch = batch
            for failure in refused:
                if len(self._arrivals) >= _MOST_LISTED:  # a visitor may send any names
                    break
                name, reason = failure.path[:_LONGEST], failure.reason[:_LONGEST]
                refusal = Arrival(name, "failed", reason, failure.unsupported)
                self._arrivals[f"{name}\0"] = refusal  # no file has this path
            for file in files:
                self._arrivals[str(file.absolute())] = Arrival(file.name)
            self._tell(partly=False)
        if files:
            self._start("added")

    def read_again(self, *, anew: bool = False) -> None:
        """Read what is new or has changed in all folders; with `anew` read all documents again."""
        with self._lock:
            self._clear_if_done()
        self._start("anew" if anew else "everything")

    def resume(self) -> None:
        """Read added files that were not read yet when the program ended."""
        if self._library.uploads.is_dir():
            self._start("added")

    def clear(self) -> None:
        """Remove the files that are ready or failed from the list."""
        with self._lock:
            self._arrivals = {
                source: arrival
                for source, arrival in self._arrivals.items()
                if arrival.state in ("waiting", "reading")
            }
            self._tell(problem="", updated=False, partly=False)

    def state(self) -> Intake:
        """Return the current state: the same object until something changes."""
        with self._lock:
            return self._state

    def close(self) -> None:
        """Stop reading. The remaining files are read after the next start."""
        with self._lock:
            self._closed = True
            self._tell(busy=False)

    def _clear_if_done(self) -> None:
        if not self._running:
            self._arrivals = {}
            self._tell(problem="", updated=False)

    def _tell(self, **changes: object) -> None:
        """Record a change of the state. Called with the lock held."""
        arrivals = tuple(self._arrivals.values())
        self._state = replace(self._state, arrivals=arrivals, **changes)  # type: ignore[arg-type]

    def _start(self, what: Literal["added", "everything", "anew"]) -> None:
        with self._lock:
            self._wanted.add(what)
            if self._running or self._closed:
                return
            self._running = True
            self._tell(busy=True, problem="", updated=False)
        Thread(target=self._run, name="intake", daemon=True).start()

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._wanted or self._closed:
                    self._running = False
                    self._tell(busy=False, holder="")
                    return
                wanted, self._wanted = frozenset(self._wanted), set()
            problem = ""
            try:
                self._read(added_only=wanted == {"added"}, anew="anew" in wanted)
            except NoDocumentsError as error:
                self._fail(error.failures)
            except FootnoteError as error:
                problem = str(error)
            except Exception:
                log.exception("reading files failed")
                problem = "an unexpected error, see the log"
            self._give_up(problem)

    def _read(self, *, added_only: bool, anew: bool) -> None:
        paths: list[str | Path] = [self._library.uploads] if added_only else self._library.sources()
        try:
            plan = self._library.plan(paths, full=anew)
        except NoDocumentsError as error:
            if added_only or error.failures:
                raise
            plan = Plan()  # an empty folder: nothing to read yet
        # A file that was removed, or failed before, is read only if it is named itself.
        passed_over = (*plan.excluded, *(f.path for f in plan.failures if f.sha256))
        named = [Path(path) for path in passed_over if self._has_arrived(_absolute(path))]
        expected = (*plan.added, *plan.changed, *(plan.unchanged if anew else ()))
        with self._lock:
            for path in expected:
                self._arrivals.setdefault(_absolute(path), Arrival(Path(path).name))
            self._tell()
        if plan.empty and not (named or anew):
            self._settle(plan, plan.failures)
        else:
            report = update_apart(
                self._library.settings,
                [*paths, *named],
                self._show_progress,
                self._show_holder,
                full=anew,
                on_part=self._take_part,
                stopped=lambda: self._closed,
            )
            self._take_part(report)
        if not added_only:
            with self._lock:
                self._tell(updated=True)

    def _has_arrived(self, source: str) -> bool:
        """Whether a file has just been added, or the mail or archive that holds it."""
        return any(str(path) in self._arrivals for path in (Path(source), *Path(source).parents))

    def _show_progress(self, progress: Progress) -> None:
        source = _absolute(progress.detail)
        with self._lock:
            arrival = self._arrivals.get(source)
            if progress.stage == "embed" and arrival is not None and arrival.state == "waiting":
                self._arrivals[source] = replace(arrival, state="reading")
                self._tell(holder="")

    def _show_holder(self, holder: str) -> None:
        with self._lock:
            self._tell(holder=holder)

    def _take_part(self, report: Report) -> None:
        self._settle(report.plan, report.failures, report.remarks)
        with self._lock:
            self._tell(published=self._state.published + 1, partly=bool(report.advice))

    def _settle(
        self, plan: Plan, failures: Sequence[Failure], remarks: Sequence[tuple[str, str]] = ()
    ) -> None:
        """Mark the files that are in the index as ready, and those that failed as failed.

        `remarks` are pairs of a path and what is to be said about its file.
        """
        moved = [path for _, path in plan.moved]
        told = [(_absolute(path), remark) for path, remark in remarks]
        told += [(f.source, f.reason) for f in failures if f.within and not f.unsupported]
        told += _count_unsupported(failures)
        self._fail(failures)
        with self._lock:
            for path in (*plan.added, *plan.changed, *moved, *plan.unchanged):
                arrival = self._arrivals.get(_absolute(path))
                if arrival is not None and arrival.state in ("waiting", "reading"):
                    remark = _join_remarks(_absolute(path), told)
                    self._arrivals[_absolute(path)] = replace(arrival, state="ready", remark=remark)
            self._tell()

    def _fail(self, failures: Sequence[Failure]) -> None:
        with self._lock:
            for failure in failures:
                arrival = self._arrivals.get(failure.source)
                if arrival is not None and arrival.state != "ready":
                    failed = replace(arrival, state="failed", reason=failure.reason)
                    self._arrivals[failure.source] = failed
            self._tell()

    def _give_up(self, problem: str) -> None:
        """After a run, mark the files that it should have read and did not as failed."""
        with self._lock:
            if not self._wanted:  # files that arrived meanwhile are read by the next run
                for source, arrival in self._arrivals.items():
                    if arrival.state in ("waiting", "reading"):
                        reason = problem or "was not found: add it again"
                        self._arrivals[source] = replace(arrival, state="failed", reason=reason)
            self._tell(problem=problem)


def _count_unsupported(failures: Sequence[Failure]) -> Iterator[tuple[str, str]]:
    """Yield the mails and archives with members of unknown formats, and how many there are."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    pictures: Counter[str] = Counter()
    for failure in failures:
        if failure.within and failure.unsupported and failure.needs:
            pictures[failure.within] += 1
        elif failure.within and failure.unsupported:
            counts[failure.within][Path(failure.path).suffix.lower() or "no suffix"] += 1
    for source, suffixes in counts.items():
        shown = ", ".join(f"{count} with {suffix}" for suffix, count in suffixes.most_common(10))
        yield source, f"files in it that are not read: {shown}"
    for source, count in pictures.items():
        yield source, f"{count} files in it are not read, being pictures"


def _join_remarks(source: str, told: Sequence[tuple[str, str]]) -> str:
    """Return what is to be said about a file, and about its members by their names."""
    own = [remark for each, remark in told if each == source]
    members = (
        f"{each.removeprefix(f'{source}/')} {remark}"
        for each, remark in told
        if each.startswith(f"{source}/")
    )
    return "; ".join((*own, *members))


def _absolute(path: str) -> str:
    return os.path.abspath(path)  # noqa: PTH100 - resolve() would follow links
