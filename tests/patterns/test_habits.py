import numpy as np

from coach.patterns.habits import Habits
from coach.prompts import Tendency

EAST, NORTH, UP = np.eye(3, dtype=np.float32)
BETWEEN = (EAST + NORTH) / np.sqrt(2)
NAMES = {"yes": Tendency(name="Saying yes", you="you said yes"), "late": Tendency(name="Starting late", you="you began late")}


def habits(bar: float = 0.6) -> Habits:
    return Habits({"yes": EAST, "late": NORTH, "has no name": UP}, NAMES, bar)


def test_the_habit_nearest_to_both_is_named() -> None:
    assert habits().shared(EAST, BETWEEN) == "you said yes"
    assert habits().shared(NORTH, BETWEEN) == "you began late"


def test_a_habit_that_only_one_of_them_has_is_not_shared() -> None:
    assert habits().shared(EAST, NORTH) == ""


def test_a_habit_without_a_name_is_not_spoken_of() -> None:
    assert habits().shared(UP, UP) == ""
    assert habits().of([UP, UP]) == ""


def test_a_group_is_called_by_the_habit_nearest_to_all_of_it() -> None:
    assert habits().of([EAST, EAST, BETWEEN]) == "Saying yes"
    assert habits(0.8).of([EAST, NORTH]) == ""
    assert habits().of([]) == ""


def test_without_labelled_habits_nothing_is_said() -> None:
    assert Habits({}, {}, 0.5).shared(EAST, EAST) == ""
    assert Habits({}, {}, 0.5).of([EAST]) == ""
