"""Runs a network of our own with ONNX Runtime. The only file of `rag` that imports onnxruntime.

The layers are in an ONNX file. They were trained on the word embeddings of the
embedding model, which are loaded from that model's package, so that they are not shipped twice.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from index import (
    SLOW_FUSION,
    ModelUnavailableError,
    find_bundled_model,
    leave_behind,
    watch_forks,
)
from rag.reader.encoding import Tokens
from rag.reader.outputs import Outputs

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

_REINSTALL = "reinstall footnote-rag"
_EMBEDDINGS = "embeddings.word_embeddings.weight"


class Network:
    """A network with four outputs per token. Safe to use from many threads."""

    def __init__(
        self, content: bytes, tokenizer: Tokenizer, embeddings: npt.NDArray[np.float32]
    ) -> None:
        self.tokenizer = tokenizer
        self._content = content
        self._embeddings = embeddings
        self._session = _start(content)
        watch_forks(self)

    def run(self, tokens: Tokens) -> Outputs:
        """Return the outputs of a sequence, shape (tokens, 4)."""
        ids, types = np.array([tokens.ids]), np.array([tokens.types])
        inputs = {"embedded": self._embeddings[ids], "types": types, "mask": np.ones_like(ids)}
        outputs: Any = self._session.run(["outputs"], inputs)
        return np.asarray(outputs[0][0], np.float32)

    def renew_after_fork(self) -> None:
        """Start another session, because the inherited one lacks ONNX Runtime's threads.

        It would wait for them forever, when it runs and when it is destroyed.
        """
        leave_behind(self._session)
        self._session = _start(self._content)


def load_network(weights: Path, sha256: str | None) -> Network:
    """Load the network of a file; `sha256` is what its content must have, None for any.

    Raises `ModelUnavailableError` if the file cannot be read or has another hash.
    """
    folder = find_bundled_model()
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    embeddings = _map_tensor(folder / "model.safetensors", _EMBEDDINGS)
    return Network(_load(weights, sha256), tokenizer, embeddings)


def _start(content: bytes) -> InferenceSession:
    from onnxruntime import InferenceSession, SessionOptions

    options = SessionOptions()
    options.log_severity_level = 3
    # Spinning threads take CPU time from other questions and do not make one question faster.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return InferenceSession(
        content,
        options,
        providers=["CPUExecutionProvider"],
        disabled_optimizers=[SLOW_FUSION],
    )


def _load(file: Path, sha256: str | None) -> bytes:
    """Return the content of a weights file, whose hash has been checked."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise ModelUnavailableError(
            f"the weights {file} cannot be read ({error.strerror})", _REINSTALL
        ) from error
    if sha256 is not None and hashlib.sha256(content).hexdigest() != sha256:
        raise ModelUnavailableError(f"the weights {file} are damaged or changed", _REINSTALL)
    return content


def _map_tensor(file: Path, name: str) -> npt.NDArray[np.float32]:
    """Memory-map a tensor of 32-bit floats.

    The safetensors library would load all of it (45 MB and 50 ms more), or one row per call (30 ms
    more for a question), because its slices take no list of rows. The format is a length, a JSON
    header and the data; see https://huggingface.co/docs/safetensors.
    """
    with file.open("rb") as stream:
        size = int.from_bytes(stream.read(8), "little")
        entry = json.loads(stream.read(size))[name]
    if entry["dtype"] != "F32":
        raise ValueError(f"{name} in {file} is {entry['dtype']}, not F32")
    offset = 8 + size + entry["data_offsets"][0]
    return np.memmap(file, np.float32, "r", offset, tuple(entry["shape"]))
