"""What the rest of the program may ask of a language model and of an embedding model, and benchmarks of a plain chat.

Text that a person typed must never be read as control tokens, so a prompt keeps it apart from the words that
come from ``prompts/``; an adapter puts both into the model's own chat format and can keep the fixed part evaluated.
"""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Prompt:
    """A conversation to be continued.

    ``system`` and ``examples`` (pairs of an answer and the reply to it) come from ``prompts/``, are the same for every
    person and are kept evaluated. ``turns`` (pairs of what the person wrote and what was asked back) and ``user``, the newest
    answer, are text, never control tokens.
    """

    system: str
    examples: tuple[tuple[str, str], ...]
    user: str = ""
    turns: tuple[tuple[str, str], ...] = ()


READ_DEPTH = 0.57
"""How deep into the model an answer is read, as a share of its layers; measured in ``docs/judge.md``. A change makes kept readings
and heads worthless: raise ``FORMAT`` in ``coach.judge.reading`` with it."""


@dataclass(frozen=True)
class Frame:
    """Fixed, trusted words around an answer while it is read (never the person's), and how deep into the model it is read."""

    before: str
    after: str
    depth: float = READ_DEPTH


@dataclass(frozen=True)
class Reading:
    """What a model made of a text.

    ``states``: hidden states of the text's tokens in a middle layer, shape (tokens, width), float32.
    ``spans``: for each of these tokens its half-open range of characters in the text.
    ``closing``: hidden state of the last token of the frame behind the text, shape (width,).
    ``complete``: False where the text was longer than the adapter reads in one go and was cut.
    """

    states: Vector
    spans: tuple[tuple[int, int], ...]
    closing: Vector
    complete: bool = True


@dataclass(frozen=True)
class Sampling:
    """How to choose tokens. ``most_tokens`` bounds the output; the same ``seed`` gives the same text.

    ``start``: fixed words, from ``prompts/``, that the continuation begins with; they are not given back.
    """

    most_tokens: int = 64
    temperature: float = 0.6
    top_p: float = 0.9
    seed: int = 1
    start: str = ""


@dataclass(frozen=True)
class Token:
    """A piece of one candidate: which candidate, its text, and the natural logarithm of the probability the model gave it."""

    candidate: int
    text: str
    logprob: float


Progress = Callable[[float], None]
"""Told how far a model's making is, 0 to 1."""


def untold(fraction: float) -> None:
    """Tells nobody how far it is."""


GoOn = Callable[[int, str], bool]
"""Asked after each token with the candidate's number and all of its text; False ends that candidate alone."""


def to_the_end(candidate: int, text: str) -> bool:
    """Lets every candidate come to its own end."""
    return True


Writing = Generator[Token, None, tuple[Vector, ...]]
"""Tokens as they are drawn and, once all continuations have ended, what the model made of each on the way: hidden states of its
evaluated tokens, its start's included, at ``READ_DEPTH``, shape (tokens, width). The token drawn last was not evaluated."""


def written(tokens: Writing, texts: list[str]) -> tuple[Vector, ...]:
    """Add each token to its continuation's text; the states of all."""
    while True:
        try:
            token = next(tokens)
        except StopIteration as end:
            states: tuple[Vector, ...] = end.value
            return states
        texts[token.candidate] += token.text


class LanguageModel(Protocol):
    """A model that reads and writes."""

    sha256: str
    width: int

    def read(self, frame: Frame, text: str) -> Reading:
        """Hidden states of ``text`` between the frame's fixed words. Raises ModelError."""
        ...

    def read_endings(self, frame: Frame, text: str, endings: Sequence[str]) -> list[Reading]:
        """For each ending, hidden states of its tokens behind ``text``, which is read once for all. Raises ModelError."""
        ...

    def write(self, prompt: Prompt, samplings: Sequence[Sampling], go_on: GoOn = to_the_end) -> Writing:
        """Stream one continuation for each sampling, side by side. Closing the iterator stops the model. Raises ModelError."""
        ...

    def prepare(self, prompt: Prompt) -> None:
        """Evaluate and keep a prompt's fixed part ahead of its first use. Raises ModelError."""
        ...

    def keeps(self, prompt: Prompt) -> bool:
        """Whether a prompt's fixed part is kept, so that ``prepare`` has nothing to do. Raises ModelError."""
        ...


@dataclass(frozen=True)
class Reply:
    """What a plain chat wrote, and the seconds from the call to its first piece that holds text and to its end."""

    text: str
    first: float
    last: float


@dataclass(frozen=True)
class Bare:
    """Seconds of evaluations alone: some tokens read in one go behind an evaluated prefix, and others written one by one."""

    read: float
    written: float


class Plain(Protocol):
    """The same model as a plain chat that knows nothing of the coach, for benchmarks."""

    def first(self, prompt: Prompt) -> float:
        """Seconds to the first piece of a reply that holds text, with nothing kept from before. Raises ModelError."""
        ...

    def reply(self, prompt: Prompt, most_tokens: int) -> Reply:
        """A reply of so many tokens at most, with what the library keeps of the conversation before. Raises ModelError."""
        ...

    def bare(self, prompt: Prompt, read: str, written: str) -> Bare:
        """Time the evaluations alone of a text that is read and one that is written, behind a prompt's fixed part."""
        ...


class Embedder(Protocol):
    """A model that turns a text into one vector of unit length."""

    sha256: str
    width: int

    def embed(self, texts: Sequence[str]) -> Vector:
        """Vectors, shape (len(texts), width), float32, each of length 1. Raises ModelError."""
        ...
