"""Fakes that behave: a language model that records what it was asked and an embedder that knows shared words.

They ship with the package, so the whole app runs without a model file (``COACH_ADAPTERS=fake``). They are quick
and give the same result each time; they are not clever.
"""

import hashlib
import re
from collections import deque
from collections.abc import Generator, Iterable, Sequence

import numpy as np

from coach.llm.base import Frame, Prompt, Reading, Sampling, Vector

_WIDTH = 64


def _vector(word: str, width: int) -> Vector:
    seed = int.from_bytes(hashlib.sha256(word.encode("utf-8", "replace")).digest()[:8], "big")
    return np.random.default_rng(seed).standard_normal(width).astype(np.float32)


class FakeLanguageModel:
    """Replies from a queue, then with a question about the answer's longest word; ``asked`` keeps the prompts.

    >>> model = FakeLanguageModel(["What happened first?"])
    >>> "".join(model.write(Prompt("", (), "It broke."), Sampling()))
    'What happened first?'
    """

    sha256 = "fake" * 16
    width = _WIDTH

    def __init__(self, replies: Iterable[str] = ()) -> None:
        self._replies = deque(replies)
        self.asked: list[Prompt] = []

    def read(self, frame: Frame, text: str) -> Reading:
        """One state a word, made from the word's hash."""
        found = list(re.finditer(r"\S+\s*", text)) or list(re.finditer(r".?", text))[:1]
        states = np.vstack([_vector(match.group().strip().lower(), self.width) for match in found])
        return Reading(states, tuple(match.span() for match in found), states.mean(axis=0))

    def write(self, prompt: Prompt, sampling: Sampling) -> Generator[str, None, None]:
        """The next reply of the queue, word by word."""
        self.asked.append(prompt)
        reply = self._replies.popleft() if self._replies else _question_about(prompt.user)
        yield from re.findall(r"\s*\S+", reply)

    def prepare(self, prompt: Prompt) -> None:
        """Nothing to keep."""


def _question_about(text: str) -> str:
    longest = max(re.findall(r"[\w']+", text), key=len, default="that")
    return f"What exactly happened with the {longest}, and on which day?"


class FakeEmbedder:
    """Sums a fixed vector a word, so that texts with shared words are near each other.

    >>> near, far = FakeEmbedder().embed(["late proposal", "late kitchen", "dog"])[1:] @ FakeEmbedder().embed(["late"])[0]
    >>> bool(near > far)
    True
    """

    sha256 = "fake-embedder"
    width = _WIDTH

    def embed(self, texts: Sequence[str]) -> Vector:
        """One unit vector a text; zeros for a text without words."""
        return np.vstack([self._one(text) for text in texts]) if texts else np.zeros((0, self.width), np.float32)

    def _one(self, text: str) -> Vector:
        words = re.findall(r"\w+", text.lower())
        total = np.sum([_vector(word, self.width) for word in words], axis=0) if words else np.zeros(self.width)
        return np.asarray(total / max(float(np.linalg.norm(total)), 1e-9), np.float32)
