"""Runs the reader's weights with ONNX Runtime. The only file of `rag` that imports onnxruntime.

The layers are in `weights.onnx`. The word embeddings are loaded from the embedding model's package,
because the layers were trained on top of them, so that they are not shipped twice.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from index import SLOW_FUSION, ModelUnavailableError, find_bundled_model, leave_behind
from rag.reader.encoding import Tokens, encode_window
from rag.reader.outputs import Outputs, Reading, read_outputs

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

# Of the weights that ship; `training/` makes others, and then this is to be renewed.
_SHA256 = "2753fc297d5b4dea89d97ea90a16d76e89ce52987bcea6209809429689d18623"
WEIGHTS = Path(__file__).with_name("weights.onnx")
_REINSTALL = "reinstall footnote-rag"
_EMBEDDINGS = "embeddings.word_embeddings.weight"


class Reader:
    """Reads questions beside sentences. Safe to use from many threads."""

    def __init__(
        self, session: InferenceSession, tokenizer: Tokenizer, embeddings: npt.NDArray[np.float32]
    ) -> None:
        self._session = session
        self._tokenizer = tokenizer
        self._embeddings = embeddings

    def read(
        self, question: str, windows: Sequence[tuple[str, Sequence[str]]]
    ) -> list[list[Reading]]:
        """Return the readings of each window, which is a title and consecutive sentences.

        A window may have fewer readings than sentences, because sentences that do not fit are
        omitted.
        """

        def read(window: tuple[str, Sequence[str]]) -> list[Reading]:
            tokens = encode_window(self._tokenizer, question, *window)
            return read_outputs(self._run(tokens), tokens)

        # One at a time: on a CPU, a batch is not faster, and padding would be wasted work.
        return [read(window) for window in windows]

    def _run(self, tokens: Tokens) -> Outputs:
        """Return the outputs of a sequence, shape (tokens, 4)."""
        ids, types = np.array([tokens.ids]), np.array([tokens.types])
        inputs = {"embedded": self._embeddings[ids], "types": types, "mask": np.ones_like(ids)}
        outputs: Any = self._session.run(["outputs"], inputs)
        return np.asarray(outputs[0][0], np.float32)


@cache
def load_reader(weights: Path = WEIGHTS) -> Reader:
    """Load the reader, once for a process.

    Raises `ModelUnavailableError` if the bundled weights are damaged or changed.
    """
    from onnxruntime import InferenceSession, SessionOptions

    folder = find_bundled_model()
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    options = SessionOptions()
    options.log_severity_level = 3
    # Spinning threads take CPU time from other questions and do not make one question faster.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    content = _load_weights(weights)
    session = InferenceSession(
        content,
        options,
        providers=["CPUExecutionProvider"],
        disabled_optimizers=[SLOW_FUSION],
    )
    return Reader(session, tokenizer, _map_tensor(folder / "model.safetensors", _EMBEDDINGS))


def _load_weights(file: Path) -> bytes:
    """Return the content of the weights file, whose hash has been checked."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise ModelUnavailableError(
            f"the reader's weights {file} cannot be read ({error.strerror})", _REINSTALL
        ) from error
    if file == WEIGHTS and hashlib.sha256(content).hexdigest() != _SHA256:
        raise ModelUnavailableError(
            f"the reader's weights {file} are damaged or changed", _REINSTALL
        )
    return content


def _renew_after_fork() -> None:
    """Make a forked process load the reader again, because it lacks ONNX Runtime's threads.

    The inherited session would wait for them forever, when it runs and when it is destroyed.
    """
    if load_reader.cache_info().currsize:
        leave_behind(load_reader())
        load_reader.cache_clear()


os.register_at_fork(after_in_child=_renew_after_fork)


def _map_tensor(file: Path, name: str) -> npt.NDArray[np.float32]:
    """Memory-map a tensor of 32-bit floats. The safetensors library would load it into memory.

    The format is a length, a JSON header and the data; see
    https://huggingface.co/docs/safetensors.
    """
    with file.open("rb") as stream:
        size = int.from_bytes(stream.read(8), "little")
        entry = json.loads(stream.read(size))[name]
    if entry["dtype"] != "F32":
        raise ValueError(f"{name} in {file} is {entry['dtype']}, not F32")
    offset = 8 + size + entry["data_offsets"][0]
    return np.memmap(file, np.float32, "r", offset, tuple(entry["shape"]))
