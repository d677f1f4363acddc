"""Fixtures: processes that run index operations and can be killed at any point."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

RUNNER = Path(__file__).with_name("runner.py")


class Runner:
    """A process that runs each command in a fork; see runner.py."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, RUNNER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __call__(self, do: str, store: Path, **order: Any) -> dict[str, Any]:
        """Run a command in a fork; return its result."""
        self.send(do, store, **order)
        return self.receive()

    def send(self, do: str, store: Path, **order: Any) -> None:
        assert self._process.stdin is not None
        line = json.dumps({"do": do, "store": str(store)} | order)
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def receive(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        answer = self._process.stdout.readline()
        assert answer, "the runner has ended"
        result: dict[str, Any] = json.loads(answer)
        return result

    def must(self, do: str, store: Path, **order: Any) -> Any:
        """Run a command that must succeed; return its result."""
        answer = self(do, store, **order)
        assert "result" in answer, answer
        return answer["result"]

    def close(self) -> None:
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        self._process.wait(30)


@pytest.fixture(scope="session")
def start_runner() -> Iterator[Callable[[], Runner]]:
    """Start runners, and reuse the runners of earlier tests."""
    started: list[Runner] = []

    def start() -> Runner:
        runner = Runner()
        started.append(runner)
        return runner

    yield start
    for runner in started:
        runner.close()


@pytest.fixture(scope="session")
def runner(start_runner: Callable[[], Runner]) -> Runner:
    made = start_runner()
    assert made.receive() == "ready"
    return made
