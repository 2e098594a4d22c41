"""Benchmarks of the log's search: how fast entries are made findable, and how fast and how exactly they are found.

Everything is compared in one run with what it is made of: the bare embedder, exact search with NumPy, SQLite alone. Larger logs
than there are reports for are made by mixing reports' vectors in pairs, which keeps them as close together as real ones.
"""

import resource
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from coach.index.base import VectorIndex
from coach.llm.base import Vector

FOUND = 10
_QUERIES = 50
_MIXED = 0.35
"""How much of a second report's vector is mixed into the first one's."""

Clock = Callable[[], float]
SearchWords = Callable[[str], object]
Result = TypeVar("Result")


@dataclass(frozen=True)
class Latency:
    """Of one way to search, in seconds."""

    p50: float
    p95: float


@dataclass(frozen=True)
class EmbedFigures:
    """Entries a second through the bare embedder and imported, that is embedded, kept and indexed; ``ratio`` of these to those."""

    ratio: float
    imported_a_second: float
    bare_a_second: float
    entries: int


@dataclass(frozen=True)
class Size:
    """What was measured on a log of ``entries``; ``memory_mb`` is the most that the process has held so far, whatever
    it has measured before included."""

    entries: int
    build_seconds: float
    index: Latency
    exact: Latency
    sqlite: Latency
    index_over_exact: float
    recall_at_10: float
    memory_mb: float


def grown(vectors: Vector, count: int, seed: int = 0) -> Vector:
    """Unit vectors for a log of ``count`` entries: the reports' own, then mixtures of two."""
    if count <= len(vectors):
        return vectors[:count]
    random = np.random.default_rng(seed)
    one, other = random.integers(0, len(vectors), (2, count - len(vectors)))
    mixed = (1 - _MIXED) * vectors[one] + _MIXED * vectors[other] + random.standard_normal((len(one), vectors.shape[1])) * 0.01
    made = np.vstack([vectors, mixed])
    return np.asarray(made / np.linalg.norm(made, axis=1, keepdims=True), np.float32)


def measured(
    vectors: Vector, index: VectorIndex, words: SearchWords, queries: Sequence[str], clock: Clock = time.perf_counter
) -> Size:
    """Fill an index and time searches in it, in exact search and in ``words``, in turn."""
    start = clock()
    index.add({f"e{i}": vector for i, vector in enumerate(vectors)})
    built = clock() - start
    asked = grown(vectors, len(vectors))[np.random.default_rng(1).integers(0, len(vectors), _QUERIES)]
    times: dict[str, list[float]] = {"index": [], "exact": [], "sqlite": []}
    hits = 0
    for number, vector in enumerate(asked):
        near, seconds = _timed(lambda vector=vector: index.nearest(vector, FOUND), clock)  # type: ignore[misc]
        times["index"].append(seconds)
        exact, seconds = _timed(lambda vector=vector: exact_nearest(vectors, vector), clock)  # type: ignore[misc]
        times["exact"].append(seconds)
        times["sqlite"].append(_timed(lambda n=number: words(queries[n % len(queries)]), clock)[1])  # type: ignore[misc]
        hits += len({one.id for one in near} & {f"e{i}" for i in exact})
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # kilobytes on Linux
    latencies = {name: _latency(values) for name, values in times.items()}
    ratio = latencies["index"].p50 / latencies["exact"].p50
    return Size(
        len(vectors), built, **latencies, index_over_exact=ratio, recall_at_10=hits / (FOUND * len(asked)), memory_mb=memory
    )


def exact_nearest(vectors: Vector, vector: Vector) -> list[int]:
    """The rows nearest to a vector, best first, by comparing with all of them.

    >>> exact_nearest(np.eye(3, dtype=np.float32), np.array([0, 1, 0], np.float32))[0]
    1
    """
    similarities = vectors @ vector
    most = min(FOUND, len(vectors))
    best = np.argpartition(-similarities, most - 1)[:most]
    return [int(i) for i in best[np.argsort(-similarities[best])]]


def _timed(act: Callable[[], Result], clock: Clock) -> tuple[Result, float]:
    start = clock()
    result = act()
    return result, clock() - start


def _latency(seconds: Sequence[float]) -> Latency:
    return Latency(statistics.median(seconds), float(np.quantile(seconds, 0.95)))
