"""Where a chain of whys stands after an answer: deeper, in a circle, at a fork, or at its end.

A chain ends at something in the person's reach: a decision, an assumption, a habit or a condition that they can change; five
whys are no law. Whether an answer is such an end, and whether it says an earlier one again, is for the judge to say (``signs``).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from coach.judge.branches import causes
from coach.judge.rows import BRANCH, LOOP, ROOT_REACHED
from coach.judge.sentences import words
from coach.pushback.checks import stems

_SAME_WORDS = 0.8
_MOST_CHARACTERS = 20_000  # what the judge reads of an answer (``coach.judge.reading``)

Place = Literal["deeper", "loop", "branch", "end"]


@dataclass(frozen=True)
class Standing:
    """Where the chain stands. ``words``: for a loop the earlier answer, for a branch the two causes, verbatim."""

    place: Place = "deeper"
    words: tuple[str, ...] = ()


def standing(answers: Sequence[str], signs: Collection[str]) -> Standing:
    """Where a chain stands after the last of its answers.

    >>> standing(["It was late.", "It was late"], ()).place
    'loop'
    >>> standing(["The brief came late and nobody had booked the studio."], ["branch"]).words
    ('The brief came late', 'nobody had booked the studio')
    """
    if not answers:
        return Standing()
    *earlier, last = answers
    same = next((text for text in earlier if _shared(last, text) >= _SAME_WORDS), None)
    if earlier and (same or LOOP in signs):
        return Standing("loop", (same or _nearest(last, earlier),))
    pair = causes(last) if BRANCH in signs else None
    if pair:
        return Standing("branch", pair)
    return Standing("end") if ROOT_REACHED in signs else Standing()


def _shared(one: str, other: str) -> float:
    """The share of stems that two texts have in common (Jaccard)."""
    left, right = (stems(words(text[:_MOST_CHARACTERS])) for text in (one, other))
    return len(left & right) / max(len(left | right), 1)


def _nearest(text: str, earlier: Sequence[str]) -> str:
    """The earlier answer that shares most with a text; the first where none does."""
    return max(earlier, key=lambda other: _shared(text, other))
