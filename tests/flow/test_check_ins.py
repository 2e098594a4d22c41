from datetime import date, timedelta

import pytest

from coach.clock.fake import FakeClock
from coach.flow.check_ins import next_on
from coach.flow.coach import Coach, Fields
from coach.schema import CheckIn, Context, Entry, Outcome

TODAY = date(2026, 3, 15)


def made(coach_clock: FakeClock, *outcomes: Outcome) -> list[CheckIn]:
    return [CheckIn(entry_id="e", at=coach_clock.now(), outcome=outcome) for outcome in outcomes]


@pytest.mark.parametrize(
    ("outcome", "earlier", "days"),
    [
        ("kept", (), 30),
        ("kept", ("kept",), 91),
        ("kept", ("kept", "kept", "kept"), 91),
        ("kept", ("kept", "kept", "not_kept"), 30),
        ("kept", ("no_occasion",), 30),
        ("not_kept", ("kept", "kept"), 7),
        ("no_occasion", (), 7),
        ("no_occasion", ("kept",), 30),
        ("no_occasion", ("kept", "kept", "no_occasion"), 91),
    ],
)
def test_the_next_check_in_is_later_the_longer_a_change_holds(
    clock: FakeClock, outcome: Outcome, earlier: tuple[Outcome, ...], days: int
) -> None:
    assert next_on(outcome, made(clock, *earlier), TODAY) == TODAY + timedelta(days=days)


def test_what_is_no_longer_relevant_is_not_asked_about_again(clock: FakeClock) -> None:
    assert next_on("dropped", made(clock, "kept"), TODAY) is None


def closed(coach: Coach) -> Entry:
    review = coach.start(Context(happened_on=TODAY, title="The proposal"))
    return coach.close(review, Fields("Late.", "No owner.", "Name one.", "I name one.", date(2026, 3, 22)))


def test_a_change_stands_as_the_last_check_in_says(coach: Coach, clock: FakeClock) -> None:
    entry = closed(coach)
    assert coach.journal.statuses([entry.id], TODAY) == {entry.id: "planned"}
    clock.move(timedelta(days=7))
    assert coach.journal.statuses([entry.id], clock.now().date()) == {entry.id: "due"}
    said = coach.check_in(entry, "kept", "  On Monday.  ")
    assert said.note == "On Monday."
    assert said.next_on == date(2026, 4, 21)
    assert coach.journal.statuses([entry.id], clock.now().date()) == {entry.id: "kept"}
    assert coach.journal.check_ins(entry.id) == [said]
