from collections.abc import Callable
from pathlib import Path

import pytest

from index import SourceError
from rag.documents import file_status
from rag.library import DEFAULT_DOCUMENTS, Library
from rag.settings import load_settings
from rag.suggestions import suggest_questions

MakeLibrary = Callable[..., Library]


def test_an_update_without_paths_reads_what_the_index_was_made_of(
    make_library: MakeLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_library(one__txt="The tower is 50 metres tall.")
    monkeypatch.chdir(tmp_path)
    again = Library(load_settings(store=made.store))
    assert again.sources() == [Path("documents")]
    assert Library(load_settings(store=tmp_path / "none")).sources() == [DEFAULT_DOCUMENTS]
    (tmp_path / "documents").rename(tmp_path / "elsewhere")
    with pytest.raises(SourceError, match="documents, which the index was made of"):
        again.sources()
    configured = Library(load_settings(store=made.store, documents="elsewhere"))
    assert configured.sources() == [Path("elsewhere")]


def test_a_document_knows_whether_its_file_has_changed(make_library: MakeLibrary) -> None:
    library = make_library(one__txt="The tower is 50 metres tall.")
    (record,) = library.documents()
    assert file_status(record) == "indexed"
    Path(record.source).write_text("Other words.")
    assert file_status(record) == "changed"
    Path(record.source).unlink()
    assert file_status(record) == "gone"


def test_suggestions_are_answered_by_the_documents(seeds: Library) -> None:
    suggestions = suggest_questions(seeds)
    assert len(suggestions) == 4
    assert len(set(suggestions)) == 4


def test_suggestions_are_made_of_names_where_no_question_is_asked(
    make_library: MakeLibrary,
) -> None:
    library = make_library(
        a__txt="Nora Lind said that the tower would stand. In 1890 Nora Lind built it in Oslo."
    )
    assert "What did Nora Lind say?" in suggest_questions(library)
