"""Added files: their states, and what is published before the last one is read."""

from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from threading import Event
from zipfile import ZipFile

import pytest

from index import Failure, Report
from rag.errors import NoDocumentsError
from rag.library.intake import Intake, IntakeQueue
from rag.library.library import Library
from rag.library.update_process import update_apart
from rag.settings import load_settings


def finish(queue: IntakeQueue) -> Intake:
    """Wait until nothing is being read; return the state."""
    while queue.state().busy:
        Event().wait(0.05)
    return queue.state()


def states(intake: Intake) -> dict[str, str]:
    return {arrival.name: arrival.state for arrival in intake.arrivals}


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Library:
    monkeypatch.chdir(tmp_path)
    return Library(load_settings(store=Path(".rag")))


def store(library: Library, **texts: str) -> list[Path]:
    library.uploads.mkdir(parents=True, exist_ok=True)
    files = [library.uploads / name.replace("__", ".") for name in texts]
    for path, text in zip(files, texts.values(), strict=True):
        path.write_text(text)
    return files


def test_files_become_ready_or_failed_with_a_reason(library: Library) -> None:
    queue = IntakeQueue(library)
    files = store(library, a__txt="The mill grinds corn.", b__docx="PK", c__txt=" ")
    queue.add(files, [Failure("x.exe", "has an unknown format", unsupported=True)])
    state = finish(queue)
    assert states(state) == {
        "x.exe": "failed", "a.txt": "ready", "b.docx": "failed", "c.txt": "failed"
    }  # fmt: skip
    assert all(arrival.reason for arrival in state.arrivals if arrival.state == "failed")
    assert [record.title for record in library.documents()]
    # What is added next begins a new list.
    queue.add(store(library, d__txt="The ferry leaves at seven."))
    assert states(finish(queue)) == {"d.txt": "ready"}
    assert len(library.documents()) == 2


def test_what_could_not_be_read_of_a_file_is_told(library: Library) -> None:
    queue = IntakeQueue(library)
    library.uploads.mkdir(parents=True)
    file = library.uploads / "a.zip"
    with ZipFile(file, "w") as archive:
        archive.writestr("port.txt", "The port has nine cranes.")
        archive.writestr("plan.dwg", "x")
    queue.add([file])
    (arrival,) = finish(queue).arrivals
    assert (arrival.state, arrival.remark) == (
        "ready",
        "files in it that are not read: 1 with .dwg",
    )


def test_what_could_not_be_read_of_attachments_is_told(library: Library) -> None:
    queue = IntakeQueue(library)
    library.uploads.mkdir(parents=True)
    file = library.uploads / "a.eml"
    mail = EmailMessage()
    mail["Subject"] = "Cranes"
    mail.set_content("The port has nine cranes.")
    for name, data in (("b.docx", b"PK\x03\x04"), ("c.txt", b"The port is old.")):
        mail.add_attachment(data, "application", "octet-stream", filename=name)
    file.write_bytes(mail.as_bytes())
    queue.add([file])
    (arrival,) = finish(queue).arrivals
    assert (arrival.state, arrival.remark) == (
        "ready",
        "b.docx is not a readable .docx file: open and save it again",
    )
    assert len(library.documents()) == 2
    library.remove(["c.txt"])
    assert len(library.documents()) == 1
    queue.add([file])
    finish(queue)
    assert len(library.documents()) == 2


def test_parts_of_one_addition_are_one_list(library: Library) -> None:
    queue = IntakeQueue(library)
    queue.add([], [Failure("x.exe", "has an unknown format", unsupported=True)], "1")
    queue.add(store(library, a__txt="The mill grinds corn."), batch="1")
    assert states(finish(queue)) == {"x.exe": "failed", "a.txt": "ready"}


def test_a_file_that_failed_is_tried_again_when_it_is_added_again(library: Library) -> None:
    queue = IntakeQueue(library)
    files = store(library, a__txt="The mill grinds corn.", b__docx="PK")
    for count in (1, 2):
        queue.add(files)
        state = finish(queue)
        assert (states(state)["b.docx"], state.published) == ("failed", count)


def test_files_that_all_fail_are_no_error_of_an_empty_window(library: Library) -> None:
    queue = IntakeQueue(library)
    queue.add(store(library, b__docx="PK", c__txt=" "))
    state = finish(queue)
    assert states(state) == {"b.docx": "failed", "c.txt": "failed"}
    assert state.problem == ""


def test_an_empty_folder_holds_nothing_to_read(tmp_path: Path) -> None:
    (tmp_path / "papers").mkdir()
    library = Library(load_settings(store=tmp_path / ".rag", documents=tmp_path / "papers"))
    queue = IntakeQueue(library)
    queue.read_again()
    state = finish(queue)
    assert (state.arrivals, state.problem, state.updated) == ((), "", True)


def test_reading_goes_on_after_a_restart(library: Library) -> None:
    store(library, a__txt="The mill grinds corn.")
    queue = IntakeQueue(library)
    queue.resume()
    assert states(finish(queue)) == {"a.txt": "ready"}
    again = IntakeQueue(library)
    again.resume()
    assert states(finish(again)) == {}


def test_a_closed_queue_stops_the_process(library: Library) -> None:
    queue = IntakeQueue(library)
    queue.close()
    queue.add(store(library, a__txt="The mill grinds corn."))
    assert not queue.state().busy
    assert states(queue.state()) == {"a.txt": "waiting"}


def test_documents_are_published_in_parts(library: Library) -> None:
    store(library, **{f"mill{n}__txt": f"Miller number {n} grinds corn." for n in range(10)})
    parts: list[Report] = []
    last = update_apart(library.settings, [library.uploads], on_part=parts.append)
    assert [(part.documents, part.left) for part in parts] == [(8, 2)]
    assert (last.documents, last.left, len(last.plan.added)) == (10, 0, 2)


def test_the_process_sends_which_files_are_unreadable(library: Library) -> None:
    store(library, b__docx="PK", c__docx="PK")
    with pytest.raises(NoDocumentsError) as caught:
        update_apart(library.settings, [library.uploads])
    assert [Path(failure.path).name for failure in caught.value.failures] == ["b.docx", "c.docx"]


def test_an_update_with_a_limit_leaves_the_rest_for_the_next(
    tmp_path: Path, update: Callable[..., Report]
) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    for number in range(4):
        (folder / f"{number}.txt").write_text(f"Miller number {number} grinds corn.")
    (folder / "0.docx").write_text("PK")
    first = update(tmp_path / "store", folder, most=2)
    assert (first.documents, len(first.plan.added), first.left) == (2, 2, 2)
    second = update(tmp_path / "store", folder, most=2)
    assert (second.documents, len(second.plan.added), second.left) == (4, 2, 0)
    assert update(tmp_path / "store", folder, most=2).plan.empty
    assert update(tmp_path / "store", folder, most=1, full=True).left == 0
