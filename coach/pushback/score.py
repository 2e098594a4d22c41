"""How good a question is: a stated score, by which the best of several is chosen.

The model reads the person's words with the question behind them, and a linear head over its hidden states says which rating, from 1
(wounds or makes no sense) to 5 (exactly the question to ask), people would give it. The head is fitted with the judge's heads
(``coach judge fit``) from rated questions in ``data/questions``; ``docs/pushback.md`` has its figures.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from coach.errors import InputError
from coach.judge.heads import Linear
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
