"""Benchmarks: each figure is a ratio of two things timed in turn in one run, since seconds differ between machines and moments."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

Act = Callable[[str], object]


@dataclass(frozen=True)
class Ratio:
    """``ratio`` is the median over texts and runs of ours against bare; the seconds are medians too."""

    ratio: float
    ours_seconds: float
    bare_seconds: float
    texts: int
    runs: int


def ratio(ours: Act, bare: Act, texts: Sequence[str], runs: int = 5, clock: Callable[[], float] = time.perf_counter) -> Ratio:
    """Time two acts on the same texts in turn, after one round that is not counted.

    >>> seconds = iter(range(100))
    >>> ratio(str.split, str.upper, ["a", "b"], runs=2, clock=lambda: float(next(seconds))).ratio
    1.0
    """
    pairs = []
    for run in range(runs + 1):
        for text in texts:
            pair = _timed(ours, text, clock), _timed(bare, text, clock)
            pairs += [pair] if run else []
    ratios = [one / other for one, other in pairs]
    ours_seconds, bare_seconds = (statistics.median(times) for times in zip(*pairs, strict=True))
    return Ratio(statistics.median(ratios), ours_seconds, bare_seconds, len(texts), runs)


def as_data(figures: dict[str, Ratio]) -> dict[str, object]:
    """The figures as plain data."""
    return {name: asdict(figure) for name, figure in figures.items()}


def _timed(act: Act, text: str, clock: Callable[[], float]) -> float:
    start = clock()
    act(text)
    return clock() - start
