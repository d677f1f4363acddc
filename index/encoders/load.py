"""The name of an embedding model -> an encoder, on the engine that suits the machine."""

from __future__ import annotations

from functools import partial

from index.encoders.gpu import GpuEncoder, has_gpu
from index.encoders.model_files import (
    BUNDLED_MODEL,
    MULTILINGUAL_MODEL,
    find_model,
    hash_model,
)
from index.encoders.onnx_export import export_model, find_export
from index.encoders.protocol import Encoder
from index.encoders.sentence_transformers import load_sentence_encoder


def load_encoder(name: str = BUNDLED_MODEL) -> Encoder:
    """Load a sentence-transformers model by name or folder; the bundled ones need no network.

    It runs on ONNX Runtime if its export gives the same vectors; the export is made when a model
    is first used, which takes some seconds. Raises `ModelUnavailableError`.
    """
    if name == MULTILINGUAL_MODEL:
        from index.encoders.multilingual import load_multilingual

        return load_multilingual()
    folder = find_model(name)
    sha256 = hash_model(name, folder)
    found = find_export(name, sha256, folder)
    if found is None:
        loaded = load_sentence_encoder(name, folder, sha256)
        found = export_model(loaded, folder)
        if found is None:
            return loaded
    elif found == "unfit":
        return load_sentence_encoder(name, folder, sha256)
    if has_gpu():
        return GpuEncoder(found, partial(load_sentence_encoder, name, folder, sha256))
    return found
