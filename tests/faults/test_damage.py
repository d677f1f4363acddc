"""Each file of an index is damaged in several ways.

Damage must be detected, then repaired or reported. It must never change an answer. 500 damages with
FOOTNOTE_TEST_THOROUGH, otherwise about 26.
"""

import json
import os
import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from index import (
    Encoder,
    Report,
    StoreBrokenError,
    check_index,
    current_id,
    open_snapshot,
    repair_index,
    restore_index,
)
from index.chroma import collections
from index.files.layout import StoreLayout
from index.files.seals import write_seal
from index.operations import doctor
from index.snapshots.check_process import check_store
from rag.assistant import Assistant
from rag.library.library import Library
from rag.settings import load_settings
from tests.chroma_server import ON_SERVER

DAMAGES = 500 if os.environ.get("FOOTNOTE_TEST_THOROUGH") else 0
QUESTIONS = ("How long is the Arno bridge?", "Who built the Bela tower?", "When is the ferry?")
SMALL = 1 << 16  # bytes; larger files are not read completely when they are opened

pytestmark = pytest.mark.skipif(ON_SERVER, reason="a copy is mended with what the server holds")

Answers = list[tuple[str, list[tuple[str, str]]]]


def make_store(place: Path, update: Callable[..., Report]) -> Path:
    """Make an index with two segments and a previous state."""
    folder, store = place / "docs", place / "store"
    folder.mkdir()
    for number in range(40):
        (folder / f"{number}.txt").write_text(
            "\n\n".join(f"Lock {number}-{part} is {part} metres deep. " * 12 for part in range(2))
        )
    (folder / "arno.txt").write_text("The Arno bridge is 120 metres long. It is of stone.")
    update(store, folder)
    (folder / "bela.txt").write_text("The Bela tower was built by Ada Stone. It is of brick.")
    (folder / "ferry.txt").write_text("The ferry leaves at seven. It needs two hours.")
    update(store, folder)
    return store


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory, update: Callable[..., Report]) -> Path:
    store = make_store(tmp_path_factory.mktemp("sound"), update)
    assert len(list(StoreLayout(store).segments.iterdir())) == 2
    return store


@pytest.fixture
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Open Chroma's stores in this process, which is faster than a process for each store.

    A crash of Chroma would therefore crash the test.
    """
    monkeypatch.setattr(doctor, "check_chroma", lambda layout: check_store(layout.root))


@pytest.fixture(scope="module")
def ask(encoder: Encoder, sound: Path) -> Iterator[Callable[[Path], Answers]]:
    """Return a function that answers the questions from a store, with models loaded once."""
    first = Library(load_settings(store=sound), load=lambda name: encoder)

    def run(store: Path) -> Answers:
        library = Library(load_settings(store=store), load=lambda name: encoder)
        library.models = first.models
        try:
            found = [Assistant(library=library).ask(question) for question in QUESTIONS]
            return [(a.text, [(c.document, c.sentence) for c in a.citations]) for a in found]
        finally:
            library._shared.close()

    yield run
    first.close()


def list_damages(store: Path) -> list[tuple[str, str, int]]:
    """Return damages: a file, the kind, and an offset.

    The kinds are "cut" (truncate), "flip" (flip a bit), and "rot" (flip a bit but keep the time, as
    a failing disk does).
    """
    chance = random.Random(7)
    files = [
        file.relative_to(store).as_posix()
        for file in sorted(store.rglob("*"))
        if file.is_file() and file.suffix != ".lock" and file.stat().st_size
    ]
    kinds = ("flip", "cut", "rot")
    damages = [
        (name, kind, chance.randrange((store / name).stat().st_size))
        for number, name in enumerate(files)
        for kind in (kinds[number % 3], kinds[(number + 1) % 3])
    ]
    damages += [(name, "cut", 0) for name in files]
    while len(damages) < DAMAGES:
        name = chance.choice(files)
        damages.append(
            (name, chance.choice(kinds), chance.randrange((store / name).stat().st_size))
        )
    return damages[:DAMAGES] if DAMAGES else damages[: 2 * len(files) : 5]


def do_damage(file: Path, kind: str, at: int) -> None:
    found = file.stat()
    if kind == "cut":
        os.truncate(file, at)
        return
    with file.open("r+b") as stream:
        stream.seek(at)
        byte = stream.read(1)[0]
        stream.seek(at)
        stream.write(bytes([byte ^ 1 << at % 8]))
    if kind == "rot":
        os.utime(file, ns=(found.st_atime_ns, found.st_mtime_ns))


@pytest.mark.timeout(3600)
@pytest.mark.usefixtures("_in_this_process")
def test_every_damage_is_detected_and_repaired_and_changes_no_answer(
    sound: Path,
    tmp_path: Path,
    encoder: Encoder,
    ask: Callable[[Path], Answers],
) -> None:
    assert check_index(sound) == []
    true = ask(sound)
    assert true[0][0].startswith("The Arno bridge is 120 metres long")
    before = shutil.copytree(sound, tmp_path / "before")
    restore_index(before)
    older = ask(before)
    assert older != true
    problems, refused = [], 0
    for number, (name, kind, at) in enumerate(list_damages(sound)):
        store = shutil.copytree(sound, tmp_path / str(number))
        file = store / name
        large = file.stat().st_size > SMALL
        do_damage(file, kind, at)
        if not check_index(store):
            problems.append((name, kind, at, "not seen"))
        if kind != "rot" or not large:
            try:
                if ask(store) != true:
                    problems.append((name, kind, at, "another answer"))
            except StoreBrokenError as error:
                assert error.remedy
                refused += 1
        repair = repair_index(store, load=lambda name: encoder)
        if not repair.faults:
            problems.append((name, kind, at, "not found by the repair"))
        if faults := check_index(store):
            problems.append((name, kind, at, f"not mended: {faults}"))
        back = any("newest state is lost" in line for line in repair.unrepaired)
        if ask(store) != (older if back else true) or repair.lost:
            problems.append((name, kind, at, "another answer after the repair"))
        shutil.rmtree(store)
    assert refused
    assert problems == [], "\n".join(map(str, problems))


@pytest.mark.usefixtures("_in_this_process")
def test_a_lost_or_empty_pointer_is_repaired(sound: Path, tmp_path: Path, encoder: Encoder) -> None:
    for number, content in enumerate((None, b"", b"\0" * 31)):
        store = shutil.copytree(sound, tmp_path / str(number))
        newest = current_id(store)
        if content is None:
            StoreLayout(store).current.unlink()
        else:
            StoreLayout(store).current.write_bytes(content)
        assert "CURRENT" in check_index(store)[0]
        with pytest.raises(StoreBrokenError, match="rag doctor --repair"):
            open_snapshot(store)
        assert repair_index(store, load=lambda name: encoder).unrepaired == ()
        assert current_id(store) == newest
        assert check_index(store) == []


@pytest.mark.usefixtures("_in_this_process")
def test_a_changed_manifest_is_detected_also_if_it_can_be_read(sound: Path, tmp_path: Path) -> None:
    store = shutil.copytree(sound, tmp_path / "store")
    file = StoreLayout(store).manifest(str(current_id(store)))
    changed = file.read_bytes().replace(b"arno.txt", b"evil.txt")
    assert json.loads(changed) != json.loads(file.read_bytes())
    file.write_bytes(changed)
    with pytest.raises(StoreBrokenError):
        open_snapshot(store)
    assert check_index(store) != []


@pytest.mark.usefixtures("_in_this_process")
def test_the_snapshot_of_a_first_build_that_was_killed_is_used(
    tmp_path: Path, update: Callable[..., Report]
) -> None:
    (tmp_path / "a.txt").write_text("The Arno bridge is 120 metres long.")
    store = tmp_path / "store"
    update(store, tmp_path / "a.txt")
    StoreLayout(store).current.unlink()
    with closing(open_snapshot(store)) as snapshot:
        assert len(snapshot.documents) == 1
    assert check_index(store)
    (tmp_path / "b.txt").write_text("The Bela tower is of brick.")
    assert update(store, tmp_path / "b.txt").documents == 2
    assert check_index(store) == []


def test_a_damaged_graph_crashes_only_the_checking_process(
    sound: Path, tmp_path: Path, encoder: Encoder
) -> None:
    store = shutil.copytree(sound, tmp_path / "store")
    # Each element of the graph starts with its links: their count and up to 32 ids. Set all ids out
    # of range.
    links = (32).to_bytes(4, "little") + b"\x00\xff\xff\x7f" * 32
    size = len(links) + 384 * 4 + 8
    for file in store.rglob("data_level0.bin"):
        content = bytearray(file.read_bytes())
        for start in range(0, len(content) - size + 1, size):
            content[start : start + len(links)] = links
        file.write_bytes(content)
    # Seal the damaged files, as if they had been damaged before sealing.
    for folder in StoreLayout(store).segments.iterdir():
        write_seal(StoreLayout(store).segment(folder.name))
    faults = check_index(store)
    assert any("Chroma crashed" in fault for fault in faults), faults
    assert repair_index(store, load=lambda name: encoder).faults
    assert check_index(store) == []


@pytest.mark.parametrize("name", ["data_level0.bin", "link_lists.bin", "chroma.sqlite3"])
def test_damaged_files_of_chroma_are_not_opened(
    name: str, sound: Path, tmp_path: Path, encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = shutil.copytree(sound, tmp_path / "store")
    vector = encoder.encode_questions([QUESTIONS[0]])[0]
    with closing(open_snapshot(store)) as snapshot:
        found = [
            segment.nearest("passages", vector, 3)[0] for segment in snapshot.segments.values()
        ]
    for file in store.rglob(name):
        os.truncate(file, file.stat().st_size // 2)
        file.write_bytes(file.read_bytes() or b"x")  # some of these files are empty
    monkeypatch.setattr(collections, "_open_client", lambda folder: pytest.fail(str(folder)))
    with closing(open_snapshot(store)) as snapshot:
        again = [
            segment.nearest("passages", vector, 3)[0] for segment in snapshot.segments.values()
        ]
    assert [rows.tolist() for rows in again] == [rows.tolist() for rows in found]


def test_chroma_does_not_change_a_store_when_it_opens_it(sound: Path, tmp_path: Path) -> None:
    store = shutil.copytree(sound, tmp_path / "store")
    files = {file: file.stat().st_mtime_ns for file in store.rglob("chroma/**/*") if file.is_file()}
    contents = {file: file.read_bytes() for file in files}
    for folder in StoreLayout(store).segments.iterdir():
        assert check_store(folder) == []
    assert {file: file.stat().st_mtime_ns for file in files} == files
    assert {file: file.read_bytes() for file in files} == contents


def test_a_copied_index_is_read_completely_once(sound: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    shutil.copytree(sound, store, copy_function=shutil.copy)  # does not keep file times
    with closing(open_snapshot(store)) as snapshot:
        assert len(snapshot.documents) == 43
    times = {file.name: file.stat().st_mtime_ns for file in store.rglob("vectors/*.npy")}
    assert times == {file.name: file.stat().st_mtime_ns for file in sound.rglob("vectors/*.npy")}


@pytest.mark.usefixtures("_in_this_process")
def test_an_index_of_an_earlier_format_is_rebuilt(
    tmp_path: Path, update: Callable[..., Report]
) -> None:
    folder, store = tmp_path / "docs", tmp_path / "store"
    folder.mkdir()
    for name in ("a", "b"):
        (folder / f"{name}.txt").write_text(f"The {name} bridge is long.")
    (tmp_path / "c.txt").write_text("The ferry leaves at seven.")
    update(store, folder)
    file = StoreLayout(store).manifest(str(current_id(store)))
    fields = json.loads(file.read_bytes()) | {"format": 3, "excluded": [str(folder / "b.txt")]}
    del fields["seal"]
    file.write_text(json.dumps(fields))
    with pytest.raises(StoreBrokenError, match=r"earlier version.*run `rag index`"):
        open_snapshot(store)
    assert "earlier version" in check_index(store)[0]
    assert update(store, tmp_path / "c.txt").documents == 2  # a.txt again, and not b.txt
    assert check_index(store) == []
