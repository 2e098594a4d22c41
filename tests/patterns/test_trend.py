from datetime import date

import pytest

from coach.dates import Quarter
from coach.patterns.trend import trend

TODAY = date(2026, 11, 15)


def days(*counts: int) -> list[date]:
    """So many entries in each quarter, the last of which is today's."""
    quarter, result = Quarter.of(TODAY), []
    for count in reversed(counts):
        result += [quarter.first_day] * count
        quarter = Quarter(quarter.year - (quarter.number == 1), (quarter.number - 2) % 4 + 1)
    return result


def test_quarters_follow_each_other_over_the_turn_of_the_year() -> None:
    assert Quarter.of(date(2025, 12, 31)).next == Quarter.of(date(2026, 1, 1))
    assert [str(Quarter.of(date(2026, month, 1))) for month in (3, 4, 12)] == ["2026 Q1", "2026 Q2", "2026 Q4"]
    assert Quarter(2026, 4).first_day == date(2026, 10, 1)


def test_every_quarter_since_the_first_entry_of_the_log_is_counted() -> None:
    history = trend(days(2, 0, 1), days(1, 2, 3, 4, 5), TODAY)
    assert [count for _, count in history.counts] == [0, 0, 2, 0, 1]
    assert history.counts[-1][0] == Quarter(2026, 4)


@pytest.mark.parametrize(
    ("mine", "everything", "direction"),
    [
        ((1, 1, 3, 3), (10, 10, 10, 10), "rising"),
        ((1, 1, 3, 3), (10, 10, 30, 30), "steady"),
        ((0, 0, 1, 2), (10, 10, 10, 10), "rising"),
        ((0, 0, 1, 1), (10, 10, 10, 10), "too few to say"),
        ((4, 4, 1, 0), (10, 10, 10, 10), "falling"),
        ((4, 4, 1, 0), (10, 10, 2, 1), "steady"),
        ((1, 1, 0, 0), (10, 10, 10, 10), "too few to say"),
        ((2, 2, 2, 2), (10, 10, 10, 10), "steady"),
        ((0, 0, 3, 3), (0, 0, 10, 10), "too few to say"),
        ((4, 4, 0, 0), (10, 10, 0, 0), "too few to say"),
    ],
)
def test_the_direction_is_its_share_of_all_entries(mine: tuple[int, ...], everything: tuple[int, ...], direction: str) -> None:
    assert trend(days(*mine), days(*everything), TODAY).direction == direction


def test_an_entry_dated_ahead_counts_as_of_now() -> None:
    assert trend([date(2027, 5, 1)], [date(2027, 5, 1)], TODAY).counts == ((Quarter(2026, 4), 1),)


def test_no_entries_have_no_history_to_speak_of() -> None:
    assert trend([], [], TODAY).direction == "too few to say"
