"""The routes of the reader: what they return, to whom, and of which files."""

from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from types import SimpleNamespace

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from index import Report
from rag.library.library import Library
from rag.settings import load_settings
from ui.reader.routes import ReaderRoutes
from ui.web.routes import KnownRoutes

Update = Callable[..., Report]
HOSTILE = "<script>alert(1)</script> and the mill"


@pytest.fixture
def library(make_library: Callable[..., Library]) -> Iterator[Library]:
    text = f"The mill at Tarn was built in 1701.\n\n{HOSTILE} is old.\n"
    yield make_library(
        a__txt=text, page__html=f"<h1>Mills</h1><p>{HOSTILE.replace('<', '&lt;')}</p>"
    )


def connect(library: Library) -> TestClient:
    app = Starlette(routes=ReaderRoutes(library).list_routes())
    app.auth = None  # type: ignore[attr-defined] - as Gradio's app
    return TestClient(app)


def name(library: Library, suffix: str = ".txt") -> dict[str, str]:
    """Return the fields that name a document and its version."""
    record = next(each for each in library.documents() if each.path.endswith(suffix))
    return {"document": record.path, "version": record.sha256[:16]}


def test_text_is_returned_with_marks_and_hits(library: Library) -> None:
    fields = {"first": "0", "last": "9", "marks": "0-3-fn-cited,9-x,0-3-evil", "query": "MILL"}
    response = connect(library).get("/reader/text", params=name(library) | fields)
    assert response.headers["content-type"].startswith("text/html")
    assert response.text.count('class="fn-found"') == 2
    assert '<mark class="fn-cited" data-at="0">The</mark>' in response.text
    assert "<script" not in response.text and "evil" not in response.text
    beyond = name(library) | {"first": "99999", "last": "-5"}
    assert connect(library).get("/reader/text", params=beyond).text == ""


def test_hits_and_headings_are_listed(library: Library) -> None:
    client = connect(library)
    found = client.get("/reader/find", params=name(library) | {"query": "mill"}).json()
    text = library.read_document(name(library)["document"]).text  # type: ignore[union-attr]
    assert [text[at : at + 4] for at in found["hits"]] == ["mill", "mill"]
    assert found["more"] is False
    assert "Mills</button>" in client.get("/reader/outline", params=name(library, ".html")).text
    assert client.get("/reader/sheet", params=name(library) | {"page": "1"}).status_code == 404


def test_the_file_is_returned_as_it_was_indexed_and_never_as_a_page(library: Library) -> None:
    client = connect(library)
    file = Path(next(r.source for r in library.documents() if r.path.endswith(".txt")))
    response = client.get("/reader/file", params=name(library))
    assert response.content == file.read_bytes()
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.headers["content-disposition"] == "inline; filename*=UTF-8''a.txt"
    page = client.get("/reader/file", params=name(library, ".html"))
    assert page.headers["content-type"] == "application/octet-stream"
    assert page.headers["content-disposition"].startswith("attachment")
    secret = file.with_name("secret")
    secret.write_bytes(b"x" * len(file.read_bytes()))
    file.unlink()
    file.symlink_to(secret)
    assert client.get("/reader/file", params=name(library)).status_code == 410
    outside = name(library) | {"document": "../../etc/passwd"}
    assert client.get("/reader/file", params=outside).status_code == 404


def test_the_file_of_an_attachment_is_the_attachment(tmp_path: Path, update: Update) -> None:
    mail = EmailMessage()
    mail["Subject"], mail["Message-ID"] = "Mills", "<1@x>"
    mail.set_content("See the list.")
    mail.add_attachment(b"The mill is old.\n", "text", "plain", filename="mills.txt")
    (tmp_path / "a.eml").write_bytes(mail.as_bytes())
    update(tmp_path / "store", tmp_path / "a.eml")
    with Library(load_settings(store=tmp_path / "store")) as library:
        response = connect(library).get("/reader/file", params=name(library, "mills.txt"))
        assert response.content == b"The mill is old.\n"
        assert response.headers["content-disposition"] == "inline; filename*=UTF-8''mills.txt"
        (tmp_path / "a.eml").write_bytes(mail.as_bytes() + b"\n")
        gone = connect(library).get("/reader/file", params=name(library, "mills.txt"))
        assert gone.status_code == 410


def test_another_version_of_the_document_is_refused(library: Library) -> None:
    old = name(library) | {"version": "0" * 16}
    assert connect(library).get("/reader/text", params=old).status_code == 409


def test_only_visitors_who_are_logged_in_read(library: Library) -> None:
    client = connect(library)
    client.app.auth = lambda *_: True  # type: ignore[attr-defined]
    client.app.cookie_id = "abc"  # type: ignore[attr-defined]
    client.app.tokens = {"token": "ann"}  # type: ignore[attr-defined]
    for route in ("text", "sheet", "image", "outline", "find", "file"):
        assert client.get(f"/reader/{route}", params=name(library)).status_code == 401
    client.cookies.set("access-token-unsecure-abc", "token")
    assert client.get("/reader/find", params=name(library)).status_code == 200


def test_the_window_has_these_routes_for_reading_only() -> None:
    routes = KnownRoutes(SimpleNamespace(), logins=False, mcp=lambda: False)
    assert routes.has("GET", "/reader/text")
    assert not routes.has("POST", "/reader/text")
    assert not routes.has("GET", "/reader/other")
