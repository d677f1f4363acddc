"""An index on a real Chroma server, as several machines use it: each has a folder of its own."""

import json
import signal
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from index.chroma.pointer import Pointer, move_pointer, read_pointer

from index import (
    Encoder,
    Report,
    Server,
    SourceError,
    StoreBrokenError,
    StoreBusyError,
    StoreMissingError,
    StoreUnreachableError,
    attach,
    check_index,
    copy_index,
    current_id,
    open_snapshot,
    repair_index,
    restore_index,
)
from index.chroma import collections, remote, writer_lease
from index.chroma.client import Connection, connect
from index.files.layout import SegmentLayout, StoreLayout
from index.files.manifest import new_id
from index.ingest import builder
from index.snapshots import follow
from index.snapshots.writer_lock import hold_writer_lock
from tests.chroma_server import ChromaServer
from tests.proxy import serve_proxy

Update = Callable[..., Report]


@pytest.fixture(autouse=True)
def _always_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "_FRESH", 0.0)


@pytest.fixture
def server(chroma: ChromaServer, tmp_path: Path) -> Server:
    return Server(chroma.url, database=f"db-{tmp_path.name[-40:].strip('-_')}")


@pytest.fixture
def machine(tmp_path: Path, server: Server) -> Callable[[str], Path]:
    """Return the folder that a machine of this name keeps its copy in."""

    def make(name: str) -> Path:
        attach(tmp_path / name, server)
        return tmp_path / name

    return make


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.txt").write_text(f"Bridge {number} is {number}0 metres long. It is.")
    return folder


def texts(store: Path) -> dict[str, str]:
    with closing(open_snapshot(store)) as snapshot:
        return {Path(r.path).name: snapshot.read(r).text for r in snapshot.documents}


def search(store: Path, encoder: Encoder, question: str) -> list[tuple[str, float]]:
    vector = encoder.encode_questions([question])[0]
    with closing(open_snapshot(store)) as snapshot:
        rows, cosines = snapshot.nearest("sentences", vector, 5, snapshot.select(None))
        return [
            (snapshot.sentence(int(row)).text, round(float(cosine), 4))
            for row, cosine in zip(rows, cosines, strict=True)
        ]


def refuse(name: str) -> Encoder:
    raise AssertionError("the model was loaded for nothing")


def names(server: Server) -> set[str]:
    return set(connect(server).list_names("footnote-"))


def test_machines_share_one_index(
    machine: Callable[[str], Path], folder: Path, update: Update, encoder: Encoder, tmp_path: Path
) -> None:
    here, there, alone = machine("here"), machine("there"), tmp_path / "alone"
    update(here, folder)
    assert texts(there) == texts(here)
    (folder / "new.txt").write_text("The new bridge is the longest of all.")
    report = update(there, folder)
    assert (report.plan.added, report.embedded) == ((f"{folder}/new.txt",), 1)
    assert texts(here)["new.txt"] == "The new bridge is the longest of all."
    update(alone, folder)  # an index of its own finds the same
    for question in ("Which bridge is the longest?", "How long is bridge 2?"):
        found = search(here, encoder, question)
        assert found == search(there, encoder, question)
        assert found[0][0] == search(alone, encoder, question)[0][0]
    assert check_index(here) == check_index(there) == []


def test_it_is_the_server_that_is_searched(
    machine: Callable[[str], Path],
    folder: Path,
    update: Update,
    encoder: Encoder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = machine("here")
    update(store, folder)
    asked: list[object] = []
    search_server = collections.ServerCollections.nearest

    def nearest(self: Any, *arguments: Any) -> Any:
        found = search_server(self, *arguments)
        asked.append(found)
        return found

    monkeypatch.setattr(collections.ServerCollections, "nearest", nearest)
    assert search(store, encoder, "How long is bridge 2?")[0][0].startswith("Bridge 2")
    assert asked


def test_going_back_is_for_all_machines(
    machine: Callable[[str], Path], folder: Path, update: Update
) -> None:
    here, there = machine("here"), machine("there")
    update(here, folder)
    before = texts(here)
    (folder / "1.txt").write_text("Changed.")
    update(here, folder)
    assert restore_index(there) == 3  # this machine never had the state before
    assert texts(here) == texts(there) == before
    with pytest.raises(StoreMissingError, match="no earlier state"):
        restore_index(here)


def test_writers_on_other_machines_are_waited_for(
    machine: Callable[[str], Path], folder: Path, update: Update
) -> None:
    here, there = machine("here"), machine("there")
    update(here, folder)
    (folder / "new.txt").write_text("A new bridge.")
    told, done = threading.Event(), threading.Event()
    waiting: list[str] = []

    def note(holder: str) -> None:
        waiting.append(holder)
        told.set()

    def run() -> None:
        update(there, folder, on_wait=note)
        done.set()

    with hold_writer_lock(here):
        with pytest.raises(StoreBusyError, match=r"written by process \d+ on "):
            update(there, folder)
        thread = threading.Thread(target=run)
        thread.start()
        assert told.wait(30)
        assert not done.is_set()
    thread.join(60)
    assert done.is_set()
    assert len(waiting) == 1
    assert "new.txt" in texts(here)


def abandon_lease(connection: Connection, replica: str) -> None:
    """Leave the lease of a process that was killed."""
    name, _ = writer_lease._acquire(connection, replica, None)
    assert connection.find(name) is not None


def test_the_lease_of_a_killed_writer_is_taken_over(
    machine: Callable[[str], Path],
    server: Server,
    folder: Path,
    update: Update,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here = machine("here")
    own = str(json.loads(StoreLayout(here).server.read_text())["name"])
    abandon_lease(connect(server), own)
    update(here, folder)  # at once: whoever holds the folder's lock knows that it is dead
    abandon_lease(connect(server), "another machine")
    with pytest.raises(StoreBusyError):
        update(here, folder)
    monkeypatch.setattr(writer_lease, "LOST_AFTER", 0.5)
    waited: list[str] = []
    (folder / "new.txt").write_text("A new bridge.")
    update(here, folder, on_wait=waited.append)
    assert len(waited) == 1
    assert "new.txt" in texts(here)


def test_a_lease_that_is_renewed_is_not_taken_over(
    machine: Callable[[str], Path], folder: Path, update: Update, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_lease, "RENEWED_EVERY", 0.1)
    monkeypatch.setattr(writer_lease, "LOST_AFTER", 1.0)
    looks: list[int] = []
    done, gone_on = threading.Event(), threading.Event()

    def wait(*arguments: Any, **options: Any) -> None:
        looks.append(1)
        if len(looks) == 12:  # longer than until it would be taken for lost
            gone_on.set()
        real_wait(*arguments, **options)

    real_wait = writer_lease._wait
    monkeypatch.setattr(writer_lease, "_wait", wait)

    def run() -> None:
        with hold_writer_lock(machine("there"), lambda holder: None):
            done.set()

    with hold_writer_lock(machine("here")):
        thread = threading.Thread(target=run)
        thread.start()
        assert gone_on.wait(60)
        assert not done.is_set()
    assert done.wait(60)
    thread.join()


@pytest.mark.parametrize("followed", [False, True])
def test_a_writer_that_slept_too_long_overwrites_nothing(
    followed: bool,
    machine: Callable[[str], Path],
    server: Server,
    folder: Path,
    update: Update,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here, there = machine("here"), machine("there")
    update(here, folder)
    (folder / "here.txt").write_text("Written here.")
    publish = builder.publish

    def publish_late(store: Path, manifest: Any) -> None:
        monkeypatch.setattr(builder, "publish", publish)
        monkeypatch.setattr(writer_lease, "LOST_AFTER", 0.0)  # so the other takes the lease
        other = folder.parent / "there.txt"
        other.write_text("Written there.")
        update(there, other, on_wait=lambda holder: None)
        if followed:  # as the thread of a window does
            follow.refresh(here)
        publish(store, manifest)

    monkeypatch.setattr(builder, "publish", publish_late)
    with pytest.raises(StoreBusyError, match="meanwhile"):
        update(here, folder)
    assert texts(here) == texts(there)
    assert "there.txt" in texts(here)
    assert update(here, folder, on_wait=lambda holder: None).embedded == 0  # it was kept
    assert {"here.txt", "there.txt"} <= set(texts(there))
    assert check_index(there) == []


def test_a_writer_that_was_paused_while_it_tidied_up_deletes_nothing_of_its_successors(
    machine: Callable[[str], Path],
    folder: Path,
    update: Update,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    here, there = machine("here"), machine("there")
    for number in range(3):  # so that there is something to tidy up
        (folder / "1.txt").write_text(f"State {number} of bridge 1.")
        update(here, folder)

    def overtake() -> None:
        """Be another machine that takes the lease, and publishes."""
        monkeypatch.setattr(writer_lease, "LOST_AFTER", 0.0)
        other = tmp_path / f"{len(texts(there))}.txt"
        other.write_text("Written there, meanwhile.")
        update(there, other, on_wait=lambda holder: None)
        monkeypatch.setattr(writer_lease, "LOST_AFTER", 20.0)

    def pause(owner: Any, name: str) -> None:
        """Let that happen when this one is about to call `name`."""
        real = getattr(owner, name)

        def paused(*arguments: Any, **options: Any) -> Any:
            monkeypatch.setattr(owner, name, real)
            overtake()
            return real(*arguments, **options)

        monkeypatch.setattr(owner, name, paused)

    steps = [
        (remote.Origin, "collect_garbage"),  # it knows what is to stay, and no more
        (Connection, "list_names"),  # … and lists what is there
        (Connection, "delete"),  # … and deletes the first of it
    ]
    for turn, (owner, name) in enumerate(steps, 1):
        with hold_writer_lock(here):
            found = remote.find_origin(here)
            assert found is not None
            with closing(open_snapshot(here)) as snapshot:
                manifest = snapshot.manifest
            pause(owner, name)
            kept = {manifest.id, str(manifest.previous)}
            found.collect_garbage(kept, set(manifest.segments))
        assert len(texts(machine(f"new-{turn}"))) == 3 + turn
        assert check_index(machine(f"new-{turn}")) == []


def test_of_two_that_publish_at_once_one_is_too_late(server: Server) -> None:
    connection = connect(server)
    assert read_pointer(connection) is None
    first, second = new_id(), new_id()
    assert move_pointer(connection, None, first)
    assert not move_pointer(connection, None, second)
    assert read_pointer(connection) == Pointer(1, first)
    ready = threading.Barrier(8)
    won: list[str] = []

    def publish(name: str) -> None:
        ready.wait()
        if move_pointer(connection, Pointer(1, first), name):
            won.append(name)

    threads = [threading.Thread(target=publish, args=(new_id(),)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert read_pointer(connection) == Pointer(2, *won)


def test_only_what_is_published_and_the_state_before_stay_on_the_server(
    machine: Callable[[str], Path], server: Server, folder: Path, update: Update
) -> None:
    with connect(server).talk() as client:
        client.create_collection("somebody-elses", embedding_function=None)
    here, there = machine("here"), machine("there")
    for turn in range(4):
        (folder / "1.txt").write_text(f"Bridge 1 was changed in turn {turn}.")
        update(here if turn % 2 else there, folder)
    update(there, folder)
    with closing(open_snapshot(there)) as snapshot:
        manifest = snapshot.manifest
    before = remote.find_origin(there).fetch_manifest(str(manifest.previous))
    kept = {f"footnote-snapshot-{each.id}" for each in (manifest, before)}
    for segment in {*manifest.segments, *before.segments}:
        kept |= {f"footnote-{kind}-{segment}" for kind in ("files", "passages", "sentences")}
    own = {name for name in names(server) if "published" not in name and "writer" not in name}
    assert own == kept
    assert len([name for name in names(server) if "published" in name]) == 1
    assert connect(server).find("somebody-elses") is not None


def test_a_server_that_is_away_costs_no_answer_and_nothing_published(
    chroma: ChromaServer,
    machine: Callable[[str], Path],
    folder: Path,
    update: Update,
    encoder: Encoder,
    tmp_path: Path,
) -> None:
    store, question = machine("here"), "How long is bridge 2?"
    update(store, folder)
    before = search(store, encoder, question)
    with closing(open_snapshot(store)) as opened:
        chroma.kill()
        try:
            vector = encoder.encode_questions([question])[0]
            rows, _ = opened.nearest("sentences", vector, 1, opened.select(None))
            assert opened.sentence(int(rows[0])).text == before[0][0]
            assert search(store, encoder, question) == before
            (folder / "new.txt").write_text("A new bridge.")
            with pytest.raises(StoreUnreachableError, match=chroma.url):
                update(store, folder)
            with pytest.raises(StoreUnreachableError, match=chroma.url):
                check_index(store)
            with pytest.raises(StoreUnreachableError, match=chroma.url):
                open_snapshot(machine("without a copy"))
            assert set(texts(store)) == {"0.txt", "1.txt", "2.txt"}
        finally:
            chroma.start()
    assert search(store, encoder, question) == before
    assert check_index(store) == []
    update(store, folder)
    assert "new.txt" in texts(machine("another"))


def test_a_server_that_does_not_answer_is_not_waited_for_for_ever(
    chroma: ChromaServer,
    machine: Callable[[str], Path],
    folder: Path,
    update: Update,
    encoder: Encoder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = machine("here")
    update(store, folder)
    monkeypatch.setattr(collections, "QUERY_SECONDS", 0.3)
    vector = encoder.encode_questions(["How long is bridge 2?"])[0]
    with closing(open_snapshot(store)) as snapshot:
        chroma.signal(signal.SIGSTOP)
        try:
            rows, _ = snapshot.nearest("sentences", vector, 1, snapshot.select(None))
        finally:
            chroma.signal(signal.SIGCONT)
        assert snapshot.sentence(int(rows[0])).text.startswith("Bridge 2")


def test_a_server_that_lost_everything_is_given_it_again(
    machine: Callable[[str], Path], server: Server, folder: Path, update: Update
) -> None:
    here = machine("here")
    update(here, folder)
    before = texts(here)
    for name in names(server):
        connect(server).delete(name)
    assert texts(here) == before
    with pytest.raises(StoreMissingError):
        open_snapshot(machine("new"))
    assert update(here, folder).embedded == 0
    assert texts(machine("new")) == before
    assert check_index(machine("new")) == []


def damage_piece(server: Server, segment: str, file: str) -> None:
    collection = connect(server).find(f"footnote-files-{segment}")
    with connect(server).talk():
        collection.update(ids=[f"{file}:000000"], metadatas=[{"00": "AAAA"}])


DAMAGE: dict[str, Callable[[Server, str], None]] = {
    "lost vectors": lambda server, name: connect(server).delete(f"footnote-sentences-{name}"),
    "lost files": lambda server, name: connect(server).delete(f"footnote-files-{name}"),
    "another text": lambda server, name: damage_piece(server, name, "documents.jsonl"),
    "other postings": lambda s, n: damage_piece(s, n, "lexical/passages/counts.npy"),
    "a missing vector": lambda server, name: remove_row(server, name),
}


def remove_row(server: Server, segment: str) -> None:
    collection = connect(server).find(f"footnote-passages-{segment}")
    with connect(server).talk():
        collection.delete(ids=["1"])


@pytest.mark.parametrize("name", DAMAGE)
def test_what_the_server_has_lost_is_mended_from_a_copy(
    name: str,
    machine: Callable[[str], Path],
    server: Server,
    folder: Path,
    update: Update,
    encoder: Encoder,
) -> None:
    here = machine("here")
    update(here, folder)
    before = texts(here)
    (segment,) = StoreLayout(here).segments.iterdir()
    DAMAGE[name](server, segment.name)
    assert check_index(here)
    assert search(here, encoder, "How long is bridge 2?")[0][0].startswith("Bridge 2")
    repair = repair_index(here, load=refuse)
    assert repair.faults
    assert (repair.rebuilt, repair.lost) == (0, ())
    assert check_index(here) == []
    assert texts(machine("new")) == before


def test_what_both_have_lost_is_rebuilt_from_the_text(
    machine: Callable[[str], Path], server: Server, folder: Path, update: Update, encoder: Encoder
) -> None:
    here, there = machine("here"), machine("there")
    update(here, folder)
    before = texts(there)
    (segment,) = StoreLayout(here).segments.iterdir()
    damage_piece(server, segment.name, "lexical/passages/counts.npy")
    (segment / "lexical" / "passages" / "counts.npy").unlink()
    with pytest.raises(StoreBrokenError, match="not as it was written"):
        open_snapshot(machine("new"))
    repair = repair_index(here, load=lambda name: encoder)
    assert (repair.rebuilt, repair.lost) == (3, ())
    assert texts(here) == texts(machine("new")) == texts(there) == before
    assert check_index(here) == []


def test_an_index_moves_to_a_server_and_back_without_embedding(
    machine: Callable[[str], Path],
    server: Server,
    folder: Path,
    update: Update,
    encoder: Encoder,
    tmp_path: Path,
) -> None:
    local, back = tmp_path / "local", tmp_path / "back"
    update(local, folder)
    (folder / "big.txt").write_text("\n\n".join(f"Part {n} of it. " * 60 for n in range(12)))
    update(local, folder)
    report = copy_index(local, machine("here"))
    assert (report.documents, report.embedded) == (4, 0)
    assert texts(machine("there")) == texts(local)
    copy_index(machine("there"), back)
    question = "How long is bridge 2?"
    assert texts(back) == texts(local)
    assert search(back, encoder, question) == search(local, encoder, question)
    assert search(machine("here"), encoder, question)[0] == search(local, encoder, question)[0]
    for store in (machine("here"), machine("there"), back):
        assert check_index(store) == []
    with pytest.raises(SourceError, match="already"):
        copy_index(back, back)
    (folder / "1.txt").write_text("Changed.")
    update(local, folder)
    copy_index(local, back)
    assert texts(back)["1.txt"] == "Changed."
    assert restore_index(back) == 4
    assert texts(back)["1.txt"].startswith("Bridge 1")
    # What is moved is kept up to date as ever: only what changed is embedded.
    assert update(back, folder).embedded == 1


def test_a_damaged_index_is_not_copied(
    machine: Callable[[str], Path], folder: Path, update: Update, tmp_path: Path
) -> None:
    update(tmp_path / "local", folder)
    (segment,) = StoreLayout(tmp_path / "local").segments.iterdir()
    SegmentLayout(segment).texts.write_bytes(b"nonsense")
    with pytest.raises(StoreBrokenError, match="repair"):
        copy_index(tmp_path / "local", machine("here"))
    assert current_id(machine("here")) is None


def test_an_index_of_its_own_does_not_become_a_copy(
    server: Server, folder: Path, update: Update, tmp_path: Path
) -> None:
    update(tmp_path / "local", folder)
    with pytest.raises(StoreBrokenError, match="another index"):
        attach(tmp_path / "local", server)


def test_tls_a_token_and_the_limits_of_every_chroma(
    chroma: ChromaServer, tmp_path: Path, update: Update, encoder: Encoder
) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    for number in range(8):
        sentences = [f"Bridge {number}.{n} is {n} metres long." for n in range(60)]
        (folder / f"{number}.txt").write_text("\n\n".join(sentences))
    with serve_proxy(chroma.url, "the-token", tmp_path) as proxy:
        server = Server(proxy.url, database="guarded", ca=str(proxy.certificate), token="the-token")
        attach(tmp_path / "here", server)
        update(tmp_path / "here", folder)
        attach(tmp_path / "there", server)
        assert texts(tmp_path / "there") == texts(tmp_path / "here")
        question = "How long is bridge 5.44?"
        found = search(tmp_path / "there", encoder, question)
        assert found == search(tmp_path / "here", encoder, question)
        assert "the-token" not in StoreLayout(tmp_path / "here").server.read_text()
        for number, (token, ca) in enumerate([("wrong", server.ca), (None, server.ca)]):
            attach(
                tmp_path / f"{number}", Server(proxy.url, database="guarded", ca=ca, token=token)
            )
            with pytest.raises(StoreUnreachableError, match="RAG_CHROMA_TOKEN"):
                open_snapshot(tmp_path / f"{number}")
        attach(tmp_path / "untrusting", Server(proxy.url, database="guarded", token="the-token"))
        with pytest.raises(StoreUnreachableError, match="cannot be reached"):
            open_snapshot(tmp_path / "untrusting")
    added = [body for body in proxy.written if body.get("ids")]
    assert max(len(body["ids"]) for body in added) > 100
    for body in added:  # the quotas of Chroma Cloud
        assert len(body["ids"]) <= 300
        assert all(len(name.encode()) <= 128 for name in body["ids"])
        for record in body.get("metadatas") or []:
            assert len(record or {}) <= 32
            assert all(len(str(value)) <= 4096 for value in (record or {}).values())
            assert all(len(key) <= 36 for key in record or {})
    for body in proxy.written:
        assert len(str(body.get("name", "")).encode()) <= 128
        for value in (body.get("metadata") or {}).values():
            assert len(str(value)) <= 256


def test_beyond_what_has_a_graph_vectors_move_as_files(
    machine: Callable[[str], Path],
    server: Server,
    folder: Path,
    update: Update,
    encoder: Encoder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(collections, "_GRAPH_SENTENCES", 3)
    here = machine("here")
    update(here, folder)
    assert not any(name.startswith("footnote-sentences-") for name in names(server))
    there = machine("there")
    assert search(there, encoder, "How long is bridge 2?")[0][0].startswith("Bridge 2")
    (one,), (other,) = (list(StoreLayout(s).segments.iterdir()) for s in (here, there))
    for level in ("sentences", "passages"):
        pair = [np.load(SegmentLayout(each).vectors(level)) for each in (one, other)]  # type: ignore[arg-type]
        np.testing.assert_array_equal(*pair)
    assert check_index(there) == []
