import shutil
from pathlib import Path

import numpy as np
import pytest

from index import (
    BUNDLED_MODEL,
    Encoder,
    ModelUnavailableError,
    embedding,
    find_bundled_model,
    load_encoder,
)
from index.embedding import PassageText, SentenceEncoder

TEXT = "The letter arrived on Wednesday. It was short."
SPANS = ((0, 32), (33, 46))


def test_the_bundled_model_is_the_published_one(encoder: Encoder) -> None:
    assert encoder.identity.name == BUNDLED_MODEL
    assert encoder.identity.dimension == 384
    assert encoder.identity.sha256.startswith("53aa5117")


def test_one_pass_gives_the_passage_its_usual_vector(encoder: Encoder) -> None:
    from sentence_transformers import SentenceTransformer

    own = SentenceTransformer(str(find_bundled_model())).encode(TEXT)
    passages, sentences = encoder.encode_passages([PassageText(TEXT, SPANS)])
    assert passages[0] == pytest.approx(own, abs=1e-5)
    assert sentences.shape == (2, 384)
    assert np.linalg.norm(sentences, axis=1) == pytest.approx([1, 1], abs=1e-5)
    assert float(sentences[0] @ sentences[1]) < 0.99


def test_a_sentence_beyond_the_window_still_has_a_vector(encoder: Encoder) -> None:
    text = "word " * 500 + "end."
    _, sentences = encoder.encode_passages(
        [PassageText(text, ((0, 4), (len(text) - 4, len(text))))]
    )
    assert np.isfinite(sentences).all()


def test_padding_does_not_change_a_vector(encoder: Encoder) -> None:
    alone, _ = encoder.encode_passages([PassageText(TEXT, SPANS)])
    long = PassageText("Other words entirely. " * 20, ((0, 21),))
    together, _ = encoder.encode_passages([long, PassageText(TEXT, SPANS)])
    assert together[1] == pytest.approx(alone[0], abs=1e-5)


def test_a_model_that_does_not_pool_by_mean_encodes_each_sentence(encoder: Encoder) -> None:
    assert isinstance(encoder, SentenceEncoder)
    plain = SentenceEncoder(encoder._model, encoder.identity)
    assert plain._late_chunking
    plain._late_chunking = False
    passages, sentences = plain.encode_passages([PassageText(TEXT, SPANS)])
    expected = encoder.encode_questions([TEXT[0:32], TEXT[33:46], TEXT])
    assert np.concatenate([sentences, passages]) == pytest.approx(expected, abs=1e-5)


def test_a_model_in_a_folder_works(tmp_path: Path, encoder: Encoder) -> None:
    copy = shutil.copytree(find_bundled_model(), tmp_path / "model")
    other = load_encoder(str(copy))
    assert other.identity.sha256 == encoder.identity.sha256
    assert other.encode_questions([TEXT]) == pytest.approx(encoder.encode_questions([TEXT]))


def test_tampered_weights_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"other weights")
    monkeypatch.setattr(embedding, "find_bundled_model", lambda: tmp_path)
    with pytest.raises(ModelUnavailableError, match="reinstall"):
        load_encoder()


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailableError, match="RAG_EMBEDDING_MODEL"):
        load_encoder(str(tmp_path))


def test_a_name_that_leads_nowhere_is_refused() -> None:
    with pytest.raises(ModelUnavailableError, match="no-such/model"):
        load_encoder("no-such/model")
