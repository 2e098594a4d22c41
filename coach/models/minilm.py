"""Writes all-MiniLM-L6-v2 as a GGUF, so that llama.cpp, which is there anyway, embeds sentences too.

Source of the layout: llama.cpp's own converter for BERT (architecture ``bert``, WordPiece vocabulary, mean pooling).
Weights are float16, but the position and type embeddings float32: as float16 they abort llama.cpp. The
output is the same byte for byte each time, so its hash can be pinned.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt

_LAYERS, _WIDTH, _HEADS, _FEED_FORWARD, _LENGTH = 6, 384, 12, 1536, 512
_CONTROL = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}

_TOP = {
    "embeddings.word_embeddings.weight": "token_embd.weight",
    "embeddings.position_embeddings.weight": "position_embd.weight",
    "embeddings.token_type_embeddings.weight": "token_types.weight",
    "embeddings.LayerNorm.weight": "token_embd_norm.weight",
    "embeddings.LayerNorm.bias": "token_embd_norm.bias",
}
_LAYER = {
    "attention.self.query": "attn_q",
    "attention.self.key": "attn_k",
    "attention.self.value": "attn_v",
    "attention.output.dense": "attn_output",
    "attention.output.LayerNorm": "attn_output_norm",
    "intermediate.dense": "ffn_up",
    "output.dense": "ffn_down",
    "output.LayerNorm": "layer_output_norm",
}


def _names() -> dict[str, str]:
    """The name in the GGUF of every tensor in the source."""
    names = dict(_TOP)
    for layer in range(_LAYERS):
        for old, new in _LAYER.items():
            for kind in ("weight", "bias"):
                names[f"encoder.layer.{layer}.{old}.{kind}"] = f"blk.{layer}.{new}.{kind}"
    return names


def _stored(name: str, tensor: npt.NDArray[np.float32]) -> npt.NDArray[np.floating]:
    """The tensor in the type it is stored in."""
    small = tensor.ndim == 2 and name not in ("position_embd.weight", "token_types.weight")
    return tensor.astype(np.float16 if small else np.float32)


def _marked(token: str) -> str:
    """A WordPiece token as llama.cpp keeps it: beginnings of words are marked, not their continuations."""
    if token in _CONTROL:
        return token
    return token[2:] if token.startswith("##") else "\u2581" + token


def write_minilm(weights: Path, vocabulary: Path, target: Path) -> None:
    """Convert the upstream files to a GGUF at ``target``."""
    import gguf
    from safetensors.numpy import load_file

    writer = gguf.GGUFWriter(target, "bert")
    writer.add_name("all-MiniLM-L6-v2")
    writer.add_context_length(_LENGTH)
    writer.add_embedding_length(_WIDTH)
    writer.add_feed_forward_length(_FEED_FORWARD)
    writer.add_block_count(_LAYERS)
    writer.add_head_count(_HEADS)
    writer.add_layer_norm_eps(1e-12)
    writer.add_causal_attention(False)
    writer.add_pooling_type(gguf.PoolingType.MEAN)
    _add_vocabulary(writer, vocabulary)
    tensors = load_file(weights)
    for old, new in _names().items():
        writer.add_tensor(new, _stored(new, tensors[old]))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _add_vocabulary(writer: "gguf.GGUFWriter", vocabulary: Path) -> None:  # type: ignore[name-defined]  # noqa: F821
    tokens = vocabulary.read_text(encoding="utf-8").splitlines()
    writer.add_tokenizer_model("bert")
    writer.add_tokenizer_pre("default")
    writer.add_token_type_count(2)
    writer.add_token_list([_marked(token) for token in tokens])
    writer.add_token_types([3 if token in _CONTROL else 1 for token in tokens])
    for name, add in (
        ("[PAD]", writer.add_pad_token_id),
        ("[UNK]", writer.add_unk_token_id),
        ("[SEP]", writer.add_sep_token_id),
        ("[MASK]", writer.add_mask_token_id),
    ):
        add(tokens.index(name))
    writer.add_bos_token_id(tokens.index("[CLS]"))
    writer.add_eos_token_id(tokens.index("[SEP]"))
