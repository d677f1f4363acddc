"""The window's API for programs: endpoints, logins, headers, and refused requests."""

import asyncio
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from tests.window import Window, serve
from ui.web.headers import HEADERS
from ui.web.logins import make_login

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")

SEEDS = Path(__file__).parents[2] / "seeds"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, seeds_store: Path) -> Path:
    folder = tmp_path_factory.mktemp("server")
    shutil.copytree(SEEDS, folder / "seeds")
    subprocess.run([sys.executable, "-m", "ui.cli", "index"], cwd=folder, check=True)
    return folder


@pytest.fixture(scope="module")
def window(folder: Path) -> Iterator[Window]:
    with serve(folder) as made:
        yield made


@pytest.fixture
def client(window: Window, tmp_path: Path) -> Client:
    return Client(window.url, verbose=False, download_files=str(tmp_path / "downloads"))


def test_programs_call_named_endpoints(client: Client) -> None:
    answer = client.predict("Who is the mayor of Kyiv?", api_name="/ask")
    assert "Klitschko" in answer["answer"]
    assert answer["citations"][0]["document"].startswith("seeds/")
    only = client.predict("Who is the mayor of Kyiv?", ["glossary.pdf"], api_name="/ask")
    assert {citation["document"] for citation in only["citations"]} <= {"seeds/glossary.pdf"}


def test_programs_receive_a_streamed_answer(client: Client) -> None:
    job = client.submit("Who is the mayor of Kyiv?", api_name="/stream")
    assert "Klitschko" in job.result(60)["answer"]
    outputs = job.outputs()
    assert len(outputs) > 1
    assert outputs[-1]["answer"].startswith(outputs[0]["text"].strip())


def test_only_the_named_endpoints_are_open(client: Client) -> None:
    named: dict[str, Any] = client.view_api(return_format="dict", print_info=False)
    assert set(named["named_endpoints"]) == {"/ask", "/stream", "/documents", "/add", "/rebuild"}
    assert named["unnamed_endpoints"] == {}


def test_a_wrong_question_is_a_clear_error(client: Client) -> None:
    with pytest.raises(AppError, match="the question is empty"):
        client.predict("???", api_name="/ask")
    with pytest.raises(AppError, match=r"nothing\.txt is not indexed"):
        client.predict("Who?", ["nothing.txt"], api_name="/ask")


def test_programs_add_documents_and_rebuild(client: Client, tmp_path: Path, folder: Path) -> None:
    file = tmp_path / "mill.txt"
    file.write_text("The mill at Tarn was built by Ole Vik in 1701.")
    assert client.predict([handle_file(file)], api_name="/add") == {
        "added": ["mill.txt"],
        "refused": [],
    }
    report = client.predict(api_name="/rebuild")
    assert report["added"] == [".rag/uploads/mill.txt"]
    assert not (folder / "seeds" / "mill.txt").exists()  # the user's own folder is not written
    listed = client.predict(api_name="/documents")
    mill = {"title": "mill", "sentences": 1, "status": "indexed"}
    assert {"document": ".rag/uploads/mill.txt", **mill} in listed
    answer = client.predict("Who built the mill at Tarn?", api_name="/ask")
    assert "Ole Vik" in answer["answer"]


@pytest.mark.parametrize("path", ["/etc/hostname", "rag.toml", "../../../../etc/hostname"])
def test_no_file_of_the_machine_can_be_added(window: Window, folder: Path, path: str) -> None:
    (folder / "rag.toml").write_text("strict = false\n")
    body = {"data": [[{"path": path, "meta": {"_type": "gradio.FileData"}}]]}
    sent = httpx.post(f"{window.url}/gradio_api/call/add", json=body, timeout=30)
    if sent.status_code == 200:
        event = sent.json()["event_id"]
        said = httpx.get(f"{window.url}/gradio_api/call/add/{event}", timeout=30).text
        assert "event: error" in said
        assert '"added"' not in said
    added = [file.name for file in (folder / ".rag" / "uploads").glob("*")]
    assert not [name for name in added if "host" in name or name == "rag.toml"]


@pytest.mark.parametrize(
    "path",
    [
        "gradio_api/file=/etc/passwd",
        "gradio_api/file=seeds/glossary.pdf",
        "gradio_api/file=.rag/current",
        "gradio_api/file=../../../../../../etc/passwd",
        "static/../../../../../../../etc/passwd",
        "assets/..%2f..%2f..%2f..%2fetc%2fpasswd",
    ],
)
def test_only_its_own_files_are_served(window: Window, path: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{window.url}/{path}", timeout=30)
    assert refused.value.code in (403, 404)
    refused.value.close()


def test_every_response_has_security_headers(window: Window) -> None:
    for path in ("/", "/config", "/gradio_api/info", "/nothing"):
        response = httpx.get(window.url + path, timeout=30)
        for name, value in HEADERS.items():
            assert response.headers[name] == value, path


def test_the_endpoints_are_the_tools_of_an_mcp_server(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mcp import ClientSession
    from mcp.client.streamable_http import streamablehttp_client

    async def ask(url: str) -> tuple[set[str], str]:
        async with (
            streamablehttp_client(f"{url}/gradio_api/mcp/") as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            tools = {tool.name for tool in (await session.list_tools()).tools}
            name = next(name for name in tools if name.endswith("ask"))
            result = await session.call_tool(name, {"question": "Who is the mayor of Kyiv?"})
            return tools, str(result.content)

    monkeypatch.setenv("GRADIO_MCP_SERVER", "True")
    with serve(folder) as window:
        tools, said = asyncio.run(ask(window.url))
    assert {name.rpartition("_")[2] for name in tools} == {
        "ask", "stream", "documents", "add", "rebuild"
    }  # fmt: skip
    assert "Klitschko" in said
    assert "seeds/" in said


def test_a_window_with_logins_requires_a_password(folder: Path, tmp_path: Path) -> None:
    logins = tmp_path / "logins"
    logins.write_text(make_login("ann", "secret words"))
    (folder / "rag.toml").write_text(f'auth = "{logins}"\n')
    try:
        with serve(folder) as window:
            body = {"data": ["Who is the mayor of Kyiv?", None]}
            assert httpx.post(f"{window.url}/gradio_api/call/ask", json=body).status_code == 401
            for route in ("cancel", "reset"):
                assert httpx.post(f"{window.url}/gradio_api/{route}", json={}).status_code == 401
            assert "Klitschko" not in httpx.get(window.url).text
            with pytest.raises(ValueError, match="Could not login"):
                Client(window.url, auth=("ann", "guess"), verbose=False)
            client = Client(window.url, auth=("ann", "secret words"), verbose=False)
            assert "Klitschko" in client.predict(body["data"][0], api_name="/ask")["answer"]
            assert list(client.cookies) == [each for each in client.cookies if "unsecure" in each]
            with httpx.Client(base_url=window.url, cookies=client.cookies, timeout=60) as held:
                assert held.get("/config").status_code == 200
                assert held.get("/gradio_api/token").status_code == 404
                form = {"username": "ann", "password": "secret words"}
                told = held.post("/login", data=form, headers={"x-forwarded-proto": "https"})
                cookie = told.headers["set-cookie"]
                assert cookie.startswith("__Host-access-token-")
                assert cookie.endswith("Path=/; HttpOnly; SameSite=Lax; Secure")
                logins.write_text(make_login("bob", "other"))  # ann is removed
                assert held.get("/config").status_code == 401
                assert held.post("/gradio_api/call/ask", json=body).status_code == 401
                assert held.post("/login", data=form).status_code == 400
                form["username"] = "eve"  # twelve failed attempts would need two minutes
                assert 429 in [held.post("/login", data=form).status_code for _ in range(12)]
    finally:
        (folder / "rag.toml").unlink()


def test_other_machines_need_a_login_or_no_auth(folder: Path) -> None:
    command = [sys.executable, "-m", "ui.cli", "chat", "--host", "0.0.0.0", "--port", "7"]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    assert run.returncode == 1
    assert "RAG_AUTH" in run.stderr
    assert "--no-auth" in run.stderr
    assert "Traceback" not in run.stderr
