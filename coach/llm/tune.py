"""Measures how the model runs quickest on this machine: one thing after the other, each against what was best so far.

What is timed is what a person waits for: the new tokens of a question behind an evaluated prefix, then its words, three candidates
side by side; for the size of a batch, an answer that is longer than the smaller one. The two ways are timed in turn, so that a
slow moment of the machine meets both; a way that is not clearly quicker is not taken, and one that cannot be any more is not timed
to the end. The weights are loaded once for all ways, and a way that is out of the running gives its context back.
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
"""A way must take less than this share of the time to be taken: medians of a few pairs differ somewhat by themselves."""

MOST_PAIRS = 7
_FIRST_PAIRS, _CLEARLY_SLOWER = 3, 1.05

_PREFIX, _BRANCHES = 256, min(3, MOST_BRANCHES)
_QUESTION, _LONG_ANSWER = (32, 6), (256, 0)  # new tokens that are evaluated, then steps of writing

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


def share_of(ours: Callable[[], float], theirs: Callable[[], float]) -> float:
    """How long ``theirs`` takes as a share of ``ours``, both in seconds: the median of up to seven pairs, timed in turn.

    It ends early where it is clear that theirs will not be taken: after three pairs when it is more than a twentieth slower, and
    once most of the seven have said no.

    >>> seconds = iter([1.0, 2.0] * 3)
    >>> share_of(lambda: next(seconds), lambda: next(seconds))
    2.0
    """
    shares = list[float]()
    while len(shares) < MOST_PAIRS:
        before = ours()
        shares.append(theirs() / before)
        slower = len(shares) == _FIRST_PAIRS and statistics.median(shares) > _CLEARLY_SLOWER
        if slower or sum(share >= CLEARLY for share in shares) > MOST_PAIRS / 2:
            break
    return statistics.median(shares)


def _changes(cores: int) -> Iterator[dict[str, Any]]:
    """What is tried, one after the other."""
    yield from ({"threads": count} for count in sorted({max(1, cores // 2), cores - 1, cores + 1}) if 0 < count != cores)
    yield {"batch": 128}
    yield {"flash_attention": False}
    yield {"flash_attention": True, "kv": "q8_0"}


class Bench:
    """Times ways to run one model file.

    Args:
        weights: the loaded file.
        clock: seconds.
    """

    def __init__(self, weights: Weights, clock: Callable[[], float] = time.perf_counter) -> None:
        self._weights, self._clock, self._made = weights, clock, dict[Tuning, Live]()

    def share(self, best: Tuning, other: Tuning) -> float:
        """See ``Measured``."""
        new, steps = _QUESTION if best.batch == other.batch else _LONG_ANSWER
        with NATIVE:
            self._free_all_but(best)
            try:
                return share_of(
                    lambda: self._seconds(self._live(best), new, steps), lambda: self._seconds(self._live(other), new, steps)
                )
            except ModelError:
                return float("inf")

    def close(self) -> None:
        """Give back what is left."""
        with NATIVE:
            self._free_all_but(None)

    def _free_all_but(self, best: Tuning | None) -> None:
        """Give back the contexts that are not compared any more: each takes some hundred megabytes."""
        for tuning in [one for one in self._made if one != best]:
            live = self._made.pop(tuning)
            live.lib.llama_free(live.context)
            live.lib.llama_batch_free(live.batch.batch)

    def _seconds(self, live: Live, new: int, steps: int) -> float:
        live.keep(_PREFIX)
        begun = self._clock()
        live.extend(_tokens(_PREFIX, new))
        with live.branches(_BRANCHES):
            for step in range(steps):
                live.grow([((branch + 1,), len(live.held) + step, 1000 + branch) for branch in range(_BRANCHES)])
        return self._clock() - begun

    def _live(self, tuning: Tuning) -> Live:
        """A context of this tuning behind an evaluated prefix, run through once: the first time is slower."""
        if tuning not in self._made:
            weights = self._weights.run_as(tuning)
            live = self._made[tuning] = Live(weights, weights.writing_context())
            live.extend(_tokens(0, _PREFIX))
            self._seconds(live, *_QUESTION)
        return self._made[tuning]


def _tokens(start: int, count: int) -> Sequence[int]:
    """Some tokens that are no control tokens."""
    return [1000 + (7 * place) % 5000 for place in range(start, start + count)]


def tune(path: Path, progress: Callable[[int, int], None]) -> tuple[Tuning, list[str]]:
    """Measure a model file on this machine. Raises ModelError."""
    with NATIVE:
        bench = Bench(Weights(path))
    try:
        return tuned(bench.share, threads(), progress)
    finally:
        bench.close()
