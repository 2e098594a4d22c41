"""What the rest of the program may ask of a vector index. It holds ids, vectors and dates, never text."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from coach.llm.base import Vector


@dataclass(frozen=True)
class Near:
    """A neighbour: the entry's id and the cosine similarity, -1 to 1."""

    id: str
    similarity: float


class VectorIndex(Protocol):
    """Finds the vectors nearest to one. Raises IndexUnavailable."""

    def add(self, vectors: Mapping[str, Vector]) -> None:
        """Add vectors by id, or replace them."""
        ...

    def nearest(self, vector: Vector, most: int, leave_out: Sequence[str] = (), among: Collection[str] | None = None) -> list[Near]:
        """The nearest, best first, without those left out; of ``among`` alone, where that is given."""
        ...

    def ids(self) -> set[str]:
        """All ids it holds."""
        ...

    def reset(self, stamp: str) -> None:
        """Forget everything and take on a stamp (what the vectors are made by)."""
        ...

    def stamp(self) -> str | None:
        """The stamp of the last reset; None for a new index."""
        ...

    def close(self) -> None:
        """Release it."""
        ...
