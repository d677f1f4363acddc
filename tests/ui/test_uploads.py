from pathlib import Path

import pytest

from rag.errors import FootnoteError
from ui.quotas import measure
from ui.uploads import store_uploads


def store(files: list[Path], folder: Path) -> tuple[list[str], list[str]]:
    return store_uploads(files, folder, 1_000_000)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    return tmp_path / "docs"


def upload(tmp_path: Path, name: str, text: str) -> Path:
    file = tmp_path / "uploads" / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)
    return file


def test_files_are_copied_by_name_and_never_overwrite(folder: Path, tmp_path: Path) -> None:
    assert store([upload(tmp_path, "a.txt", "one")], folder) == (["a.txt"], [])
    assert store([upload(tmp_path, "a.txt", "one")], folder) == (["a.txt"], [])
    assert store([upload(tmp_path, "a.txt", "two")], folder) == (["a (2).txt"], [])
    assert sorted(p.name for p in folder.iterdir()) == ["a (2).txt", "a.txt"]
    assert (folder / "a.txt").read_text() == "one"


def test_unknown_formats_are_refused_by_name(folder: Path, tmp_path: Path) -> None:
    stored, refused = store([upload(tmp_path, "a.exe", "x")], folder)
    assert stored == []
    assert "a.exe" in refused[0]
    assert list(folder.iterdir()) == []


def test_hidden_names_do_not_stay_hidden(folder: Path, tmp_path: Path) -> None:
    assert store([upload(tmp_path, ".a.txt", "x")], folder)[0] == ["a.txt"]


def test_a_folder_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FootnoteError, match="file"):
        store([upload(tmp_path, "a.txt", "x")], tmp_path / "file")


def test_the_folder_of_uploads_holds_so_much_and_no_more(folder: Path, tmp_path: Path) -> None:
    files = [upload(tmp_path, f"{number}.txt", str(number) * 300_000) for number in range(5)]
    stored, refused = store(files, folder)
    assert stored == ["0.txt", "1.txt", "2.txt"]
    assert "3.txt finds no room" in refused[0]
    assert store([files[0]], folder) == (["0.txt"], [])  # it is there already
    assert len(store([upload(tmp_path, "small.txt", "x")], folder)[0]) == 1
    assert measure(folder) <= 1_000_000
