"""Groups entries by the habit behind them. Pure: vectors in, groups out; a group that is there is never taken apart.

Average linkage: an entry belongs to a group when its mean cosine similarity to the group's members reaches a bar. What is in
no group is joined, the nearest two first, for as long as the mean similarity between the two reaches the bar. So an entry more
can enlarge a group or found one, and moves nothing else.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from coach.llm.base import Vector

FEWEST = 3
"""Entries that make a group: once is no habit, and two that are alike may be chance."""

MOST_AT_ONCE = 1500
"""Loose entries that are compared pair by pair; more are taken in portions of this size, each first offered to the groups that
are there. Bounds memory to some tens of MB."""

_Matrix = npt.NDArray[np.float32]


@dataclass
class Grouping:
    """What became of the loose entries: ``joined`` maps an entry to the group it was added to, ``formed`` are new groups."""

    joined: dict[str, str] = field(default_factory=dict)
    formed: list[list[str]] = field(default_factory=list)


Label = Callable[[Sequence[Vector]], str]
"""The labelled habit that entries have in common; empty where none is near."""


def group(
    groups: Mapping[str, Sequence[Vector]], loose: Mapping[str, Vector], bar: float, label: Label = lambda vectors: ""
) -> Grouping:
    """Place loose entries.

    Args:
        groups: the vectors of each group's members, unit length.
        loose: the vectors of entries in no group, unit length.
        bar: mean cosine similarity from which entries belong together.
        label: groups that have the same one are one group.

    >>> near, far = np.array([1, 0], np.float32), np.array([0, 1], np.float32)
    >>> group({}, {"a": near, "b": near, "c": far, "d": near}, bar=0.5).formed
    [['a', 'b', 'd']]
    >>> group({"g": [near]}, {"e": near}, bar=0.5).joined
    {'e': 'g'}
    """
    made = Grouping()
    sums = {id: np.sum(members, axis=0) for id, members in groups.items() if len(members)}
    counts = {id: len(members) for id, members in groups.items()}
    names, left = list(loose), list[str]()
    for at in range(0, len(names), MOST_AT_ONCE):
        part = {name: loose[name] for name in [*left[-MOST_AT_ONCE:], *names[at : at + MOST_AT_ONCE]]}
        _join(sums, counts, part, bar, made)
        left = [name for name in part if name not in made.joined]
        free = list(left)
        for members in _linked([loose[name] for name in free], bar):
            ids = [free[i] for i in members]
            made.formed.append(ids)
            sums[ids[0]], counts[ids[0]] = np.sum([loose[id] for id in ids], axis=0), len(ids)
            left = [name for name in left if name not in set(ids)]
    return _united(_settled(made), groups, loose, label)


def _united(made: Grouping, groups: Mapping[str, Sequence[Vector]], loose: Mapping[str, Vector], label: Label) -> Grouping:
    """New groups with the label of one that is there join it, or, with the same label, each other."""
    there = {label(members): id for id, members in groups.items()}
    formed: dict[str, list[str]] = {}
    for number, members in enumerate(made.formed):
        mine = label([loose[id] for id in members])
        if mine and mine in there:
            made.joined |= dict.fromkeys(members, there[mine])
        else:
            formed.setdefault(mine or f"{number} without one", []).extend(members)
    return Grouping(made.joined, list(formed.values()))


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
    """Agglomerative average linkage down to the bar; the indices of each group that is large enough."""
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
