from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index import (
    MULTILINGUAL_MODEL,
    ModelUnavailableError,
    Place,
    WordEmbeddings,
    load_words,
)
from rag.assistant import Assistant
from rag.library.library import Library
from rag.reader import Reader, encode_window, load_reader, model, read_evidence
from rag.reader.encoding import MAX_TOKENS
from rag.reader.model import NEIGHBOURS, WEIGHTS, find_windows, open_reader
from rag.settings import load_settings
from rag.types import UNREAD, Evidence, Signals

PASSAGE = (
    "The lighthouse at Skarv was finished in 1874.",
    "Its first keeper was Nora Lind.",
    "She kept goats on the island.",
    "The lamp burns oil that is brought by boat.",
)


@pytest.fixture(scope="session")
def reader() -> Reader:
    return load_reader()


def test_the_reader_refuses_changed_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = bytearray(WEIGHTS.read_bytes())
    content[len(content) // 2] ^= 1  # ONNX Runtime does not notice this
    weights = tmp_path / "weights.onnx"
    weights.write_bytes(content)
    monkeypatch.setitem(model.SHA256, weights, model.SHA256[WEIGHTS])
    with pytest.raises(ModelUnavailableError, match="are damaged or changed"):
        open_reader(weights)
    with pytest.raises(ModelUnavailableError, match="cannot be read"):
        open_reader(tmp_path / "missing")


@pytest.fixture(scope="session")
def words() -> WordEmbeddings:
    return load_words(MULTILINGUAL_MODEL)


@pytest.mark.parametrize(
    "question",
    [
        "Who was its first keeper?",
        "Wer war der erste Leuchtturmwärter?",
        "Qui était le premier gardien ?",
        "¿Quién fue el primer farero?",
    ],
)
def test_questions_in_several_languages_are_read(reader: Reader, question: str) -> None:
    ((first, second, third),) = reader.read(question, [("Skarv", PASSAGE[:3])])
    assert second.logit > max(first.logit, third.logit) + 1
    assert PASSAGE[1][slice(*second.span)] == "Nora Lind"


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("Wer darf das Boot am Sonntag benutzen?", "Mitglieder"),
        ("Who may use the boat on Sundays?", "Mitglieder"),
        ("¿Quién puede usar el barco los domingos?", "Mitglieder"),
        ("How much do guests pay for the boat?", "12 Euro"),
    ],
)
def test_german_documents_are_read_in_the_language_of_the_question(
    german: Library, question: str, words: str
) -> None:
    answer = Assistant(library=german).ask(question)
    assert not answer.refused
    assert any(words in citation.sentence for citation in answer.citations)


@pytest.fixture(scope="module")
def german(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("german")
    (folder / "Bootsordnung.txt").write_text(
        "Das Boot liegt am Steg hinter dem Vereinshaus.\n\n"
        "Werktags steht es allen Gästen gegen eine Gebühr von 12 Euro zur Verfügung.\n\n"
        "An Sonntagen dürfen es nur Mitglieder benutzen.\n\n"
        "Vor dem Ablegen sind Schwimmwesten anzulegen.\n\n"
        "Nach der Fahrt ist der Rumpf mit Süßwasser zu spülen.\n",
        "utf-8",
    )
    settings = load_settings(store=folder / "store", embedding_model=MULTILINGUAL_MODEL)
    with closing(Library(settings)) as library:
        library.update([folder / "Bootsordnung.txt"])
        yield library


def make(position: int, around: tuple[str, ...] = PASSAGE, document: str = "a.txt") -> Evidence:
    text = around[position]
    return Evidence(
        document=document,
        title="Skarv",
        start=0,
        end=len(text),
        sentence=text,
        place=Place(),
        score=0.0,
        readable=text,
        around=around,
        position=position,
        role="statement",
        signals=Signals(0.0, 0.0, 0.0, 0.0, 0.0),
    )


def test_the_weights_are_small_enough_to_ship() -> None:
    assert WEIGHTS.stat().st_size < 25 * 2**20


@pytest.mark.parametrize(
    ("question", "position", "short"),
    [
        ("When was the lighthouse finished?", 0, "1874"),
        ("Who was the first keeper?", 1, "Nora Lind"),
        ("What animals were on the island?", 2, "goats"),
        ("What does the lamp burn?", 3, "oil"),
    ],
)
def test_the_reader_finds_the_sentence_and_the_words_in_it(
    reader: Reader, question: str, position: int, short: str
) -> None:
    read = read_evidence(reader, question, [make(n) for n in range(len(PASSAGE))])
    best = max(read, key=lambda item: item.signals.read)
    assert best.position == position
    assert best.span is not None
    assert short in best.readable[slice(*best.span)]


def test_only_the_first_items_are_read(reader: Reader) -> None:
    evidence = [make(0), make(3, document="b.txt"), make(1, document="c.txt")]
    read = read_evidence(reader, "Who was the first keeper?", evidence, 2)
    assert [item.signals.read == UNREAD for item in read] == [False, False, True]


def test_reading_nothing_returns_nothing(reader: Reader) -> None:
    assert reader.read("Who?", []) == []
    assert reader.read("Who?", [("", ["   "])]) == [[]]
    assert read_evidence(reader, "Who?", []) == []


def test_a_sentence_that_does_not_fit_gets_no_reading(reader: Reader) -> None:
    long = tuple(f"Word{n} " * 90 for n in range(4))
    read = read_evidence(reader, "Who?", [make(0, long), make(1, long), make(2, long)])
    assert read[0].signals.read != UNREAD
    assert read[2].signals.read == UNREAD
    assert read[2].span is None


TEXT = st.text(st.characters(codec="utf-8"), max_size=300)


@settings(max_examples=60, deadline=None)
@given(question=TEXT, title=TEXT, sentences=st.lists(TEXT, max_size=6))
def test_token_offsets_lie_inside_their_sentence(
    words: WordEmbeddings, question: str, title: str, sentences: list[str]
) -> None:
    tokens = encode_window(words, question, title, sentences)
    assert len(tokens.ids) == len(tokens.types) == len(tokens.offsets) <= MAX_TOKENS
    last = 0
    for (start, stop), sentence in zip(tokens.sentences, sentences, strict=False):
        assert last <= start < stop <= len(tokens.ids) - 1
        last = stop
        for begin, end in tokens.offsets[start:stop]:
            assert 0 <= begin <= end <= len(sentence)


@settings(max_examples=60, deadline=None)
@given(st.sets(st.integers(0, 11), max_size=8))
def test_windows_contain_every_sentence_once_with_its_neighbours(positions: set[int]) -> None:
    around = tuple(f"Sentence {n}." for n in range(12))
    windows = list(find_windows([make(n, around) for n in positions]))
    held = [n for _, first, last in windows for n in range(first, last)]
    assert len(held) == len(set(held))
    for position in positions:
        near = range(max(position - NEIGHBOURS, 0), min(position + NEIGHBOURS + 1, 12))
        assert set(near) <= set(held)
