"""The kinds of shared store that the tests of `index.remote` run over, and machines that use them.

A further kind of store is added here: how a folder is attached to it, how it becomes unreachable
and reachable again, and how one of its files is damaged.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from index import Encoder, Server, attach, open_snapshot
from index.chroma.client import connect
from index.chroma.server_store import ServerStore
from index.shared_store import SharedStore
from tests.chroma_server import ChromaServer
from tests.shared_folder import SharedFolder, attach_to_folder

Machine = Callable[[str], Path]
"""Returns the folder in which the machine of this name keeps its copy."""


class Place(ABC):
    """An empty index in a shared store."""

    shared: SharedStore

    @abstractmethod
    def attach(self, store: Path) -> None:
        """Make a folder a copy of this index."""

    @abstractmethod
    def stop(self) -> None:
        """Make the store unreachable."""

    @abstractmethod
    def start(self) -> None:
        """Make the store reachable again."""

    @abstractmethod
    def damage(self, segment: str, file: str) -> None:
        """Change the content of a segment's file."""

    @contextmanager
    def away(self) -> Iterator[None]:
        """Make the store unreachable during the block."""
        self.stop()
        try:
            yield
        finally:
            self.start()

    def names(self) -> set[str]:
        """Return the names of all entries, including those of vectors."""
        return set(self.shared.list_entries("footnote-"))


class ServerPlace(Place):
    """A database of a Chroma server."""

    def __init__(self, chroma: ChromaServer, name: str) -> None:
        self.chroma = chroma
        self.server = Server(chroma.url, database=f"db-{name[-40:].strip('-_')}")
        self.shared = ServerStore(self.server)

    def attach(self, store: Path) -> None:
        attach(store, self.server)

    def stop(self) -> None:
        self.chroma.kill()

    def start(self) -> None:
        self.chroma.start()

    def damage(self, segment: str, file: str) -> None:
        connection = connect(self.server)
        collection = connection.find(f"footnote-files-{segment}")
        with connection.talk():
            collection.update(ids=[f"{file}:000000"], metadatas=[{"00": "AAAA"}])


class FolderPlace(Place):
    """A shared folder."""

    def __init__(self, root: Path) -> None:
        root.mkdir()
        self.root = root
        self.shared = SharedFolder(root)

    def attach(self, store: Path) -> None:
        attach_to_folder(store, self.root)

    def stop(self) -> None:
        self.root.rename(self.root.with_name("unmounted"))

    def start(self) -> None:
        self.root.with_name("unmounted").rename(self.root)

    def damage(self, segment: str, file: str) -> None:
        self.root.joinpath(f"footnote-files-{segment}", "files", file).write_bytes(b"damaged")


def texts(store: Path) -> dict[str, str]:
    """Return the texts of all documents by the names of their files."""
    with closing(open_snapshot(store)) as snapshot:
        return {Path(r.path).name: snapshot.read(r).text for r in snapshot.documents}


def search(store: Path, encoder: Encoder, question: str) -> list[tuple[str, float]]:
    """Return the five nearest sentences to a question, each with its cosine."""
    vector = encoder.encode_questions([question])[0]
    with closing(open_snapshot(store)) as snapshot:
        rows, cosines = snapshot.nearest("sentences", vector, 5, snapshot.select(None))
        return [
            (snapshot.sentence(int(row)).text, round(float(cosine), 4))
            for row, cosine in zip(rows, cosines, strict=True)
        ]


def refuse(name: str) -> Encoder:
    """Stand in for a model's loader where nothing may be embedded: fail if it is called."""
    raise AssertionError("the model was loaded for nothing")
