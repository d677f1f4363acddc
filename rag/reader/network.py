"""Runs a network of our own with ONNX Runtime. The only file of `rag` that imports onnxruntime.

The layers are in an ONNX file. They were trained on the word embeddings of an embedding model,
which are looked up in that model's package.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from index import (
    SLOW_FUSION,
    ModelUnavailableError,
    WordEmbeddings,
    leave_behind,
    watch_forks,
)
from rag.reader.encoding import Tokens
from rag.reader.outputs import Outputs

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

_REINSTALL = "reinstall footnote-rag"


class Network:
    """A network with four outputs per token. Safe to use from many threads.

    A run uses so many `threads`, 0: one for each core.
    """

    def __init__(self, content: bytes, words: WordEmbeddings, threads: int = 0) -> None:
        self.words = words
        self._content = content
        self._threads = threads
        self._session = _start(content, threads)
        watch_forks(self)

    def run(self, tokens: Tokens) -> Outputs:
        """Return the outputs of a sequence, shape (tokens, 4)."""
        ids, types = np.array([tokens.ids]), np.array([tokens.types])
        inputs = {"embedded": self.words.look_up(ids), "types": types, "mask": np.ones_like(ids)}
        outputs: Any = self._session.run(["outputs"], inputs)
        return np.asarray(outputs[0][0], np.float32)

    def renew_after_fork(self) -> None:
        """Start another session, because the inherited one lacks ONNX Runtime's threads.

        It would wait for them forever, when it runs and when it is destroyed.
        """
        leave_behind(self._session)
        self._session = _start(self._content, self._threads)


def load_network(
    weights: Path, sha256: str | None, words: WordEmbeddings, threads: int = 0
) -> Network:
    """Load the network of a file; `sha256` is what its content must have, None for any.

    `words` are those that it was trained on; `threads` as for a `Network`. Raises
    `ModelUnavailableError` if the file cannot be read or has another hash.
    """
    return Network(_load(weights, sha256), words, threads)


def _start(content: bytes, threads: int) -> InferenceSession:
    from onnxruntime import InferenceSession, SessionOptions

    options = SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = threads
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
