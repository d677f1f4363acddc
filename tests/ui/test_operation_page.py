"""What the page for whoever runs the window is made of, and who may see it."""

import json
import stat
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from rag.errors import FootnoteError
from rag.evaluation.run import load_cases
from rag.library.library import Library
from rag.library.update_log import read_updates
from rag.types import Answer, Citation
from ui.handlers.operation import OperationHandlers
from ui.state.evaluation import evaluation_file, keep_case
from ui.state.question_log import QuestionLog
from ui.web.admins import Admins

CITATION = Citation(1, "a.txt", "A", 0, 5, "Words")
ANSWER = Answer("Q?", "Words [1]", False, "extractive", (CITATION,))
REFUSAL = Answer("Q?", "No.", True, "extractive", closest=(CITATION,))


def open_log(folder: Path, **options: Any) -> QuestionLog:
    options = {"keep_text": False, "most": 1_000_000, "days": 90} | options
    return QuestionLog(folder / "questions.jsonl", **options)


def test_text_is_kept_only_if_switched_on(tmp_path: Path) -> None:
    open_log(tmp_path).add("Secret?", ANSWER, "answered", 0.25)
    assert "Secret" not in (tmp_path / "questions.jsonl").read_text()
    log = open_log(tmp_path, keep_text=True)
    log.add("Open?", REFUSAL, "refused", 1)
    log.add("Broken?", None, "failed", 2)
    assert [(each.outcome, each.question, each.quoted) for each in log.read()] == [
        ("failed", "Broken?", ()),
        ("refused", "Open?", ("Words",)),
        ("answered", "", ()),
    ]
    assert stat.S_IMODE((tmp_path / "questions.jsonl").stat().st_mode) == 0o600


def test_the_log_of_questions_has_a_maximum_size_and_age(tmp_path: Path) -> None:
    log = open_log(tmp_path, keep_text=True, most=20_000)
    for number in range(100):
        log.add(f"{number} {'x' * 5_000}", ANSWER, "answered", 0.1)
    assert (tmp_path / "questions.jsonl").stat().st_size <= 20_000
    assert log.read()[0].question.startswith("99 ")
    old = {"at": "2020-01-01T00:00:00+00:00", "outcome": "failed", "seconds": 1}
    line = json.dumps(old | {"question": "Old?", "quoted": []})
    (tmp_path / "questions.jsonl").write_text(f"{line}\n{{\nnonsense\n[]\n")
    log = open_log(tmp_path)
    assert log.read() == []
    log.forget_old()
    assert (tmp_path / "questions.jsonl").read_text() == ""


def test_questions_are_answered_if_they_cannot_be_recorded(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    open_log(tmp_path / "missing").add("Secret?", ANSWER, "answered", 0.1)
    assert "could not be recorded" in caplog.text
    assert "Secret" not in caplog.text


def test_evaluation_questions_have_the_format_of_rag_eval(tmp_path: Path) -> None:
    keep_case(tmp_path, " Who? ", ["Ann", " "], ["Ann did it."], most=10_000)
    line = keep_case(tmp_path, "What?", [""], [""], most=10_000)
    assert json.loads(line) == {"question": "What?", "answer": [], "evidence": []}
    who, what = load_cases(evaluation_file(tmp_path))
    assert (who.question, who.answers, who.evidence) == ("Who?", ("Ann",), ("Ann did it.",))
    assert not what.answerable
    with pytest.raises(FootnoteError, match="no text"):
        keep_case(tmp_path, " ", [], [], most=10_000)
    with pytest.raises(FootnoteError, match="limit"):
        keep_case(tmp_path, "x" * 500, [], [], most=100)


@pytest.mark.parametrize(
    ("logins", "local", "name", "headers", "allowed"),
    [
        (True, True, "ann", {}, True),
        (True, True, "bob", {}, False),
        (True, True, None, {}, False),
        (True, True, "", {}, False),
        (False, True, None, {}, True),
        (False, False, None, {}, False),
        (False, False, "ann", {}, False),
        (False, True, None, {"x-forwarded-for": "10.0.0.7"}, False),
        (False, True, None, {"forwarded": "for=10.0.0.7"}, False),
    ],
)
def test_who_is_an_administrator(
    name: str | None, headers: dict[str, str], *, logins: bool, local: bool, allowed: bool
) -> None:
    admins = Admins("ann, , carl", logins=logins, local=local)
    assert admins.allow(SimpleNamespace(username=name, headers=headers)) is allowed


def test_others_get_nothing_from_the_handlers(seeds: Library, tmp_path: Path) -> None:
    log = open_log(tmp_path, keep_text=True)
    log.add("Secret?", ANSWER, "refused", 1)
    handlers = OperationHandlers(seeds, log, Admins("ann", logins=True, local=True))
    bob: Any = SimpleNamespace(username="bob", headers={})
    ann: Any = SimpleNamespace(username="ann", headers={})
    event: Any = SimpleNamespace(_data={"question": "Q?", "answer": "", "evidence": ""})
    assert handlers.show(bob) == ""
    handlers.evaluate(event, bob)
    assert not evaluation_file(seeds.settings.store).exists()
    assert "Secret?" in handlers.show(ann)


def test_what_updates_did_is_recorded(make_library: Any) -> None:
    library = make_library(one__txt="The tower is 50 metres tall.", two__txt="The mill is old.")
    folder = Path(library.documents()[0].source).parent
    (folder / "bad.docx").write_bytes(b"PK")
    (folder / "one.txt").write_text("The tower is 60 metres tall.")
    library.update([folder])
    library.update([folder])  # nothing changes
    library.remove(["two.txt"])
    removed, changed, added = read_updates(library.store)
    assert removed.counts == {"removed": 1}
    assert changed.counts == {"changed": 1, "failed": 1}
    assert changed.named["failed"][0].startswith(f"{folder.name}/bad.docx") or (
        "bad.docx" in changed.named["failed"][0]
    )
    assert added.counts == {"added": 2}
    assert added.documents == 2
    (library.store / "updates.json").write_text("{")
    assert read_updates(library.store) == []
