"""Load test: many users ask a window through its API while its index is rebuilt.

`python -m benchmarks.load [--users N] [--seconds S] [--pause P] [--server]`. Everything runs on
this machine, over loopback. Each user asks a question, compares every citation with the file's text
at that span, pauses for P seconds on average, and asks again. With `--server` the index is on a
Chroma server, which is killed and restarted in the middle of the test.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

import httpx
import numpy as np

from benchmarks.scale import SHARED
from rag.evaluation.run import write_articles
from tests.chroma_server import ChromaServer
from tests.window import Window, serve

_AWAY = 3.0  # seconds without the Chroma server
_TIMEOUT = httpx.Timeout(120)
# The window closes connections that are idle for 5 seconds. A request at that moment would fail.
_LIMITS = httpx.Limits(keepalive_expiry=2)


@dataclass(slots=True)
class Record:
    """Results: seconds of each answer, errors, number of rebuilds, memory in MB each second."""

    seconds: list[float] = field(default_factory=list)
    answered: int = 0
    citations: int = 0
    problems: Counter[str] = field(default_factory=Counter)
    rebuilds: int = 0
    memory: list[float] = field(default_factory=list)

    def percentile(self, share: float) -> float:
        """Return a quantile of the answer times in seconds, for a share from 0 to 1."""
        return float(np.quantile(self.seconds, share))


async def call(client: httpx.AsyncClient, name: str, *data: object) -> Any:
    """Call an endpoint of the window; return its last output.

    Raises `RuntimeError` if the endpoint reports an error.
    """
    sent = await client.post(f"/gradio_api/call/{name}", json={"data": list(data)})
    sent.raise_for_status()
    said = await client.get(f"/gradio_api/call/{name}/{sent.json()['event_id']}")
    event, output = "", ""
    for line in said.text.splitlines():
        kind, _, rest = line.partition(": ")
        event, output = (rest, output) if kind == "event" else (event, rest or output)
    if event != "complete":
        raise RuntimeError(f"{event}: {output}"[:200])
    return json.loads(output)[0]


async def ask(client: httpx.AsyncClient, question: str, folder: Path, record: Record) -> None:
    """Ask a question and check its citations."""
    start = perf_counter()
    try:
        answer = await call(client, "ask", question, None)
    except (httpx.HTTPError, RuntimeError) as error:
        record.problems[f"{type(error).__name__}: {error}"[:120]] += 1
        return
    record.seconds.append(perf_counter() - start)
    record.answered += not answer["refused"]
    for citation in answer["citations"]:
        if not citation["document"].endswith((".txt", ".md")):
            continue  # other formats: the document's text differs from the file's bytes
        text = (folder / citation["document"]).read_text("utf-8")
        record.citations += 1
        if text[citation["start"] : citation["end"]] != citation["sentence"]:
            record.problems["a wrong citation"] += 1


async def use(
    url: str, questions: list[str], folder: Path, until: float, pause: float, record: Record
) -> None:
    """Act as one user: ask questions until the time `until`, but at least one."""
    chance = random.Random()
    async with httpx.AsyncClient(base_url=url, timeout=_TIMEOUT, limits=_LIMITS) as client:
        await asyncio.sleep(chance.uniform(0, pause))
        while True:
            await ask(client, chance.choice(questions), folder, record)
            if perf_counter() >= until:
                return
            await asyncio.sleep(chance.uniform(0.5, 1.5) * pause)


async def rebuild(
    url: str, folder: Path, until: float, record: Record, sentences: int = 2000
) -> None:
    """Repeatedly change a document of `sentences` sentences, and rebuild the index."""
    async with httpx.AsyncClient(base_url=url, timeout=_TIMEOUT, limits=_LIMITS) as client:
        while perf_counter() < until:
            number = record.rebuilds
            text = [f"Bridge {number}.{n} in Norland is {n} m long." for n in range(sentences)]
            (folder / "docs" / "growing.md").write_text("\n\n".join(text))
            try:
                await call(client, "rebuild")
            except (httpx.HTTPError, RuntimeError) as error:
                record.problems[f"rebuild: {error}"[:160]] += 1
                await asyncio.sleep(1)
            record.rebuilds += 1


async def watch_memory(pid: int, until: float, record: Record) -> None:
    """Record the memory of a process each second, in MB."""
    while perf_counter() < until:
        status = Path(f"/proc/{pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        record.memory.append(int(line.split()[1]) / 1024)
        await asyncio.sleep(1)


async def interrupt(server: ChromaServer, seconds: float) -> None:
    """Kill the Chroma server after half of the time, and restart it."""
    await asyncio.sleep(seconds / 2)
    server.kill()
    await asyncio.sleep(_AWAY)
    await asyncio.to_thread(server.start)


async def load(
    window: Window, questions: list[str], options: argparse.Namespace, server: ChromaServer | None
) -> tuple[Record, Record]:
    """Return the results of one user alone, and of all users together during rebuilds."""
    alone, together = Record(), Record()
    until = perf_counter() + 20
    await use(window.url, questions, window.folder, until, 0.1, alone)
    until = perf_counter() + options.seconds
    tasks = [
        use(window.url, questions, window.folder, until, options.pause, together)
        for _ in range(options.users)
    ]
    tasks.append(rebuild(window.url, window.folder, until, together))
    tasks.append(watch_memory(window.pid, until, together))
    if server is not None:
        tasks.append(interrupt(server, options.seconds))
    await asyncio.gather(*tasks)
    return alone, together


@contextmanager
def serve_library(folder: Path, server: ChromaServer | None) -> Iterator[Window]:
    """Index a folder and serve it in a window."""
    if server is not None:
        server.start()
        (folder / "rag.toml").write_text(f'chroma_url = "{server.url}"\n')
    subprocess.run([sys.executable, "-m", "ui.cli", "index", "docs"], cwd=folder, check=True)
    try:
        with serve(folder) as window:
            yield window
    finally:
        if server is not None:
            server.kill()


def main() -> None:
    """Print the results for one user and for many users."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=180)
    parser.add_argument("--pause", type=float, default=6, help="seconds between questions")
    parser.add_argument("--server", action="store_true", help="keep the index on a Chroma server")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "docs").mkdir()
        articles = json.loads((SHARED / "xquad.en.json").read_text("utf-8"))["data"]
        questions = [case.question for case in write_articles(articles, folder / "docs")]
        server = ChromaServer(folder / "chroma") if options.server else None
        with serve_library(folder, server) as window:
            alone, together = asyncio.run(load(window, questions, options, server))
    for name, record in (("one user", alone), (f"{options.users} users", together)):
        print(
            f"{name}: {len(record.seconds)} questions, {record.answered} answered, "
            f"{record.citations} citations checked; median {record.percentile(0.5):.3f} s, "
            f"p95 {record.percentile(0.95):.3f} s, longest {max(record.seconds):.3f} s"
        )
    print(
        f"p95 relative to one user: {together.percentile(0.95) / alone.percentile(0.95):.1f} times"
    )
    print(f"{together.rebuilds} rebuilds; errors: {dict(together.problems) or 'none'}")
    thirds = np.array_split(np.array(together.memory), 3)
    print("median MB in each third:", [round(float(np.median(third))) for third in thirds])


if __name__ == "__main__":
    main()
