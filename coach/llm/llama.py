"""The language model, made of what ``native`` offers.

One set of weights, one context that writes and one for each depth that is read at (``reader``). The static part of a prompt
is evaluated once and its state is kept on disk, keyed by model, text and library version; a state that holds a person's words is
never stored.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from coach.errors import ModelBroken, ModelError
from coach.llm.base import READ_DEPTH, Frame, GoOn, Progress, Prompt, Reading, Sampling, Token, Vector, Writing, to_the_end, untold
from coach.llm.formats import chat_format
from coach.llm.native import BATCH_TOKENS, CONTEXT_TOKENS, MOST_BRANCHES, NATIVE, Batch, Live, Tap, Weights
from coach.llm.prefixes import PrefixStore
from coach.llm.reader import READ_TOKENS, Reader
from coach.llm.tuning import DEFAULT, Tuning

_MOST_READ_TOKENS = 768  # about 550 words: some seconds on two cores; longer answers are read up to here
_PREPARED_AT_ONCE = 128  # tokens: about two seconds
_TURN = 0.01  # seconds for another thread to take its turn: the lock is not a fair one


class LlamaLanguageModel:
    """A chat model in a GGUF file.

    Args:
        path: the GGUF file.
        sha256: its hash; heads and prefix states are keyed by it.
        prefix_folder: where evaluated static prompt parts are kept; None keeps them in memory only.
        tuning: how it is run on this machine.
        progress: told how far the file is on its way into memory.
    """

    def __init__(
        self,
        path: Path,
        sha256: str,
        prefix_folder: Path | None = None,
        tuning: Tuning = DEFAULT,
        progress: Progress = untold,
    ) -> None:
        with NATIVE:
            self._weights = Weights(path, tuning, progress)
            lib = self._weights.lib
            self.sha256, self.width = sha256, self._weights.width
            self._store = PrefixStore(prefix_folder, sha256, lib.__version__, tuning) if prefix_folder else None
            self._format = chat_format(self._weights.chat_template())
            self._tap = Tap(lib, round(READ_DEPTH * self._weights.layers), self.width, stops=False)
            self._writer = Live(self._weights, self._weights.writing_context(cb_eval=self._tap.callback))
            if not self._writer.remembers:
                raise ModelBroken(f"{path} is an embedding model; it cannot write. Name a chat model in COACH_MODEL.")
            self._readers: dict[float, Reader] = {}
            self._fixed = 0  # tokens of the prompt held last that are the same for everybody
            self._stopped: Callable[[], bool] | None = None

    def stop_when(self, stopped: Callable[[], bool]) -> None:
        """Have whatever it does end with GivenUp, in the middle of an evaluation too, once ``stopped`` says so."""
        with NATIVE:
            self._stopped = stopped
            self._writer.stop_when(stopped)
            for reader in self._readers.values():
                reader.stop_when(stopped)

    # -- reading ---------------------------------------------------------------------------------------------

    def read(self, frame: Frame, text: str) -> Reading:
        """Hidden states of the text's tokens; see ``LanguageModel.read``."""
        with NATIVE:
            before = self._weights.tokens(frame.before, trusted=True)
            after = self._weights.tokens(frame.after, trusted=True)
            words = self._weights.tokens(text, trusted=False)
            kept = words[: min(_MOST_READ_TOKENS, READ_TOKENS - len(before) - len(after))]
            states, behind = self._reader(frame.depth).read(frame.before, before, kept, after)
            spans = _character_spans(text, [self._weights.piece(token) for token in kept])
        return Reading(states, spans, behind[-1], complete=len(kept) == len(words))

    def read_endings(self, frame: Frame, text: str, endings: Sequence[str]) -> list[Reading]:
        """Hidden states of several endings of one text; see ``LanguageModel.read_endings``."""
        with NATIVE:
            before = self._weights.tokens(frame.before, trusted=True)
            common = self._weights.tokens(text, trusted=False)[:_MOST_READ_TOKENS]
            after = self._weights.tokens(frame.after, trusted=True)
            words = [self._weights.tokens(ending, trusted=False) for ending in endings]
            room = max(1, min(BATCH_TOKENS, READ_TOKENS - len(before) - len(common)) - len(after))
            kept = [one[:room] for one in words]
            found = self._reader(frame.depth).read_endings(frame.before, before, common, [[*one, *after] for one in kept])
            spans = [
                _character_spans(ending, [self._weights.piece(token) for token in one])
                for ending, one in zip(endings, kept, strict=True)
            ]
        rows = zip(found, spans, words, kept, strict=True)
        return [Reading(states[: len(own)], span, states[-1], len(own) == len(all)) for states, span, all, own in rows]

    def _reader(self, depth: float) -> Reader:
        """What reads at a depth, made when it is first needed."""
        if depth not in self._readers:
            reader = Reader(self._weights, depth, self._store)
            if self._stopped is not None:
                reader.stop_when(self._stopped)
            self._readers[depth] = reader
        return self._readers[depth]

    # -- writing ---------------------------------------------------------------------------------------------

    def write(self, prompt: Prompt, samplings: Sequence[Sampling], go_on: GoOn = to_the_end) -> Writing:
        """Stream continuations side by side; see ``LanguageModel.write``."""
        if not 1 <= len(samplings) <= MOST_BRANCHES:
            raise ModelError(f"Between 1 and {MOST_BRANCHES} continuations can be written at once.")
        with NATIVE:
            writers = [_Continuation(number, self._weights, sampling) for number, sampling in enumerate(samplings)]
            try:
                rest = self._prepare(prompt, writers)
                self._tap.listens = True
                with self._writer.branches(len(writers)):
                    yield from self._grow(writers, go_on, rest)
                return tuple(writer.read(self.width) for writer in writers)
            finally:
                self._tap.listens = False
                for writer in writers:
                    writer.free()

    def _grow(self, writers: "list[_Continuation]", go_on: GoOn, rest: list[int]) -> Iterator[Token]:
        """Draw a token for each continuation, evaluate them in one batch, and so on until all have ended.

        ``rest``: what of the prompt is still to be evaluated; it goes into the first batch.
        """
        live, base = self._writer, len(self._writer.held) + len(rest)
        while writers:
            drawn = [writer.draw(live.context) for writer in writers if not writer.pending]
            yield from (token for token in drawn if token.text)
            writers = [one for one in writers if not one.ended and (not one.text or go_on(one.number, one.text))]
            batch = [(one, place, token) for one in writers for place, token in enumerate(one.pending, one.count)]
            if batch:
                last = {one: place for place, (one, _, _) in enumerate(batch)}
                self._tap.clear()
                live.grow([((one.number + 1,), base + place, token) for one, place, token in batch], last.values(), rest)
                for (one, _, _), state in zip(batch, self._tap.take()[len(rest) :], strict=True):
                    one.states.append(state)
                for one in writers:
                    one.evaluated(last[one] + len(rest))
                rest = []

    def _prepare(self, prompt: Prompt, writers: "list[_Continuation]") -> list[int]:
        """Bring the writing context to the end of the prompt, evaluating as little as can be.

        Where every continuation has a start, the last of the prompt can go into one batch with those: it is given back.
        """
        fixed_text = self._fixed_text(prompt)
        fixed = self._weights.tokens(fixed_text, trusted=True)
        live, wanted, self._fixed = self._writer, fixed + self._last_turn(prompt), len(fixed)
        if len(wanted) + sum(writer.most for writer in writers) > CONTEXT_TOKENS:
            raise ModelError("The prompt is longer than the model's context.")
        if live.shared(wanted) < len(fixed):
            self._evaluate_fixed(fixed_text, fixed)
        started = all(writer.pending for writer in writers)
        # without starts the last token is evaluated anew each time: from its logits the first new token is drawn
        live.keep(min(live.shared(wanted), len(wanted) if started else len(wanted) - 1))
        rest = wanted[len(live.held) :]
        if started and len(rest) + sum(len(writer.pending) for writer in writers) <= BATCH_TOKENS:
            return rest
        live.extend(rest)
        return []

    def _fixed_text(self, prompt: Prompt) -> str:
        """Everything before the person's words, in the model's chat format."""
        form = self._format
        turns = [form.system + prompt.system + form.end]
        turns += [form.user + user + form.end + form.assistant + reply + form.end for user, reply in prompt.examples]
        return "".join(turns) + form.user

    def _last_turn(self, prompt: Prompt) -> list[int]:
        """The conversation so far: the words as text, the marks between them as marks."""
        marks = self._weights.tokens(self._format.end + self._format.assistant, trusted=True)
        tokens: list[int] = []
        for user, reply in prompt.turns:
            tokens += self._weights.tokens(user, trusted=False) + marks + self._weights.tokens(reply, trusted=False)
            tokens += self._weights.tokens(self._format.end + self._format.user, trusted=True)
        return tokens + self._weights.tokens(prompt.user, trusted=False) + marks

    def _evaluate_fixed(self, text: str, tokens: list[int]) -> None:
        live = self._writer
        if self._store and self._store.load(live, text, tokens):
            return
        live.keep(live.shared(tokens))
        live.extend(tokens[len(live.held) :])
        if self._store:
            self._store.save(live, text, tokens)

    def prepare(self, prompt: Prompt) -> None:
        """Evaluate a fixed part ahead of its first use, so that the first question is as quick as the rest.

        In pieces, so that whoever asks for something meanwhile waits a second or two at the most.
        """
        while not self.prepare_piece(prompt):
            time.sleep(_TURN)

    def prepare_piece(self, prompt: Prompt) -> bool:
        """Evaluate a second or two of a fixed part; True once all of it is kept. Raises ModelError."""
        with NATIVE:
            text = self._fixed_text(prompt)
            if self._store is None or self.keeps(prompt):
                return True
            tokens, live = self._weights.tokens(text, trusted=True), self._writer
            live.keep(live.shared(tokens))
            live.extend(tokens[len(live.held) :][:_PREPARED_AT_ONCE])
            whole = len(live.held) == len(tokens)
            if whole:
                self._store.save(live, text, tokens)
            return whole

    def forget(self) -> None:
        """Hold no text evaluated that was read or written about; the fixed words stay."""
        with NATIVE:
            self._writer.keep(min(self._fixed, len(self._writer.held)))
            for reader in self._readers.values():
                reader.forget()

    def keeps(self, prompt: Prompt) -> bool:
        """Whether a fixed part is on disk, where anything is kept there at all."""
        return self._store is None or self._store.path(self._fixed_text(prompt)).is_file()

    def decoded(self) -> float:
        """Seconds spent inside ``llama_decode`` so far, in this process: for benchmarks."""
        return Batch.seconds

    def evaluate(self, text: str) -> None:
        """Evaluate a text's tokens through all layers and nothing else: what benchmarks measure against."""
        with NATIVE:
            tokens = self._weights.tokens(text, trusted=False)[:_MOST_READ_TOKENS]
            self._writer.keep(0)
            self._writer.extend(tokens)
            self._writer.keep(0)


class _Continuation:
    """One text on its way: its own random numbers, its bytes so far and whether it has ended.

    ``pending``: tokens that are to be evaluated; ``count``: how many were; ``output``: where the last batch has its logits.
    """

    def __init__(self, number: int, weights: Weights, sampling: Sampling) -> None:
        self.number, self._weights, self._sampling = number, weights, sampling
        self.pending = weights.tokens(sampling.start, trusted=False) if sampling.start else []
        self.text, self.ended, self.count, self.output = "", False, 0, -1
        self.states = list[Vector]()
        self.most, self._waiting = len(self.pending) + sampling.most_tokens, b""
        self._sampler = _sampler(weights.lib, sampling)

    def draw(self, context: Any) -> Token:
        """The next token, from the logits of the last one."""
        token = int(self._weights.lib.llama_sampler_sample(self._sampler, context, self.output))
        over = self._weights.ends(token)
        self.pending = [token]
        self.ended = over or self.count + 1 >= self.most
        whole, self._waiting = _whole_characters(self._waiting + (b"" if over else self._weights.piece(token)))
        self.text += whole
        return Token(self.number, whole, self._weights.logprob(context, self.output, token))

    def evaluated(self, output: int) -> None:
        """Note that the pending tokens have been, and where the last batch has the last one's logits."""
        self.count += len(self.pending)
        self.pending, self.output = [], output

    def read(self, width: int) -> Vector:
        """The states of its evaluated tokens, shape (tokens, width)."""
        return np.vstack(self.states) if self.states else np.zeros((0, width), np.float32)

    def free(self) -> None:
        """Give the sampler's memory back."""
        self._weights.lib.llama_sampler_free(self._sampler)


def _sampler(lib: Any, sampling: Sampling) -> Any:
    chain = lib.llama_sampler_chain_init(lib.llama_sampler_chain_default_params())
    lib.llama_sampler_chain_add(chain, lib.llama_sampler_init_top_k(40))
    lib.llama_sampler_chain_add(chain, lib.llama_sampler_init_top_p(sampling.top_p, 1))
    lib.llama_sampler_chain_add(chain, lib.llama_sampler_init_temp(sampling.temperature))
    lib.llama_sampler_chain_add(chain, lib.llama_sampler_init_dist(sampling.seed))
    return chain


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
