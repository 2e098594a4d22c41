"""How well recurring tendencies are found: on logs in which habits were planted, and among reports whose writers ticked factors."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from coach.errors import InputError
from coach.llm.base import Vector
from coach.patterns.groups import Label, group
from coach.recall import habit_text

MOSTLY, HALF = 0.6, 0.5
"""A group is a habit's when so many of its entries are that habit's; the habit is found when its group holds half of it."""

NEAREST = 5

Embed = Callable[[str], Vector]


@dataclass(frozen=True)
class Planted:
    """An entry and the habit that was planted in it; None where it has one of its own."""

    text: str
    habit: str | None


def read_log(path: Path) -> list[Planted]:
    """A log with planted habits: JSON Lines with ``planted`` and an entry's texts. Raises InputError."""
    entries = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            fields = json.loads(line)
            text = habit_text(fields["situation"], fields["root_cause"], fields["lesson"])
            entries.append(Planted(text, fields["planted"]))
        except (ValueError, KeyError, TypeError) as exc:
            raise InputError(f"{path}, line {number}: no entry with planted, situation, root_cause and lesson.") from exc
    return entries


def planted_report(
    entries: Sequence[Planted], embed: Embed, bar: float, label: Label = lambda vectors: "", seed: int = 1
) -> dict[str, object]:
    """What became of the planted habits when the log grew in two steps, and of entries without one.

    ``found``: habits with a group of their own that holds half of their entries or more; ``split``: with several groups;
    ``invented``: groups that are no habit's. ``pair_precision`` and ``pair_recall``: of pairs in one group, how many share a
    habit, and the reverse.
    """
    vectors = {str(i): embed(entry.text) for i, entry in enumerate(entries)}
    groups = _grown(vectors, bar, label, seed)
    habits = [entry.habit for entry in entries]
    owners = [_owner([habits[int(id)] for id in members]) for members in groups]
    sizes = Counter(habit for habit in habits if habit)
    held: Counter[str] = Counter()
    for owner, members in zip(owners, groups, strict=True):
        if owner:
            held[owner] = max(held[owner], sum(habits[int(id)] == owner for id in members))
    per_owner = Counter(owner for owner in owners if owner)
    precision, recall = _pairs(groups, habits)
    return {
        "entries": len(entries),
        "planted": len(sizes),
        "found": sum(held[habit] >= HALF * size for habit, size in sizes.items()),
        "seen": len(per_owner),
        "split": sum(count > 1 for count in per_owner.values()),
        "groups": len(groups),
        "invented": sum(owner is None for owner in owners),
        "pair_precision": precision,
        "pair_recall": recall,
    }


def _grown(vectors: Mapping[str, Vector], bar: float, label: Label, seed: int) -> list[list[str]]:
    """The groups after half of the log, and then one entry after the other: as a person's log grows."""
    order = [str(i) for i in np.random.default_rng(seed).permutation(len(vectors))]
    half = len(order) // 2
    groups = group({}, {id: vectors[id] for id in order[:half]}, bar, label).formed
    loose = [id for id in order[:half] if not any(id in members for members in groups)]
    for new in order[half:]:
        loose.append(new)
        there = {members[0]: [vectors[id] for id in members] for members in groups}
        made = group(there, {id: vectors[id] for id in loose}, bar, label)
        for members in groups:
            members += [id for id, into in made.joined.items() if into == members[0]]
        groups += made.formed
        loose = [id for id in loose if not any(id in members for members in groups)]
    return groups


def _owner(habits: Sequence[str | None]) -> str | None:
    habit, count = Counter(habits).most_common(1)[0]
    return habit if count >= MOSTLY * len(habits) else None


def _pairs(groups: Iterable[Sequence[str]], habits: Sequence[str | None]) -> tuple[float, float]:
    together = [
        (habits[int(one)], habits[int(other)]) for members in groups for i, one in enumerate(members) for other in members[:i]
    ]
    right = sum(one == other and one is not None for one, other in together)
    wanted = sum(count * (count - 1) // 2 for habit, count in Counter(habits).items() if habit)
    return right / max(len(together), 1), right / max(wanted, 1)


def neighbours_report(vectors: Vector, factors: Sequence[frozenset[str]]) -> dict[str, float]:
    """How much alike the factors of a report and of its nearest ones are, against two reports taken at random.

    Args:
        vectors: one a report, unit length.
        factors: what its writer ticked.

    ``nearest`` and ``chance``: mean share of factors in common (Jaccard); ``lift`` is their ratio.
    """
    alike = _jaccard(factors)
    similarity = vectors @ vectors.T
    np.fill_diagonal(similarity, -np.inf)
    nearest = np.argsort(-similarity, axis=1)[:, :NEAREST]
    near = float(np.take_along_axis(alike, nearest, axis=1).mean())
    others = ~np.eye(len(factors), dtype=bool)
    chance = float(alike[others].mean())
    return {"nearest": near, "chance": chance, "lift": near / chance}


def _jaccard(factors: Sequence[frozenset[str]]) -> npt.NDArray[np.float64]:
    names = sorted(set().union(*factors))
    ticked = np.array([[name in one for name in names] for one in factors], np.float64)
    common, sizes = ticked @ ticked.T, ticked.sum(axis=1)
    return np.asarray(common / np.maximum(sizes[:, None] + sizes[None, :] - common, 1), np.float64)
