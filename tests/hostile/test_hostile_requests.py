"""10,000 hostile requests to a window: paths, headers, bodies, scripts, sessions of others."""

import http.client
import json
import random
import shutil
import string
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.hostile.payloads import MARKUP
from tests.window import Window, serve
from ui.state.chats import Chats
from ui.state.conversation import Conversation, Exchange
from ui.web.visitors import sign

REQUESTS = 10_000
CANARY = "canary-7f3a"  # is in all content that must not be served
SEEDS = Path(__file__).parents[2] / "seeds"

VICTIM = "V" * 22  # the name of another visitor
KEY = bytes(range(32))  # signs the window's cookies
CHAT = "k" * 22  # the key of the other visitor's conversation


@dataclass(frozen=True)
class Attack:
    kind: str
    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory, seeds_store: Path) -> Iterator[Window]:
    folder = tmp_path_factory.mktemp("hostile")
    shutil.copytree(SEEDS, folder / "seeds")
    shutil.copytree(seeds_store, folder / ".rag")
    (folder / "secret.txt").write_text(f"{CANARY} in a file beside the documents")
    (folder / "rag.toml").write_text(f'# {CANARY}\nlog_json = true\nchat_base_url = "{CANARY}"\n')
    chats = Chats(folder / ".rag" / "conversations")
    question = Exchange(f"What does {CANARY} mean?", error=f"{CANARY} failed")
    chats.put(f"browser {VICTIM}", CHAT, question)
    (folder / ".rag" / "visitors.key").write_bytes(KEY)
    with serve(folder) as made:
        yield made


# Routes that may serve files, ways to leave a folder, and target files.
FILE_ROUTES = (
    "/gradio_api/file={}",
    "/file={}",
    "/gradio_api/file/{}",
    "/static/{}",
    "/assets/{}",
    "/gradio_api/stream/{}/1/1/playlist.m3u8",
    "/gradio_api/stream/a/1/1/{}.ts",
    "/gradio_api/custom_component/{}/client/component/index.js",
    "/gradio_api/proxy={}",
    "/gradio_api/download={}",
    "/svelte/{}",
    "/static/img/{}",
    "/theme.css?v={}",
    "/{}",
    "/gradio_api/upload_progress?upload_id={}",
    "/?chat={}",
    "/gradio_api/call/ask/{}",
    "/gradio_api/heartbeat_of/{}",
    "/gradio_api/deep_link?session_hash={}",
    "/config/{}",
    "/metrics/{}",
    "/healthz/{}",
    "/gradio_api/mcp/{}",
    "/monitoring/{}",
)
CLIMBS = (
    "",
    "../",
    "../../../../../../",
    "..%2f..%2f..%2f..%2f..%2f",
    "%2e%2e/%2e%2e/%2e%2e/",
    "....//....//",
    "..\\..\\..\\",
    "%252e%252e%252f",
    "..%c0%af..%c0%af",
    "/",
    "//",
    "./",
    "file:///",
    "%00",
    "..;/..;/",
    "/proc/self/cwd/",
    "http://127.0.0.1:1/",
    "\\\\127.0.0.1\\",
)
TARGETS = (
    "secret.txt",
    "rag.toml",
    ".rag/CURRENT",
    "etc/passwd",
    "/etc/passwd",
    "proc/self/environ",
    "/proc/self/cmdline",
    f".rag/conversations/x/{CHAT}.json",
    "log.txt",
    ".env",
    "root/.ssh/id_rsa",
    ".rag/segments",
    "seeds/briefing.md",
    "ui/app.py",
    "secret.txt%00.png",
    "secret.txt?x",
    CHAT,
)
NAMES = ("ask", "stream", "documents", "add", "rebuild", "nothing", "open", "restore", "rate")
FORMS = (
    b"",
    b"{",
    b"[]",
    b"null",
    b'"x"',
    b"{}",
    b'{"data": null}',
    b'{"data": {}}',
    b"\xff\xfe\x00",
    b'{"data": [1, 2, 3, 4, 5, 6]}',
    b'{"data": [NaN]}',
    b'{"data": [1e999]}',
    b"[" * 5000,
    b'{"data": [' + b"[" * 900 + b"]" * 900 + b"]}",
    b'{"data": ["' + b"A" * 60_000 + b'"]}',
    b'{"fn_index": -1, "data": [], "session_hash": "a"}',
    b'{"fn_index": "x", "data": []}',
    b'{"fn_index": 99999, "data": [], "session_hash": "a"}',
    b'{"__proto__": {"x": 1}}',
    b'{"fn_index": 3, "data": [{"path": "/etc/passwd"}], "session_hash": "../../x"}',
    b'{"session_hash": null}',
    b'{"event_id": "x", "session_hash": "y", "fn_index": 1}',
    b'{"data": [], "trigger_id": {"a": []}, "session_hash": ["a"]}',
    b"a=1&b=2",
    b"\x00" * 500,
    b'{"data": ["' + "\u202e\ud7ff\U0001f600".encode() + b'", null]}',
    b'{"data": ["\\ud800", null]}',
)
ROOMS = (
    "/gradio_api/queue/join",
    "/gradio_api/run/predict",
    "/gradio_api/api/ask",
    "/gradio_api/run/ask",
    "/gradio_api/reset",
    "/gradio_api/cancel",
    "/gradio_api/component_server",
    "/gradio_api/upload",
    "/login",
    "/gradio_api/mcp/",
    "/gradio_api/queue/data",
    "/gradio_api/vibe-edit/",
    "/",
    "/metrics",
    "/gradio_api/process_recording",
    "/gradio_api/launch_stats",
    "/gradio_api/stream/event/close",
    "/gradio_api/openapi.json",
    "/gradio_api/validate",
    *(f"/gradio_api/call/{n}" for n in NAMES),
)
JSON = {"content-type": "application/json"}


def noise(chance: random.Random, length: int) -> str:
    return "".join(chance.choices(string.printable[:94], k=length))


def attack_paths(chance: random.Random) -> Attack:
    target = chance.choice(CLIMBS) * chance.choice((1, 1, 4)) + chance.choice(TARGETS)
    path = chance.choice(FILE_ROUTES).format(target).replace(" ", "%20")
    return Attack("path", chance.choice(("GET", "GET", "GET", "HEAD", "OPTIONS", "PUT")), path)


def attack_headers(chance: random.Random) -> Attack:
    names = (
        "Cookie",
        "Host",
        "Origin",
        "Referer",
        "X-Forwarded-Host",
        "X-Forwarded-Proto",
        "Range",
        "X-Forwarded-For",
        "Accept-Language",
        "Content-Type",
        "Authorization",
        "X-Original-URL",
        "X-Gradio-User",
        "Transfer-Encoding",
        "If-None-Match",
        "Accept",
        "X-Gradio-Server",
        "TE",
    )
    values = (
        noise(chance, 40),
        "a" * 7000,
        "../../etc/passwd",
        "<script>alert(1)</script>",
        "\t",
        "-1",
        f"footnote-visitor={noise(chance, 22)}",
        "bytes=0-99999999999",
        "evil.example",
        "*",
        "null",
        "javascript:alert(1)",
        "multipart/form-data; boundary=" + "b" * 300,
        "de;q=NaN,<b>",
        "gzip",
        "access-token=" + noise(chance, 20),
        "text/html\\r\\nX-Evil: 1",
        "Bearer " + noise(chance, 9),
    )
    headers = {chance.choice(names): chance.choice(values) for _ in range(chance.randrange(1, 5))}
    path = chance.choice(("/", "/config", f"/?chat={CHAT}", "/metrics", "/gradio_api/info"))
    return Attack("header", chance.choice(("GET", "POST", "HEAD")), path, headers)


def attack_bodies(chance: random.Random) -> Attack:
    body = bytearray(chance.choice(FORMS))
    for _ in range(chance.choice((0, 0, 3))):
        body[chance.randrange(len(body) + 1) : 0] = noise(chance, 3).encode() if body else b""
    headers = dict(JSON) if chance.random() < 0.8 else {"content-type": noise(chance, 12)}
    method = chance.choice(("POST", "POST", "POST", "PUT", "DELETE", "PATCH"))
    return Attack("body", method, chance.choice(ROOMS), headers, bytes(body))


def attack_with_script(chance: random.Random) -> Attack:
    script = chance.choice(MARKUP).replace("owned", CANARY[:6])
    data: Any = chance.choice(([script, None], [script, [script]], [[{"path": script}]], [script]))
    body = {
        "data": data,
        "session_hash": chance.choice((script, noise(chance, 10))),
        "fn_index": chance.randrange(60),
        "event_data": {"chat": script, "title": script, "turn": script, "question": script},
        "trigger_id": chance.choice((None, 1, script)),
    }
    path = chance.choice(("/gradio_api/queue/join", *(f"/gradio_api/call/{n}" for n in NAMES[:4])))
    headers = JSON | {"accept-language": script[:80]}
    return Attack("script", "POST", path, headers, json.dumps(body).encode())


def attack_sessions(chance: random.Random) -> Attack:
    session = "".join(chance.choices(string.ascii_lowercase + string.digits, k=11))
    answer = "".join(chance.choices(string.ascii_letters, k=22))
    cookie = chance.choice(
        (answer, "", VICTIM, f"{VICTIM}.{answer}", "x" * 500, sign(VICTIM, b"other"), f'"{answer}"')
    )
    headers = JSON | {"cookie": f"footnote-visitor={cookie}", "x-visitor": f"browser {VICTIM}"}
    if chance.random() < 0.3:
        path = chance.choice(
            (f"/?chat={CHAT}&answer={answer}", f"/?chat={CHAT}", f"/?chat={CHAT}/..")
        )
        return Attack("session", "GET", path, headers)
    key = chance.choice((CHAT, f"../{CHAT}", f"*/{CHAT}", {"$ne": 1}, [CHAT], f"{CHAT}\0"))
    body = {
        "data": [[], None, None],
        "session_hash": chance.choice((session, VICTIM, CHAT)),
        "fn_index": chance.randrange(60),
        "event_data": {"chat": key, "title": "taken over", "turn": 0, "good": True, "step": "1"},
    }
    return Attack("session", "POST", "/gradio_api/queue/join", headers, json.dumps(body).encode())


ATTACKS: tuple[tuple[Callable[[random.Random], Attack], float], ...] = (
    (attack_paths, 0.35),
    (attack_headers, 0.15),
    (attack_bodies, 0.25),
    (attack_with_script, 0.1),
    (attack_sessions, 0.15),
)


def send(connection: http.client.HTTPConnection, attack: Attack) -> tuple[int, bytes]:
    """Send a request unchanged, well formed or not; return the status and the body."""
    connection.putrequest(
        attack.method,
        attack.path,
        skip_host="Host" in attack.headers,
        skip_accept_encoding=True,
    )
    for name, value in attack.headers.items():
        connection.putheader(name, value.encode("latin-1", "replace"))
    if "Transfer-Encoding" not in attack.headers:
        connection.putheader("content-length", str(len(attack.body)))
    connection.endheaders(attack.body)
    response = connection.getresponse()
    if response.headers.get_content_type() == "text/event-stream":
        return response.status, response.read(400)  # the stream may not end
    return response.status, response.read()


def send_many(url: str, seed: int, count: int) -> tuple[Counter[str], list[str]]:
    """Send attacks; return the number of responses by kind, and the responses that are wrong."""
    chance, answered, wrong = random.Random(seed), Counter[str](), []
    port = urlsplit(url).port
    for _ in range(count):
        makers, weights = zip(*ATTACKS, strict=True)
        attack = chance.choices(makers, weights)[0](chance)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        try:
            status, said = send(connection, attack)
        except (OSError, http.client.HTTPException, ValueError):
            answered["cut off"] += 1  # nothing was served
            continue
        finally:
            connection.close()
        answered[attack.kind] += 1
        for mark in (CANARY.encode(), b"Traceback", b"root:x:", b'File "/', b"PYTHON"):
            if mark in said:
                wrong.append(
                    f"{mark!r} in {status} to {attack.method} {attack.path}: {said[:300]!r}"
                )
    return answered, wrong


def call_private(url: str, target: str, visitor: str, event: dict[str, Any]) -> str:
    """Trigger an event of the window as a visitor's page; return all outputs.

    `visitor` is the value of the cookie, signed or not.
    """
    config = httpx.get(f"{url}/config").json()
    names = {each["id"]: each["props"].get("elem_id") for each in config["components"]}
    found = [
        each["id"]
        for each in config["dependencies"]
        if any([names.get(part), name] == target.split(".") for part, name in each["targets"])
    ]
    cookies = {"footnote-visitor": visitor}
    body = {"data": [None], "fn_index": found[0], "session_hash": f"s{visitor[:8]}"}
    with httpx.Client(base_url=url, cookies=cookies, timeout=30) as client:
        sent = client.post("/gradio_api/queue/join", json=body | {"event_data": event, "data": []})
        assert sent.status_code == 200, sent.text
        return client.get(f"/gradio_api/queue/data?session_hash={body['session_hash']}").text


def wait_for_quiet(window: Window) -> None:
    """Wait until no question is waiting."""
    while True:  # the test's timeout limits the wait
        figures = httpx.get(f"{window.url}/metrics", timeout=60).text
        if "footnote_questions_waiting 0.0" in figures:
            return
        time.sleep(0.5)


@pytest.mark.timeout(600)
def test_10_000_hostile_requests_do_no_harm(window: Window) -> None:
    opened = {"chat": CHAT}
    assert CANARY in call_private(window.url, "fn-conversation.open", sign(VICTIM, KEY), opened)
    workers = 40  # some routes respond only after three seconds
    with ThreadPoolExecutor(workers) as pool:
        shares = [REQUESTS // workers] * workers
        results = list(pool.map(send_many, [window.url] * workers, range(workers), shares))
    answered = sum((counts for counts, _ in results), Counter[str]())
    wrong = [line for _, lines in results for line in lines]
    assert wrong == []
    assert sum(answered.values()) == REQUESTS
    assert answered["cut off"] < REQUESTS / 20
    assert min(answered[kind] for kind in ("path", "header", "body", "script", "session")) > 500
    wait_for_quiet(window)
    # Nothing has changed: the window answers, and the other visitor's conversation is the same.
    assert httpx.get(f"{window.url}/readyz").status_code == 200
    assert CANARY in call_private(window.url, "fn-conversation.open", sign(VICTIM, KEY), opened)
    for other in (VICTIM, sign(VICTIM, b"other"), sign("w" * 22, KEY)):
        assert CANARY not in call_private(window.url, "fn-conversation.open", other, opened)
    (kept,) = (window.folder / ".rag" / "conversations").glob(f"*/{CHAT}.json")
    assert "taken over" not in kept.read_text()
    assert (window.folder / "secret.txt").exists()
    assert sorted(p.name for p in (window.folder / "seeds").iterdir()) == sorted(
        p.name for p in SEEDS.iterdir()
    )


def test_hostile_fields_are_shown_inert(window: Window) -> None:
    for payload in MARKUP:
        event = {"chat": payload, "step": payload, "question": payload, "document": payload}
        for target in ("fn-conversation.open", "fn-suggestions.suggest", "fn-documents.read"):
            shown = call_private(window.url, target, sign("w" * 22, KEY), event)
            assert payload not in shown.replace('\\"', '"'), target


def test_an_exchange_of_another_visitor_is_not_found_by_its_key(tmp_path: Path) -> None:
    chats = Chats(tmp_path)
    chats.put("login ann", CHAT, Exchange("What is secret?"))
    assert chats.find("login bob", CHAT) is None
    assert chats.find_answer(CHAT, "a" * 22) is None
    for key in (f"../{CHAT}", f"*/{CHAT}", [CHAT], {"$ne": 1}, f"{CHAT}\0", "", None):
        assert chats.find("login ann", key) is None
    found = chats.find("login ann", CHAT)
    assert found is not None
    assert isinstance(found.conversation, Conversation)
