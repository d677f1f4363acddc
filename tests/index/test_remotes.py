"""Machines that share an index, tested over every kind of shared store."""

import json
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from index import (
    Encoder,
    Progress,
    Report,
    SourceError,
    StoreBrokenError,
    StoreBusyError,
    StoreMissingError,
    StoreUnreachableError,
    check_index,
    copy_index,
    current_id,
    list_roots,
    open_snapshot,
    refresh,
    repair_index,
    restore_index,
)
from index.files.attachment import attach_folder, read_attachment
from index.files.layout import SegmentLayout, StoreLayout
from index.files.manifest import new_id
from index.ingest import builder
from index.remote import writer_lease
from index.remote.opening import open_remote
from index.remote.pointer import Pointer, move_pointer, read_pointer
from index.remote.protocol import Remote
from index.remote.shared_index import SharedIndex
from index.shared_store import SharedStore
from index.snapshots.writer_lock import hold_writer_lock
from tests.shared_stores import Machine, Place, refuse, search, texts

Update = Callable[..., Report]


def test_machines_share_one_index(
    machine: Machine, folder: Path, update: Update, encoder: Encoder, tmp_path: Path
) -> None:
    here, there, alone = machine("here"), machine("there"), tmp_path / "alone"
    update(here, folder)
    assert texts(there) == texts(here)
    (folder / "new.txt").write_text("The new bridge is the longest of all.")
    report = update(there, folder)
    assert (report.plan.added, report.embedded) == ((f"{folder}/new.txt",), 1)
    assert texts(here)["new.txt"] == "The new bridge is the longest of all."
    update(alone, folder)  # an unshared index gives the same results
    for question in ("Which bridge is the longest?", "How long is bridge 2?"):
        found = search(here, encoder, question)
        assert found == search(there, encoder, question)
        assert found[0][0] == search(alone, encoder, question)[0][0]
    assert check_index(here) == check_index(there) == []


def test_a_rollback_affects_all_machines(machine: Machine, folder: Path, update: Update) -> None:
    here, there = machine("here"), machine("there")
    update(here, folder)
    before = texts(here)
    (folder / "1.txt").write_text("Changed.")
    update(here, folder)
    assert restore_index(there) == 3  # this machine has no copy of the previous state
    assert texts(here) == texts(there) == before
    with pytest.raises(StoreMissingError, match="no earlier state"):
        restore_index(here)


def test_a_machine_reads_only_paths_that_were_indexed_on_it(
    machine: Machine, folder: Path, update: Update, tmp_path: Path
) -> None:
    here, there = machine("here"), machine("there")
    update(here, folder)
    assert list_roots(here) == (str(folder),)
    assert texts(there)
    assert list_roots(there) == ()
    update(there, folder / "1.txt")
    assert list_roots(there) == (str(folder / "1.txt"),)
    update(here, folder / "1.txt")
    assert list_roots(here) == (str(folder), str(folder / "1.txt"))
    update(tmp_path / "local", folder / "2.txt")
    copy_index(tmp_path / "local", there)
    assert list_roots(there) == (str(folder / "1.txt"), str(folder / "2.txt"))
    copy_index(here, tmp_path / "back")
    assert list_roots(tmp_path / "back") == list_roots(here)


@pytest.mark.parametrize(("name", "rebuilt"), [("here", 3), ("there", 0)])
def test_a_repair_reads_only_files_that_were_indexed_on_the_machine(
    name: str,
    rebuilt: int,
    machine: Machine,
    place: Place,
    folder: Path,
    update: Update,
    encoder: Encoder,
) -> None:
    here, there = machine("here"), machine("there")
    update(here, folder)
    assert texts(there)
    (segment,) = StoreLayout(here).segments.iterdir()
    place.damage(segment.name, "documents.jsonl")
    for store in (here, there):
        StoreLayout(store).segment(segment.name).texts.unlink()
    repair = repair_index(machine(name), load=lambda name: encoder)
    assert (repair.rebuilt, len(repair.lost)) == (rebuilt, 3 - rebuilt)


def test_writers_on_other_machines_are_waited_for(
    machine: Machine, folder: Path, update: Update
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

    with hold_writer_lock(open_remote(here)):
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


def abandon_lease(shared: SharedStore, copy: str) -> None:
    """Leave the lease of a process that was killed."""
    name, _ = writer_lease._acquire(shared, copy, None)
    assert shared.find(name) is not None


def test_the_lease_of_a_killed_writer_is_taken_over(
    machine: Machine,
    place: Place,
    folder: Path,
    update: Update,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here = machine("here")
    own = read_attachment(here)
    assert own is not None
    abandon_lease(place.shared, own.copy)
    update(here, folder)  # at once: the folder's lock is free, so the old holder is dead
    abandon_lease(place.shared, "another machine")
    with pytest.raises(StoreBusyError):
        update(here, folder)
    monkeypatch.setattr(writer_lease, "LOST_AFTER", 0.5)
    waited: list[str] = []
    (folder / "new.txt").write_text("A new bridge.")
    update(here, folder, on_wait=waited.append)
    assert len(waited) == 1
    assert "new.txt" in texts(here)


def test_a_lease_that_is_renewed_is_not_taken_over(
    machine: Machine, folder: Path, update: Update, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_lease, "RENEWED_EVERY", 0.1)
    monkeypatch.setattr(writer_lease, "LOST_AFTER", 1.0)
    looks: list[int] = []
    done, gone_on = threading.Event(), threading.Event()

    def wait(*arguments: Any, **options: Any) -> None:
        looks.append(1)
        if len(looks) == 12:  # by now a lease that is not renewed would have expired
            gone_on.set()
        real_wait(*arguments, **options)

    real_wait = writer_lease._wait
    monkeypatch.setattr(writer_lease, "_wait", wait)

    def run() -> None:
        with hold_writer_lock(open_remote(machine("there")), lambda holder: None):
            done.set()

    with hold_writer_lock(open_remote(machine("here"))):
        thread = threading.Thread(target=run)
        thread.start()
        assert gone_on.wait(60)
        assert not done.is_set()
    assert done.wait(60)
    thread.join()


@pytest.mark.parametrize("followed", [False, True])
def test_a_writer_whose_lease_expired_overwrites_nothing(
    followed: bool,
    machine: Machine,
    place: Place,
    folder: Path,
    update: Update,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here, there = machine("here"), machine("there")
    update(here, folder)
    (folder / "here.txt").write_text("Written here.")
    publish = builder.publish

    def publish_late(remote: Remote, manifest: Any) -> None:
        monkeypatch.setattr(builder, "publish", publish)
        monkeypatch.setattr(writer_lease, "LOST_AFTER", 0.0)  # so the other takes over the lease
        other = folder.parent / "there.txt"
        other.write_text("Written there.")
        update(there, other, on_wait=lambda holder: None)
        if followed:  # a thread of the window does this
            refresh(here)
        publish(remote, manifest)

    monkeypatch.setattr(builder, "publish", publish_late)
    with pytest.raises(StoreBusyError, match="meanwhile"):
        update(here, folder)
    assert texts(here) == texts(there)
    assert "there.txt" in texts(here)
    assert update(here, folder, on_wait=lambda holder: None).embedded == 0  # the vectors were kept
    assert {"here.txt", "there.txt"} <= set(texts(there))
    assert check_index(there) == []


def test_a_paused_collector_deletes_nothing_of_its_successors(
    machine: Machine,
    place: Place,
    folder: Path,
    update: Update,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    here, there = machine("here"), machine("there")
    for number in range(3):  # so that there is garbage to collect
        (folder / "1.txt").write_text(f"State {number} of bridge 1.")
        update(here, folder)

    def overtake() -> None:
        """Act as another machine: take the lease, and publish."""
        monkeypatch.setattr(writer_lease, "LOST_AFTER", 0.0)
        other = tmp_path / f"{len(texts(there))}.txt"
        other.write_text("Written there, meanwhile.")
        update(there, other, on_wait=lambda holder: None)
        monkeypatch.setattr(writer_lease, "LOST_AFTER", 20.0)

    def pause(owner: Any, name: str) -> None:
        """Let the other machine act just before this one calls `name`."""
        real = getattr(owner, name)

        def paused(*arguments: Any, **options: Any) -> Any:
            monkeypatch.setattr(owner, name, real)
            overtake()
            return real(*arguments, **options)

        monkeypatch.setattr(owner, name, paused)

    steps = [
        (SharedIndex, "collect"),  # it knows what to keep
        (type(place.shared), "list_entries"),  # … and is about to list the entries
        (type(place.shared), "delete"),  # … and is about to delete the first one
    ]
    for turn, (owner, name) in enumerate(steps, 1):
        remote = open_remote(here)
        with hold_writer_lock(remote):
            with closing(open_snapshot(here)) as snapshot:
                manifest = snapshot.manifest
            pause(owner, name)
            kept = {manifest.id, str(manifest.previous)}
            remote.collect(kept, set(manifest.segments))
        assert len(texts(machine(f"new-{turn}"))) == 3 + turn
        assert check_index(machine(f"new-{turn}")) == []


def test_a_collector_that_lost_its_lease_deletes_no_more(
    machine: Machine,
    place: Place,
    folder: Path,
    update: Update,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here = machine("here")
    update(here, folder)
    shared = type(place.shared)
    with monkeypatch.context() as patch:
        patch.setattr(SharedIndex, "collect", lambda *_: None)  # so that there is garbage
        for number in range(3):
            (folder / "1.txt").write_text(f"State {number} of bridge 1.")
            update(here, folder)
    delete, find, deleted = shared.delete, shared.find, list[str]()

    def delete_and_lose(self: Any, name: str) -> None:
        if not name.startswith("footnote-published-"):  # old pointers
            deleted.append(name)
        delete(self, name)

    def find_unless_lost(self: Any, name: str) -> Any:
        return None if deleted and name.startswith("footnote-writer-") else find(self, name)

    remote = open_remote(here)
    with hold_writer_lock(remote), closing(open_snapshot(here)) as snapshot:
        manifest = snapshot.manifest
        with monkeypatch.context() as patch:
            patch.setattr(shared, "delete", delete_and_lose)
            patch.setattr(shared, "find", find_unless_lost)
            remote.collect({manifest.id, str(manifest.previous)}, set(manifest.segments))
    assert len(deleted) == 1, deleted


def test_only_one_of_two_concurrent_pointer_moves_succeeds(place: Place) -> None:
    shared = place.shared
    assert read_pointer(shared) is None
    first, second = new_id(), new_id()
    assert move_pointer(shared, None, first)
    assert not move_pointer(shared, None, second)
    assert read_pointer(shared) == Pointer(1, first)
    ready = threading.Barrier(8)
    won: list[str] = []

    def publish(name: str) -> None:
        ready.wait()
        if move_pointer(shared, Pointer(1, first), name):
            won.append(name)

    threads = [threading.Thread(target=publish, args=(new_id(),)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert read_pointer(shared) == Pointer(2, *won)


def move_on(place: Place) -> None:
    """Publish another snapshot, as a writer that has taken over the lease would."""
    before = read_pointer(place.shared)
    assert move_pointer(place.shared, before, new_id())


def test_one_of_two_concurrent_publishers_gets_an_error(
    machine: Machine, place: Place, folder: Path, update: Update, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = machine("here")
    update(here, folder)
    create = type(place.shared).create
    late: list[str] = []

    def create_late(self: Any, name: str, data: Any) -> Any:
        if name.startswith("footnote-published-") and not late:
            late.append(name)
            move_on(place)
        return create(self, name, data)

    monkeypatch.setattr(type(place.shared), "create", create_late)
    before = current_id(here)
    (folder / "new.txt").write_text("A new bridge.")
    with pytest.raises(StoreBusyError, match="meanwhile"):
        update(here, folder)
    assert late
    assert current_id(here) == before


def test_publishing_the_previous_snapshot_again_fails_if_overtaken(
    machine: Machine, place: Place, folder: Path, update: Update
) -> None:
    here = machine("here")
    update(here, folder)
    remote, snapshot = open_remote(here), current_id(here)
    assert snapshot is not None
    with hold_writer_lock(remote):
        move_on(place)
        with pytest.raises(StoreBusyError, match="meanwhile"):
            remote.publish(snapshot)


def change_often(here: Path, folder: Path, update: Update) -> tuple[set[str], set[str]]:
    """Create garbage; return the snapshots to keep, and their segments."""
    for number in range(3):
        (folder / "1.txt").write_text(f"State {number} of bridge 1.")
        update(here, folder)
    with closing(open_snapshot(here)) as snapshot:
        manifest = snapshot.manifest
    return {manifest.id, str(manifest.previous)}, set(manifest.segments)


def test_an_overtaken_writer_collects_nothing(
    machine: Machine, place: Place, folder: Path, update: Update
) -> None:
    here = machine("here")
    kept, segments = change_often(here, folder, update)
    remote = open_remote(here)
    with hold_writer_lock(remote):
        move_on(place)
        before = place.names()
        remote.collect(kept, segments)
        assert place.names() == before


def test_a_writer_that_loses_its_lease_stops_collecting(
    machine: Machine, place: Place, folder: Path, update: Update, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = machine("here")
    kept, segments = change_often(here, folder, update)
    delete = type(place.shared).delete
    deleted: list[str] = []

    def delete_slowly(self: Any, name: str) -> None:
        if not name.startswith("footnote-writer-"):
            deleted.append(name)
            with monkeypatch.context() as patch:
                patch.setattr(writer_lease, "LOST_AFTER", 0.0)
                abandon_lease(place.shared, "another machine")
        delete(self, name)

    remote = open_remote(here)
    with hold_writer_lock(remote):
        monkeypatch.setattr(type(place.shared), "delete", delete_slowly)
        remote.collect(kept, segments)
    assert len(deleted) == 1


def test_garbage_collection_keeps_the_previous_state_for_other_machines(
    machine: Machine, folder: Path, update: Update
) -> None:
    here = machine("here")
    update(here, folder)
    before = texts(here)
    for file in folder.iterdir():
        file.write_text(f"Another text of {file.stem}.")
    update(here, folder)
    assert update(machine("new"), folder).plan.empty  # it collects garbage although nothing changed
    restore_index(machine("third"))
    assert texts(machine("fourth")) == before


def test_progress_reports_segments_as_stored_after_their_upload(
    machine: Machine, place: Place, folder: Path, update: Update
) -> None:
    uploaded: list[set[str]] = []

    def note(progress: Progress) -> None:
        if progress.stage == "store" and progress.done == progress.total:
            uploaded.append(place.names())

    update(machine("here"), folder, on_progress=note)
    (names,) = uploaded
    assert any(name.startswith("footnote-files-") for name in names)
    assert not any(name.startswith("footnote-published-") for name in names)


def test_two_concurrent_uploads_do_not_mix_their_files(
    machine: Machine, place: Place, folder: Path, update: Update, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = type(place.shared).create

    def create_twice(self: Any, name: str, data: Any) -> Any:
        if name.startswith("footnote-files-"):
            create(self, name, data)  # another machine creates it just before
        return create(self, name, data)

    monkeypatch.setattr(type(place.shared), "create", create_twice)
    with pytest.raises(StoreBusyError, match="meanwhile"):
        update(machine("here"), folder)
    assert read_pointer(place.shared) is None


def test_the_store_keeps_only_the_published_and_the_previous_state(
    machine: Machine, place: Place, folder: Path, update: Update
) -> None:
    assert place.shared.create("somebody-elses", {}) is not None
    here, there = machine("here"), machine("there")
    for turn in range(4):
        (folder / "1.txt").write_text(f"Bridge 1 was changed in turn {turn}.")
        update(here if turn % 2 else there, folder)
    update(there, folder)
    with closing(open_snapshot(there)) as snapshot:
        manifest = snapshot.manifest
    before = open_remote(there).fetch_manifest(str(manifest.previous))
    assert before is not None
    kinds = ["files"] if place.shared.vectors is None else ["files", "passages", "sentences"]
    kept = {f"footnote-snapshot-{each.id}" for each in (manifest, before)}
    for segment in {*manifest.segments, *before.segments}:
        kept |= {f"footnote-{kind}-{segment}" for kind in kinds}
    own = {name for name in place.names() if "published" not in name and "writer" not in name}
    assert own == kept
    assert len([name for name in place.names() if "published" in name]) == 1
    assert place.shared.find("somebody-elses") is not None


def test_an_unreachable_store_loses_no_answers_and_no_data(
    machine: Machine,
    place: Place,
    folder: Path,
    update: Update,
    encoder: Encoder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # On a fast machine the server is back before the pause after its last silence has ended.
    monkeypatch.setattr("index.chroma.client._PAUSE", 0.0)
    store, question, url = machine("here"), "How long is bridge 2?", place.shared.url
    update(store, folder)
    before = search(store, encoder, question)
    with closing(open_snapshot(store)) as opened, place.away():
        vector = encoder.encode_questions([question])[0]
        rows, _ = opened.nearest("sentences", vector, 1, opened.select(None))
        assert opened.sentence(int(rows[0])).text == before[0][0]
        assert search(store, encoder, question) == before
        (folder / "new.txt").write_text("A new bridge.")
        with pytest.raises(StoreUnreachableError, match=url):
            update(store, folder)
        with pytest.raises(StoreUnreachableError, match=url):
            check_index(store)
        with pytest.raises(StoreUnreachableError, match=url):
            open_snapshot(machine("without a copy"))
        assert set(texts(store)) == {"0.txt", "1.txt", "2.txt"}
    assert search(store, encoder, question) == before
    assert check_index(store) == []
    update(store, folder)
    assert "new.txt" in texts(machine("another"))


def test_a_store_that_lost_everything_is_restored(
    machine: Machine, place: Place, folder: Path, update: Update
) -> None:
    here = machine("here")
    update(here, folder)
    before = texts(here)
    for name in place.names():
        place.shared.delete(name)
    assert texts(here) == before
    with pytest.raises(StoreMissingError):
        open_snapshot(machine("new"))
    assert update(here, folder).embedded == 0
    assert texts(machine("new")) == before
    assert check_index(machine("new")) == []


DAMAGE: dict[str, Callable[[Place, str], None]] = {
    "lost files": lambda place, name: place.shared.delete(f"footnote-files-{name}"),
    "another text": lambda place, name: place.damage(name, "documents.jsonl"),
    "other postings": lambda place, name: place.damage(name, "lexical/passages/counts.npy"),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_in_the_store_is_repaired_from_a_copy(
    name: str, machine: Machine, place: Place, folder: Path, update: Update, encoder: Encoder
) -> None:
    here = machine("here")
    update(here, folder)
    before = texts(here)
    (segment,) = StoreLayout(here).segments.iterdir()
    DAMAGE[name](place, segment.name)
    assert check_index(here)
    assert search(here, encoder, "How long is bridge 2?")[0][0].startswith("Bridge 2")
    repair = repair_index(here, load=refuse)
    assert repair.faults
    assert (repair.rebuilt, repair.lost) == (0, ())
    assert check_index(here) == []
    assert texts(machine("new")) == before


@pytest.mark.parametrize("file", ["documents.jsonl", "vectors/passages.npy", "seal.json"])
def test_damage_in_a_copy_is_repaired_from_the_store(
    file: str, machine: Machine, folder: Path, update: Update
) -> None:
    here = machine("here")
    update(here, folder)
    before = texts(here)
    (segment,) = StoreLayout(here).segments.iterdir()
    (segment / file).write_bytes(b"damaged")
    assert check_index(here)
    repair = repair_index(here, load=refuse)
    assert repair.faults
    assert (repair.rebuilt, repair.lost) == (0, ())
    assert check_index(here) == []
    assert texts(here) == before


def test_damage_in_both_is_repaired_from_the_text(
    machine: Machine, place: Place, folder: Path, update: Update, encoder: Encoder
) -> None:
    here, there = machine("here"), machine("there")
    update(here, folder)
    before = texts(there)
    (segment,) = StoreLayout(here).segments.iterdir()
    place.damage(segment.name, "lexical/passages/counts.npy")
    (segment / "lexical" / "passages" / "counts.npy").unlink()
    with pytest.raises(StoreBrokenError, match="does not match its hash"):
        open_snapshot(machine("new"))
    repair = repair_index(here, load=lambda name: encoder)
    assert (repair.rebuilt, repair.lost) == (3, ())
    assert texts(here) == texts(machine("new")) == texts(there) == before
    assert check_index(here) == []


def test_an_index_moves_to_a_server_and_back_without_embedding(
    machine: Machine,
    place: Place,
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
    # A moved index is updated like any other: only changed text is embedded.
    assert update(back, folder).embedded == 1


def test_a_damaged_index_is_not_copied(
    machine: Machine, folder: Path, update: Update, tmp_path: Path
) -> None:
    update(tmp_path / "local", folder)
    (segment,) = StoreLayout(tmp_path / "local").segments.iterdir()
    SegmentLayout(segment).texts.write_bytes(b"nonsense")
    with pytest.raises(StoreBrokenError, match="repair"):
        copy_index(tmp_path / "local", machine("here"))
    assert current_id(machine("here")) is None


def test_a_folder_with_its_own_index_cannot_become_a_copy(
    place: Place, folder: Path, update: Update, tmp_path: Path
) -> None:
    update(tmp_path / "local", folder)
    with pytest.raises(StoreBrokenError, match="another index"):
        place.attach(tmp_path / "local")


def test_a_folder_that_is_attached_again_keeps_its_name(machine: Machine) -> None:
    first = read_attachment(machine("here"))
    assert first == read_attachment(machine("here"))


def test_a_copy_of_another_kind_of_store_is_a_clear_error(tmp_path: Path) -> None:
    attach_folder(tmp_path / "copy", "gopher://example.org/index", {})
    with pytest.raises(StoreBrokenError, match=r"a copy of gopher://example\.org/index"):
        open_snapshot(tmp_path / "copy")


@pytest.mark.parametrize(
    "content", ["nonsense", "[]", "{}", json.dumps({"url": "http://localhost:1", "name": "x"})]
)
def test_an_invalid_attachment_file_is_a_clear_error(content: str, tmp_path: Path) -> None:
    StoreLayout(tmp_path).server.write_text(content)
    with pytest.raises(StoreBrokenError, match=r"server\.json cannot be read"):
        open_snapshot(tmp_path)


def test_a_copy_of_a_store_that_only_keeps_files_searches_its_own_chroma_store(
    machine: Machine, place: Place, folder: Path, update: Update, encoder: Encoder
) -> None:
    update(machine("here"), folder)
    there = machine("there")
    assert search(there, encoder, "How long is bridge 2?")[0][0].startswith("Bridge 2")
    (segment,) = StoreLayout(there).segments.iterdir()
    assert SegmentLayout(segment).chroma.exists() == (place.shared.vectors is None)
