"""Loads a checkpoint, or shipped 8-bit weights as floats, to continue a reader's training."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper

from training.reader import Reader

_LAYER = "/encoder/encoder/layer.{}/{}/dense/MatMul_quant"
_DENSE = ("attention/output", "intermediate", "output")


def load_weights(reader: Reader, file: Path) -> None:
    """Load the layers of a file written by `export_reader`, or a checkpoint `.pt`, into a reader.

    Raises `KeyError` if an exported file has other layers, `RuntimeError` if a checkpoint has.
    """
    if file.suffix == ".pt":
        reader.load_state_dict(torch.load(file, weights_only=True))
        return
    graph = onnx.load(str(file)).graph
    values = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
    nodes = {node.name: node for node in graph.node}
    state = {name: torch.tensor(value) for name, value in values.items() if _is_plain(name)}
    for number in range(reader.encoder.config.num_hidden_layers):
        prefix = f"encoder.encoder.layer.{number}"
        for name in _DENSE:
            weight = _restore(values, nodes[_LAYER.format(number, name)].input[1])
            state[f"{prefix}.{name.replace('/', '.')}.dense.weight"] = weight
        joined = _restore(values, nodes[f"Attention_{number}_quant"].input[1])
        biases = torch.tensor(values[f"Attention_{number}_qkv_bias"])
        parts = zip(joined.chunk(3), biases.chunk(3), strict=True)
        for name, (weight, bias) in zip(("query", "key", "value"), parts, strict=True):
            state[f"{prefix}.attention.self.{name}.weight"] = weight
            state[f"{prefix}.attention.self.{name}.bias"] = bias
    state["head.weight"] = _restore(values, nodes["/head/MatMul_quant"].input[1])
    missing, unexpected = reader.load_state_dict(state, strict=False)
    left = [name for name in missing if "word_embeddings" not in name]
    if left or unexpected:
        raise KeyError(f"{file} lacks the layers {left} and has the unknown layers {unexpected}")


def average_weights(reader: Reader, other: Reader) -> None:
    """Replace a reader's weights by the mean of its own and those of the `other` reader.

    The mean of weights before and after a further step answers better than either: Wortsman et al.,
    2022, https://arxiv.org/abs/2203.05482. Both readers have the same layers.
    """
    weights = zip(reader.parameters(), other.parameters(), strict=True)
    with torch.no_grad():
        for own, others in weights:
            own.add_(others).div_(2)


def _is_plain(name: str) -> bool:
    return bool(re.match(r"(encoder\.(embeddings|encoder\.layer)|head)\.", name)) and (
        not name.endswith(("_quantized", "_scale", "_zero_point"))
    )


def _restore(values: dict[str, np.ndarray], quantised: str) -> torch.Tensor:
    """Return a dequantised matrix in torch's shape (outputs, inputs)."""
    name = quantised.removesuffix("_quantized")
    steps = values[quantised].astype(np.float32) - values[f"{name}_zero_point"]
    return torch.tensor((steps * values[f"{name}_scale"]).T.copy())
