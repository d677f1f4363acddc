"""Files -> Documents and their sentences, parsed in a separate process.

A file may hang or crash the parser or use too much memory. Then only this file fails: it is
reported with the reason, and a new process parses the next file.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Self

from index.documents.codec import decode_document, to_line
from index.documents.members import check_name
from index.documents.ocr.budget import PAGE_SECONDS, PAGES, SECONDS
from index.errors import UnknownFormatError, UnreadableDocumentError
from index.ingest.scan import SourceFile, holder_of
from index.types import (
    Document,
    Failure,
    OnProgress,
    Progress,
    Sentence,
)

# Importing the package `index` imports all its modules. An empty package in its place lets the
# process import only the modules that it needs.
_START = """
import sys, types
sys.modules["index"] = package = types.ModuleType("index")
package.__path__ = [sys.argv[1]]
from index.ingest.parser_process import main
main()
"""
_STARTING_SECONDS = 60
# Signals that the file caused. Any other signal may have come from outside.
_OWN_FAULT = {signal.SIGALRM, signal.SIGABRT, signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE}
_MAX_MEMBERS = 2_000  # of a file, and of all files in it
_GRACE_SECONDS = 5  # added to the time limit, so that the alarm in the process fires first
NONSENSE: dict[str, Any] = {
    "problem": "makes its parser give an invalid answer",
    "remedy": "convert it to another format",
    "to_blame": True,
}


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits for parsing one document.

    The time is `seconds` plus `seconds_per_mib` for each MiB of the file. `memory` is in bytes.
    Pages that are recognised in pictures have their own limits: at most `ocr_pages`, and none after
    `ocr_seconds`.
    """

    seconds: int = 30
    seconds_per_mib: int = 10
    memory: int = 2 * 1024**3
    ocr_pages: int = PAGES
    ocr_seconds: int = SECONDS

    def allow(self, size: int) -> int:
        """Return the time limit in seconds for a file of `size` bytes."""
        return self.seconds + self.seconds_per_mib * size // 2**20


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """The result of parsing a file. `sha256` and `size` are those of the file's bytes.

    `members` are the names of what is attached to it or packed in it.
    """

    document: Document
    sentences: tuple[Sentence, ...]
    sha256: str
    size: int
    members: tuple[str, ...] = ()


def _limit_members(result: ParsedDocument, count: int) -> ParsedDocument:
    """Return the result without its members if there would be too many; `count` came before."""
    if count + len(result.members) <= _MAX_MEMBERS:
        return result
    count = len(result.members)
    remark = f"files in it that are not read: {count}, as a file may hold {_MAX_MEMBERS:,} in all"
    remark = "; ".join(filter(None, (result.document.remark, remark)))
    return replace(result, document=replace(result.document, remark=remark), members=())


class DocumentParser:
    """Parses files one after the other in another process. A context manager, not thread-safe.

    `on_progress` is told each page that is recognised in a picture.
    """

    def __init__(
        self, limits: Limits | None = None, on_progress: OnProgress = lambda progress: None
    ) -> None:
        self._limits = limits or Limits()
        self._on_progress = on_progress
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: Connection | None = None
        self._started = False

    def parse(
        self, files: Iterable[SourceFile], *, members: bool = True
    ) -> Iterator[tuple[SourceFile, ParsedDocument | Failure]]:
        """Yield each file with its document, or with the reason why it cannot be parsed.

        The members of a file follow it, if `members`. If one of them cannot be parsed, the others
        are. The next file is parsed while the caller works on the previous one.
        """
        coming = iter(files)
        following: deque[SourceFile] = deque()
        before = next(coming, None)
        count = 0
        if before:
            self._send(self._request(before))
        while before:
            result = self._receive(before)
            count = count if before.within else 0
            if members and isinstance(result, ParsedDocument):
                result = _limit_members(result, count)
                count += len(result.members)
                following.extendleft(map(before.inside, reversed(result.members)))
            file = following.popleft() if following else next(coming, None)
            if file:
                self._send(self._request(file))
            yield before, result
            before = file

    def parse_file(self, path: str) -> Document:
        """Return the document of one file, without an index. Raises `UnreadableDocumentError`."""
        given, holder = Path(path), holder_of(Path(path))
        try:
            size = holder.stat().st_size
        except OSError as error:
            raise UnreadableDocumentError(path, f"cannot be read ({error.strerror})") from error
        within = "" if holder == given else str(holder.absolute())
        file = SourceFile(path, str(given.absolute()), "", size, within=within)
        self._send(self._request(file))
        result = self._receive(file)
        if isinstance(result, Failure):
            raise UnreadableDocumentError(path, result.reason)
        return result.document

    def ask(self, task: str, details: dict[str, Any], size: int) -> dict[str, Any]:
        """Return the answer of the process to a task that concerns a file of `size` bytes.

        If the file is to blame for a failure, or the process ended, the answer has a "problem" and
        a "remedy".
        """
        seconds = self._limits.allow(size)
        self._send({"task": task, "details": details, "seconds": seconds})
        return self._wait(seconds)

    def _request(self, file: SourceFile) -> dict[str, Any]:
        place = file.copy or file.within or file.source
        names = {"path": file.path, "source": place, "member": file.member}
        limits = self._limits
        budget = {"pages": limits.ocr_pages, "seconds": limits.ocr_seconds}
        return {"task": "parse", "file": names, "seconds": limits.allow(file.size), "ocr": budget}

    def _receive(self, file: SourceFile) -> ParsedDocument | Failure:
        answer = self._wait(self._limits.allow(file.size), file.path)
        if answer.get("out_of_memory"):
            # What earlier files left in the process may have used the memory: try a fresh one.
            self._start()
            self._send(self._request(file))
            answer = self._wait(self._limits.allow(file.size), file.path)
        if "document" in answer:
            try:
                return ParsedDocument(
                    decode_document(answer["document"]),
                    tuple(Sentence(*span) for span in answer["sentences"]),
                    answer["sha256"],
                    answer["size"],
                    tuple(map(check_name, answer["members"])),
                )
            except (KeyError, TypeError, ValueError):
                answer = NONSENSE
        needs = answer.get("needs", "")
        kind = UnknownFormatError if answer.get("unsupported") else UnreadableDocumentError
        error = kind(file.path, answer["problem"], answer["remedy"], needs)
        # If the process ended, the hash comes from the scan. It is left out if the content did not
        # cause the failure, so that the next update tries the file again.
        sha256 = answer.get("sha256", file.sha256 if answer.get("to_blame") else "")
        failure = error.as_failure()
        return replace(failure, source=file.source, sha256=sha256, within=file.within)

    def _send(self, request: dict[str, Any]) -> None:
        if self._connection is None:
            self._start()
        try:
            self._open_connection().send_bytes(to_line(request))
        except OSError:  # the process has ended since the last request
            self._start()
            self._open_connection().send_bytes(to_line(request))

    def _start(self) -> None:
        self.close()
        here, there = Pipe()
        with there:
            handle = there.fileno()
            code = [sys.executable, "-P", "-c", _START, str(Path(__file__).parents[1])]
            self._process = subprocess.Popen(  # noqa: S603 - our own code
                [*code, str(handle), str(self._limits.memory)],
                pass_fds=[handle],
                stdin=subprocess.DEVNULL,
                # Each thread would use a part of the allowed memory.
                env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
            )
        self._connection, self._started = here, False

    def _open_connection(self) -> Connection:
        if self._connection is None:
            raise AssertionError("the parser was closed")
        return self._connection

    def _wait(self, seconds: int, path: str = "") -> dict[str, Any]:
        """Return the answer of the process, or an answer that describes how the process ended.

        Before its answer the process names each page that it recognises. It then has more time.
        """
        connection = self._open_connection()
        allowed = seconds + _GRACE_SECONDS
        end = time.monotonic() + allowed + self._limits.ocr_seconds + PAGE_SECONDS
        try:
            if not self._started and connection.poll(_STARTING_SECONDS):
                connection.recv_bytes()
                self._started = True
            while connection.poll(min(allowed, end - time.monotonic())):
                answer = json.loads(connection.recv_bytes())
                if not isinstance(answer, dict):
                    return NONSENSE
                if "page" not in answer:
                    return answer
                page, pages = int(answer["page"]), int(answer["pages"])
                self._on_progress(Progress("read", page, pages, path))
                allowed = seconds + _GRACE_SECONDS + PAGE_SECONDS
        except (ValueError, KeyError, TypeError):
            # Not JSON, or not in our form: a hostile file may have taken over the process.
            self.close()
            return NONSENSE
        except (EOFError, OSError):
            pass
        return self._describe_end(seconds)

    def _describe_end(self, seconds: int) -> dict[str, Any]:
        process = self._process
        status = -signal.SIGALRM
        if process is not None:
            try:
                status = process.wait(_GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
        self.close()
        if status == -signal.SIGALRM:
            problem = f"took longer than {seconds} seconds to parse"
        elif status < 0:
            problem = f"crashed its parser ({signal.Signals(-status).name})"
        else:
            problem = f"ended its parser (status {status})"
        to_blame = -status in _OWN_FAULT
        again = "`rag index --full` tries again" if to_blame else "try again"
        remedy = f"convert it to another format; {again}"
        return {"problem": problem, "remedy": remedy, "to_blame": to_blame}

    def close(self) -> None:
        """End the process."""
        if self._connection is not None:
            self._connection.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._connection = self._process = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
