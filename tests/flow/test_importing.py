from datetime import date

import pytest

from coach.clock.fake import FakeClock
from coach.flow.coach import Coach
from coach.flow.importing import Plan, Taken, bring_in, planned
from coach.importers.base import Draft, Skipped
from coach.journal.sqlite import SqliteJournal


def brought(journal, clock, name, items, *told) -> Plan:
    """Everything of some items, planned and written."""
    plan = planned(journal, name, items)
    bring_in(journal, clock, plan, *told)
    return plan


DRAFTS = [
    Draft("1", "The radio", "It was silent.", date(2006, 7, 1), change="We bought radios.", tags=("equipment",)),
    Skipped("line 2", "not JSON"),
    Draft("2", "The clamp", "It fell.", None, lesson="Tether it."),
]


def test_new_drafts_become_entries_and_what_is_skipped_is_told(journal: SqliteJournal, clock: FakeClock) -> None:
    told: list[tuple[int, int]] = []
    made = brought(journal, clock, "safenet", DRAFTS, lambda done, total: told.append((done, total)))
    assert (made.added, made.known, made.undated, made.skipped) == (2, 0, 1, [DRAFTS[1]])
    assert told == [(2, 2)]
    radio, clamp = sorted(journal.entries(), key=lambda entry: entry.happened_on)
    assert (radio.title, radio.change, radio.tags) == ("The radio", "We bought radios.", ("equipment",))
    assert clamp.happened_on == clock.now().date()


def test_what_was_imported_before_is_not_imported_again(journal: SqliteJournal, clock: FakeClock) -> None:
    brought(journal, clock, "safenet", DRAFTS)
    again = brought(journal, clock, "safenet", DRAFTS)
    assert (again.added, again.known) == (0, 2)
    assert len(journal.entries()) == 2
    assert brought(journal, clock, "another format", DRAFTS).added == 2


def test_an_interrupted_import_goes_on_where_it_was(journal: SqliteJournal, clock: FakeClock) -> None:
    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    many = [Draft(str(number), "t", "It fell.") for number in range(120)]
    with pytest.raises(KeyboardInterrupt):
        brought(journal, clock, "safenet", many, stop)
    there = len(journal.entries())
    assert 0 < there < 120
    made = brought(journal, clock, "safenet", [*many, many[0]])
    assert (made.added, made.known) == (120 - there, there + 1)
    assert len(journal.entries()) == 120


def test_an_imported_entry_has_a_review_that_says_so(coach: Coach, clock: FakeClock) -> None:
    brought(coach.journal, clock, "safenet", DRAFTS[:1])
    (entry,) = coach.journal.entries()
    review = coach.open(entry.review_id)
    assert review.imported_from == "safenet"
    assert review.entry_id == entry.id
    assert review.status == "closed"
    assert coach.unfinished() == []


def test_two_files_with_the_same_entries_bring_them_once(journal: SqliteJournal, clock: FakeClock) -> None:
    taken = Taken()
    first, second = (planned(journal, "safenet", DRAFTS, taken) for _ in range(2))
    assert (first.added, second.added, second.known) == (2, 0, 2)
    bring_in(journal, clock, first)
    bring_in(journal, clock, second)
    assert len(journal.entries()) == 2


@pytest.mark.parametrize("text", ["a\0b", "", "x" * 200_000, "🙂 \u202e"])
def test_any_text_is_kept(journal: SqliteJournal, clock: FakeClock, text: str) -> None:
    brought(journal, clock, "f", [Draft(text or "key", text or "t", text)])
    assert journal.entries()[0].situation == text
