"""Editing, archiving and erasing for good."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from coach.errors import NotFound
from coach.journal.backup import backup_folder, backups, daily_backup
from coach.journal.sqlite import SqliteJournal
from coach.schema import ALL_ENTRIES, CheckIn, Entry, Factor, PatternHead, PeriodFindings, PeriodReview, Placing, Record, ReviewHead

AT = datetime(2026, 3, 15, 12, tzinfo=UTC)
SECRET = "Zyxwvut"


def entry(id: str = "e1", **changes: object) -> Entry:
    fields = {
        "title": "The proposal",
        "situation": "Late.",
        "root_cause": "No owner.",
        "lesson": "Name one.",
        "change": "I name one.",
    }
    when = {"happened_on": date(2026, 3, 10), "closed_at": AT}
    return Entry.model_validate({"id": id, "review_id": f"review-of-{id}", **fields, **when, **changes})


def close(journal: SqliteJournal, *entries: Entry) -> None:
    for one in entries:
        head = ReviewHead(id=one.review_id, title=one.title, status="closed", stage="close", started_at=AT, updated_at=AT)
        record = Record(seq=1, at=AT, type="answered", data={"slot": "happened", "text": one.situation})
        journal.append(head, 0, [record], one)


def test_an_edit_keeps_every_version_before_it(journal: SqliteJournal) -> None:
    close(journal, entry())
    journal.edit(entry(lesson="Name two."), AT)
    journal.edit(entry(lesson="Name three."), AT + timedelta(days=1))
    assert journal.entry("e1").lesson == "Name three."
    assert [(one.entry.lesson, one.until.day) for one in journal.versions("e1")] == [("Name one.", 15), ("Name two.", 16)]
    assert journal.search_words("three", 5) == ["e1"]
    assert journal.search_words("two", 5) == []


def test_an_edit_that_changes_nothing_is_no_version(journal: SqliteJournal) -> None:
    close(journal, entry())
    journal.edit(entry(), AT)
    assert journal.versions("e1") == []


def test_an_edit_keeps_check_ins_and_the_place_in_a_pattern(journal: SqliteJournal) -> None:
    close(journal, entry())
    journal.save_pattern(PatternHead(id="p"), [Placing(entry_id="e1", pattern_id="p")])
    journal.save_check_in(CheckIn(entry_id="e1", at=AT, outcome="kept", next_on=date(2026, 4, 1)))
    journal.edit(entry(title="Another title"), AT)
    assert len(journal.check_ins("e1")) == 1
    assert journal.next_check_in("e1") == date(2026, 4, 1)
    assert [one.pattern_id for one in journal.placings()] == ["p"]


def test_an_entry_that_is_gone_cannot_be_edited_or_erased(journal: SqliteJournal) -> None:
    with pytest.raises(NotFound):
        journal.edit(entry(), AT)
    with pytest.raises(NotFound):
        journal.erase("e1")


def test_an_archived_entry_is_out_of_the_list_and_comes_back(journal: SqliteJournal) -> None:
    close(journal, entry("e1"), entry("e2"))
    journal.archive("e1")
    assert [one.id for one in journal.entries()] == ["e2"]
    assert journal.search_words("proposal", 5) == ["e2"]
    assert journal.archived() == {"e1"}
    assert journal.entry_ids(ALL_ENTRIES) == {"e1", "e2"}
    journal.archive("e1", False)
    assert len(journal.entries()) == 2


def test_what_is_erased_is_in_no_file_any_more(journal: SqliteJournal, settings) -> None:
    words = {name: f"{SECRET} {name}" for name in ("title", "situation", "root_cause", "lesson", "change")}
    factor = Factor(id="f", text=f"{SECRET} factor", chosen="full")
    close(journal, entry("e1", **words, tags=(SECRET,), factors=(factor,)), entry("e2"))
    journal.save_draft("review-of-e1", "lesson", f"{SECRET} draft", AT)
    named = Record(seq=1, at=AT, type="reminded", data={"slot": "next", "entry_id": "e1", "text": f"You wrote: {SECRET}"})
    going_on = ReviewHead(id="other", title="Another", status="open", stage="next", started_at=AT, updated_at=AT)
    journal.append(going_on, 0, [named])
    journal.edit(entry("e1", lesson=f"{SECRET} edited"), AT)
    journal.save_check_in(CheckIn(entry_id="e1", at=AT, outcome="kept", note=f"{SECRET} note"))
    daily_backup(settings.journal_file, date(2026, 3, 16))
    assert SECRET.lower() in everything(settings.data)
    journal.erase("e1")
    assert SECRET.lower() not in everything(settings.data)
    assert [one.id for one in journal.entries()] == ["e2"]
    assert journal.search_words("proposal", 5) == ["e2"]
    (copy,) = backups(settings.journal_file)
    kept = SqliteJournal(copy)
    assert [one.id for one in kept.entries()] == ["e2"], "the copy is still a journal"
    kept.close()


def test_an_erased_review_of_a_period_is_in_no_file_any_more(journal: SqliteJournal, settings) -> None:
    close(journal, entry("e1"))
    findings = PeriodFindings(since=date(2026, 1, 1), until=date(2026, 3, 31))
    for minute in range(2):
        at = AT + timedelta(minutes=minute)
        journal.save_period_review(PeriodReview(id="p1", findings=findings, repeats=f"{SECRET} {minute}", saved_at=at))
    journal.save_period_review(PeriodReview(id="p2", findings=findings, changed="Less haste.", saved_at=AT))
    journal.save_draft("p1", "repeats", f"{SECRET} draft", AT)
    daily_backup(settings.journal_file, date(2026, 3, 16))
    journal.erase_period_review("p1")
    assert SECRET.lower() not in everything(settings.data)
    assert [one.id for one in journal.period_reviews()] == ["p2"]
    with pytest.raises(NotFound):
        journal.erase_period_review("p1")


def everything(folder: Path) -> str:
    """All bytes of all files, as text without case: the search index keeps words in lower case."""
    assert backup_folder(folder / "journal.db").is_dir()
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file()).decode("latin-1").lower()
