"""How good a question is: a stated score, by which the best of several is chosen.

A linear head over the model's hidden states says which rating, from 1 (wounds or makes no sense) to 5 (exactly the question to
ask), people would give a question that the model has written, by what the model made of it on the way: that costs nothing. What
a hand-written question is worth beside it is what it was rated on the average. Which of several hand-written ones fits best is
said by a second head, for which the model reads the person's words with each question behind them. Both are fitted with the judge's
heads (``coach judge fit``) from rated questions in ``data/questions`` (``lesson``); ``docs/pushback.md`` has their figures.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from coach.errors import InputError
from coach.judge.heads import Heads, Linear
from coach.judge.reading import KeptNumbers
from coach.llm.base import Frame, LanguageModel, Vector

FRAME = Frame("An experienced coach looks at a question about somebody's words.\nWords: ", "\nThe question is")

Rater = Callable[[str, Sequence[str]], list[float]]
"""Rates questions about some words, 1 to 5. Raises ModelError."""

Asking = Callable[[str, Sequence[str]], list[Vector]]
"""The features of questions about some words. Raises ModelError."""


class Rated(BaseModel):
    """A question about some words, the finding or template it came from, and the ratings it was given, each 1 to 5."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    source: str
    words: str
    question: str
    ratings: tuple[Annotated[int, Field(ge=1, le=5)], ...] = Field(min_length=1)

    @property
    def rating(self) -> float:
        """The mean of the ratings."""
        return sum(self.ratings) / len(self.ratings)


def rated_questions(folder: Path) -> tuple[Rated, ...]:
    """All rated questions of a folder's files ``*.jsonl``. Raises InputError naming file and line."""
    found = []
    for path in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            try:
                found.append(Rated.model_validate_json(line))
            except ValidationError:
                raise InputError(f"{path}, line {number}: not a rated question. See data/README.md for the format.") from None
    return tuple(found)


def asking(model: LanguageModel) -> Asking:
    """Reads questions with a model; the words are read once for all of them.

    Features, shape (3 * width,): mean of the question's tokens, last token, closing state.
    """

    def read(words: str, questions: Sequence[str]) -> list[Vector]:
        readings = model.read_endings(FRAME, f"{words}\nQuestion:", [f" {question}" for question in questions])
        return [np.concatenate([one.states.mean(axis=0), one.states[-1], one.closing]).astype(np.float32) for one in readings]

    return read


def kept(read: Asking, numbers: KeptNumbers) -> Asking:
    """The same, kept on disk: for fitting."""

    def read_once(words: str, questions: Sequence[str]) -> list[Vector]:
        names = {question: f"{FRAME}:{words}\n{question}" for question in questions}
        missing = [question for question in questions if numbers.get(names[question]) is None]
        for question, features in zip(missing, read(words, missing) if missing else [], strict=True):
            numbers.put(names[question], 1, features)
        return [found[1] for question in questions if (found := numbers.get(names[question]))]

    return read_once


def rater(model: LanguageModel, head: Linear) -> Rater:
    """Rates with a model and a head fitted to it."""
    read = asking(model)
    return lambda words, questions: [float(head(features)) for features in read(words, questions)]


def features_of(states: Vector) -> Vector:
    """The features of what was written, shape (2 * width,): the mean of its tokens' states, and the last one."""
    return np.concatenate([states.mean(axis=0), states[-1]]).astype(np.float32)


@dataclass(frozen=True)
class Score:
    """How good questions are, 1 to 5.

    ``head`` rates what was written, over ``features_of``; ``by_hand`` has what hand-written questions were rated on the average,
    ``usual`` what one has that nobody rated.
    """

    head: Linear
    by_hand: Mapping[str, float]
    usual: float

    def written(self, states: Vector) -> float:
        """Of a question, by the states of its tokens up to the end of its gap, shape (tokens, width)."""
        return float(self.head(features_of(states))) if len(states) else 0.0

    def hand_written(self, question: str) -> float:
        """Of one that was written by hand."""
        return self.by_hand.get(question, self.usual)


def score_of(heads: Heads) -> Score | None:
    """The score that was fitted to a model; None in heads that were fitted without rated questions."""
    return Score(heads.written, heads.by_hand, heads.by_hand.get("", 3.0)) if heads.written else None
