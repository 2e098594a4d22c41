"""Measures how the model runs quickest on this machine: one thing after the other, each against what was best so far.

What is timed is what a person waits for: the new tokens of a question behind an evaluated prefix, then its words, three candidates
side by side. The two ways are timed in turn, so that a slow moment of the machine meets both; a way that is not clearly quicker
is not taken.
"""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from coach.errors import ModelError
from coach.llm.native import MOST_BRANCHES, NATIVE, Live, Weights, threads
from coach.llm.tuning import DEFAULT, Tuning

CLEARLY = 0.97
"""A way must take less than this share of the time to be taken: medians of five differ by a hundredth or two by themselves."""

_PREFIX, _NEW, _STEPS, _BRANCHES = 512, 64, 12, min(3, MOST_BRANCHES)
_RUNS = 5

Measured = Callable[[Tuning, Tuning], float]
"""How long the second way takes, as a share of the first; infinite where it cannot be run."""


def tuned(measured: Measured, cores: int, progress: Callable[[int, int], None]) -> tuple[Tuning, list[str]]:
    """The quickest way, and a line for each thing that was tried.

    >>> halves = lambda best, other: 0.5 if other.batch < best.batch else 1.0
    >>> tuned(halves, 2, lambda done, total: None)[0].batch
    128
    """
    best, lines, tried = DEFAULT, [], list(_changes(cores))
    for done, change in enumerate(tried, 1):
        other = best.model_copy(update=change)
        share = measured(best, other)
        taken = share < CLEARLY
        what = ", ".join(f"{name} {value}" for name, value in change.items())
        lines.append(f"{what}: {share:.2f} of the time of what was best before{'; taken' if taken else ''}.")
        best = other if taken else best
        progress(done, len(tried))
    return best, lines


def _changes(cores: int) -> Iterator[dict[str, Any]]:
    """What is tried, one after the other."""
    yield from ({"threads": count} for count in sorted({max(1, cores // 2), cores - 1, cores + 1}) if 0 < count != cores)
    yield from ({"batch": size} for size in (256, 128))
    yield {"flash_attention": False}
    yield {"flash_attention": True, "kv": "q8_0"}


class Bench:
    """Times ways to run one model file."""

    def __init__(self, path: Path) -> None:
        self._path, self._made = path, dict[Tuning, Live]()

    def share(self, best: Tuning, other: Tuning) -> float:
        """See ``Measured``."""
        try:
            with NATIVE:
                pairs = [(self._seconds(best), self._seconds(other)) for _ in range(_RUNS + 1)][1:]
        except ModelError:
            return float("inf")
        return statistics.median(theirs / ours for ours, theirs in pairs)

    def _seconds(self, tuning: Tuning) -> float:
        live = self._live(tuning)
        live.keep(_PREFIX)
        begun = time.perf_counter()
        live.extend(_tokens(_PREFIX, _NEW))
        with live.branches(_BRANCHES):
            for step in range(_STEPS):
                live.grow([(branch + 1, len(live.held) + step, 1000 + branch) for branch in range(_BRANCHES)])
        return time.perf_counter() - begun

    def _live(self, tuning: Tuning) -> Live:
        """A context of this tuning behind an evaluated prefix; the weights' file is mapped, so that two cost no more than one."""
        if tuning not in self._made:
            weights = Weights(self._path, tuning)
            live = Live(weights, weights.writing_context())
            live.extend(_tokens(0, _PREFIX))
            self._made[tuning] = live
        return self._made[tuning]


def _tokens(start: int, count: int) -> Sequence[int]:
    """Some tokens that are no control tokens."""
    return [1000 + (7 * place) % 5000 for place in range(start, start + count)]


def tune(path: Path, progress: Callable[[int, int], None]) -> tuple[Tuning, list[str]]:
    """Measure a model file on this machine. Raises ModelError."""
    return tuned(Bench(path).share, threads(), progress)
