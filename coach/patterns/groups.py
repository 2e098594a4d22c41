"""Groups entries by the habit behind them. Pure: vectors in, groups out; a group that is there is never taken apart.

Average linkage: an entry belongs to a group when its mean cosine similarity to the group's members reaches a bar. What is in
no group is joined, the nearest two first, for as long as the mean similarity between the two reaches the bar. So an entry more
can enlarge a group or found one, and moves nothing else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from coach.llm.base import Vector

FEWEST = 2
"""Entries that make a group: a habit that was seen once is not recurring."""

MOST_AT_ONCE = 1500
"""Loose entries that are compared pair by pair; more are taken in portions of this size, each first offered to the groups that
are there. Bounds memory to some tens of MB."""

_Matrix = npt.NDArray[np.float32]


@dataclass
class Grouping:
    """What became of the loose entries: ``joined`` maps an entry to the group it was added to, ``formed`` are new groups."""

    joined: dict[str, str] = field(default_factory=dict)
    formed: list[list[str]] = field(default_factory=list)


def group(groups: Mapping[str, Sequence[Vector]], loose: Mapping[str, Vector], bar: float) -> Grouping:
    """Place loose entries.

    Args:
        groups: the vectors of each group's members, unit length.
        loose: the vectors of entries in no group, unit length.
        bar: mean cosine similarity from which entries belong together.

    >>> axis = {"a": np.array([1, 0], np.float32), "b": np.array([0.9, 0.1], np.float32), "c": np.array([0, 1], np.float32)}
    >>> group({}, axis, bar=0.5).formed
    [['a', 'b']]
    >>> group({"g": [axis["a"]]}, {"b": axis["b"]}, bar=0.5).joined
    {'b': 'g'}
    """
    made = Grouping()
    sums = {id: np.sum(members, axis=0) for id, members in groups.items() if len(members)}
    counts = {id: len(members) for id, members in groups.items()}
    names = list(loose)
    for at in range(0, len(names), MOST_AT_ONCE):
        part = {name: loose[name] for name in names[at : at + MOST_AT_ONCE]}
        _join(sums, counts, part, bar, made)
        left = [name for name in part if name not in made.joined]
        for members in _linked([loose[name] for name in left], bar):
            ids = [left[i] for i in members]
            made.formed.append(ids)
            sums[ids[0]], counts[ids[0]] = np.sum([loose[id] for id in ids], axis=0), len(ids)
    return _settled(made)


def _join(sums: dict[str, Vector], counts: dict[str, int], part: Mapping[str, Vector], bar: float, made: Grouping) -> None:
    """Add entries to the groups they are nearest to."""
    if not sums:
        return
    ids = list(sums)
    means = np.vstack([sums[id] / counts[id] for id in ids])
    for name, vector in part.items():
        near = means @ vector
        best = int(np.argmax(near))
        if near[best] >= bar:
            made.joined[name] = ids[best]


def _settled(made: Grouping) -> Grouping:
    """Entries that joined a group which was formed in this same run belong to it."""
    formed = {members[0]: members for members in made.formed}
    for name, id in made.joined.items():
        if id in formed:
            formed[id].append(name)
    kept = {name: id for name, id in made.joined.items() if id not in formed}
    return Grouping(kept, [members for members in made.formed if len(members) >= FEWEST])


def _linked(vectors: Sequence[Vector], bar: float) -> list[list[int]]:
    """Agglomerative average linkage down to the bar; the indices of each group of at least two."""
    if len(vectors) < FEWEST:
        return []
    sums: _Matrix = np.array(vectors, np.float32)
    sizes = np.ones(len(sums), np.float32)
    similarity: _Matrix = sums @ sums.T
    np.fill_diagonal(similarity, -np.inf)
    members = [[i] for i in range(len(sums))]
    while True:
        one, other = (int(i) for i in np.unravel_index(int(np.argmax(similarity)), similarity.shape))
        if not similarity[one, other] >= bar:
            return [group for group in members if len(group) >= FEWEST]
        members[one] += members[other]
        members[other] = []
        sums[one] += sums[other]
        sizes[one] += sizes[other]
        row = (sums @ sums[one]) / (sizes * sizes[one])
        row[[i for i, group in enumerate(members) if not group or i == one]] = -np.inf
        similarity[one], similarity[:, one] = row, row
        similarity[other], similarity[:, other] = -np.inf, -np.inf
