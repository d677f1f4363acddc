"""A sentence-transformers model -> an ONNX file that is checked to give the same vectors.

A model is exported once into the user's cache folder, first with 8-bit weights. If the resulting
vectors differ too much from those of sentence-transformers, it is exported with 32-bit weights. If
these differ too much as well, the model runs on sentence-transformers, and this result is stored
so that the export is not tried again. Any other failure of an export is not stored; the export is
tried again when the model is loaded the next time.
"""

from __future__ import annotations

import json
import logging
import platform
import shutil
import tempfile
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from platformdirs import user_cache_path

from index.encoders.model_files import hash_files, hash_settings
from index.encoders.onnx import OnnxEncoder, Recipe
from index.encoders.protocol import join_sentences
from index.encoders.sentence_transformers import SentenceEncoder, pools_late

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

log = logging.getLogger(__name__)

_VERSION = 2  # of the exported files
_OPSET = 17
_NOTE = "export.json"
_HASH = "sha256"  # key in the note: the hash of the exported files
# The lowest accepted cosine to the vectors of sentence-transformers, over all sample texts below.
_MIN_COSINES: dict[Literal["int8", "fp32"], float] = {"int8": 0.97, "fp32": 0.9999}
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


class _NotExportable(Exception):
    """The model cannot be exported. The export is tried again the next time."""


class _VectorsDiffer(_NotExportable):
    """The model's export gives other vectors. It would do so again, so the result is stored."""


def find_export(name: str, sha256: str, model: Path) -> OnnxEncoder | Literal["unfit"] | None:
    """Return the encoder of an exported model, or None if the model was not exported yet.

    `model` is the model's folder. "unfit" means that the export gives other vectors.
    """
    folder = _export_folder(sha256, model)
    try:
        note = json.loads((folder / _NOTE).read_text("utf-8"))
        if "unfit" in note:
            return "unfit"
        exported = note.pop(_HASH)
        with ThreadPoolExecutor(1) as other:  # hashes the files while ONNX Runtime loads them
            found = other.submit(_hash_export, folder)
            encoder = OnnxEncoder(folder, Recipe(**note), name, sha256)
            if found.result() != exported:
                raise ValueError("the hash does not match")
        return encoder
    except FileNotFoundError:
        return None
    except Exception as error:  # noqa: BLE001 - ONNX Runtime's errors have no common base class
        log.warning(
            "the exported embedding model is damaged (%s): it is exported again",
            type(error).__name__,
        )
        shutil.rmtree(folder, ignore_errors=True)
        return None


def export_model(encoder: SentenceEncoder, model: Path) -> OnnxEncoder | None:
    """Export a model, check the export and store it in the cache folder.

    `model` is the folder from which `encoder` was loaded. Returns None if the model has to run on
    sentence-transformers, or if the cache folder cannot be written.
    """
    identity = encoder.identity
    log.warning("the embedding model is exported for its first use, which takes some seconds")
    target = _export_folder(identity.sha256, model)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent) as made:
            folder = Path(made, "export")
            folder.mkdir()
            try:
                note: dict[str, Any] = asdict(_export(encoder, folder))
                note[_HASH] = _hash_export(folder)
            except _VectorsDiffer as reason:
                note = {"unfit": str(reason)}
                _warn_slower(identity.name, reason)
            (folder / _NOTE).write_text(json.dumps(note, indent=2), "utf-8")
            try:
                folder.rename(target)
            except OSError:
                if not target.exists():  # another process may have exported it meanwhile
                    raise
    except _NotExportable as reason:
        _warn_slower(identity.name, reason)
        return None
    except OSError as error:
        log.warning(
            "the embedding model runs on sentence-transformers, which is slower: "
            "its export could not be stored in %s (%s)",
            target.parent,
            error.strerror or type(error).__name__,
        )
        return None
    found = find_export(identity.name, identity.sha256, model)
    return found if isinstance(found, OnnxEncoder) else None


def _hash_export(folder: Path) -> str:
    return hash_files(folder / "model.onnx", folder / "tokenizer.json")


def _warn_slower(name: str, reason: _NotExportable) -> None:
    log.warning(
        "the embedding model %s runs on sentence-transformers, which is slower: %s", name, reason
    )


def _export_folder(sha256: str, model: Path) -> Path:
    # An export that was checked on one kind of CPU, or with one torch, may differ on another.
    machine = f"{platform.machine()}-torch{version('torch')}"
    name = f"{sha256[:16]}-{hash_settings(model)[:16]}-{machine}-{_VERSION}"
    return user_cache_path("footnote") / "models" / name


def _export(encoder: SentenceEncoder, folder: Path) -> Recipe:
    """Write the files of the export into a folder. Raises `_NotExportable` or `OSError`."""
    try:
        return _export_checked(encoder, folder)
    except (_NotExportable, OSError):
        raise
    except Exception as error:
        raise _NotExportable(f"it cannot be exported ({type(error).__name__})") from error


def _export_checked(encoder: SentenceEncoder, folder: Path) -> Recipe:
    passages = [join_sentences(sentences) for sentences in _SAMPLE]
    questions = [sentences[0] for sentences in _SAMPLE]
    expected = (encoder.encode_questions(questions), *encoder.encode_passages(passages))
    recipe = _describe(encoder.model, encoder.identity.dimension)
    encoder.model.tokenizer.backend_tokenizer.save(str(folder / "tokenizer.json"))
    exact = folder / "exact.onnx"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _write_exact(encoder.model, exact)
        for precision, least in _MIN_COSINES.items():
            if precision == "int8":
                _write_int8(exact, folder / "model.onnx")
            else:
                shutil.copyfile(exact, folder / "model.onnx")
            made = OnnxEncoder(folder, recipe, "", "")
            own = (made.encode_questions(questions), *made.encode_passages(passages))
            lowest = min(
                float(np.sum(a * b, axis=1).min()) for a, b in zip(expected, own, strict=True)
            )
            log.info("%s agrees to %.5f", precision, lowest)
            if lowest >= least:
                exact.unlink()
                return replace(recipe, precision=precision, agreement=lowest)
    (folder / "model.onnx").unlink()
    exact.unlink()
    raise _VectorsDiffer(f"its export gives other vectors (a cosine of {lowest:.3f})")


def _describe(model: SentenceTransformer, dimension: int) -> Recipe:
    """Return how the vectors of a model are computed.

    Raises `_NotExportable` for a model of unknown structure.
    """
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer

    modules = list(model)
    known = len(modules) in (2, 3) and isinstance(modules[0], Transformer)
    known = known and isinstance(modules[1], Pooling)
    if not known or not all(isinstance(module, Normalize) for module in modules[2:]):
        raise _NotExportable(f"it consists of {', '.join(type(m).__name__ for m in modules)}")
    pooling: Any = modules[1].pooling_mode
    if pooling not in ("mean", "cls") or not model.tokenizer.is_fast:
        raise _NotExportable(f"it pools by {pooling}, or it has no fast tokenizer")
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
    """Export the transformer in 32 bits: input are the token ids of texts, output their vectors."""
    import torch

    transformer: Any = model[0].auto_model
    transformer.eval()

    class Tokens(torch.nn.Module):
        def forward(self, ids: torch.Tensor) -> torch.Tensor:
            # No mask: a run has one text without padding, and attention is faster without a mask.
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
    """Write the model with 8-bit weights; each column of a weight matrix has its own scale."""
    from onnx import TensorProto
    from onnxruntime.quantization import QuantType, quantize_dynamic

    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.ERROR)  # hides advice to preprocess the model, which is not needed here
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
