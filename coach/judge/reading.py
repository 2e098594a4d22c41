"""Reads an answer with the model, once, and pools what it made of it into the features that every head decides from.

The answer stands inside a fixed frame. Its features are the mean of its tokens' states, the state of its last token, and the
closing state of the frame's last token; each sentence has the mean of its own tokens' states, so that one sentence among
neutral ones is not lost in the mean of all.
"""

import hashlib
import sqlite3
from collections.abc import Callable, Hashable, Sequence
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


def in_context(earlier: Sequence[str], text: str) -> str:
    """An answer as it is read together with those before it in a chain; the answer itself where there are none.

    >>> in_context(["It was late.", "The van broke down."], "The van was old.")
    'Earlier: It was late. / The van broke down.\\nNow: The van was old.'
    """
    return f"Earlier: {' / '.join(earlier)}\nNow: {text}" if earlier else text


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


def read_once(read: Reader, get: "Callable[[Hashable, Callable[[], Features]], Features]") -> Reader:
    """Reads what was not read already; ``get`` keeps it under a key (``coach.ahead``)."""
    return lambda text: get(("read", text), lambda: read(text))


class KeptNumbers:
    """Arrays on disk, so that fitting and evaluating go on where they were stopped.

    Keyed by model and a hash of the text; holds numbers, no text. For labelled rows only: the app never uses it.
    """

    def __init__(self, file: Path, model_sha256: str) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(file, isolation_level=None)
        self._db.execute("CREATE TABLE IF NOT EXISTS readings (key TEXT PRIMARY KEY, rows INTEGER, numbers BLOB) STRICT")
        self.model_sha256 = model_sha256

    def get(self, what: str) -> tuple[int, Vector] | None:
        """The number of rows and the flat array kept under these words, or None."""
        found = self._db.execute("SELECT rows, numbers FROM readings WHERE key = ?", (self._key(what),)).fetchone()
        return (int(found[0]), np.frombuffer(found[1], np.float16).astype(np.float32)) if found else None

    def put(self, what: str, rows: int, numbers: Vector) -> None:
        """Keep an array, half as precise."""
        data = numbers.astype(np.float16).tobytes()
        self._db.execute("INSERT OR REPLACE INTO readings VALUES (?, ?, ?)", (self._key(what), rows, data))

    def _key(self, what: str) -> str:
        return hashlib.sha256(f"{self.model_sha256}:{what}".encode("utf-8", "replace")).hexdigest()


class KeptReadings:
    """A reader that keeps the features of what it has read."""

    def __init__(self, kept: KeptNumbers, read: Reader) -> None:
        self._kept, self._read = kept, read

    def __call__(self, text: str) -> Features:
        """The features, read or kept; one that was cut short is read again each time."""
        what = f"{FORMAT}:{FRAME}:{text}"
        found = self._kept.get(what)
        spans = tuple(sentences(text)) or ((0, len(text)),)
        if found and found[0] == len(spans):
            width = len(found[1]) // (3 + len(spans))
            return Features(found[1][: 3 * width], found[1][3 * width :].reshape(-1, width), spans)
        features = self._read(text)
        if features.complete:
            self._kept.put(what, len(features.spans), np.concatenate([features.answer, features.sentences.ravel()]))
        return features
