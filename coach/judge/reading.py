"""Reads an answer with the model, once, and pools what it made of it into the features that every head decides from.

The answer stands inside a fixed frame. Its features are the mean of its tokens' states, the state of its last token, and the
closing state of the frame's last token; each sentence has the mean of its own tokens' states, so that one sentence among
neutral ones is not lost in the mean of all.
"""

import hashlib
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from coach.judge.sentences import Span, sentences
from coach.llm.base import Frame, LanguageModel, Reading, Vector

FRAME = Frame(
    "After-action review of a failure. A coach reads the answer critically.\nAnswer: ",
    "\nCoach's assessment: this answer is",
)
"""The words around every answer that is read; heads are fitted with these and hold for no others."""

MOST_CHARACTERS = 20_000
"""Beyond what a model reads in one go; bounds the rules and the cutting into sentences too."""

FORMAT = 2
"""Counts the changes of this module that make earlier features, and heads fitted on them, worthless."""


@dataclass(frozen=True)
class Features:
    """What the heads see of an answer.

    ``answer``: shape (3 * width,): mean, last token, closing state. ``sentences``: shape (sentences, width), one row for each
    of ``spans``. ``complete``: False where the answer was longer than the model reads in one go.
    """

    answer: Vector
    sentences: Vector
    spans: tuple[Span, ...]
    complete: bool = True


Reader = Callable[[str], Features]
"""Reads an answer. Raises ModelError."""


def pooled(reading: Reading, text: str) -> Features:
    """The features of a reading."""
    spans = tuple(sentences(text)) or ((0, len(text)),)
    answer = np.concatenate([reading.states.mean(axis=0), reading.states[-1], reading.closing])
    rows = np.vstack([_mean_inside(reading, span) for span in spans])
    return Features(answer.astype(np.float32), rows.astype(np.float32), spans, reading.complete)


def _mean_inside(reading: Reading, span: Span) -> Vector:
    """The mean state of a sentence's tokens; of all tokens where none falls inside (a sentence behind the cut)."""
    inside = [i for i, (start, end) in enumerate(reading.spans) if start < span[1] and end > span[0]]
    states = reading.states[inside] if inside else reading.states
    return np.asarray(states.mean(axis=0), np.float32)


def reader(model: LanguageModel) -> Reader:
    """Reads with a model."""
    return lambda text: pooled(model.read(FRAME, text), text)


class KeptReadings:
    """A reader that keeps features on disk, so that fitting and evaluating go on where they were stopped.

    Keyed by model and a hash of the text; holds numbers, no text. For labelled rows only: the app never uses it.
    """

    def __init__(self, file: Path, model_sha256: str, read: Reader) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(file, isolation_level=None)
        self._db.execute("CREATE TABLE IF NOT EXISTS readings (key TEXT PRIMARY KEY, rows INTEGER, numbers BLOB) STRICT")
        self._salt, self._read = f"{model_sha256}:{FORMAT}:{FRAME}:", read

    def __call__(self, text: str) -> Features:
        """The features, read or kept."""
        key = self.key(text)
        found = self._db.execute("SELECT rows, numbers FROM readings WHERE key = ?", (key,)).fetchone()
        spans = tuple(sentences(text)) or ((0, len(text)),)
        if found and found[0] == len(spans):
            width = len(found[1]) // 2 // (3 + len(spans))
            numbers = np.frombuffer(found[1], np.float16).astype(np.float32)
            return Features(numbers[: 3 * width], numbers[3 * width :].reshape(-1, width), spans)
        features = self._read(text)
        self.keep(text, features)
        return features

    def key(self, text: str) -> str:
        """What a text's features are kept under."""
        return hashlib.sha256((self._salt + text).encode("utf-8", "replace")).hexdigest()

    def keep(self, text: str, features: Features) -> None:
        """Keep features; one that was cut short is read again each time."""
        if features.complete:
            numbers = np.concatenate([features.answer, features.sentences.ravel()]).astype(np.float16).tobytes()
            self._db.execute("INSERT OR REPLACE INTO readings VALUES (?, ?, ?)", (self.key(text), len(features.spans), numbers))
