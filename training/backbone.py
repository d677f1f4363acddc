"""The models that the reader is trained from, without their word embeddings."""

from __future__ import annotations

import torch
from transformers import BertConfig, BertModel

from index.encoders.model_files import find_bundled_model
from index.encoders.multilingual import open_packed

LAYERS = 12  # of multilingual-e5-small
# On two cores, training is half as fast again without dropout, which one epoch does not need, and
# with plain attention.
_FAST = {
    "hidden_dropout_prob": 0.0,
    "attention_probs_dropout_prob": 0.0,
    "attn_implementation": "eager",
}
_DENSE = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


def load_minilm() -> BertModel:
    """Load all-MiniLM-L6-v2, from which the check of claims is trained."""
    return BertModel.from_pretrained(str(find_bundled_model()), add_pooling_layer=False)


def load_backbone(layers: int = LAYERS) -> BertModel:
    """Load the lowest layers of multilingual-e5-small, from which the reader is trained."""
    packed = open_packed()
    config = BertConfig(
        vocab_size=1,  # the reader looks the words up elsewhere
        hidden_size=packed.width,
        num_hidden_layers=layers,
        num_attention_heads=packed.heads,
        intermediate_size=packed.inner,
        max_position_embeddings=packed.window,
        layer_norm_eps=packed.epsilon,
        **_FAST,
    )
    model = BertModel(config, add_pooling_layer=False)

    def vector(name: str) -> torch.Tensor:
        return torch.tensor(packed.vector(name))

    state = {
        "embeddings.word_embeddings.weight": model.embeddings.word_embeddings.weight,
        "embeddings.position_embeddings.weight": vector("emb.pos").reshape(-1, packed.width),
        "embeddings.token_type_embeddings.weight": vector("emb.type").reshape(-1, packed.width),
        "embeddings.LayerNorm.weight": vector("emb.ln.w"),
        "embeddings.LayerNorm.bias": vector("emb.ln.b"),
    }
    for number in range(layers):
        for short, name in _DENSE.items():
            columns = packed.inner if short == "fo" else packed.width
            source = f"l{number}.{short}"
            weight = (
                vector(f"{source}.w")
                if short.endswith("ln")
                else torch.tensor(packed.matrix(f"{source}.w", columns))
            )
            state[f"encoder.layer.{number}.{name}.weight"] = weight
            state[f"encoder.layer.{number}.{name}.bias"] = vector(f"{source}.b")
    model.load_state_dict(state)
    return model
