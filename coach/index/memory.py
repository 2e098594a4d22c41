"""An exact index in memory: for tests, for a second process, and as the yardstick for the real one."""

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
        self._stamp: str | None = None

    def add(self, vectors: Mapping[str, Vector]) -> None:
        """Add vectors by id, or replace them."""
        self._vectors.update(vectors)

    def nearest(self, vector: Vector, most: int, leave_out: Sequence[str] = (), among: Collection[str] | None = None) -> list[Near]:
        """The nearest, best first."""
        out, wanted = set(leave_out), None if among is None else set(among)
        kept = [id for id in self._vectors if id not in out and (wanted is None or id in wanted)]
        if not kept:
            return []
        similarities = np.vstack([self._vectors[id] for id in kept]) @ vector
        order = np.argsort(-similarities, kind="stable")[:most]
        return [Near(kept[i], float(similarities[i])) for i in order]

    def ids(self) -> set[str]:
        """All ids it holds."""
        return set(self._vectors)

    def reset(self, stamp: str) -> None:
        """Forget everything."""
        self._vectors, self._stamp = {}, stamp

    def stamp(self) -> str | None:
        """The stamp of the last reset."""
        return self._stamp

    def close(self) -> None:
        """Nothing to release."""
