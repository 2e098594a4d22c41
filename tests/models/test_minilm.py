from pathlib import Path

import numpy as np
import pytest

from coach.models import minilm

VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "late", "##ness", "é"]
SIZES = {"_LAYERS": 2, "_WIDTH": 8, "_HEADS": 2, "_FEED_FORWARD": 12, "_LENGTH": 6}


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """The upstream files of a very small model of the same kind."""
    from safetensors.numpy import save_file

    for name, size in SIZES.items():
        monkeypatch.setattr(minilm, name, size)
    random = np.random.default_rng(1)
    vectors = {name for name in minilm._names() if "LayerNorm" in name or name.endswith("bias")}
    shapes = {name: (8,) if name in vectors else (8, 8) for name in minilm._names()}
    tensors = {name: random.standard_normal(shape).astype(np.float32) for name, shape in shapes.items()}
    weights, vocabulary = tmp_path / "model.safetensors", tmp_path / "vocab.txt"
    save_file(tensors, weights)
    vocabulary.write_text("\n".join(VOCABULARY) + "\n", encoding="utf-8")
    return weights, vocabulary


def read(path: Path):
    from gguf import GGUFReader

    return GGUFReader(path)


def test_the_output_is_the_same_byte_for_byte(source: tuple[Path, Path], tmp_path: Path) -> None:
    minilm.write_minilm(*source, tmp_path / "first.gguf")
    minilm.write_minilm(*source, tmp_path / "second.gguf")
    first = (tmp_path / "first.gguf").read_bytes()
    assert first[:4] == b"GGUF"
    assert first == (tmp_path / "second.gguf").read_bytes()


def test_it_describes_the_model(source: tuple[Path, Path], tmp_path: Path) -> None:
    minilm.write_minilm(*source, tmp_path / "made.gguf")
    fields = {name: field.contents() for name, field in read(tmp_path / "made.gguf").fields.items()}
    assert fields["general.architecture"] == "bert"
    assert fields["bert.context_length"] == 6
    assert fields["bert.embedding_length"] == 8
    assert fields["bert.block_count"] == 2
    assert fields["bert.attention.causal"] is False
    assert fields["bert.pooling_type"] == 1
    assert fields["tokenizer.ggml.tokens"] == [*VOCABULARY[:5], "▁late", "ness", "▁é"]
    assert fields["tokenizer.ggml.token_type"] == [3, 3, 3, 3, 3, 1, 1, 1]
    assert fields["tokenizer.ggml.seperator_token_id"] == VOCABULARY.index("[SEP]")


def test_every_tensor_is_kept_and_only_matrices_are_halved(source: tuple[Path, Path], tmp_path: Path) -> None:
    from safetensors.numpy import load_file

    minilm.write_minilm(*source, tmp_path / "made.gguf")
    made = {tensor.name: tensor.data for tensor in read(tmp_path / "made.gguf").tensors}
    original = load_file(source[0])
    assert set(made) == set(minilm._names().values())
    for old, new in minilm._names().items():
        small = original[old].ndim == 2 and new not in ("position_embd.weight", "token_types.weight")
        assert made[new].dtype == (np.float16 if small else np.float32), new
        np.testing.assert_allclose(made[new], original[old], atol=0.01)


def test_a_weights_file_that_lacks_a_tensor_makes_nothing_by_accident(source: tuple[Path, Path], tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    tensors = load_file(source[0])
    del tensors["embeddings.LayerNorm.bias"]
    save_file(tensors, source[0])
    with pytest.raises(KeyError, match=r"embeddings\.LayerNorm\.bias"):
        minilm.write_minilm(*source, tmp_path / "made.gguf")
