"""200 kills during add, change, move, remove and rollback: no published state is lost."""

import itertools
import random
import runpy
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from index.files.current import current_id
from index.files.layout import StoreLayout
from index.snapshots.publish import read_manifest
from tests.chroma_server import THOROUGH

STEPS = runpy.run_path(str(Path(__file__).with_name("runner.py")))["STEPS"]
POINTING = ["index.snapshots.publish:point_to", "index.files.current:write_atomically"]
KILLS = 100 if THOROUGH else 8  # by each of two processes
QUESTIONS = [
    "How long is the Arno bridge?",
    "When was the Bela tower opened?",
]
NAMES = ["Arno bridge", "Bela tower", "Cora dam", "Dana lock", "Elin pier", "Fero mill"]


def write(file: Path, name: str, number: int) -> None:
    """Write a document of a few passages; only some of them contain the number."""
    filler = [
        f"Part {part}. The {name} has a history of its own, and part {part} tells it at length. "
        * 8
        for part in range(2)
    ]
    facts = (
        f"The {name} is {number} metres long. The {name} was opened in {1800 + number % 200}. "
        f"The {name} was built by Engineer Number {number}."
    )
    file.write_text("\n\n".join([filler[0], facts, filler[1]]))


class Story:
    """A folder and its index, changed step by step. The expected state is known after each step."""

    def __init__(self, place: Path, runner: Any, seed: int) -> None:
        self.folder, self.store = place / "docs", place / "store"
        self.folder.mkdir(parents=True)
        self.runner = runner
        self.chance = random.Random(seed)
        self.numbers = itertools.count(100)
        for name in NAMES[:4]:
            self.change(name)
        runner.must("update", self.store, paths=[str(self.folder)])
        self.state = self.look()
        self.last: dict[str, Any] | None = None

    def file(self, name: str) -> Path:
        return self.folder / f"{name.replace(' ', '-')}.txt"

    def change(self, name: str) -> None:
        write(self.file(name), name, next(self.numbers))

    def look(self) -> dict[str, Any]:
        return self.runner.must("state", self.store, questions=QUESTIONS)

    def choose(self) -> tuple[str, dict[str, Any]]:
        """Change the folder; return the operation to run on the index."""
        present = sorted(self.folder.iterdir())
        kind = self.chance.choice(["add", "change", "delete", "move", "remove", "rollback"])
        if kind == "rollback" and self.last is not None:
            return "rollback", {}
        if kind == "remove" and len(present) > 2:
            file = self.chance.choice([Path(path) for path in sorted(self.state["texts"])])
            return "remove", {"sources": [str(file)]}
        if kind == "delete" and len(present) > 2:
            self.chance.choice(present).unlink()
        elif kind == "move":
            file = self.chance.choice(present)
            file.rename(self.folder / f"moved-{next(self.numbers)}.txt")
        else:
            self.change(self.chance.choice(NAMES))
        return "update", {"paths": [str(self.folder)]}

    def choose_death(self, number: int, do: str) -> dict[str, Any]:
        kind = number % 3
        if kind == 0:
            return {"kill_after": self.chance.uniform(0, 0.2)}
        if kind == 1:
            steps = STEPS if do == "update" else POINTING
            step = steps[number // 3 % len(steps)]
            return {"step": step, "after": self.chance.random() < 0.5}
        return {"operation": self.chance.randrange(80 if do == "update" else 6)}

    def kill_once(self, number: int) -> bool:
        """Kill an operation, check the state, repeat it, check again; return if it was killed."""
        do, details = self.choose()
        answer = self.runner(do, self.store, **details, **self.choose_death(number, do))
        assert "error" not in answer, answer
        left = self.look()
        if do == "rollback":
            assert left in (self.state, self.last), f"kill {number}"
        reached = self.finish(do, details, left)
        if do != "rollback":
            assert left in (self.state, reached), f"kill {number}"
        if number % 4 == 0:
            assert self.runner.must("check", self.store) == []
        if reached != self.state:
            self.last, self.state = self.state, reached
        return bool(answer.get("killed"))

    def finish(self, do: str, details: dict[str, Any], left: dict[str, Any]) -> dict[str, Any]:
        """Run the operation again if necessary; return the state afterwards."""
        if do == "remove":
            path = details["sources"][0]
            if path in left["texts"]:
                self.runner.must("remove", self.store, **details)
            Path(path).unlink()  # so that the folder matches the index again
        self.runner.must("update", self.store, paths=[str(self.folder)])
        reached = self.look()
        texts = {str(file): file.read_text() for file in self.folder.iterdir()}
        assert reached["texts"] == texts
        return reached


@pytest.mark.timeout(900)
def test_200_kills_lose_nothing(tmp_path: Path, start_runner: Callable[[], Any]) -> None:
    runners = [start_runner(), start_runner()]
    for runner in runners:
        assert runner.receive() == "ready"

    def tell(which: int) -> int:
        story = Story(tmp_path / str(which), runners[which], seed=which)
        killed = tries = 0
        while killed < KILLS:
            killed += story.kill_once(tries)
            tries += 1
            assert tries < 4 * KILLS, f"{killed} of {tries} were killed in time"
        layout = StoreLayout(story.store)
        story.runner.must("update", story.store, paths=[str(story.folder)])
        named = set()
        for snapshot in filter(None, (current_id(story.store), previous_of(story.store))):
            named |= set(read_manifest(story.store, snapshot).segments)
        assert {folder.name for folder in layout.segments.iterdir()} == named, "garbage is left"
        assert not layout.unpublished.exists()
        return killed

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(tell, range(2))) == [KILLS, KILLS]


def previous_of(store: Path) -> str | None:
    return read_manifest(store, str(current_id(store))).previous
