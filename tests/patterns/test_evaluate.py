import json
from pathlib import Path

import numpy as np
import pytest

from coach.errors import InputError
from coach.llm.base import Vector
from coach.patterns.evaluate import Planted, neighbours_report, planted_report, read_log

AXES = np.eye(8, dtype=np.float32)


def embed(text: str) -> Vector:
    return AXES[int(text)]


def test_planted_habits_that_are_kept_apart_are_all_found() -> None:
    entries = [Planted(str(habit), f"h{habit}") for habit in range(3) for _ in range(5)] + [Planted("7", None)]
    figures = planted_report(entries, embed, bar=0.5)
    assert figures == {
        "entries": 16,
        "planted": 3,
        "found": 3,
        "seen": 3,
        "split": 0,
        "groups": 3,
        "invented": 0,
        "pair_precision": 1.0,
        "pair_recall": 1.0,
    }


def test_a_habit_in_two_places_is_split_and_strangers_together_are_invented() -> None:
    entries = [Planted("0", "a")] * 4 + [Planted("1", "a")] * 3 + [Planted("2", None)] * 3
    figures = planted_report(entries, embed, bar=0.5)
    assert (figures["found"], figures["split"], figures["invented"]) == (1, 1, 1)
    assert figures["pair_recall"] == pytest.approx(9 / 21)
    assert figures["pair_precision"] == pytest.approx(9 / 12)


def test_habits_thrown_together_are_nobodys() -> None:
    figures = planted_report([Planted("0", "a"), Planted("0", "b")] * 4, embed, bar=0.5)
    assert (figures["found"], figures["invented"], figures["groups"]) == (0, 1, 1)


def test_neighbours_with_the_same_factors_lift_the_figure() -> None:
    vectors = np.repeat(AXES[:2], 10, axis=0)
    told = [frozenset({"fatigue"})] * 10 + [frozenset({"leadership"})] * 10
    figures = neighbours_report(vectors, told)
    assert figures["nearest"] == 1.0
    assert figures["lift"] == pytest.approx(190 / 90, rel=1e-3)
    shuffled = neighbours_report(vectors, [told[i] for i in np.random.default_rng(0).permutation(20)])
    assert shuffled["lift"] < figures["lift"]


def test_a_log_is_read_by_what_shows_the_habit(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text(
        json.dumps({"planted": None, "situation": "Late.", "root_cause": "No owner.", "lesson": "Name one."}), encoding="utf-8"
    )
    assert read_log(path) == [Planted("Late. No owner. Name one.", None)]
    path.write_text('{"planted": null}', encoding="utf-8")
    with pytest.raises(InputError, match="line 1"):
        read_log(path)
