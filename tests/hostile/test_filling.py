"""Visitors try to fill the window's disk (questions, uploads, ratings) and its memory."""

import http.client
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

import httpx
import pytest

from tests.window import Window, serve
from ui.state.quotas import measure

SEEDS = Path(__file__).parents[2] / "seeds"
SMALL = {
    "RAG_VISITOR_UPLOADS_MB": "1",
    "RAG_UPLOADS_MB": "2",
    "RAG_VISITOR_RATINGS": "3",
    "RAG_UNREAD_MB": "2",
}


def make_stale(file: Path) -> None:
    file.parent.mkdir(parents=True)
    file.write_text("{}")
    os.utime(file, (0, 0))


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory, seeds_store: Path) -> Iterator[Window]:
    folder = tmp_path_factory.mktemp("filled")
    shutil.copytree(SEEDS, folder / "seeds")
    shutil.copytree(seeds_store, folder / ".rag")
    make_stale(folder / ".rag" / "incoming" / "a" / "left.txt")
    make_stale(folder / ".rag" / "conversations" / "a" / "left.json")
    own = SMALL | {"RAG_DOCUMENTS": str(folder / "seeds")}
    with mock.patch.dict(os.environ, own), serve(folder) as made:
        yield made


class Page:
    """A visitor's page: a browser's cookie, and a session."""

    def __init__(self, window: Window, session: str) -> None:
        self.client = httpx.Client(base_url=window.url, timeout=60)
        self.client.get("/")
        self.session = session
        self.config = self.client.get("/config").json()

    def do(self, target: str, data: list[Any], **event: Any) -> str:
        """Trigger an event of the window, given as id.event or api name; return all outputs."""
        self.begin(target, data, **event)
        return self.client.get(f"/gradio_api/queue/data?session_hash={self.session}").text

    def begin(self, target: str, data: list[Any], **event: Any) -> None:
        """Trigger an event of the window, and do not fetch its outputs."""
        names = {each["id"]: each["props"].get("elem_id") for each in self.config["components"]}
        number = next(
            each["id"]
            for each in self.config["dependencies"]
            if each["api_name"] == target
            or any([names.get(part), name] == target.split(".") for part, name in each["targets"])
        )
        body = {"data": data, "fn_index": number, "session_hash": self.session}
        sent = self.client.post("/gradio_api/queue/join", json=body | {"event_data": event})
        assert sent.status_code == 200, sent.text

    def ask(self, question: str) -> str:
        return self.do("fn-question.submit", [question, None, "extractive", []])

    def upload(self, size: int) -> httpx.Response:
        return self.client.post("/gradio_api/upload", files={"files": ("a.txt", b"x" * size)})


@pytest.fixture
def visit(window: Window) -> Iterator[Callable[[str], Page]]:
    """Open the page as another visitor."""
    pages: list[Page] = []

    def run(session: str) -> Page:
        pages.append(Page(window, session))
        return pages[-1]

    yield run
    for page in pages:
        page.client.close()


def kept(window: Window) -> str:
    """Return the content of all stored conversations."""
    files = (window.folder / ".rag" / "conversations").rglob("*.json")
    return "\n".join(file.read_text("utf-8") for file in files)


def test_what_is_too_old_is_deleted_without_a_visitor(window: Window) -> None:
    deadline = time.monotonic() + 60
    while list(window.folder.rglob("left.*")) and time.monotonic() < deadline:
        httpx.get(f"{window.url}/healthz", timeout=60)
    assert list(window.folder.rglob("left.*")) == []


def test_a_question_that_is_too_long_is_not_stored(
    window: Window, visit: Callable[[str], Page]
) -> None:
    page = visit("long")
    assert "Klitschko" in page.ask("Who is the mayor of Kyiv?")
    before = measure(window.folder / ".rag")
    for _ in range(3):
        assert "60,000 characters" in page.ask("z" * 60_000)
    assert "zzz" not in kept(window)
    assert "mayor of Kyiv" in kept(window)
    assert measure(window.folder / ".rag") == before
    assert "zzz" not in page.ask("Who is the king of Norway?").replace("z" * 60_000, "")


@pytest.mark.parametrize("chunked", [True, False])
def test_a_large_request_is_refused_before_it_is_read(window: Window, chunked: bool) -> None:
    parts = [b'{"data": ["', *[b"y" * 10_000] * 990, b'"]}']
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(window.url).port, timeout=20)
    connection.putrequest("POST", "/gradio_api/queue/join")
    connection.putheader("content-type", "application/json")
    if chunked:
        connection.putheader("transfer-encoding", "chunked")
    else:
        connection.putheader("content-length", str(sum(map(len, parts))))
    connection.endheaders()
    try:
        for part in parts:
            connection.send(b"%x\r\n%s\r\n" % (len(part), part) if chunked else part)
    except OSError:
        pass  # the server has closed the connection
    assert connection.getresponse().status == 413
    connection.close()


def test_uploads_are_limited_per_visitor_and_in_total(
    window: Window, visit: Callable[[str], Page]
) -> None:
    first = visit("one")
    assert first.upload(600_000).status_code == 200
    answer = first.upload(600_000)
    assert (answer.status_code, "1 MB per day" in answer.text) == (429, True)
    others = [visit(f"other{number}").upload(600_000 + number) for number in range(5)]
    assert others[0].status_code == 200
    assert others[-1].status_code == 507
    assert measure(window.folder / ".rag" / "incoming") < 3_000_000


def test_a_file_that_was_uploaded_is_added(window: Window, visit: Callable[[str], Page]) -> None:
    shutil.rmtree(window.folder / ".rag" / "incoming")
    page = visit("adding")
    # The folder is measured again only later, but small uploads still fit at once.
    (path,) = page.upload(1000).json()
    call = page.client.post("/gradio_api/call/add", json={"data": [[{"path": path}]]})
    said = page.client.get(f"/gradio_api/call/add/{call.json()['event_id']}").text
    assert json.loads(said.split("data: ")[1])[0] == {"added": ["a.txt"], "refused": []}


def test_ratings_are_limited(window: Window, visit: Callable[[str], Page]) -> None:
    page = visit("rating")
    page.ask("Who is the mayor of Kyiv?")
    shown = [page.do("fn-conversation.rate", [None], turn=0, good=True) for _ in range(6)]
    assert "the maximum per day" not in "".join(shown[:3])
    assert all("the maximum per day" in each for each in shown[3:])
    lines = (window.folder / ".rag" / "feedback.jsonl").read_text("utf-8").splitlines()
    assert len(lines) == 3


def test_answers_that_nobody_fetches_do_not_fill_the_memory(
    window: Window, visit: Callable[[str], Page]
) -> None:
    page, other = visit("fetches nothing"), visit("fetches")
    document = str(SEEDS / "briefing.md")  # as the copied index names it
    shown = other.do("fn-documents.read", [None], document=document)
    assert 3_000 < len(shown) < 500_000
    for _ in range(3_000_000 // len(shown)):
        page.begin("fn-documents.read", [None], document=document)
    other.ask("Who is the mayor of Kyiv?")  # waits in the same queue
    answer = page.client.get(f"/gradio_api/queue/data?session_hash={page.session}").text
    assert answer.count("process_completed") < 2_000_000 // len(shown)
    assert "Klitschko" in other.ask("Who is the mayor of Kyiv?")


def test_long_names_and_reasons_of_a_browser_are_shortened_for_everyone(
    window: Window, visit: Callable[[str], Page]
) -> None:
    names = [f"{number}{'n' * 50}" for number in range(200)] + ["long" * 5_000]
    formats = [f"a.{number}{'s' * 500}" for number in range(80)]
    page = visit("sends names")
    page.do("fn-begin.arrive", [], batch="one", failed=names, problem="p" * 20_000)
    page.do("fn-begin.arrive", [], batch="one", unknown=formats)
    seen = visit("opens the page").do("follow", [])
    assert "nnn" in seen
    assert len(seen) < 400_000
