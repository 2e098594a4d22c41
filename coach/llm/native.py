"""llama.cpp through llama-cpp-python's bindings: the only module that imports ``llama_cpp``.

The high-level ``Llama`` class keeps one live prefix and offers hidden states only of the last layer and by a second copy of the
weights, so this module uses the bindings below it: one set of weights, and as many contexts over them as are needed. It knows
tokens, batches and layers; ``llama`` makes a language model of them.

llama.cpp is not safe for two threads, and an abort in it ends the process: whoever calls anything here holds
``NATIVE``, and checks sizes before anything reaches it.
"""

import contextlib
import copy
import ctypes
import os
import threading
import time
from collections.abc import Callable, Container, Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from coach.errors import GivenUp, ModelBroken, ModelError
from coach.llm.base import Progress, Vector, untold
from coach.llm.tuning import DEFAULT, Tuning

NATIVE = threading.RLock()
NO_ROOM = "The model does not fit into memory. Close other programs, or use a smaller model."
CONTEXT_TOKENS = 4096
BATCH_TOKENS = 512
MOST_BRANCHES = 4
_ABORTED = 2  # llama_decode's answer when its abort callback said so


def library() -> Any:
    """Import the bindings late: they load shared objects, and most commands do without."""
    try:
        import llama_cpp
    except (ImportError, OSError, RuntimeError) as exc:
        raise ModelError("llama-cpp-python cannot be loaded. Run `make run` again; it installs it.") from exc
    return llama_cpp


def threads() -> int:
    """All usable cores. The library's own default is half of them, one on a two-core machine."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Weights:
    """The loaded file: tokenising and the vocabulary. ``progress`` is told how far it is, once it is mapped into memory."""

    def __init__(self, path: Path, tuning: Tuning = DEFAULT, progress: Progress = untold) -> None:
        self.lib, self.tuning = library(), tuning
        check_mark(path)
        log = _Log(self.lib)
        params = self.lib.llama_model_default_params()
        params.n_gpu_layers = 0  # states are read from main memory, and one machine's figures hold for another
        self._seen = self.lib.llama_progress_callback(lambda fraction, data: _goes_on(progress, fraction))  # kept: as in ``_Log``
        params.progress_callback = self._seen
        self.model = self.lib.llama_model_load_from_file(os.fsencode(path), params)
        if not self.model:
            if log.memory_failed:
                raise ModelError(NO_ROOM)
            raise ModelBroken(f"{path} is damaged, cut short or of an unknown kind. Run `coach model verify`, or fetch it anew.")
        self.vocab = self.lib.llama_model_get_vocab(self.model)
        self.width = int(self.lib.llama_model_n_embd(self.model))
        self.size = int(self.lib.llama_vocab_n_tokens(self.vocab))
        self.layers = int(self.lib.llama_model_n_layer(self.model))

    def run_as(self, tuning: Tuning) -> "Weights":
        """The same loaded weights, whose contexts are run in another way: nothing is loaded again."""
        other = copy.copy(self)
        other.tuning = tuning
        return other

    def writing_context(self, **changes: Any) -> Any:
        """A context that writes, as it was tuned; one that reads keeps to what the judge's heads were fitted with."""
        kind, flash = self.lib.GGML_TYPE_Q8_0 if self.tuning.kv == "q8_0" else self.lib.GGML_TYPE_F16, self.tuning.flash_attention
        types = {"flash_attn_type": int(flash), "type_k": kind, "type_v": kind, "n_ubatch": self.tuning.batch}
        return self.context(n_ctx=CONTEXT_TOKENS, n_seq_max=MOST_BRANCHES + 1, kv_unified=True, **types, **changes)

    def context(self, **changes: Any) -> Any:
        """A new context over these weights. Raises ModelError when memory does not suffice."""
        params = self.lib.llama_context_default_params()
        params.n_threads = params.n_threads_batch = self.tuning.threads or threads()
        params.n_batch = params.n_ubatch = BATCH_TOKENS
        for name, value in changes.items():
            setattr(params, name, value)
        context = self.lib.llama_init_from_model(self.model, params)
        if not context:
            raise ModelError(NO_ROOM)
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

    def logprob(self, context: Any, output: int, token: int) -> float:
        """The natural logarithm of the probability of a token at an output of the last batch (-1: the last one)."""
        pointer = self.lib.llama_get_logits_ith(context, output)
        logits = np.ctypeslib.as_array(pointer, shape=(self.size,))
        top = float(logits.max())
        return float(logits[token]) - top - float(np.log(np.exp(logits - top).sum()))

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


def _goes_on(progress: Progress, fraction: float) -> bool:
    """Tell how far a load is; llama.cpp goes on with it where the answer is true."""
    progress(fraction)
    return True


def check_mark(path: Path) -> None:
    """Raise ModelBroken for what is no GGUF file, or cannot be opened."""
    try:
        with path.open("rb") as file:
            mark = file.read(4)
    except OSError as exc:  # a folder, or no permission
        raise ModelBroken(f"{path} cannot be read ({exc.strerror}). Mend that, or name another model file.") from exc
    if mark != b"GGUF":
        raise ModelBroken(f"{path} is not a GGUF model file. Run `coach model verify`.")


class _Log:
    """Drops all that llama.cpp would print, since it may quote a prompt, and notes whether it had too little memory."""

    _kept: ClassVar[list[Any]] = []

    def __init__(self, lib: Any) -> None:
        self.memory_failed = False
        callback = lib.llama_log_callback(self._seen)
        self._kept.append(callback)  # the library keeps a bare pointer to it
        lib.llama_log_set(callback, None)

    def _seen(self, level: int, text: bytes, data: object) -> None:
        self.memory_failed |= b"allocate" in (text or b"")  # its own words and the system's "Cannot allocate memory"


Placed = tuple[tuple[int, ...], int, int]
"""A token: the sequences that it belongs to, its position in them, and what it is."""


class Batch:
    """A reusable llama.cpp batch. ``seconds``: how long evaluations have taken so far, for benchmarks."""

    seconds: ClassVar[float] = 0.0

    def __init__(self, lib: Any) -> None:
        self.lib = lib
        self.batch = lib.llama_batch_init(BATCH_TOKENS, 0, MOST_BRANCHES + 1)

    def decode(self, context: Any, tokens: Sequence[int], start: int, *, outputs: bool, sequence: int = 0) -> None:
        """Evaluate up to one batch of a sequence's tokens at positions ``start``…; outputs for all of them or the last."""
        for i, token in enumerate(tokens):
            self.batch.token[i] = token
            self.batch.pos[i] = start + i
            self.batch.n_seq_id[i] = 1
            self.batch.seq_id[i][0] = sequence
            self.batch.logits[i] = outputs or i == len(tokens) - 1
        self._run(context, len(tokens))

    def decode_branches(self, context: Any, tokens: Sequence[Placed], outputs: Container[int]) -> None:
        """Evaluate tokens of several sequences; outputs for those at the places ``outputs``."""
        for i, (sequences, position, token) in enumerate(tokens):
            self.batch.token[i] = token
            self.batch.pos[i] = position
            self.batch.n_seq_id[i] = len(sequences)
            for place, sequence in enumerate(sequences):
                self.batch.seq_id[i][place] = sequence
            self.batch.logits[i] = i in outputs
        self._run(context, len(tokens))

    def _run(self, context: Any, count: int) -> None:
        self.batch.n_tokens = count
        begun = time.perf_counter()
        status = self.lib.llama_decode(context, self.batch)
        Batch.seconds += time.perf_counter() - begun
        if status == _ABORTED:
            raise GivenUp
        if status != 0:
            raise ModelError(f"The model stopped while reading (llama.cpp status {status}).")


def chunks(tokens: Sequence[int], start: int) -> Iterator[tuple[int, Sequence[int]]]:
    """Tokens in batches, each with the position it begins at."""
    for at in range(0, len(tokens), BATCH_TOKENS):
        yield start + at, tokens[at : at + BATCH_TOKENS]


class Live:
    """Which tokens a sequence of a context holds evaluated, and how to move it to others with the least work."""

    def __init__(self, weights: Weights, context: Any, sequence: int = 0) -> None:
        self.weights, self.context, self.sequence, self.lib = weights, context, sequence, weights.lib
        self.held: list[int] = []
        self._stopped: Any = None
        self.batch = Batch(self.lib)

    def keep(self, count: int) -> None:
        """Forget all but the first ``count`` tokens."""
        memory = self.lib.llama_get_memory(self.context)
        self.lib.llama_memory_seq_rm(memory, self.sequence, count, -1)
        del self.held[count:]

    def extend(self, tokens: Sequence[int]) -> None:
        """Evaluate more tokens behind those held. What is held stays true if the model fails on the way."""
        for at, chunk in chunks(tokens, len(self.held)):
            try:
                self.batch.decode(self.context, chunk, at, outputs=False, sequence=self.sequence)
            except (ModelError, GivenUp):
                self.keep(len(self.held))  # what was evaluated in part
                raise
            self.held.extend(chunk)

    def stop_when(self, stopped: Callable[[], bool]) -> None:
        """Have every evaluation ask ``stopped``, some hundred times a second, and end with ``GivenUp`` once it says so."""
        self._stopped = self.lib.llama_cpp.ggml_abort_callback(lambda data: stopped())  # kept: the library has a bare pointer to it
        self.lib.llama_set_abort_callback(self.context, self._stopped, None)

    def fork(self, other: "Live") -> None:
        """Hold what another sequence of this context holds, in the same cells: it costs nothing."""
        self.keep(0)
        self.lib.llama_memory_seq_cp(self.lib.llama_get_memory(self.context), other.sequence, self.sequence, -1, -1)
        self.held = list(other.held)

    @contextlib.contextmanager
    def branches(self, count: int, first: int = 1) -> Iterator[None]:
        """Let ``count`` continuations (sequences from ``first`` on) grow from what is held; they are forgotten at the end.

        The branches share the cells of what is held, so that beginning one costs nothing.
        """
        memory = self.lib.llama_get_memory(self.context)
        for branch in range(first, first + count):
            self.lib.llama_memory_seq_cp(memory, self.sequence, branch, -1, -1)
        try:
            yield
        finally:
            for branch in range(first, first + count):
                self.lib.llama_memory_seq_rm(memory, branch, -1, -1)

    def grow(self, tokens: Sequence[Placed], outputs: Container[int] | None = None, common: Sequence[int] = ()) -> None:
        """Evaluate tokens of several branches in one batch; there is an output for each, or for those at the places ``outputs``.

        An output costs as much as a fifth of a token's evaluation. ``common``: tokens that go before them in the same batch, into
        what is held and into every branch; they have no outputs and are held from then on.
        """
        start, wanted = len(self.held), range(len(tokens)) if outputs is None else outputs
        every = (self.sequence, *sorted({sequence for sequences, _, _ in tokens for sequence in sequences}))
        batch = [*((every, place, token) for place, token in enumerate(common, start)), *tokens]
        places = {place + len(common) for place in range(len(tokens)) if place in wanted}
        try:
            self.batch.decode_branches(self.context, batch, places)
        except (ModelError, GivenUp):
            self.keep(start)  # what was evaluated in part
            raise
        self.held.extend(common)

    @property
    def remembers(self) -> bool:
        """Whether the context keeps what it has evaluated: that of an embedding model does not."""
        return bool(self.lib.llama_get_memory(self.context))

    def shared(self, tokens: Sequence[int]) -> int:
        """How many leading tokens are held already."""
        count = 0
        for ours, theirs in zip(self.held, tokens, strict=False):
            if ours != theirs:
                break
            count += 1
        return count


class Tap:
    """Takes the hidden states of one layer out of a running evaluation and, where it ``stops``, ends it there.

    A layer in the middle says more about an answer than the last one does (see ``docs/judge.md``), and what lies behind it need
    not be computed where nothing is written. llama.cpp calls back for each tensor that it is about to compute (``ask``) and again
    when it is there.
    """

    def __init__(self, lib: Any, layer: int, width: int, *, stops: bool = True) -> None:
        self._wanted, self.width, self._rows = f"l_out-{layer}".encode(), width, list[Vector]()
        self._goes_on, self.listens = not stops, stops
        self._ggml = _ggml()
        self.callback = lib.llama_cpp.ggml_backend_sched_eval_callback(self._seen)  # kept: the library has a bare pointer to it

    def _seen(self, tensor: int, ask: bool, data: object) -> bool:
        mine = self.listens and self._ggml.ggml_get_name(tensor) == self._wanted
        if ask or not mine:
            return bool(mine)
        count = self._ggml.ggml_nelements(tensor)
        flat = np.ctypeslib.as_array(self._ggml.ggml_get_data_f32(tensor), shape=(count,))
        self._rows.append(flat.reshape(-1, self.width).astype(np.float32, copy=True))
        return self._goes_on

    def clear(self) -> None:
        """Forget what was collected."""
        self._rows = []

    def take(self) -> Vector:
        """The states collected since the last call, shape (tokens, width). Raises ModelError for an unknown kind of model."""
        rows, self._rows = self._rows, []
        if not rows:
            raise ModelError("This kind of model cannot be read layer by layer. Use another GGUF model, or the default one.")
        return np.vstack(rows)


def _ggml() -> Any:
    """The functions of llama.cpp's tensor library that look into a tensor."""
    from llama_cpp._ggml import libggml

    for name, arguments, result in (
        ("ggml_get_name", [ctypes.c_void_p], ctypes.c_char_p),
        ("ggml_nelements", [ctypes.c_void_p], ctypes.c_int64),
        ("ggml_get_data_f32", [ctypes.c_void_p], ctypes.POINTER(ctypes.c_float)),
    ):
        function = getattr(libggml, name)
        function.argtypes, function.restype = arguments, result
    return libggml
