"""Journals that earlier versions of the program wrote: each is opened, brought up to date, and holds what it held."""

import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from coach.flow.events import from_record
from coach.flow.review import replay
from coach.journal.backup import backups
from coach.journal.sqlite import VERSION, SqliteJournal
from coach.schema import CheckIn, Dismissal, Filters, PatternHead, Placing

FILES = Path(__file__).parent / "files"
"""Each was written by the program as it was at that version of the schema, by its own code."""

AT = datetime(2026, 3, 15, 12, tzinfo=UTC)


@pytest.fixture(params=range(1, VERSION))
def old(request: pytest.FixtureRequest, settings) -> tuple[int, SqliteJournal]:
    settings.data.mkdir(parents=True)
    shutil.copy(FILES / f"version-{request.param}.db", settings.journal_file)
    journal = SqliteJournal(settings.journal_file)
    yield request.param, journal
    journal.close()


def test_it_is_brought_up_to_date_after_a_copy_was_made(old, settings) -> None:
    version, journal = old
    assert journal._db.execute("PRAGMA user_version").fetchone()[0] == VERSION
    assert [path.name for path in backups(settings.journal_file)] == [f"version-{version}.db"]


def test_reviews_entries_and_drafts_are_what_they_were(old) -> None:
    _, journal = old
    (entry,) = journal.entries()
    assert (entry.root_cause, entry.factors[0].text) == ("Nobody owned the date.", "the rain")
    review = replay("r1", (from_record(record) for record in journal.records("r1")))
    assert review.slot("happened").versions == ("It went out on the 22nd.", "It went out on 22 March, a week late.")
    assert review.entry_id == "e1"
    assert [head.id for head in journal.reviews("open")] == ["r2"]
    assert journal.drafts("r2") == {"intended": "Half a sentence"}
    assert journal.dismissals() == [Dismissal("r1", "happened", "hindsight")]


def test_it_can_be_searched_and_filtered_by_what_came_later(old) -> None:
    _, journal = old
    assert journal.search_words("kickoff", 5) == ["e1"]
    assert journal.tags() == ["work"]
    assert journal.entry_ids(Filters(tags=("WORK",), control="outside")) == {"e1"}
    assert journal.next_check_in("e1") in (date(2026, 3, 22), date(2026, 4, 14))


def test_check_ins_patterns_and_versions_are_kept(old) -> None:
    version, journal = old
    if version >= 3:
        kept = CheckIn(entry_id="e1", at=AT, outcome="kept", note="At the kickoff.", next_on=date(2026, 4, 14))
        assert journal.check_ins("e1") == [kept]
        assert journal.patterns() == [PatternHead(id="p1", name="No owner", named_by="person")]
        assert journal.placings() == [Placing(entry_id="e1", pattern_id="p1", placed_by="person")]
    if version >= 4:
        assert [one.entry.lesson for one in journal.versions("e1")] == ["A date needs an owner."]


def test_there_is_a_file_for_every_earlier_version() -> None:
    assert sorted(path.name for path in FILES.iterdir()) == [f"version-{number}.db" for number in range(1, VERSION)]
