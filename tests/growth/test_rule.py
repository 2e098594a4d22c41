from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.growth.rule import RULE, growth
from coach.schema import CheckIn, Entry, Outcome

PLANNED = date(2026, 1, 5)
TODAY = date(2026, 12, 1)


def entry(id: str, on: date = PLANNED) -> Entry:
    at = datetime(on.year, on.month, on.day, 20, tzinfo=UTC)
    fields = {"title": id, "situation": "x", "root_cause": "x", "lesson": "x", "change": "x"}
    return Entry(id=id, review_id=f"r-{id}", happened_on=on, closed_at=at, **fields)


MINE = entry("mine")


def said(*history: tuple[int, Outcome]) -> list[CheckIn]:
    """Check-ins so many weeks after the change was planned."""
    return [CheckIn(entry_id="mine", at=MINE.closed_at + timedelta(weeks=week), outcome=outcome) for week, outcome in history]


def again(week: int) -> Entry:
    return entry(f"again-{week}", PLANNED + timedelta(weeks=week))


@pytest.mark.parametrize(
    ("check_ins", "returns", "standing"),
    [
        ((), (), "not checked yet"),
        (((1, "no_occasion"),), (), "being tried"),
        (((1, "kept"),), (), "being tried"),
        (((1, "kept"), (4, "kept")), (), "being tried"),
        (((1, "kept"), (5, "kept")), (), "holding"),
        (((1, "kept"), (3, "not_kept"), (5, "kept")), (), "being tried"),
        (((1, "not_kept"), (2, "kept"), (6, "kept")), (), "holding"),
        (((1, "kept"), (3, "no_occasion"), (5, "kept")), (), "holding"),
        (((1, "kept"), (5, "kept"), (18, "kept"), (26, "kept")), (), "holding"),
        (((1, "kept"), (5, "kept"), (18, "kept"), (27, "kept")), (), "automatic"),
        (((1, "kept"), (5, "kept"), (18, "kept"), (31, "kept"), (40, "not_kept")), (), "being tried"),
        ((), (3,), "did not hold"),
        (((1, "kept"), (5, "kept")), (7,), "did not hold"),
        (((1, "kept"), (5, "kept")), (3,), "did not hold"),
        (((1, "kept"), (5, "kept"), (10, "kept")), (3,), "holding"),
        (((1, "kept"), (5, "kept"), (18, "kept"), (31, "kept")), (20,), "did not hold"),
        (((1, "kept"), (2, "dropped")), (), "dropped"),
        (((1, "kept"), (2, "dropped")), (5,), "dropped"),
        ((), (-3,), "not checked yet"),
        ((), (0,), "not checked yet"),
        ((), (100,), "not checked yet"),
    ],
)
def test_a_change_stands_as_its_history_says(check_ins, returns, standing: str) -> None:
    same = [MINE, *(again(week) for week in returns)]
    assert growth(MINE, said(*check_ins), same, TODAY).standing == standing


def test_the_latest_return_is_the_one_that_is_shown() -> None:
    found = growth(MINE, [], [again(9), again(3)], TODAY)
    assert found.returned == again(9)


def test_what_has_not_happened_yet_does_not_count() -> None:
    history = said((1, "kept"), (5, "kept"))
    assert growth(MINE, history, [], PLANNED + timedelta(weeks=4)).standing == "being tried"
    assert growth(MINE, history, [], PLANNED + timedelta(weeks=5)).standing == "holding"


outcomes = st.sampled_from(["kept", "no_occasion", "not_kept"])
histories = st.lists(st.tuples(st.integers(1, 60), outcomes), max_size=12)


@given(histories, st.lists(st.integers(-10, 60), max_size=4))
def test_a_return_never_makes_a_standing_better(history, returns) -> None:
    order = ["did not hold", "not checked yet", "being tried", "holding", "automatic"]
    alone = growth(MINE, said(*history), [], TODAY)
    with_returns = growth(MINE, said(*history), [again(week) for week in returns], TODAY)
    assert order.index(with_returns.standing) <= order.index(alone.standing)


@given(histories)
def test_the_order_in_which_check_ins_are_given_does_not_matter(history) -> None:
    unique = list({week: (week, outcome) for week, outcome in history}.values())
    assert growth(MINE, said(*unique), [], TODAY) == growth(MINE, said(*reversed(unique)), [], TODAY)


def test_the_rule_is_written_with_its_numbers() -> None:
    assert "2 check-ins or more over at least 4 weeks" in RULE
    assert "4 check-ins over 26 weeks" in RULE
