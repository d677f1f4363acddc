import io
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from fpdf import FPDF
from PIL import Image

from index import (
    BUNDLED_MODEL,
    MULTILINGUAL_MODEL,
    Encoder,
    ModelMismatchError,
    SourceError,
    StoreBrokenError,
    update_index,
)
from index.files.manifest import FORMAT
from rag.assistant import Assistant
from rag.errors import UnknownDocumentError
from rag.library.documents import file_status, page_at
from rag.library.library import DEFAULT_DOCUMENTS, Library, join_lines
from rag.settings import load_settings
from rag.suggestions import suggest_questions
from rag.types import Turn

MakeLibrary = Callable[..., Library]


def test_an_update_without_paths_uses_the_indexed_paths(
    make_library: MakeLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_library(one__txt="The tower is 50 metres tall.")
    monkeypatch.chdir(tmp_path)
    again = Library(load_settings(store=made.store))
    assert again.sources() == [Path("documents")]
    assert Library(load_settings(store=tmp_path / "none")).sources() == [DEFAULT_DOCUMENTS]
    (tmp_path / "documents").rename(tmp_path / "elsewhere")
    with pytest.raises(SourceError, match="documents, which the index was made from"):
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


def test_suggestions_can_be_limited_to_documents_and_do_not_repeat(seeds: Library) -> None:
    every = suggest_questions(seeds)
    answer = Assistant(library=seeds).ask(every[0])
    after = suggest_questions(seeds, after=[Turn(every[0].upper(), every[0], answer)])
    assert every[0] not in after
    paths = {record.path for record in seeds.documents() if "glossary" in record.path}
    of_one = suggest_questions(seeds, documents=paths)
    assert of_one
    assert of_one != every


def test_suggestions_use_names_if_the_text_has_no_questions(
    make_library: MakeLibrary,
) -> None:
    library = make_library(
        a__txt="Nora Lind said that the tower would stand. In 1890 Nora Lind built it in Oslo."
    )
    assert "What did Nora Lind say?" in suggest_questions(library)


def test_no_suggestion_is_answered_with_nothing_or_with_what_was_told(
    make_library: MakeLibrary,
) -> None:
    library = make_library(
        a__md=(
            "# Help\n\nWith Linux many people work. With Linux it is fast.\n\n"
            "Who helps at Tarn Mill?\n\nPeople Ops.\n\n"
            "## When does the *old* mill at Tarn open?\n\n"
            "The old mill at Tarn opens at nine o'clock in the morning.\n\n"
            "## When can people see the old mill at Tarn open?\n\n"
            "What did you do at the mill today?\n\n"
            "## Where is the library of Tarn?\n\nThe library of Tarn is on the market square.\n"
        )
    )
    suggestions = suggest_questions(library, 9)
    assert "When does the old mill at Tarn open?" in suggestions
    assert "Where is the library of Tarn?" in suggestions
    assert not [each for each in suggestions if "Linux" in each or "helps" in each or "you" in each]
    assert len([each for each in suggestions if "open?" in each]) == 1
    opening = Assistant(library=library).ask("When does the old mill open?")
    after = suggest_questions(library, 9, after=[Turn("When?", "When?", opening)])
    assert after == [each for each in suggestions if "open?" not in each]


def test_an_outdated_index_is_rebuilt_from_the_same_folders(
    make_library: MakeLibrary,
) -> None:
    library = make_library(one__txt="The tower is 50 metres tall.")
    (manifest,) = (library.store / "snapshots").glob("*.json")
    manifest.write_text(manifest.read_text().replace(f'"format": {FORMAT}', '"format": 99'))
    again = Library(load_settings(store=library.store), load=lambda name: library.models.load(name))
    with pytest.raises(StoreBrokenError, match="rag index --full"):
        again.update()
    assert again.update(full=True).documents == 1
    again.close()


def test_the_page_of_a_citation_is_drawn_and_its_lines_are_found(seeds: Library) -> None:
    record = next(record for record in seeds.documents() if record.format == "pdf")
    opened = seeds.open_document(record.path)
    assert opened is not None
    document = opened.document
    start = document.parts[1].start
    end = document.text.index(".", start) + 1
    assert page_at(document, start) == 2
    layout = seeds.pages.lay_out(record, document, 2)
    assert layout is not None and (layout.number, layout.count) == (2, len(document.parts))
    lines = list(join_lines(layout, start, end))
    told = "".join(document.text[each.start : each.end] for each in lines)
    assert "".join(told.split()) == "".join(document.text[start:end].split())
    picture = seeds.pages.draw(record, 2)
    assert picture is not None
    with Image.open(io.BytesIO(picture)) as image:
        assert image.width / image.height == pytest.approx(layout.width / layout.height, abs=0.01)
        for line in lines:  # there is ink in each box
            left, top, right, bottom = line.box
            box = left * image.width, top * image.height, right * image.width, bottom * image.height
            darkest, _ = image.convert("L").crop(tuple(map(round, box))).getextrema()
            assert darkest < 100
    assert seeds.pages.draw(record, 99) is None
    assert seeds.pages.draw(record, 0) is None


def test_no_page_is_shown_of_a_file_that_has_changed(make_library: Callable[..., Library]) -> None:
    pdf = FPDF()
    pdf.set_font("Times", size=12)
    pdf.add_page()
    pdf.multi_cell(0, 6, "The crane lifts forty tons.")
    library = make_library(a__txt="No pages here.")
    (record,) = library.documents()
    file = Path(record.source).with_name("a.pdf")
    file.write_bytes(bytes(pdf.output()))
    library.update()
    assert library.pages.draw(record, 1) is None
    printed = next(record for record in library.documents() if record.format == "pdf")
    assert library.pages.draw(printed, 1) is not None
    file.write_bytes(file.read_bytes() + b"\n% a comment")
    assert library.pages.draw(printed, 1) is None
    file.unlink()
    assert library.pages.draw(printed, 1) is None


def test_documents_are_found_by_path_place_and_name(make_library: Callable[..., Library]) -> None:
    library = make_library(one__txt="One.", two__txt="Two.")
    record = library.documents()[0]
    for name in (record.path, record.source, "one.txt"):
        assert library.find_document(name) == record
    with pytest.raises(UnknownDocumentError, match="did you mean"):
        library.find_document(f"{record.path}x")


def test_an_index_can_only_select_shipped_models(tmp_path: Path, encoder: Encoder) -> None:
    """What an index names may be anything: a folder of weights, a name to fetch."""
    (tmp_path / "one.txt").write_text("The tower is 50 metres tall.")

    class Other:
        identity = replace(encoder.identity, name="other/model", sha256="f" * 64)
        count_tokens, encode_passages = encoder.count_tokens, encoder.encode_passages

    loaded: list[str] = []

    def load(name: str) -> Encoder:
        loaded.append(name)
        return encoder

    update_index(tmp_path / "store", [tmp_path / "one.txt"], load=lambda name: Other())  # type: ignore[arg-type, return-value]
    with closing(Library(load_settings(store=tmp_path / "store"), load)) as library:
        with library.snapshot() as snapshot:
            with pytest.raises(ModelMismatchError, match="RAG_EMBEDDING_MODEL=other/model"):
                library.models.encoder(snapshot)
            assert loaded == []
        library.update([tmp_path / "one.txt"])
        with library.snapshot() as snapshot:
            assert library.models.encoder(snapshot).identity == encoder.identity
        assert set(loaded) == {BUNDLED_MODEL}


def test_a_library_loads_the_model_of_a_new_index(tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "one.txt").write_text("The tower is 50 metres tall. It stands at the harbour.")
    store = tmp_path / "store"
    with closing(Library(load_settings(store=store, documents=folder))) as library:
        library.update()
        with library.snapshot() as snapshot:
            assert library.models.encoder(snapshot).identity.name == BUNDLED_MODEL
        (folder / "two.txt").write_text(
            "El río subió dos metros durante la noche. Hubo que abandonar el pueblo al amanecer.",
            "utf-8",
        )
        with closing(Library(library.settings)) as elsewhere:
            elsewhere.update(full=True)
        with library.snapshot() as snapshot:
            encoder = library.models.encoder(snapshot)
            assert encoder.identity.name == MULTILINGUAL_MODEL
            assert encoder.identity == snapshot.manifest.model
            assert library.models.encoder(snapshot) is encoder
