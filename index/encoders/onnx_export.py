"""A sentence-transformers model -> an ONNX file that has proved to give the same vectors.

Exported once for a model's weights, into the user's cache folder. First with 8-bit weights; where
those are too far from sentence-transformers' own vectors, with those of 32 bits; where these are
too, the model stays with sentence-transformers, and that is noted, so that it is not tried anew.
Only that is noted: whatever else keeps a model from being exported is tried again the next time.
"""

from __future__ import annotations

import logging
import shutil
import warnings
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from index.arrays import Vectors
from index.encoders.kept_exports import find_kept, keep_export, place_export
from index.encoders.model_files import hash_settings
from index.encoders.onnx import OnnxEncoder, Recipe
from index.encoders.protocol import Encoder, ModelIdentity, join_sentences
from index.encoders.sentence_transformers import SentenceEncoder, pools_late

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

log = logging.getLogger(__name__)

_OPSET = 17
# The lowest cosine to the true vectors that is accepted, over all passages and sentences below.
ENOUGH: dict[Literal["int8", "fp32"], float] = {"int8": 0.97, "fp32": 0.9999}
_SAMPLE = (
    ("The ferry leaves at seven.", "It needs two hours for the crossing, three in a storm."),
    ("Opening hours: 9-17.", "Closed on 24 December 2025 (see § 4.2)!"),
    ("Der Bürgermeister antwortete nicht.", "Seine Sprecherin nannte „Terminprobleme“."),
    ("Le musée possède 1 204 œuvres.", "Une seule est exposée."),
    ("def area(radius): return 3.14159 * radius ** 2",),
    ("x",),
    ("水は摂氏百度で沸騰する。", "氷は零度で溶ける。"),
    tuple(f"Row {row} of the register was checked by inspector {row % 7}." for row in range(40)),
)


class _Unfit(Exception):
    """A model cannot be exported, at least not now."""


class _Untrue(_Unfit):
    """A model's export was measured, and gives other vectors: it would do so again."""


def find_export(name: str, sha256: str, model: Path) -> OnnxEncoder | Literal["unfit"] | None:
    """Return the export of the model in this folder; None if there is none yet."""

    def open_export(folder: Path, note: dict[str, Any]) -> OnnxEncoder:
        return OnnxEncoder(folder, Recipe(**note), ModelIdentity(name, sha256, note["dimension"]))

    return find_kept(place_export(sha256, hash_settings(model)), open_export)


def export_model(encoder: SentenceEncoder, model: Path) -> OnnxEncoder | None:
    """Export a model that was loaded from a folder, check it and keep it.

    Returns None if it has to stay with sentence-transformers. A cache folder that cannot be
    written is a reason too; it is tried again the next time.
    """
    identity = encoder.identity
    log.warning("the embedding model is prepared for its first use, which takes some seconds")
    target = place_export(identity.sha256, hash_settings(model))

    def write(folder: Path) -> dict[str, Any]:
        try:
            return asdict(_export(encoder, folder))
        except _Untrue as verdict:
            _say_slower(identity.name, verdict)
            return {"unfit": str(verdict)}

    try:
        keep_export(target, write)
    except _Unfit as verdict:
        _say_slower(identity.name, verdict)
        return None
    except OSError as error:
        log.warning(
            "the embedding model runs on sentence-transformers, which is slower: "
            "its export could not be kept in %s (%s)",
            target.parent,
            error.strerror or type(error).__name__,
        )
        return None
    found = find_export(identity.name, identity.sha256, model)
    return found if isinstance(found, OnnxEncoder) else None


def _say_slower(name: str, verdict: _Unfit) -> None:
    log.warning(
        "the embedding model %s runs on sentence-transformers, which is slower: %s", name, verdict
    )


def encode_sample(encoder: Encoder) -> Vectors:
    """Return the vectors of questions, passages and sentences that exports are checked with."""
    passages = [join_sentences(sentences) for sentences in _SAMPLE]
    questions = [sentences[0] for sentences in _SAMPLE]
    return np.concatenate([encoder.encode_questions(questions), *encoder.encode_passages(passages)])


def find_lowest(one: Vectors, other: Vectors) -> float:
    """Return the lowest cosine between the rows of one and those of the other."""
    return float(np.sum(one * other, axis=1).min())


def _export(encoder: SentenceEncoder, folder: Path) -> Recipe:
    """Write the files of the export into a folder. Raises `_Unfit`, or `OSError`."""
    try:
        return _export_checked(encoder, folder)
    except (_Unfit, OSError):
        raise
    except Exception as error:
        raise _Unfit(f"it cannot be exported ({type(error).__name__})") from error


def _export_checked(encoder: SentenceEncoder, folder: Path) -> Recipe:
    true = encode_sample(encoder)
    recipe = _describe(encoder.model, encoder.identity.dimension)
    encoder.model.tokenizer.backend_tokenizer.save(str(folder / "tokenizer.json"))
    exact = folder / "exact.onnx"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _write_exact(encoder.model, exact)
        for precision, enough in ENOUGH.items():
            if precision == "int8":
                _write_int8(exact, folder / "model.onnx")
            else:
                shutil.copyfile(exact, folder / "model.onnx")
            made = OnnxEncoder(folder, recipe, encoder.identity)
            lowest = find_lowest(true, encode_sample(made))
            log.info("%s agrees to %.5f", precision, lowest)
            if lowest >= enough:
                exact.unlink()
                return replace(recipe, precision=precision, agreement=lowest)
    (folder / "model.onnx").unlink()
    exact.unlink()
    raise _Untrue(f"its export gives other vectors (a cosine of {lowest:.3f})")


def _describe(model: SentenceTransformer, dimension: int) -> Recipe:
    """Return how the vectors of a model come about. Raises `_Unfit` for what is not known here."""
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer

    modules = list(model)
    known = len(modules) in (2, 3) and isinstance(modules[0], Transformer)
    known = known and isinstance(modules[1], Pooling)
    if not known or not all(isinstance(module, Normalize) for module in modules[2:]):
        raise _Unfit(f"it is built of {', '.join(type(m).__name__ for m in modules)}")
    pooling: Any = modules[1].pooling_mode
    if pooling not in ("mean", "cls") or not model.tokenizer.is_fast:
        raise _Unfit(f"it pools by {pooling}, or its tokenizer is none of the fast ones")
    prompts = model.prompts
    return Recipe(
        pooling=pooling,
        late=pools_late(model),
        max_tokens=int(model.max_seq_length or model.tokenizer.model_max_length),
        dimension=dimension,
        question_prompt=prompts.get("query") or "",
        document_prompt=next(
            filter(None, (prompts.get(name) for name in ("document", "passage", "corpus"))), ""
        ),
        precision="fp32",
        agreement=1.0,
    )


def _write_exact(model: SentenceTransformer, file: Path) -> None:
    """Write the transformer: the ids of whole texts in, the vectors of their tokens out."""
    import torch

    transformer: Any = model[0].auto_model
    transformer.eval()

    class Tokens(torch.nn.Module):
        def forward(self, ids: torch.Tensor) -> torch.Tensor:
            # No mask: a run holds one text, without padding, and attention is quicker so.
            hidden: torch.Tensor = transformer(input_ids=ids).last_hidden_state
            return hidden

    module = Tokens()
    module.add_module("transformer", transformer)
    torch.onnx.export(
        module,
        (torch.ones(2, 16, dtype=torch.long),),
        str(file),
        input_names=["ids"],
        output_names=["tokens"],
        dynamic_axes={name: {0: "texts", 1: "tokens"} for name in ("ids", "tokens")},
        opset_version=_OPSET,
        dynamo=False,
    )


def _write_int8(exact: Path, file: Path) -> None:
    """Write the model with 8-bit weights, a scale for each of their columns."""
    from onnx import TensorProto
    from onnxruntime.quantization import QuantType, quantize_dynamic

    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.ERROR)  # it would advise a step that has been taken
    try:
        quantize_dynamic(
            exact,
            file,
            weight_type=QuantType.QInt8,
            per_channel=True,
            op_types_to_quantize=["MatMul"],
            extra_options={"DefaultTensorType": TensorProto.FLOAT},
        )
    finally:
        root.setLevel(level)
