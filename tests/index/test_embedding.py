"""Vectors: those of sentence-transformers, whatever engine they come from."""

import json
import shutil
import stat
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index import (
    BUNDLED_MODEL,
    Encoder,
    ModelUnavailableError,
    find_bundled_model,
    load_encoder,
)
from index.encoders import kept_exports, model_files, onnx_export
from index.encoders.gpu import GpuEncoder
from index.encoders.kept_exports import place_export
from index.encoders.onnx import OnnxEncoder
from index.encoders.protocol import PassageText
from index.encoders.sentence_transformers import SentenceEncoder, load_sentence_encoder

TEXT = "The letter arrived on Wednesday. It was short."
SPANS = ((0, 32), (33, 46))
PASSAGE = PassageText(TEXT, SPANS)


@pytest.fixture(scope="module")
def true() -> SentenceEncoder:
    return load_sentence_encoder(BUNDLED_MODEL, find_bundled_model(), "")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in place of the user's cache."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    return folder


def test_the_bundled_model_is_the_published_one(encoder: Encoder) -> None:
    assert encoder.identity.name == BUNDLED_MODEL
    assert encoder.identity.dimension == 384
    assert encoder.identity.sha256.startswith("53aa5117")


def test_passage_and_sentence_vectors_come_from_one_pass(true: SentenceEncoder) -> None:
    own = true.model.encode(TEXT)
    passages, sentences = true.encode_passages([PASSAGE])
    assert passages[0] == pytest.approx(own, abs=1e-5)
    assert sentences.shape == (2, 384)
    assert np.linalg.norm(sentences, axis=1) == pytest.approx([1, 1], abs=1e-5)
    assert float(sentences[0] @ sentences[1]) < 0.99


def test_the_exported_model_agrees_with_sentence_transformers(
    encoder: Encoder, true: SentenceEncoder
) -> None:
    assert isinstance(encoder, OnnxEncoder)
    assert encoder.recipe.precision == "int8"
    texts = ["How many helmets?", "Der Fluss war zugefroren.", TEXT * 40]
    for mine, theirs in zip(
        (encoder.encode_questions(texts), *encoder.encode_passages([PASSAGE])),
        (true.encode_questions(texts), *true.encode_passages([PASSAGE])),
        strict=True,
    ):
        assert mine.shape == theirs.shape
        assert np.sum(mine * theirs, axis=1).min() > 0.97
    assert encoder.count_tokens(texts) == true.count_tokens(texts)


def test_in_32_bits_the_vectors_are_the_same(
    cache: Path, true: SentenceEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(onnx_export.ENOUGH, "int8", 1.1)  # nothing is good enough
    exported = onnx_export.export_model(true, find_bundled_model())
    assert exported is not None
    assert exported.recipe.precision == "fp32"
    for mine, theirs in zip(
        exported.encode_passages([PASSAGE]), true.encode_passages([PASSAGE]), strict=True
    ):
        assert mine == pytest.approx(theirs, abs=1e-4)


def test_an_export_with_different_vectors_is_not_used(
    cache: Path,
    true: SentenceEncoder,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with monkeypatch.context() as stricter:
        for precision in ("int8", "fp32"):
            stricter.setitem(onnx_export.ENOUGH, precision, 1.1)
        assert onnx_export.export_model(true, find_bundled_model()) is None
    assert "runs on sentence-transformers, which is slower" in caplog.text
    # It is not tried again.
    assert onnx_export.find_export(BUNDLED_MODEL, "", find_bundled_model()) == "unfit"


def test_a_temporary_export_failure_is_not_remembered(
    cache: Path, true: SentenceEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object) -> None:
        raise MemoryError

    for step in ("_write_exact", "_write_int8"):
        with monkeypatch.context() as short:
            short.setattr(onnx_export, step, fail)
            assert onnx_export.export_model(true, find_bundled_model()) is None
        assert onnx_export.find_export(BUNDLED_MODEL, "", find_bundled_model()) is None
    assert isinstance(onnx_export.export_model(true, find_bundled_model()), OnnxEncoder)


def test_another_torch_version_makes_a_new_export(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = place_export("0" * 64, "1" * 64)
    monkeypatch.setattr(kept_exports, "version", lambda package: "99.0")
    assert place_export("0" * 64, "1" * 64) != here


def test_the_export_is_made_once(cache: Path, caplog: pytest.LogCaptureFixture) -> None:
    first, second = load_encoder(), load_encoder()
    assert caplog.text.count("first use") == 1
    assert isinstance(second, OnnxEncoder)
    assert second.encode_questions([TEXT]) == pytest.approx(first.encode_questions([TEXT]))
    (note,) = cache.rglob("export.json")
    assert json.loads(note.read_text())["precision"] == "int8"
    model = note.with_name("model.onnx")
    content = bytearray(model.read_bytes())
    content[len(content) // 2] ^= 1  # ONNX Runtime runs it all the same
    model.write_bytes(content)
    assert load_encoder().encode_questions([TEXT]).shape == (
        1,
        384,
    )  # damaged, so it was exported again
    assert caplog.text.count("first use") == 2


def test_the_model_works_if_the_export_cannot_be_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()  # root may write anywhere but below a file
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert isinstance(load_encoder(), SentenceEncoder)
    assert "could not be kept" in caplog.text


@pytest.mark.parametrize("pooling", ["cls", "mean"])
def test_models_with_other_pooling_or_prompts_are_exported(
    cache: Path, tmp_path: Path, pooling: str
) -> None:
    folder = shutil.copytree(find_bundled_model(), tmp_path / "model")
    for file in folder.rglob("*"):
        file.chmod(file.stat().st_mode | stat.S_IWUSR)
    how = folder / "1_Pooling" / "config.json"
    fields = json.loads(how.read_text())
    fields |= {
        f"pooling_mode_{kind}": kind.startswith(pooling) for kind in ("cls_token", "mean_tokens")
    }
    how.write_text(json.dumps(fields | {"pooling_mode": pooling}))
    config = folder / "config_sentence_transformers.json"
    prompts = {"query": "question: ", "document": "text: "}
    config.write_text(json.dumps(json.loads(config.read_text()) | {"prompts": prompts}))
    made = load_encoder(str(folder))
    other = load_sentence_encoder("", folder, "")
    assert isinstance(made, OnnxEncoder)
    bundled = load_encoder()  # the same weights, another export
    assert isinstance(bundled, OnnxEncoder)
    assert (bundled.recipe.pooling, bundled.recipe.late) == ("mean", True)
    assert (made.recipe.pooling, made.recipe.late) == (pooling, False)
    for mine, theirs in zip(
        (made.encode_questions([TEXT]), *made.encode_passages([PASSAGE])),
        (other.encode_questions([TEXT]), *other.encode_passages([PASSAGE])),
        strict=True,
    ):
        assert np.sum(mine * theirs, axis=1).min() > 0.97


def test_passages_are_embedded_on_the_gpu_if_there_is_one(
    encoder: Encoder, true: SentenceEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    loaded: list[Any] = []

    def load() -> SentenceEncoder:
        loaded.append(true)
        return true

    both = GpuEncoder(encoder, load)
    assert both.encode_questions([TEXT]) == pytest.approx(encoder.encode_questions([TEXT]))
    assert both.count_tokens([TEXT]) == encoder.count_tokens([TEXT])
    assert loaded == []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert both.encode_passages([PASSAGE])[0] == pytest.approx(true.encode_passages([PASSAGE])[0])
    assert len(loaded) == 1
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    alone = GpuEncoder(encoder, load)
    assert alone.encode_passages([PASSAGE])[0] == pytest.approx(
        encoder.encode_passages([PASSAGE])[0]
    )


def test_a_sentence_beyond_the_window_still_has_a_vector(encoder: Encoder) -> None:
    text = "word " * 500 + "end."
    _, sentences = encoder.encode_passages(
        [PassageText(text, ((0, 4), (len(text) - 4, len(text))))]
    )
    assert np.isfinite(sentences).all()


def test_a_vector_does_not_depend_on_what_else_is_encoded(
    encoder: Encoder, true: SentenceEncoder
) -> None:
    long = PassageText("Other words entirely. " * 20, ((0, 21),))
    for each, within in ((encoder, 1e-6), (true, 1e-5)):
        alone, _ = each.encode_passages([PASSAGE])
        together, _ = each.encode_passages([long, PASSAGE])
        assert together[1] == pytest.approx(alone[0], abs=within)


def test_a_model_in_a_folder_works(tmp_path: Path, encoder: Encoder) -> None:
    copy = shutil.copytree(find_bundled_model(), tmp_path / "model")
    other = load_encoder(str(copy))
    assert other.identity.sha256 == encoder.identity.sha256
    assert other.encode_questions([TEXT]) == pytest.approx(encoder.encode_questions([TEXT]))


def test_tampered_weights_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"other weights")
    monkeypatch.setattr(model_files, "find_bundled_model", lambda: tmp_path)
    with pytest.raises(ModelUnavailableError, match="reinstall"):
        load_encoder()


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailableError, match="RAG_EMBEDDING_MODEL"):
        load_encoder(str(tmp_path))


def test_an_unknown_model_name_is_refused() -> None:
    with pytest.raises(ModelUnavailableError, match="no-such/model"):
        load_encoder("no-such/model")


def test_two_concurrent_exports_do_not_disturb_each_other(
    cache: Path, true: SentenceEncoder
) -> None:
    first = onnx_export.export_model(true, find_bundled_model())
    second = onnx_export.export_model(true, find_bundled_model())
    assert isinstance(first, OnnxEncoder)
    assert isinstance(second, OnnxEncoder)
