"""Says in words which habit two entries share, or a group has: the nearest of the labelled habits, where one is near enough.

A habit that nobody labelled is near none of them; then this says nothing, rather than something wrong.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from coach.llm.base import Vector
from coach.prompts import Tendency


class Habits:
    """The labelled habits as directions in the tendency view.

    Args:
        centres: unit vectors by habit.
        names: what each is called; habits without a name are not used.
        bar: cosine similarity to a centre from which an entry counts as that habit's.
    """

    def __init__(self, centres: Mapping[str, Vector], names: Mapping[str, Tendency], bar: float) -> None:
        self._names, self._bar = names, bar
        self._habits = sorted(set(centres) & set(names))
        self._centres = np.vstack([centres[habit] for habit in self._habits]) if self._habits else np.zeros((0, 1), np.float32)

    def shared(self, one: Vector, other: Vector) -> str:
        """A clause about the person ("you put off a hard talk"): the habit nearest to both; empty where none is near both."""
        near = np.minimum(self._near(one), self._near(other))
        return self._names[self._habits[int(np.argmax(near))]].you if len(near) and near.max() >= self._bar else ""

    def of(self, vectors: Sequence[Vector]) -> str:
        """A name for a group ("Putting off hard talks"); empty where no habit is near."""
        label = self.label(vectors)
        return self._names[label].name if label else ""

    def label(self, vectors: Sequence[Vector]) -> str:
        """The labelled habit that a group has; empty where none is near."""
        near = np.mean([self._near(vector) for vector in vectors], axis=0) if len(vectors) else np.zeros(0)
        return self._habits[int(np.argmax(near))] if len(near) and near.max() >= self._bar else ""

    def _near(self, vector: Vector) -> Vector:
        return np.asarray(self._centres @ vector if len(self._habits) else np.zeros(0), np.float32)
