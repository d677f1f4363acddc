"""Shared stores, and machines that use them."""

from pathlib import Path

import pytest

from index.operations import doctor
from index.remote import opening
from index.snapshots import follow
from index.snapshots.check_process import check_store
from tests.shared_folder import open_folder
from tests.shared_stores import FolderPlace, Machine, Place, ServerPlace


@pytest.fixture(params=["server", "folder"])
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """An empty index in each kind of shared store."""
    monkeypatch.setitem(opening.OPENERS, "file", open_folder)
    if request.param == "folder":
        return FolderPlace(tmp_path / "shared")
    return ServerPlace(request.getfixturevalue("chroma"), tmp_path.name)


@pytest.fixture
def machine(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A machine always looks whether there is something new.

    It checks Chroma stores in this process; starting another one for each takes seconds.
    """
    monkeypatch.setattr(follow, "_FRESH", 0.0)
    monkeypatch.setattr(doctor, "check_chroma", lambda layout: check_store(layout.root))

    def make(name: str) -> Path:
        place.attach(tmp_path / name)
        return tmp_path / name

    return make


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three small documents."""
    folder = tmp_path / "docs"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.txt").write_text(f"Bridge {number} is {number}0 metres long. It is.")
    return folder
