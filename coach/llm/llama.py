"""llama.cpp through llama-cpp-python's bindings: the only module that imports ``llama_cpp``.

The high-level ``Llama`` class keeps one live prefix and offers hidden states only by a second copy of the
weights, so this adapter uses the bindings below it: one set of weights, one context that writes and one that
reads hidden states. The static part of a prompt is evaluated once and its state is kept on disk, keyed by model,
text and library version; a state that holds a person's words is never stored.

llama.cpp is not safe for two threads, and an abort in it ends the process: one lock guards every call
of both models, and sizes are checked before anything reaches it.
"""

import contextlib
import ctypes
import hashlib
import os
import threading
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from coach.errors import ModelBroken, ModelError
from coach.llm.base import Frame, Prompt, Reading, Sampling, Vector
from coach.llm.formats import chat_format

_NATIVE = threading.RLock()
_CONTEXT_TOKENS = 4096
_BATCH_TOKENS = 512
_MOST_READ_TOKENS = 768  # about 550 words: ten seconds on two cores; longer answers are read up to here
_EMBED_TOKENS = 512  # the trained length of MiniLM; more than n_ubatch aborts the process


def _library() -> Any:
    """Import the bindings late: they load shared objects, and most commands do without."""
    try:
        import llama_cpp
    except (ImportError, OSError, RuntimeError) as exc:
        raise ModelError("llama-cpp-python cannot be loaded. Run `make run` again; it installs it.") from exc
    return llama_cpp


def threads() -> int:
    """All usable cores. The library's own default is half of them, one on a two-core machine."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _Weights:
    """The loaded file: tokenising and the vocabulary."""

    def __init__(self, path: Path) -> None:
        self.lib = _library()
        if not path.is_file() or path.open("rb").read(4) != b"GGUF":
            raise ModelBroken(f"{path} is not a GGUF model file. Run `coach model verify`.")
        self.lib.llama_log_set(_quiet(self.lib), None)
        params = self.lib.llama_model_default_params()
        params.n_gpu_layers = 0
        self.model = self.lib.llama_model_load_from_file(str(path).encode(), params)
        if not self.model:
            raise ModelBroken(f"{path} cannot be loaded by llama.cpp. Run `coach model verify`.")
        self.vocab = self.lib.llama_model_get_vocab(self.model)
        self.width = int(self.lib.llama_model_n_embd(self.model))

    def context(self, **changes: Any) -> Any:
        """A new context over these weights. Raises ModelError when memory does not suffice."""
        params = self.lib.llama_context_default_params()
        params.n_threads = params.n_threads_batch = threads()
        params.n_batch = params.n_ubatch = _BATCH_TOKENS
        for name, value in changes.items():
            setattr(params, name, value)
        context = self.lib.llama_init_from_model(self.model, params)
        if not context:
            raise ModelError("The model does not fit into memory. Close other programs, or use a smaller model.")
        return context

    def tokens(self, text: str, *, trusted: bool, wrap: bool = False) -> list[int]:
        """Token ids. Untrusted text is plain text: `<|im_end|>` in it stays five harmless words."""
        data = text.replace("\0", " ").encode("utf-8", "replace")
        room = len(data) + 8
        ids = (self.lib.llama_token * room)()
        count = self.lib.llama_tokenize(self.vocab, data, len(data), ids, room, wrap, trusted)
        if count < 0:
            raise ModelError("The text could not be split into tokens.")
        return list(ids[:count])

    def piece(self, token: int) -> bytes:
        """The bytes of one token (empty for a control token)."""
        buffer = ctypes.create_string_buffer(256)
        count = self.lib.llama_token_to_piece(self.vocab, token, buffer, 256, 0, False)
        return buffer.raw[: max(count, 0)]

    def chat_template(self) -> str:
        """The chat template written in the file, or nothing."""
        buffer = ctypes.create_string_buffer(1 << 16)
        self.lib.llama_model_meta_val_str(self.model, b"tokenizer.chat_template", buffer, len(buffer))
        return buffer.value.decode("utf-8", "replace")

    def ends(self, token: int) -> bool:
        """Whether the token ends the model's turn."""
        return bool(self.lib.llama_vocab_is_eog(self.vocab, token))


_LOG_CALLBACKS: list[Any] = []


def _quiet(lib: Any) -> Any:
    """A log callback that drops everything: llama.cpp's log may quote a prompt."""
    callback = lib.llama_log_callback(lambda level, text, data: None)
    _LOG_CALLBACKS.append(callback)  # the library keeps a bare pointer to it
    return callback


class _Batch:
    """A reusable llama.cpp batch for one sequence."""

    def __init__(self, lib: Any) -> None:
        self.lib = lib
        self.batch = lib.llama_batch_init(_BATCH_TOKENS, 0, 1)

    def decode(self, context: Any, tokens: Sequence[int], start: int, *, outputs: bool) -> None:
        """Evaluate up to one batch of tokens at positions ``start``…; outputs for all of them or the last."""
        for i, token in enumerate(tokens):
            self.batch.token[i] = token
            self.batch.pos[i] = start + i
            self.batch.n_seq_id[i] = 1
            self.batch.seq_id[i][0] = 0
            self.batch.logits[i] = outputs or i == len(tokens) - 1
        self.batch.n_tokens = len(tokens)
        status = self.lib.llama_decode(context, self.batch)
        if status != 0:
            raise ModelError(f"The model stopped while reading (llama.cpp status {status}).")


def _chunks(tokens: Sequence[int], start: int) -> Iterator[tuple[int, Sequence[int]]]:
    for at in range(0, len(tokens), _BATCH_TOKENS):
        yield start + at, tokens[at : at + _BATCH_TOKENS]


class _Live:
    """Which tokens a context holds evaluated, and how to move it to others with the least work."""

    def __init__(self, weights: _Weights, context: Any) -> None:
        self.weights, self.context, self.lib = weights, context, weights.lib
        self.held: list[int] = []
        self.batch = _Batch(self.lib)

    def keep(self, count: int) -> None:
        """Forget all but the first ``count`` tokens."""
        memory = self.lib.llama_get_memory(self.context)
        self.lib.llama_memory_seq_rm(memory, 0, count, -1)
        del self.held[count:]

    def extend(self, tokens: Sequence[int]) -> None:
        """Evaluate more tokens behind those held. What is held stays true if the model fails on the way."""
        for at, chunk in _chunks(tokens, len(self.held)):
            self.batch.decode(self.context, chunk, at, outputs=False)
            self.held.extend(chunk)

    def shared(self, tokens: Sequence[int]) -> int:
        """How many leading tokens are held already."""
        count = 0
        for ours, theirs in zip(self.held, tokens, strict=False):
            if ours != theirs:
                break
            count += 1
        return count


class _PrefixStore:
    """States of static prompt parts on disk: a few MB each, loaded in milliseconds instead of seconds."""

    def __init__(self, folder: Path, model_sha256: str, version: str) -> None:
        self.folder, self.key = folder, f"{model_sha256}:{version}:{_CONTEXT_TOKENS}"

    def path(self, text: str) -> Path:
        """The file for this static text."""
        return self.folder / (hashlib.sha256(f"{self.key}:{text}".encode()).hexdigest()[:32] + ".state")

    def load(self, live: _Live, text: str, tokens: Sequence[int]) -> bool:
        """Put the state into the context; False where there is none or it does not fit."""
        path, lib = self.path(text), live.lib
        if not path.is_file():
            return False
        found, room = ctypes.c_size_t(0), len(tokens) + 8
        ids = (lib.llama_token * room)()
        live.keep(0)
        read = lib.llama_state_seq_load_file(live.context, str(path).encode(), 0, ids, room, ctypes.byref(found))
        if not read or list(ids[: found.value]) != list(tokens):
            live.keep(0)
            return False
        live.held = list(tokens)
        return True

    def save(self, live: _Live, text: str, tokens: Sequence[int]) -> None:
        """Keep the context's state, which must hold exactly ``tokens``; a full disk only costs time later."""
        path = self.path(text)
        with contextlib.suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            beside = path.with_suffix(f".{os.getpid()}")
            ids = (live.lib.llama_token * len(tokens))(*tokens)
            if live.lib.llama_state_seq_save_file(live.context, str(beside).encode(), 0, ids, len(tokens)):
                beside.replace(path)
            else:
                beside.unlink(missing_ok=True)


class LlamaLanguageModel:
    """A chat model in a GGUF file.

    Args:
        path: the GGUF file.
        sha256: its hash; heads and prefix states are keyed by it.
        prefix_folder: where evaluated static prompt parts are kept; None keeps them in memory only.
    """

    def __init__(self, path: Path, sha256: str, prefix_folder: Path | None = None) -> None:
        with _NATIVE:
            self._weights = _Weights(path)
            lib = self._weights.lib
            self.sha256, self.width = sha256, self._weights.width
            self._format = chat_format(self._weights.chat_template())
            self._writer = _Live(self._weights, self._weights.context(n_ctx=_CONTEXT_TOKENS))
            reading = {"embeddings": True, "pooling_type": lib.LLAMA_POOLING_TYPE_NONE}
            self._reader = _Live(self._weights, self._weights.context(n_ctx=1024, **reading))
        self._store = _PrefixStore(prefix_folder, sha256, lib.__version__) if prefix_folder else None

    # -- reading ---------------------------------------------------------------------------------------------

    def read(self, frame: Frame, text: str) -> Reading:
        """Hidden states of the text's tokens; see ``LanguageModel.read``."""
        with _NATIVE:
            before = self._weights.tokens(frame.before, trusted=True)
            after = self._weights.tokens(frame.after, trusted=True)
            words = self._weights.tokens(text, trusted=False)
            kept = words[:_MOST_READ_TOKENS]
            states = self._states(before, [*kept, *after])
        spans = _character_spans(text, [self._weights.piece(token) for token in kept])
        inside = states[: len(kept)]
        return Reading(inside, spans, states[-1], complete=len(kept) == len(words))

    def _states(self, before: list[int], tokens: list[int]) -> Vector:
        """Evaluate ``tokens`` behind the kept ``before`` and collect a state for each."""
        live = self._reader
        if live.held[: len(before)] != before:
            live.keep(0)
            live.extend(before)
        live.keep(len(before))
        rows: list[Vector] = []
        for at, chunk in _chunks(tokens, len(before)):
            live.batch.decode(live.context, chunk, at, outputs=True)
            live.held.extend(chunk)
            rows.extend(self._state(i) for i in range(len(chunk)))
        live.keep(len(before))  # the person's words do not stay in the context
        return np.vstack(rows)

    def _state(self, i: int) -> Vector:
        pointer = self._weights.lib.llama_get_embeddings_ith(self._reader.context, i)
        return np.ctypeslib.as_array(pointer, shape=(self.width,)).astype(np.float32, copy=True)

    # -- writing ---------------------------------------------------------------------------------------------

    def write(self, prompt: Prompt, sampling: Sampling) -> Generator[str, None, None]:
        """Stream a continuation; see ``LanguageModel.write``."""
        with _NATIVE:
            self._prepare(prompt, sampling.most_tokens)
            sampler = self._sampler(sampling)
            try:
                yield from _until_stop(self._pieces(sampler, sampling.most_tokens), sampling.stop)
            finally:
                self._weights.lib.llama_sampler_free(sampler)

    def _prepare(self, prompt: Prompt, room: int) -> None:
        """Bring the writing context to the end of the prompt, evaluating as little as can be."""
        fixed_text = self._fixed_text(prompt)
        fixed = self._weights.tokens(fixed_text, trusted=True)
        rest = self._last_turn(prompt)
        if len(fixed) + len(rest) + room > _CONTEXT_TOKENS:
            raise ModelError("The prompt is longer than the model's context.")
        live, wanted = self._writer, fixed + rest
        if live.shared(wanted) < len(fixed):
            self._evaluate_fixed(fixed_text, fixed)
        # the last token is evaluated anew each time: its logits are what the first new token is drawn from
        live.keep(min(live.shared(wanted), len(wanted) - 1))
        live.extend(wanted[len(live.held) :])

    def _fixed_text(self, prompt: Prompt) -> str:
        """Everything before the person's words, in the model's chat format."""
        form = self._format
        turns = [form.system + prompt.system + form.end]
        turns += [form.user + user + form.end + form.assistant + reply + form.end for user, reply in prompt.examples]
        return "".join(turns) + form.user

    def _last_turn(self, prompt: Prompt) -> list[int]:
        """The person's words as text, the marks behind them as marks."""
        marks = self._weights.tokens(self._format.end + self._format.assistant, trusted=True)
        user = self._weights.tokens(prompt.user, trusted=False)
        return user + marks

    def _evaluate_fixed(self, text: str, tokens: list[int]) -> None:
        live = self._writer
        if self._store and self._store.load(live, text, tokens):
            return
        live.keep(live.shared(tokens))
        live.extend(tokens[len(live.held) :])
        if self._store:
            self._store.save(live, text, tokens)

    def prepare(self, prompt: Prompt) -> None:
        """Evaluate a fixed part ahead of its first use, so that the first question is as quick as the rest."""
        with _NATIVE:
            text = self._fixed_text(prompt)
            if self._store and not self._store.path(text).is_file():
                self._evaluate_fixed(text, self._weights.tokens(text, trusted=True))

    def _sampler(self, sampling: Sampling) -> Any:
        lib = self._weights.lib
        chain = lib.llama_sampler_chain_init(lib.llama_sampler_chain_default_params())
        lib.llama_sampler_chain_add(chain, lib.llama_sampler_init_top_k(40))
        lib.llama_sampler_chain_add(chain, lib.llama_sampler_init_top_p(sampling.top_p, 1))
        lib.llama_sampler_chain_add(chain, lib.llama_sampler_init_temp(sampling.temperature))
        lib.llama_sampler_chain_add(chain, lib.llama_sampler_init_dist(sampling.seed))
        return chain

    def _pieces(self, sampler: Any, most: int) -> Iterator[str]:
        """Decoded text as tokens are drawn; bytes of an unfinished character wait for the rest."""
        live, waiting = self._writer, b""
        for _ in range(most):
            token = live.lib.llama_sampler_sample(sampler, live.context, -1)
            if self._weights.ends(token):
                return
            waiting += self._weights.piece(token)
            text, waiting = _whole_characters(waiting)
            if text:
                yield text
            live.extend([token])

    def count(self, text: str) -> int:
        """How many tokens the text has, for benchmarks and limits."""
        with _NATIVE:
            return len(self._weights.tokens(text, trusted=False))


class LlamaEmbedder:
    """A BERT-like sentence model (mean pooling) in a GGUF file; text beyond 510 tokens is averaged by windows."""

    def __init__(self, path: Path, sha256: str) -> None:
        with _NATIVE:
            self._weights = _Weights(path)
            lib = self._weights.lib
            self.sha256, self.width = sha256, self._weights.width
            pooling = {"embeddings": True, "pooling_type": lib.LLAMA_POOLING_TYPE_MEAN}
            self._context = self._weights.context(n_ctx=_EMBED_TOKENS, **pooling)
            self._batch = _Batch(lib)

    def embed(self, texts: Sequence[str]) -> Vector:
        """One vector a text; see ``Embedder.embed``."""
        rows = [self._whole(text) for text in texts]
        return np.vstack(rows) if rows else np.zeros((0, self.width), np.float32)

    def _whole(self, text: str) -> Vector:
        with _NATIVE:
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


def _whole_characters(data: bytes) -> tuple[str, bytes]:
    """Split bytes into decoded text and the bytes of a last, unfinished character.

    >>> _whole_characters("né".encode()[:2])
    ('n', b'\\xc3')
    """
    for cut in range(min(4, len(data) + 1)):
        head, tail = data[: len(data) - cut], data[len(data) - cut :]
        try:
            return head.decode(), tail
        except UnicodeDecodeError:
            continue
    return data.decode("utf-8", "replace"), b""


def _character_spans(text: str, pieces: Sequence[bytes]) -> tuple[tuple[int, int], ...]:
    """The range of characters in ``text`` that each token's bytes cover."""
    starts = np.cumsum([0] + [len(char.encode("utf-8", "replace")) for char in text])
    edges = np.cumsum([0] + [len(piece) for piece in pieces])
    begins = np.searchsorted(starts, edges[:-1], side="right") - 1
    ends = np.searchsorted(starts, edges[1:], side="left")
    return tuple((int(b), min(int(e), len(text))) for b, e in zip(begins, ends, strict=True))


def _until_stop(pieces: Iterator[str], stop: Sequence[str]) -> Iterator[str]:
    """Pass pieces on until one of the stop texts appears; nothing of a stop text gets out."""
    waiting, longest = "", max((len(text) for text in stop), default=0)
    for piece in pieces:
        waiting += piece
        found = [waiting.index(text) for text in stop if text in waiting]
        if found:
            yield waiting[: min(found)]
            return
        safe = max(0, len(waiting) - max(longest - 1, 0))
        if safe:
            yield waiting[:safe]
            waiting = waiting[safe:]
    if waiting:
        yield waiting
