"""Editing, revising a change, erasing, and growth, as the coach does them."""

from datetime import date, timedelta

import pytest

from coach.clock.fake import FakeClock
from coach.errors import InputError, NotFound
from coach.flow.coach import Coach, Fields
from coach.recall import TENDENCY
from coach.schema import Context, Entry

TODAY = date(2026, 3, 15)


def closed(coach: Coach, title: str, cause: str = "promised everybody everything", on: date = TODAY) -> Entry:
    review = coach.start(Context(happened_on=on, title=title))
    return coach.close(review, Fields("Late.", cause, "Wait a day.", "I wait a day.", coach.clock.now().date() + timedelta(days=7)))


def test_what_is_due_comes_longest_waiting_first(coach: Coach, clock: FakeClock) -> None:
    first = closed(coach, "First", on=date(2026, 3, 1))
    clock.move(timedelta(days=2))
    second = closed(coach, "Second", on=date(2026, 3, 10))
    assert coach.due() == []
    clock.move(timedelta(days=7))
    assert [entry.id for entry in coach.due()] == [first.id, second.id]
    coach.check_in(first, "kept")
    assert [entry.id for entry in coach.due()] == [second.id]
    coach.check_in(second, "dropped")
    clock.move(timedelta(days=1000))
    assert [entry.id for entry in coach.due()] == [first.id]


def test_an_edited_entry_is_found_by_its_new_habit(coach: Coach) -> None:
    entry = closed(coach, "The kitchen")
    edited = coach.edit(entry, root_cause="shouted without thinking")
    assert coach.journal.entry(entry.id) == edited
    assert [one.entry.id for one in coach.recall.similar("shouted without thinking, a day", TENDENCY)] == [entry.id]
    assert coach.journal.versions(entry.id)[0].entry == entry


def test_a_field_that_had_words_is_not_emptied(coach: Coach) -> None:
    entry = closed(coach, "The kitchen")
    with pytest.raises(InputError, match="would be empty"):
        coach.edit(entry, lesson="  ")
    assert coach.journal.entry(entry.id) == entry


def test_a_change_that_was_not_kept_is_planned_anew_for_a_week_later(coach: Coach, clock: FakeClock) -> None:
    entry = closed(coach, "The kitchen")
    clock.move(timedelta(days=7))
    coach.check_in(entry, "not_kept", "Too tired.")
    revised = coach.revise_change(entry, "I wait an hour.", "The evenings.")
    assert revised.change == "I wait an hour."
    assert coach.journal.next_check_in(entry.id) == date(2026, 3, 29)
    assert coach.journal.statuses([entry.id], clock.now().date()) == {entry.id: "planned"}
    assert [one.note for one in coach.journal.check_ins(entry.id)] == ["Too tired.", "What got in the way: The evenings."]


def test_tags_are_set_without_doubles(coach: Coach) -> None:
    entry = coach.tag(closed(coach, "The kitchen"), [" work ", "", "home", "work"])
    assert entry.tags == ("work", "home")
    assert set(coach.journal.tags()) == {"work", "home"}


def test_an_erased_entry_is_nowhere(coach: Coach) -> None:
    entry, other = closed(coach, "The kitchen"), closed(coach, "The tender")
    coach.erase(entry.id)
    assert [one.id for one in coach.journal.entries()] == [other.id]
    assert [one.entry.id for one in coach.recall.similar("promised everybody everything", TENDENCY)] == [other.id]
    with pytest.raises(NotFound):
        coach.open(entry.review_id)
    with pytest.raises(NotFound):
        coach.erase(entry.id)


def test_an_archived_entry_does_not_come_up(coach: Coach) -> None:
    entry = closed(coach, "The kitchen")
    coach.journal.archive(entry.id)
    assert coach.recall.similar("promised everybody everything", TENDENCY) == []
    assert coach.recall.search("kitchen") == []


def test_growth_is_what_the_history_says(coach: Coach, clock: FakeClock) -> None:
    closed(coach, "The offer", on=date(2026, 3, 1)), closed(coach, "The choir", on=date(2026, 3, 2))
    entry = closed(coach, "The kitchen")
    for _ in range(2):
        clock.move(timedelta(days=30))
        coach.check_in(entry, "kept")
    found = next(one for one in coach.growths() if one.entry.id == entry.id)
    assert (found.standing, found.kept) == ("holding", 2)
    clock.move(timedelta(days=10))
    again = closed(coach, "The tender", on=clock.now().date())
    standings = {one.entry.id: (one.standing, one.returned) for one in coach.growths()}
    assert standings[entry.id] == ("did not hold", again)
    assert standings[again.id] == ("not checked yet", None)
