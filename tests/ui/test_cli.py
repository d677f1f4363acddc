import json
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from index import Encoder
from index.remote.opening import open_remote
from index.snapshots.writer_lock import hold_writer_lock
from tests.chat_server import ChatServer
from tests.window import free_port
from ui.cli import main

ROOT = Path(__file__).parents[2]
RAG = [sys.executable, "-m", "ui.cli"]

pytestmark = pytest.mark.usefixtures("commands_here")


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "tower.md").write_text("# Tower\n\nThe tower is 50 metres tall.\n")
    return folder


def fails(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run a command that must fail; return its one line on standard error."""
    assert main(arguments) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    lines = captured.err.strip().splitlines()
    assert len(lines) == 1, lines
    assert lines[0].startswith("rag: ")
    return lines[0]


def test_index_ask_documents_doctor(docs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["index", "docs"]) == 0
    assert "1 added" in capsys.readouterr().out
    assert main(["ask", "How tall is the tower?", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["question"] == "How tall is the tower?"
    assert not result["refused"]
    assert result["model"] == "extractive"
    (citation,) = result["citations"]
    assert citation["document"] == "docs/tower.md"
    text = Path("docs/tower.md").read_text()
    assert text[citation["start"] : citation["end"]] == citation["sentence"]
    assert citation["page"] is None
    assert main(["ask", "How tall is the tower?"]) == 0
    assert "docs/tower.md, characters 9-37" in capsys.readouterr().out
    assert main(["documents", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["document"] == "docs/tower.md"
    assert main(["doctor"]) == 0
    assert "no faults" in capsys.readouterr().out


def test_rag_index_without_paths_uses_the_indexed_folder(
    docs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["index", "docs"])
    (docs / "new.txt").write_text("The lighthouse was built by Nora Lind.")
    capsys.readouterr()
    assert main(["index", "--dry-run"]) == 0
    assert "+ docs/new.txt" in capsys.readouterr().out
    assert main(["index"]) == 0
    assert "1 added, 1 unchanged" in capsys.readouterr().out
    main(["ask", "Who built the lighthouse?"])
    assert "Nora Lind" in capsys.readouterr().out


def test_rollback_and_no_wait_options_work(docs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["index", "docs"])
    (docs / "new.txt").write_text("The lighthouse was built by Nora Lind.")
    main(["index"])
    capsys.readouterr()
    assert main(["index", "--rollback"]) == 0
    assert "1 documents" in capsys.readouterr().out
    assert "no earlier state" in fails(capsys, "index", "--rollback")
    with hold_writer_lock(open_remote(Path(".rag"))):
        assert "is being written by process" in fails(capsys, "index", "--no-wait")


def test_rag_remove_removes_a_document_and_reports_it(
    docs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (docs / "new.txt").write_text("The lighthouse was built by Nora Lind.")
    main(["index", "docs"])
    capsys.readouterr()
    assert main(["remove", "new.txt"]) == 0
    assert "1 removed, 1 unchanged" in capsys.readouterr().out
    assert main(["index"]) == 0
    assert "1 skipped" in capsys.readouterr().out
    assert "did you mean docs/tower.md" in fails(capsys, "remove", "docs/towr.md")
    assert "is not indexed" in fails(capsys, "remove", "docs/new.txt")


def test_rag_doctor_repairs_the_index(docs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["index", "docs"])
    (vectors,) = Path(".rag/segments").glob("*/vectors/sentences.npy")
    vectors.unlink()
    (docs / "tower.md").unlink()
    capsys.readouterr()
    assert main(["doctor"]) == 1
    assert "rag doctor --repair" in capsys.readouterr().out
    assert main(["doctor", "--repair"]) == 0
    assert "1 documents rebuilt" in capsys.readouterr().out
    main(["ask", "How tall is the tower?"])
    assert "50 metres" in capsys.readouterr().out
    assert main(["doctor", "--repair"]) == 0
    assert "nothing to repair" in capsys.readouterr().out


def test_rag_documents_also_lists_failed_files(
    docs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (docs / "bad.json").write_text("{")
    main(["index", "docs"])
    capsys.readouterr()
    assert main(["documents"]) == 0
    shown = capsys.readouterr().out
    assert "docs/bad.json  not indexed: it is not valid JSON" in shown
    assert "docs/tower.md  2 sentences, 1 passages" in shown


# If the tests run in the background, child processes ignore Ctrl-C by default.
LISTEN = "import signal as s, ui.cli; s.signal(s.SIGINT, s.default_int_handler); "


def test_rag_index_watch_updates_after_changes(docs: Path) -> None:
    watch = f"{LISTEN}raise SystemExit(ui.cli.main(['index', 'docs', '--watch']))"
    with subprocess.Popen(
        [sys.executable, "-c", watch], stdout=subprocess.PIPE, text=True, cwd=docs.parent
    ) as process:
        assert process.stdout is not None
        lines = iter(process.stdout.readline, "")
        assert any("Watching" in line for line in lines)
        (docs / "new.txt").write_text("The lighthouse was built by Nora Lind.")
        assert "1 added, 1 unchanged" in next(lines)
        (docs / "new.txt").unlink()
        assert "1 removed, 1 unchanged" in next(lines)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0


def test_rag_ask_exits_with_0_after_a_refusal(
    docs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["index", "docs"])
    capsys.readouterr()
    assert main(["ask", "Who is the king of Norway?"]) == 0
    assert "The documents do not say." in capsys.readouterr().out


def test_a_bad_document_causes_only_a_warning(
    docs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (docs / "bad.docx").write_bytes(b"PK")
    assert main(["index", "docs"]) == 0
    captured = capsys.readouterr()
    assert "rag: warning: docs/bad.docx" in captured.err
    assert "1 added" in captured.out


def test_unknown_formats_are_one_line_and_known_failures_are_not_repeated(
    docs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a.xyz", "b.xyz", "c.bin", "Makefile"):
        (docs / name).write_bytes(b"words")
    (docs / "bad.docx").write_bytes(b"PK")
    line = "rag: 4 files of unknown formats are not indexed: 2 .xyz, 1 .bin, 1 without suffix"
    for arguments in (["index", "docs", "--dry-run"], ["index", "docs"]):
        assert main(arguments) == 0
        shown = capsys.readouterr().err.splitlines()
        assert f"{line} (--verbose lists them)" in shown
        assert not any("a.xyz has" in other for other in shown)
    assert any("warning: docs/bad.docx" in other for other in shown)
    assert main(["index", "docs"]) == 0
    assert capsys.readouterr().err == (
        "rag: 5 files cannot be indexed, as before (see `rag documents`)\n"
    )
    assert main(["index", "docs", "--verbose"]) == 0
    assert "rag: warning: docs/a.xyz has an unknown format" in capsys.readouterr().err
    assert main(["documents"]) == 0
    shown_documents = capsys.readouterr().out
    assert "docs/bad.docx  not indexed: it is not a readable .docx file: open" in shown_documents
    assert line.removeprefix("rag: ") in shown_documents
    assert "a.xyz" not in shown_documents
    assert main(["documents", "--verbose"]) == 0
    assert "docs/a.xyz  not indexed: it has an unknown format (.xyz)" in capsys.readouterr().out


def test_bad_input_prints_one_line_with_a_remedy(
    docs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    assert "add files" in fails(capsys, "index", "empty")
    assert "nowhere does not exist" in fails(capsys, "index", "nowhere")
    (tmp_path / "alone.xyz").write_text("words")
    assert "alone.xyz has an unknown format" in fails(capsys, "index", "alone.xyz")
    assert "rag index" in fails(capsys, "ask", "Who?")
    assert "rag index" in fails(capsys, "documents")
    assert "rag index" in fails(capsys, "doctor")
    assert "empty" in fails(capsys, "ask", "")
    assert "100,000 characters" in fails(capsys, "ask", "x" * 100_000)
    (tmp_path / "file").write_text("")
    assert "--store" in fails(capsys, "index", "docs", "--store", "file/store")
    assert "missing.jsonl" in fails(capsys, "eval", "missing.jsonl")
    main(["index", "docs"])
    capsys.readouterr()
    assert "nowhere.md is not indexed" in fails(capsys, "ask", "Who?", "--document", "nowhere.md")


def test_an_index_of_another_model_prints_a_clear_error(
    docs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["index", "docs"])
    capsys.readouterr()
    monkeypatch.setenv("RAG_EMBEDDING_MODEL", "some/other-model")
    assert "some/other-model" in fails(capsys, "ask", "How tall is the tower?")


def test_rag_index_advises_a_more_suitable_model(
    docs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["index", "docs"]) == 0
    assert capsys.readouterr().err == ""
    spanish = "El río subió dos metros durante la noche. Hubo que abandonar el pueblo al amanecer."
    (docs / "rio.txt").write_text(spanish, "utf-8")
    assert main(["index", "docs"]) == 0
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("rag: 50% of the sentences are not English")
    assert "`rag index --full`" in line
    assert main(["index", "docs", "--full"]) == 0
    assert capsys.readouterr().err == ""
    assert main(["ask", "¿Cuánto subió el río?", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    found = result["citations"] + result["closest"]
    assert found[0]["document"] == "docs/rio.txt"


def test_a_port_in_use_is_named(docs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["index", "docs"])
    capsys.readouterr()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert f"127.0.0.1:{port}" in fails(capsys, "chat", "--port", port)
    assert "not a port" in fails(capsys, "chat", "--port", "99999")


# In a process of its own: a window that does not start leaves event loops behind.
_TAKES_THE_PORT = """
import socket, sys, gradio
from ui.cli import main

launch, port, taken = gradio.Blocks.launch, int(sys.argv[1]), socket.socket()

def launch_too_late(*arguments, **options):
    taken.bind(("127.0.0.1", port))
    taken.listen()
    return launch(*arguments, **options)

gradio.Blocks.launch = launch_too_late
sys.exit(main(["chat", "--port", str(port)]))
"""


def test_a_port_that_is_taken_while_the_window_starts_is_named(
    docs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["index", "docs"])
    capsys.readouterr()
    port = str(free_port())
    command = [sys.executable, "-c", _TAKES_THE_PORT, port]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 1
    (line,) = ended.stderr.strip().splitlines()
    assert line.startswith(f"rag: the window cannot be served at 127.0.0.1:{port} ")


@pytest.mark.parametrize("arguments", [[], ["ask"], ["nonsense"], ["index", "--nonsense"]])
def test_wrong_usage_exits_with_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(arguments)
    assert exit_.value.code == 2


def test_eval_prints_the_figures(docs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["index", "docs"])
    line = {"question": "How tall is the tower?", "answer": ["50"], "evidence": ["50 metres"]}
    Path("q.jsonl").write_text(json.dumps(line))
    capsys.readouterr()
    assert main(["eval", "q.jsonl", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["hit@1"] == 1
    assert main(["eval", "q.jsonl"]) == 0
    assert "citation_precision" in capsys.readouterr().out


def test_rag_models_lists_available_models(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:9")
    assert main(["models"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("* extractive")
    assert any(line.startswith("  ollama:MODEL") and "needs" in line for line in lines)


def test_an_unusable_chat_model_prints_one_line(
    docs: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["index", "docs"]) == 0
    capsys.readouterr()
    monkeypatch.setenv("RAG_CHAT_MODEL", "anthropic:some-model")
    monkeypatch.setitem(sys.modules, "langchain_anthropic", None)  # as if it were not installed
    assert "footnote-rag[anthropic]" in fails(capsys, "ask", "How tall is the tower?")


NO_NETWORK = """
import socket, sys
def refuse(*args, **kwargs):
    raise AssertionError(f"the network was asked for: {args}")
socket.socket.connect = socket.socket.connect_ex = socket.create_connection = refuse
socket.getaddrinfo = refuse
from ui.cli import main
status = main(sys.argv[1:])
heavy = {"gradio", "torch", "sentence_transformers", "transformers"}
assert not heavy & {*sys.modules}, heavy & {*sys.modules}
sys.exit(status)
"""


def test_commands_use_no_network_and_import_nothing_unused(docs: Path, encoder: Encoder) -> None:
    assert encoder  # loading it has already exported the model, which needs torch

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", NO_NETWORK, *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "1 added" in run("index", "docs")
    docs.rename(docs.with_name("unchanged"))
    main(["index", "unchanged"])
    assert "1 unchanged" in run("index", "unchanged")
    assert "50 metres" in run("ask", "How tall is the tower?")
    assert "tower.md" in run("documents")
    assert "no faults" in run("doctor")


@pytest.mark.parametrize(("command", "collects"), [("ask", "False"), ("index", "True")])
def test_only_rag_ask_runs_without_garbage_collection(command: str, collects: str) -> None:
    code = (
        "import gc, sys; from ui import cli; "
        "cli.main = lambda: print(gc.isenabled()) or 0; "
        f"sys.argv = ['rag', '{command}']; cli.run()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == collects


@pytest.mark.parametrize("arguments", [(), ("--json",)])
@pytest.mark.parametrize("is_terminal", [True, False])
def test_terminal_says_which_part_of_a_long_text_is_being_read(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    chat_server: ChatServer,
    arguments: tuple[str, ...],
    is_terminal: bool,
) -> None:
    said = [f"Keeper Nora{n} kept {n + 2} goats at the lighthouse of Skarv." for n in range(50)]
    Path("keepers.txt").write_text(" ".join(said))
    Path("rag.toml").write_text(
        f'chat_model = "openai:test-model"\nchat_base_url = "{chat_server.openai_url}"\n'
    )
    chat_server.script.window = 1_000  # tokens: the text does not fit
    chat_server.script.answer = lambda prompt: [
        f"{next(re.finditer(r'^.1. (.+)', prompt, re.MULTILINE))[1]} [1]"
    ]
    assert main(["index", "keepers.txt"]) == 0
    capsys.readouterr()
    monkeypatch.setattr(sys.stderr, "isatty", lambda: is_terminal)
    assert main(["ask", "Summarise the document keepers", *arguments]) == 0
    captured = capsys.readouterr()
    count = len(chat_server.script.requests) - 1
    assert count > 1
    lines = [f"Reading part {number} of {count}..." for number in range(1, count + 1)]
    shown = "".join(f"\r{line}\r" for line in [*lines, " " * len(lines[0])])
    assert captured.err == (shown if is_terminal else "")
    assert "Reading part" not in captured.out
    if arguments:
        assert json.loads(captured.out)["model"] == "openai:test-model"
