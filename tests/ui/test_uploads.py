from pathlib import Path

import pytest

from rag.errors import FootnoteError
from ui.uploads import store_uploads


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
    assert store_uploads([upload(tmp_path, "a.txt", "one")], folder) == (["a.txt"], [])
    assert store_uploads([upload(tmp_path, "a.txt", "one")], folder) == (["a.txt"], [])
    assert store_uploads([upload(tmp_path, "a.txt", "two")], folder) == (["a (2).txt"], [])
    assert sorted(p.name for p in folder.iterdir()) == ["a (2).txt", "a.txt"]
    assert (folder / "a.txt").read_text() == "one"


def test_unknown_formats_are_refused_by_name(folder: Path, tmp_path: Path) -> None:
    stored, refused = store_uploads([upload(tmp_path, "a.exe", "x")], folder)
    assert stored == []
    assert "a.exe" in refused[0]
    assert list(folder.iterdir()) == []


def test_hidden_names_do_not_stay_hidden(folder: Path, tmp_path: Path) -> None:
    assert store_uploads([upload(tmp_path, ".a.txt", "x")], folder)[0] == ["a.txt"]


def test_a_folder_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FootnoteError, match="file"):
        store_uploads([upload(tmp_path, "a.txt", "x")], tmp_path / "file")
