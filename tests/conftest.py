"""Shared fixtures: the real model, loaded once, and indexes made with it."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import portalocker
import pytest
from hypothesis import settings

from index import Encoder, Report, load_encoder, update_index
from rag.library.library import Library
from rag.settings import load_settings
from tests.chat_server import ChatServer, serve_chat_models
from tests.chroma_server import ON_SERVER, ChromaServer, keep_on_server

ROOT = Path(__file__).parent.parent
SEEDS = ROOT / "seeds"
SHARED = ROOT.parent / "shared"

MakeFolder = Callable[[Path], object]
"""Writes the content of an empty folder."""

# A deadline measures the machine: the first example imports modules, and others share the cores.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the longest test first, so that other workers run the rest in parallel."""
    items.sort(key=lambda item: item.path.name != "test_kills.py")


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("RAG_")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session", autouse=True)
def _stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """With FOOTNOTE_TEST_STORES=server, store all indexes of tests on a Chroma server."""
    if not ON_SERVER:
        yield
        return
    server = ChromaServer(tmp_path_factory.mktemp("chroma"))
    server.start()
    os.environ["FOOTNOTE_TEST_CHROMA"] = server.url  # for processes started by tests
    keep_on_server(server.url)
    yield
    server.kill()


@pytest.fixture(scope="module")
def chroma(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChromaServer]:
    """A Chroma server for the tests of one file."""
    server = ChromaServer(tmp_path_factory.mktemp("chroma"))
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    return load_encoder()


@pytest.fixture
def commands_here(monkeypatch: pytest.MonkeyPatch, encoder: Encoder, tmp_path: Path) -> None:
    """Run commands in an empty folder, with the bundled model that is already loaded."""

    def load(self: object, name: str) -> Encoder:
        return encoder if name == encoder.identity.name else load_encoder(name)

    monkeypatch.setattr("rag.library.models.Models.load", load)
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def make_once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, MakeFolder], Path]:
    """Make a folder once for all workers of this test run. No test may change it."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def make(name: str, write: MakeFolder) -> Path:
        folder, done = shared / name, shared / f"{name}.done"
        with portalocker.Lock(shared / f"{name}.lock", timeout=280):
            if not done.exists():
                folder.mkdir()
                write(folder)
                done.touch()
        return folder

    return make


@pytest.fixture(scope="session")
def update(encoder: Encoder) -> Callable[..., Report]:
    """`update_index` with the model that is already loaded."""

    def run(store: Path, *paths: Path, **options: object) -> Report:
        options.setdefault("load", lambda name: encoder)
        return update_index(store, paths, **options)  # type: ignore[arg-type]

    return run


@pytest.fixture(scope="session")
def seeds_store(tmp_path_factory: pytest.TempPathFactory, update: Callable[..., Report]) -> Path:
    store = tmp_path_factory.mktemp("seeds") / "store"
    update(store, SEEDS)
    return store


@pytest.fixture
def seeds(seeds_store: Path, encoder: Encoder) -> Iterator[Library]:
    library = Library(load_settings(store=seeds_store), load=lambda name: encoder)
    yield library
    library.close()


@pytest.fixture
def make_library(tmp_path: Path, encoder: Encoder) -> Iterator[Callable[..., Library]]:
    """Make a library in its own folder, from documents given as name=text."""
    made: list[Library] = []

    def make(**texts: str) -> Library:
        folder = tmp_path / "documents"
        folder.mkdir(exist_ok=True)
        for name, text in texts.items():
            (folder / name.replace("__", ".")).write_text(text, "utf-8")
        settings = load_settings(store=tmp_path / "store", documents=folder)
        library = Library(settings, load=lambda name: encoder)
        library.update()
        made.append(library)
        return library

    yield make
    for library in made:
        library.close()


@pytest.fixture
def chat_server() -> Iterator[ChatServer]:
    with serve_chat_models() as server:
        yield server


@pytest.fixture
def connect(
    make_library: Callable[..., Library], chat_server: ChatServer
) -> Iterator[Callable[..., Library]]:
    """Make a library of some documents, with the chat server as its chat model."""
    made: list[Library] = []

    def run(provider: str = "openai", *, texts: dict[str, str], **settings: object) -> Library:
        plain = make_library(**texts)
        url = chat_server.openai_url if provider == "openai" else chat_server.address
        chosen = {"chat_model": f"{provider}:test-model", "chat_base_url": url} | settings
        made.append(Library(plain.settings.model_copy(update=chosen), load=plain.models.load))
        return made[-1]

    yield run
    for library in made:
        library.close()


@pytest.fixture
def home(
    tmp_path: Path,
    seeds_store: Path,
    update: Callable[..., Report],
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """A folder with the seeds and their index, ready for `rag chat`."""
    folder = tmp_path / "home"
    folder.mkdir()
    shutil.copytree(SEEDS, folder / "seeds")
    monkeypatch.chdir(folder)
    update(Path(".rag"), Path("seeds"))
    return folder
