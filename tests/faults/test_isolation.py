"""A fault in one document, or in its name, does not prevent the indexing of others."""

import json
import multiprocessing
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import index.ingest.parser_process
from index import (
    FORMATS,
    Encoder,
    PassageText,
    Report,
    Vectors,
    check_index,
    plan_update,
    require_current,
)
from rag.assistant import Assistant
from rag.library.documents import file_status
from rag.library.library import Library
from rag.settings import load_settings
from ui.document_list import describe_document
from ui.views.lists import render_documents

Update = Callable[..., Report]

GOOD = "The harbour of Tarn has four cranes. They were built in 1954."
HALF = r'{"a": "The \ud800 kettle is red."}'
CODE_CELL = r'{"cells": [{"cell_type": "code", "source": "print(\"\ud800\")"}]}'
TEXT_CELL = r'{"cells": [{"cell_type": "markdown", "source": "The \ud800 kettle is red."}]}'


def write(folder: Path, *files: tuple[bytes, bytes]) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "good.txt").write_text(GOOD)
    for name, data in files:
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_bytes(data)


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.json", HALF), ("a.jsonl", HALF), ("a.ipynb", CODE_CELL), ("a.ipynb", TEXT_CELL)],
)
def test_a_half_surrogate_pair_in_a_document_is_replaced(
    name: str, content: str, tmp_path: Path, update: Update, encoder: Encoder
) -> None:
    write(tmp_path / "docs", (name.encode(), content.encode()))
    report = update(tmp_path / "store", tmp_path / "docs")
    assert (report.documents, report.failures) == (2, ())
    assert check_index(tmp_path / "store") == []
    library = Library(load_settings(store=tmp_path / "store"), load=lambda name: encoder)
    with Assistant(library=library) as assistant:
        found = assistant.search("What colour is the kettle?", documents=[name])
    library.close()
    assert "\ufffd" in found[0].sentence
    assert found[0].sentence.encode()


def test_a_file_name_that_is_not_utf8_is_reported(
    tmp_path: Path, update: Update, encoder: Encoder
) -> None:
    docs, store = tmp_path / "docs", tmp_path / "store"
    write(docs, (b"caf\xe9.txt", b"The kettle is red."), (b"caf\\xe9.txt", b"The roof is flat."))
    nested = Path(os.fsdecode(os.fsencode(docs) + b"/fold\xff"))
    write(nested)
    library = Library(load_settings(store=store, documents=docs), load=lambda name: encoder)
    for _ in range(2):  # the second time, with nothing to do
        report = library.update()
        failed = {Path(f.path).relative_to(docs).as_posix(): f.reason for f in report.failures}
        reason = "has a name that is not UTF-8: rename it"
        assert failed == {r"caf\xe9.txt": reason, r"fold\xff/good.txt": reason}
    assert report.documents == 2
    records, failures = library.documents(), library.failures()
    listed = render_documents(records, failures, plan=library.plan())
    library.close()
    assert listed.encode()
    assert listed.count("Rename it.") == 2
    assert json.dumps([describe_document(each) for each in records], ensure_ascii=False).encode()


names = st.binary(min_size=1, max_size=24).filter(
    lambda name: not {b"/"[0], 0} & set(name) and not name.startswith(b".")
)
values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
contents = st.one_of(
    st.binary(max_size=300),
    values.map(lambda value: json.dumps(value).encode()),
    st.text(st.characters(), max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.text(st.characters(), max_size=300).map(lambda t: t.encode("utf-16", "surrogatepass")),
)
files = st.tuples(names, st.sampled_from(sorted(FORMATS)), contents)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(files=st.lists(files, max_size=10))
def test_arbitrary_bytes_and_names_do_not_affect_a_good_file(
    files: list[tuple[bytes, str, bytes]], update: Update
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        docs, store = Path(folder) / "docs", Path(folder) / "store"
        write(docs, *((name + suffix.encode(), content) for name, suffix, content in files))
        report = update(store, docs)
        failed = {failure.path for failure in report.failures}
        assert str(docs / "good.txt") in report.plan.added
        assert len(failed) + len(report.plan.added) == len(list(docs.iterdir()))
        assert not failed & {*report.plan.added}
        assert all(f.reason and f"{f.path} {f.reason}".encode() for f in report.failures)
        assert check_index(store) == []
        manifest = require_current(store)
        assert "".join((record.path + record.title) for record in manifest.documents).encode()
        # Failures are remembered, so a second update does nothing.
        assert update(store, docs).snapshot == report.snapshot


class Fragile:
    """The real model, but one step fails for texts with a certain word.

    The step is `count_tokens` or `encode_passages`, or the result is not a valid vector.
    """

    def __init__(self, encoder: Encoder, step: str, word: str = "poison") -> None:
        self._encoder, self._step, self._word = encoder, step, word
        self.identity = encoder.identity
        self.encode_questions = encoder.encode_questions

    def _check(self, step: str, texts: Sequence[str]) -> None:
        if step == self._step and any(self._word in text for text in texts):
            raise RuntimeError("secret text")

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        self._check("count", texts)
        return self._encoder.count_tokens(texts)

    def encode_passages(self, passages: Sequence[PassageText]) -> tuple[Vectors, Vectors]:
        self._check("encode", [passage.text for passage in passages])
        whole, parts = self._encoder.encode_passages(passages)
        for row, passage in enumerate(passages):
            if self._step == "nan" and self._word in passage.text:
                whole[row] = float("nan")
        return whole, parts


@pytest.mark.parametrize("step", ["count", "encode", "nan", "store"])
def test_a_document_that_fails_after_parsing_is_left_out(
    step: str,
    tmp_path: Path,
    update: Update,
    encoder: Encoder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    docs, store = tmp_path / "docs", tmp_path / "store"
    write(docs, (b"b.txt", b"The kettle is red."), (b"m.txt", b"The roof is flat."))
    update(store, docs)
    (docs / "b.txt").write_text("The poison is green.")
    (docs / "a.txt").write_text("Nothing but poison. " + GOOD)
    (docs / "z.txt").write_text("The gate is open.")
    if step == "store":
        split = index.snapshots.segments.split_terms

        def fail(text: str, language: str) -> list[str]:
            if "poison" in text:
                raise RuntimeError("secret text")
            return split(text, language)

        monkeypatch.setattr("index.snapshots.segments.split_terms", fail)
    fragile = Fragile(encoder, step)
    report = update(store, docs, load=lambda name: fragile)
    failures = {Path(failure.path).name: failure.reason for failure in report.failures}
    assert failures.keys() == {"a.txt", "b.txt"}
    assert all("cannot be indexed" in reason for reason in failures.values())
    assert "secret" not in str(failures)
    assert [Path(path).name for path in report.plan.added] == ["z.txt"]
    assert report.documents == 4  # the earlier version of b.txt stays
    assert check_index(store) == []
    assert plan_update(store, [docs]).empty  # not tried again until the file changes


def test_a_document_that_a_new_model_cannot_embed_is_removed(
    tmp_path: Path, update: Update, encoder: Encoder
) -> None:
    docs, store = tmp_path / "docs", tmp_path / "store"
    write(docs, (b"a.txt", b"The poison is green."))
    update(store, docs)
    other = Fragile(encoder, "encode")
    other.identity = replace(encoder.identity, name="other", sha256="its hash")
    report = update(store, docs, model="other", load=lambda name: other)
    assert [Path(failure.path).name for failure in report.failures] == ["a.txt"]
    assert report.documents == 1  # vectors of two models cannot be mixed
    assert check_index(store) == []


def test_a_model_that_always_fails_ends_the_update(
    tmp_path: Path, update: Update, encoder: Encoder
) -> None:
    write(tmp_path / "docs")
    broken = Fragile(encoder, "encode", word="")
    with pytest.raises(RuntimeError):
        update(tmp_path / "store", tmp_path / "docs", load=lambda name: broken)
    assert not (tmp_path / "store" / "CURRENT").exists()


def test_an_error_outside_of_the_parser_is_reported_for_the_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.txt"
    file.write_text(GOOD)

    def fail(*given: object) -> None:
        raise RecursionError("secret text")

    monkeypatch.setattr("index.ingest.parser_process.split_sentences", fail)
    request = {
        "task": "parse",
        "file": {"path": "a.txt", "source": str(file), "member": ""},
        "ocr": {"pages": 1, "seconds": 1},
    }
    _, there = multiprocessing.Pipe()
    answer = json.loads(index.ingest.parser_process._answer(request, there))
    assert answer["problem"] == "cannot be read (RecursionError)"
    assert answer["sha256"]  # the same bytes are not tried again


@pytest.mark.timeout(60)
def test_a_pipe_in_place_of_a_document_does_not_block(tmp_path: Path, update: Update) -> None:
    docs, store = tmp_path / "docs", tmp_path / "store"
    write(docs, (b"a.txt", b"The kettle is red."))
    update(store, docs)
    record = require_current(store).documents[0]
    Path(record.source).unlink()
    os.mkfifo(record.source)
    assert file_status(record) == "gone"
    report = update(store, docs, Path(record.source))  # named explicitly
    assert [failure.reason for failure in report.failures] == [
        "cannot be read (not a regular file): check its permissions"
    ]
    assert report.documents == 2
    assert update(store, docs).plan.removed == (record.path,)
    os.mkfifo(docs / ".ragignore")
    with pytest.raises(Exception, match=r"\.ragignore cannot be read \(not a regular file\)"):
        update(store, docs)


def test_a_file_is_read_only_if_size_and_time_do_not_show_a_change(
    tmp_path: Path, update: Update, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.ingest.scan._TICK", -(10**18))  # as if it were long ago
    write(tmp_path / "docs", (b"a.txt", b"The kettle is red."))
    update(tmp_path / "store", tmp_path / "docs")
    changed, same = require_current(tmp_path / "store").documents
    os.truncate(changed.source, 2 * 1024**3)

    def fail(*given: object) -> None:
        raise AssertionError("a file was read")

    monkeypatch.setattr("hashlib.file_digest", fail)
    assert file_status(changed) == "changed"
    assert file_status(same) == "indexed"
