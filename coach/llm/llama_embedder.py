"""The embedder, made of what ``native`` offers."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from coach.llm.base import Progress, Vector, untold
from coach.llm.native import NATIVE, Batch, Weights

_EMBED_TOKENS = 512  # the trained length of MiniLM; more than n_ubatch aborts the process


class LlamaEmbedder:
    """A BERT-like sentence model (mean pooling) in a GGUF file; text beyond 510 tokens is averaged by windows."""

    def __init__(self, path: Path, sha256: str, progress: Progress = untold) -> None:
        with NATIVE:
            self._weights = Weights(path, progress=progress)
            lib = self._weights.lib
            self.sha256, self.width = sha256, self._weights.width
            pooling = {"embeddings": True, "pooling_type": lib.LLAMA_POOLING_TYPE_MEAN}
            self._context = self._weights.context(n_ctx=_EMBED_TOKENS, **pooling)
            self._batch = Batch(lib)

    def embed(self, texts: Sequence[str]) -> Vector:
        """One vector a text; see ``Embedder.embed``."""
        rows = [self._whole(text) for text in texts]
        return np.vstack(rows) if rows else np.zeros((0, self.width), np.float32)

    def _whole(self, text: str) -> Vector:
        with NATIVE:
            ids = self._weights.tokens(text, trusted=False, wrap=True)
            if len(ids) < 3:  # only the two marks at its ends: nothing to embed
                return np.zeros(self.width, np.float32)
            first, body, last = ids[0], ids[1:-1], ids[-1]
            step = _EMBED_TOKENS - 2
            windows = [[first, *body[at : at + step], last] for at in range(0, min(len(body), 8 * step), step)]
            total = np.sum([self._window(ids) * len(ids) for ids in windows], axis=0)
        return np.asarray(total / max(float(np.linalg.norm(total)), 1e-9), np.float32)

    def _window(self, ids: list[int]) -> Vector:
        lib = self._weights.lib
        lib.llama_memory_clear(lib.llama_get_memory(self._context), True)
        self._batch.decode(self._context, ids, 0, outputs=True)
        pointer = lib.llama_get_embeddings_seq(self._context, 0)
        vector = np.ctypeslib.as_array(pointer, shape=(self.width,)).astype(np.float32, copy=True)
        return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-9), np.float32)
