"""A second kind of shared store: a folder that all machines see, as on a network share.

It shows what a kind of store needs: this one file, and a line in `OPENERS`. It only keeps entries,
so each copy has Chroma stores of its own and searches them.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname
from uuid import uuid4

from index import StoreBrokenError, StoreUnreachableError
from index.files.attachment import Attachment, attach_folder
from index.files.layout import write_atomically
from index.shared_store import Data, Sink


def attach_to_folder(store: Path, shared: Path) -> None:
    """Make a folder the copy of an index in a shared folder."""
    attach_folder(store, shared.as_uri(), {})


def open_folder(store: Path, attachment: Attachment) -> "SharedFolder":
    return SharedFolder(Path(url2pathname(urlsplit(attachment.url).path)))


class SharedFolder:
    """Each entry is a folder: `data.json`, and the entry's files in `files/`."""

    vectors = None

    def __init__(self, root: Path) -> None:
        self.url = self.label = root.as_uri()
        self._root = root

    def create(self, name: str, data: Data) -> "FolderEntry | None":
        # A folder is complete before it gets its name, and is never renamed over another one
        # that is not empty: of two that create a name at once, one fails.
        draft = self._root / f".{uuid4().hex}"
        with self._reach():
            draft.mkdir()
            (draft / "data.json").write_text(json.dumps(dict(data)))
            try:
                draft.rename(self._root / name)
            except OSError:
                shutil.rmtree(draft)
                return None
        return FolderEntry(self._root / name, dict(data))

    def find(self, name: str) -> "FolderEntry | None":
        with self._reach():
            data = _read_data(self._root / name)
        return None if data is None else FolderEntry(self._root / name, data)

    def list_entries(self, prefix: str) -> dict[str, dict[str, Any]]:
        with self._reach():
            found = {
                path.name: _read_data(path)
                for path in self._root.iterdir()
                if path.name.startswith(prefix)
            }
        return {name: data for name, data in found.items() if data is not None}

    def delete(self, name: str) -> None:
        trash = self._root / f".{uuid4().hex}"
        with self._reach():
            try:
                (self._root / name).rename(trash)
            except FileNotFoundError:
                return
            shutil.rmtree(trash)

    @contextmanager
    def _reach(self) -> Iterator[None]:
        try:
            if not self._root.is_dir():
                raise FileNotFoundError(self._root)
            yield
        except OSError as error:
            raise StoreUnreachableError(
                f"the shared folder {self.url} cannot be used ({type(error).__name__})", "mount it"
            ) from error


def _read_data(entry: Path) -> dict[str, Any] | None:
    try:
        data: dict[str, Any] = json.loads((entry / "data.json").read_bytes())
        return data
    except FileNotFoundError:  # not an entry, or deleted just now
        return None


class FolderEntry:
    """One entry."""

    def __init__(self, folder: Path, data: dict[str, Any]) -> None:
        self.data = data
        self._folder = folder

    def change(self, data: Data) -> None:
        try:
            write_atomically(self._folder / "data.json", json.dumps(dict(data)).encode())
        except FileNotFoundError as error:
            raise StoreBrokenError(f"{self._folder.name} was deleted") from error

    def write(self, name: str, file: Path) -> None:
        target = self._folder / "files" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)

    def read(self, name: str, sink: Sink) -> None:
        try:
            sink.write((self._folder / "files" / name).read_bytes())
        except FileNotFoundError as error:
            raise StoreBrokenError(
                f"the shared folder has lost {name}", "run `rag doctor --repair`"
            ) from error
