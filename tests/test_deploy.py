"""Deployment files, tested without Docker: linters, and the image's steps in a new environment."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any
from venv import EnvBuilder

import httpx
import pytest
import yaml
from packaging.utils import canonicalize_name

from tests.chroma_server import ChromaServer
from tests.needs import find_needed
from tests.test_house import read_lock
from tests.window import free_port

ROOT = Path(__file__).parent.parent
TOOLS = Path(sys.executable).parent
SEEDS = ROOT / "seeds"
_LARGE = 2_000_000  # bytes of a package


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=120)


def read_dockerfile() -> list[str]:
    lines = (ROOT / "Dockerfile").read_text().replace("\\\n", " ").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def test_the_dockerfile_passes_hadolint() -> None:
    if not (TOOLS / "hadolint").exists() and not os.environ.get("CI"):
        pytest.skip("there is no hadolint for this machine")
    done = run(TOOLS / "hadolint", "--failure-threshold", "info", "Dockerfile")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_the_image_has_two_stages_and_does_not_run_as_root() -> None:
    lines = read_dockerfile()
    assert len([line for line in lines if line.startswith("FROM ")]) == 2
    final = lines[len(lines) - [line[:5] for line in reversed(lines)].index("FROM ") - 1 :]
    users = [line.split()[1] for line in final if line.startswith("USER ")]
    assert users == ["10001"]
    assert not any("pip" in line for line in final)
    assert "RUN deploy/install.sh /opt/footnote" in lines
    assert any("whl/cpu" in line for line in lines)


def test_images_are_pinned_by_digest(compose: dict[str, Any]) -> None:
    named = [line.split()[1] for line in read_dockerfile() if line.startswith("FROM ")]
    named.append(compose["services"]["chroma"]["image"])
    for image in named:
        assert re.fullmatch(r"[a-z/]+:[\w.-]+@sha256:[0-9a-f]{64}", image), image
    assert len(set(named)) == 2


def test_the_server_lock_has_the_same_hashes() -> None:
    whole = read_lock(ROOT / "requirements.lock")
    server = read_lock(ROOT / "deploy" / "requirements.lock")
    assert server.items() <= whole.items()
    pins = {canonicalize_name(entry.partition("==")[0]) for entry in server}
    needed = find_needed("footnote-rag", ("ui", "openai", "ollama", "mcp"))
    assert (needed | find_needed("hatchling", ()) | {"hatchling"}) <= pins
    assert not {"pytest", "mypy", "playwright"} & pins


def test_only_what_is_installed_goes_into_the_image() -> None:
    lines = (ROOT / ".dockerignore").read_text().split("\n")
    assert "*" in lines
    kept = {line[1:] for line in lines if line.startswith("!")}
    assert all((ROOT / name).exists() for name in kept)
    assert not {"tests", ".rag", ".git", "benchmarks"} & kept


def test_the_compose_file_is_valid() -> None:
    done = run(
        TOOLS / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", "compose.yaml"
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return read


def test_two_windows_share_a_private_chroma_server(compose: dict[str, Any]) -> None:
    services = compose["services"]
    windows = [name for name in services if name.startswith("window")]
    assert len(windows) == 2
    assert "ports" not in services["chroma"]
    lock = (ROOT / "requirements.lock").read_text()
    version = services["chroma"]["image"].partition(":")[2].partition("@")[0]
    assert f"chromadb=={version} \\\n" in lock
    for name in windows:
        service = services[name]
        assert all(port.startswith("127.0.0.1:") for port in service["ports"])
        assert service["environment"]["RAG_CHROMA_URL"] == "http://chroma:8000"
        assert service["environment"]["RAG_AUTH"].startswith("/run/secrets/")
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]


def test_the_systemd_unit_is_valid(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None and not os.environ.get("CI"):
        pytest.skip("there is no systemd-analyze")
    text = (ROOT / "deploy" / "footnote.service").read_text()
    assert "ExecStart=/opt/footnote/bin/rag chat" in text
    unit = tmp_path / "footnote.service"  # with the command's path on this machine
    unit.write_text(text.replace("/opt/footnote/bin/rag", str(TOOLS / "rag")))
    done = run("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", unit)
    assert done.returncode == 0, done.stderr
    assert "footnote.service" not in done.stderr, done.stderr


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run the commands of the image's first stage; return the installation folder."""
    prefix = tmp_path_factory.mktemp("image") / "footnote"
    link_large_packages(prefix)
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("RAG_", "PYTHON"))
    }
    done = subprocess.run(
        [ROOT / "deploy" / "install.sh", prefix],
        env=environment | {"PYTHON": sys.executable, "PIP_NO_COMPILE": "1"},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    return prefix


def link_large_packages(prefix: Path) -> None:
    """Make a virtual environment with hard links to large packages of this one.

    pip takes minutes to unpack them. Here they are already unpacked from the same wheels:
    `make install` has checked their hashes, and both locks have the same ones. pip accepts them if
    their versions are those of the lock. It installs all other packages.
    """
    EnvBuilder().create(prefix)
    (target,) = prefix.glob("lib/*/site-packages")
    for pin in read_lock(ROOT / "deploy" / "requirements.lock"):
        try:
            package = distribution(pin.partition("==")[0])
        except PackageNotFoundError:  # a package for other systems
            continue
        # Commands in bin/ are left out: they name the Python of their environment.
        files = [file for file in package.files or () if file.parts[0] != ".."]
        if sum(Path(package.locate_file(file)).stat().st_size for file in files) < _LARGE:
            continue
        for file in files:
            link = target / file
            link.parent.mkdir(parents=True, exist_ok=True)
            link.hardlink_to(Path(package.locate_file(file)))


@pytest.fixture
def environment(
    installed: Path, tmp_path: Path, compose: dict[str, Any]
) -> Iterator[dict[str, str]]:
    """Return the environment of the image and the compose file, with addresses of this machine."""
    server = ChromaServer(tmp_path / "chroma")
    server.start()
    (line,) = [line for line in read_dockerfile() if "RAG_STORE" in line]
    image = dict(word.split("=", 1) for word in line.removeprefix("ENV ").split())
    settings = image | compose["services"]["window-1"]["environment"]
    places = {"/data": tmp_path / "data", "/documents": tmp_path / "documents"}
    places |= {"/run/secrets": tmp_path, "/opt/footnote": installed}
    shutil.copytree(SEEDS, places["/documents"])
    places["/data"].mkdir()
    for place, here in places.items():
        settings = {name: value.replace(place, str(here)) for name, value in settings.items()}
    path = os.environ["PATH"]
    yield settings | {
        "RAG_CHROMA_URL": server.url,
        "PATH": settings["PATH"].replace("$PATH", path),
        "HOME": str(places["/data"]),
        "HTTPS_PROXY": "http://127.0.0.1:9",  # prevents downloads
        "HTTP_PROXY": "http://127.0.0.1:9",
        "NO_PROXY": "127.0.0.1",
    }
    server.kill()


@pytest.mark.timeout(900)
def test_the_steps_of_the_image_and_the_compose_file(
    installed: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    rag, data = installed / "bin" / "rag", tmp_path / "data"

    def start(*arguments: str) -> subprocess.Popen[bytes]:
        with (tmp_path / "log.txt").open("ab") as log:
            return subprocess.Popen([rag, *arguments], env=environment, cwd=data, stderr=log)

    def command(*arguments: str, said: str = "") -> str:
        done = subprocess.run(
            [rag, *arguments], env=environment, cwd=data, input=said, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    (tmp_path / "logins").write_text(command("login", "ann", said="secret words\n"))
    indexer = start("index", "--watch")
    ports = [free_port(), free_port()]
    windows: list[subprocess.Popen[bytes]] = []
    try:
        deadline = time.monotonic() + 120
        while (
            "briefing"
            not in subprocess.run(
                [rag, "documents"], env=environment, cwd=data, capture_output=True, text=True
            ).stdout
        ):
            assert time.monotonic() < deadline
            time.sleep(0.5)
        for port in ports:
            windows.append(start("chat", "--host", "127.0.0.1", "--port", str(port)))
        for port in ports:
            ask_when_ready(f"http://127.0.0.1:{port}", deadline)
    finally:
        for process in (indexer, *windows):
            process.send_signal(signal.SIGTERM)
        ended = [process.wait(40) for process in windows]
        indexer.wait(40)
    assert ended == [0, 0]
    assert not list((installed / "lib").glob("*/site-packages/pytest"))  # no test dependencies


def ask_when_ready(url: str, deadline: float) -> None:
    """Wait until a window is healthy and ready, then log in and ask."""
    with httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
        while True:
            try:
                if client.get("/readyz").status_code == 200:
                    break
            except httpx.TransportError:
                pass
            assert time.monotonic() < deadline
            time.sleep(0.3)
        assert client.get("/healthz").text == "ok\n"
        question = {"data": ["Who is the mayor of Kyiv?", None]}
        assert client.post("/gradio_api/call/ask", json=question).status_code == 401
        client.post("/login", data={"username": "ann", "password": "secret words"})
        sent = client.post("/gradio_api/call/ask", json=question)
        said = client.get(f"/gradio_api/call/ask/{sent.json()['event_id']}").text
        assert "Klitschko" in said
