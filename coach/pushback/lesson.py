"""What teaches the score of a written question: rated questions, read as the model has them before it while it writes.

A rated question is put behind the prompt that it would be written from, up to the end of its gap, and what the model makes of it is
taken where writing takes it (``LanguageModel.write``).
"""

from collections.abc import Callable, Iterable

from coach.judge.reading import KeptNumbers
from coach.llm.base import READ_DEPTH, LanguageModel, Prompt, Sampling, Vector, written
from coach.prompts import Judgement, Template, fits, judgements, template
from coach.pushback.ask import next_why_prompt, push_back_prompt
from coach.pushback.score import Rated, features_of

SHRUNK_BY = 4
"""How many ratings of the usual size each hand-written question's own are joined by: few have more than twenty."""

_NEXT_WHY = "next_why"

Reads = Callable[[Rated], Vector]
"""The features of a rated question as it would be written, shape (2 * width,). Raises ModelError."""


def source_named(name: str) -> Judgement | Template:
    """The file that a rated question was made from."""
    if name in judgements():
        return judgements()[name]
    return template(f"whys/{name}" if name == _NEXT_WHY else f"exercises/{name}")


def prompt_of(one: Rated) -> Prompt:
    """The prompt that its question would be written from."""
    return next_why_prompt(one.words) if one.source == _NEXT_WHY else push_back_prompt(source_named(one.source), one.words)


def until_the_gap_ends(one: Rated) -> str:
    """The question without what its frame has behind the gap; the whole of one that no frame fits."""
    ends = [frame.split("{}")[1] for frame in source_named(one.source).frames if fits(frame, one.question)]
    return one.question.removesuffix(ends[0]) if ends else one.question


def reading(model: LanguageModel, numbers: KeptNumbers) -> Reads:
    """Reads with a model; what was read is kept on disk, for fitting."""

    def read(one: Rated) -> Vector:
        prompt, start = prompt_of(one), until_the_gap_ends(one)
        what = f"written:{READ_DEPTH}:{prompt}:{start}"
        found = numbers.get(what)
        if found:
            return found[1]
        (states,) = written(model.write(prompt, [Sampling(most_tokens=1, start=start)]), [""])
        numbers.put(what, 1, features_of(states))
        return features_of(states)

    return read


def by_hand(rated: Iterable[Rated]) -> tuple[dict[str, float], float]:
    """How hand-written questions were rated on the average: each that has ratings, and all of them.

    >>> by_hand([])
    ({}, 3.0)
    """
    own: dict[str, list[float]] = {}
    for one in rated:
        if one.question in source_named(one.source).questions:
            own.setdefault(one.question, []).append(one.rating)
    every = [rating for ratings in own.values() for rating in ratings]
    usual = sum(every) / len(every) if every else 3.0
    means = {question: (sum(some) + SHRUNK_BY * usual) / (len(some) + SHRUNK_BY) for question, some in own.items()}
    return means, usual
