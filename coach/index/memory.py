"""An exact index in memory: for tests, for a second process, and as the yardstick for the real one."""

import itertools
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from coach.index.base import Near
from coach.llm.base import Vector


class MemoryIndex:
    """Compares with every vector it holds.

    >>> index = MemoryIndex()
    >>> index.add({"a": np.array([1, 0], np.float32), "b": np.array([0, 1], np.float32)})
    >>> [near.id for near in index.nearest(np.array([1, 0], np.float32), 1)]
    ['a']
    """

    def __init__(self) -> None:
        self._vectors: dict[str, Vector] = {}
        self._rows: tuple[list[str], Vector] | None = None  # all of them as one matrix, until one is added
        self._stamp: str | None = None

    def add(self, vectors: Mapping[str, Vector]) -> None:
        """Add vectors by id, or replace them."""
        self._vectors.update(vectors)
        self._rows = None

    def nearest(self, vector: Vector, most: int, leave_out: Sequence[str] = (), among: Collection[str] | None = None) -> list[Near]:
        """The nearest, best first."""
        if not self._vectors:
            return []
        if self._rows is None:
            self._rows = list(self._vectors), np.vstack(list(self._vectors.values()))
        ids, rows = self._rows
        similarities = rows @ vector
        out, wanted = set(leave_out), None if among is None else set(among)
        order = (int(i) for i in np.argsort(-similarities, kind="stable"))
        kept = (i for i in order if ids[i] not in out and (wanted is None or ids[i] in wanted))
        return [Near(ids[i], float(similarities[i])) for i in itertools.islice(kept, most)]

    def ids(self) -> set[str]:
        """All ids it holds."""
        return set(self._vectors)

    def reset(self, stamp: str) -> None:
        """Forget everything."""
        self._vectors, self._rows, self._stamp = {}, None, stamp

    def stamp(self) -> str | None:
        """The stamp of the last reset."""
        return self._stamp

    def close(self) -> None:
        """Nothing to release."""
