import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coach.llm.base import Vector
from coach.patterns import groups
from coach.patterns.groups import group

HABITS, EACH, WIDTH = 6, 8, 24


def planted(seed: int = 0, noise: float = 0.25) -> dict[str, Vector]:
    """Unit vectors around a few directions, named by them: ``3-5`` is the sixth entry of the fourth habit."""
    random = np.random.default_rng(seed)
    centres = np.linalg.qr(random.standard_normal((WIDTH, WIDTH)))[0][:HABITS]
    made = {}
    for habit, centre in enumerate(centres):
        for number in range(EACH):
            vector = centre + noise * random.standard_normal(WIDTH) / np.sqrt(WIDTH) * 2
            made[f"{habit}-{number}"] = (vector / np.linalg.norm(vector)).astype(np.float32)
    order = random.permutation(list(made))
    return {name: made[name] for name in order}


def whole(formed: list[list[str]]) -> set[frozenset[str]]:
    return {frozenset(members) for members in formed}


def test_planted_habits_are_found_whole_and_alone() -> None:
    made = group({}, planted(), bar=0.5)
    assert whole(made.formed) == {frozenset(f"{habit}-{n}" for n in range(EACH)) for habit in range(HABITS)}
    assert made.joined == {}


def test_an_entry_more_joins_its_group_and_moves_nothing_else() -> None:
    vectors = planted()
    late = vectors.pop("3-5")
    before = {members[0]: [vectors[id] for id in members] for members in group({}, vectors, bar=0.5).formed}
    made = group(before, {"3-5": late}, bar=0.5)
    assert made.formed == []
    assert made.joined["3-5"].startswith("3-")


def test_what_is_like_nothing_stays_alone() -> None:
    made = group({}, {"a": np.eye(4, dtype=np.float32)[0], "b": np.eye(4, dtype=np.float32)[1]}, bar=0.5)
    assert made.formed == []
    assert made.joined == {}


def test_nothing_to_group_is_no_error() -> None:
    assert group({}, {}, bar=0.5).formed == []
    assert group({"g": [np.ones(1, np.float32)]}, {}, bar=0.5).joined == {}
    assert group({"empty": []}, {"a": np.ones(1, np.float32)}, bar=0.5).joined == {}


def test_a_group_needs_the_mean_not_one_near_member() -> None:
    east, north = np.array([1, 0], np.float32), np.array([0, 1], np.float32)
    assert group({"g": [east, north, north]}, {"new": east}, bar=0.5).joined == {}
    assert group({"g": [east, east, north]}, {"new": east}, bar=0.5).joined == {"new": "g"}


@pytest.mark.parametrize("portion", [20, 30, 1000])
def test_portions_find_the_same_groups(monkeypatch: pytest.MonkeyPatch, portion: int) -> None:
    monkeypatch.setattr(groups, "MOST_AT_ONCE", portion)
    found = {max(habits := [id.split("-")[0] for id in members], key=habits.count) for members in group({}, planted(), 0.5).formed}
    assert found == {str(habit) for habit in range(HABITS)}


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 1000), st.floats(0, 3), st.floats(-1, 1))
def test_every_entry_is_placed_at_most_once(seed: int, noise: float, bar: float) -> None:
    vectors = planted(seed, noise)
    there = {"g": [vectors.pop(next(iter(vectors)))]}
    made = group(there, vectors, bar)
    placed = [*made.joined, *(id for members in made.formed for id in members)]
    assert len(placed) == len(set(placed))
    assert set(placed) <= set(vectors)
    assert set(made.joined.values()) <= {"g"}
    assert all(len(members) >= 3 for members in made.formed)


def test_members_are_nearer_to_each_other_than_the_bar() -> None:
    vectors = planted(3, noise=0.8)
    for members in group({}, vectors, bar=0.4).formed:
        inside = np.vstack([vectors[id] for id in members])
        near = inside @ inside.T
        others = near[~np.eye(len(members), dtype=bool)]
        assert others.mean() > 0.3
