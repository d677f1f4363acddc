"""A packed model -> an ONNX file for ONNX Runtime, without torch.

The word embeddings are most of the model and keep their 4 bits. They are in a second file, which
ONNX Runtime maps into memory, so only the rows that are looked up are read.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from index.encoders.packed import BLOCK, PackedModel

_OPSET = 21
_MICROSOFT = "com.microsoft"  # operators of ONNX Runtime's own
_INLINE = 1024  # bytes; smaller tensors are stored in the graph's own file


def write_graph(model: PackedModel, precision: Literal["int8", "fp32"], file: Path) -> None:
    """Write the encoder: the ids of a text's tokens in, their vectors out.

    With "int8", weight matrices have 8 bits and one scale per output, and their inputs are rounded
    to 8 bits when the model runs. With "fp32", the weights are exactly those of the packed model.
    """
    graph = _Graph(model, precision)
    made = helper.make_graph(
        graph.nodes,
        "encoder",
        [helper.make_tensor_value_info("ids", TensorProto.INT64, ["texts", "tokens"])],
        [helper.make_tensor_value_info(graph.output, TensorProto.FLOAT, None)],
        graph.tensors,
    )
    opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_MICROSOFT, 1)]
    onnx.save_model(
        helper.make_model(made, opset_imports=opsets, ir_version=10),
        file,
        save_as_external_data=True,
        location=f"{file.name}.data",
        size_threshold=_INLINE,
    )


class _Graph:
    """BERT's encoder (Devlin et al., 2019), operator by operator."""

    def __init__(self, model: PackedModel, precision: Literal["int8", "fp32"]) -> None:
        self.nodes: list[Any] = []
        self.tensors: list[Any] = []
        self._model = model
        self._precision = precision
        hidden = self._embed()
        for number in range(model.layers):
            last = number == model.layers - 1
            hidden = self._add_layer(hidden, f"l{number}", "tokens" if last else f"l{number}.out")
        self.output = hidden

    def _embed(self) -> str:
        model, name = self._model, "emb.word"
        numbers, scales = model.blocks(name)
        nibbles = numbers.view(np.uint8) & 15
        words = TensorProto(name=name, data_type=TensorProto.INT4, dims=[model.words, model.width])
        words.raw_data = (nibbles[:, 0::2] | nibbles[:, 1::2] << 4).tobytes()
        self.tensors.append(words)
        self._keep("emb.scale", scales.reshape(model.words, -1))
        self._add("GatherBlockQuantized", [name, "ids", "emb.scale"], "words", _MICROSOFT,
                  gather_axis=0, quantize_axis=1, block_size=BLOCK, bits=4)  # fmt: skip
        # All tokens have type 0: type 1 is for the second text of a pair.
        kinds = model.vector("emb.type").reshape(-1, model.width)
        places = model.vector("emb.pos").reshape(-1, model.width) + kinds[0]
        self._keep("places", places)
        self._keep("first", np.zeros(1, np.int64))
        self._add("Shape", ["ids"], "length", start=1, end=2)
        self._add("Slice", ["places", "first", "length", "first"], "placed")
        self._add("Add", ["words", "placed"], "embedded")
        return self._normalise("embedded", "emb.ln", "emb.out")

    def _add_layer(self, hidden: str, name: str, output: str) -> str:
        parts = [f"{name}.q", f"{name}.k", f"{name}.v"]
        self._multiply(hidden, parts, f"{name}.qkv")
        self._add("Split", [f"{name}.qkv"], parts, axis=-1, num_outputs=3)
        self._add("MultiHeadAttention", parts, f"{name}.heads", _MICROSOFT,
                  num_heads=self._model.heads)  # fmt: skip
        self._multiply(f"{name}.heads", [f"{name}.ao"], f"{name}.attended")
        self._add("Add", [hidden, f"{name}.attended"], f"{name}.kept")
        middle = self._normalise(f"{name}.kept", f"{name}.aln", f"{name}.middle")
        self._multiply(middle, [f"{name}.fi"], f"{name}.inner")
        self._add("Gelu", [f"{name}.inner"], f"{name}.gelu")
        self._multiply(f"{name}.gelu", [f"{name}.fo"], f"{name}.outer")
        self._add("Add", [middle, f"{name}.outer"], f"{name}.summed")
        return self._normalise(f"{name}.summed", f"{name}.oln", output)

    def _normalise(self, tokens: str, name: str, output: str) -> str:
        for part in ("w", "b"):
            self._keep(f"{name}.{part}", self._model.vector(f"{name}.{part}"))
        self._add("LayerNormalization", [tokens, f"{name}.w", f"{name}.b"], output,
                  axis=-1, epsilon=self._model.epsilon)  # fmt: skip
        return output

    def _multiply(self, tokens: str, names: list[str], output: str) -> None:
        """Multiply by matrices, side by side, and add their biases."""
        columns = self._model.inner if names[0].endswith(".fo") else self._model.width
        weights = np.concatenate([self._model.matrix(f"{n}.w", columns) for n in names]).T
        bias = np.concatenate([self._model.vector(f"{name}.b") for name in names])
        self._keep(f"{output}.b", bias)
        if self._precision == "fp32":
            self._keep(f"{output}.w", weights)
            self._add("MatMul", [tokens, f"{output}.w"], f"{output}.product")
            self._add("Add", [f"{output}.product", f"{output}.b"], output)
            return
        scales = np.abs(weights).max(axis=0) / 127
        self._keep(f"{output}.w", np.rint(weights / scales).astype(np.int8))
        self._keep(f"{output}.s", scales.astype(np.float32))
        self._keep(f"{output}.z", np.zeros(len(scales), np.int8))
        inputs = [tokens, *(f"{output}.{part}" for part in "wszb")]
        self._add("DynamicQuantizeMatMul", inputs, output, _MICROSOFT)

    def _keep(self, name: str, values: npt.NDArray[Any]) -> None:
        self.tensors.append(numpy_helper.from_array(np.ascontiguousarray(values), name))

    def _add(
        self, kind: str, inputs: list[str], output: str | list[str], domain: str = "", **how: Any
    ) -> None:
        outputs = [output] if isinstance(output, str) else output
        self.nodes.append(helper.make_node(kind, inputs, outputs, domain=domain, **how))
