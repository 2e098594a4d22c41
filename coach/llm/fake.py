"""Fakes that behave: a language model that records what it was asked and an embedder that knows shared words.

They ship with the package, so the whole app runs without a model file (``COACH_ADAPTERS=fake``). They are quick
and give the same result each time; they are not clever.
"""

import hashlib
import re
from collections import deque
from collections.abc import Iterable, Sequence

import numpy as np

from coach.llm.base import Frame, GoOn, Prompt, Reading, Sampling, Token, Vector, Writing, to_the_end

_WIDTH = 64
_WRITTEN = Frame("", "")


def _vector(word: str, width: int) -> Vector:
    seed = int.from_bytes(hashlib.sha256(word.encode("utf-8", "replace")).digest()[:8], "big")
    return np.random.default_rng(seed).standard_normal(width).astype(np.float32)


class FakeLanguageModel:
    """Replies from a queue, then with a question about the answer's longest word, or with that word where a question is begun.

    ``asked`` keeps the prompts.

    >>> model = FakeLanguageModel(["What happened first?"])
    >>> "".join(token.text for token in model.write(Prompt("", (), "It broke."), [Sampling()]))
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

    def read_endings(self, frame: Frame, text: str, endings: Sequence[str]) -> list[Reading]:
        """Each ending's own states; their closing states know the text too."""
        whole = self.read(frame, text).closing
        read = [self.read(frame, ending) for ending in endings]
        return [Reading(one.states, one.spans, one.closing + whole) for one in read]

    def write(self, prompt: Prompt, samplings: Sequence[Sampling], go_on: GoOn = to_the_end) -> Writing:
        """The next replies of the queue, one a candidate, word by word."""
        self.asked.append(prompt)
        states = list[Vector]()
        for number, sampling in enumerate(samplings):
            text, made_up = "", _gap_about(prompt.user) if sampling.start else _question_about(prompt.user)
            for word in re.findall(r"\s*\S+", self._replies.popleft() if self._replies else made_up):
                text += word
                yield Token(number, word, -1.0)
                if not go_on(number, text):
                    break
            states.append(self.read(_WRITTEN, f"{sampling.start} {text}").states)
        return tuple(states)

    def prepare(self, prompt: Prompt) -> None:
        """Nothing to keep."""

    def keeps(self, prompt: Prompt) -> bool:
        """Nothing is missing."""
        return True


def _question_about(text: str) -> str:
    return f"What exactly happened with the {_longest_word(text)}, and on which day?"


def _gap_about(text: str) -> str:
    return f" the {_longest_word(text)}?"


def _longest_word(text: str) -> str:
    return max(re.findall(r"[\w']+", text), key=len, default="that")


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
