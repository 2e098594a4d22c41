"""Copies of the journal, and putting one back."""

import stat
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from coach.errors import InputError, JournalError, JournalTooNew
from coach.journal.backup import KEPT, backup_folder, backups, daily_backup, restore
from coach.journal.sqlite import VERSION, SqliteJournal
from coach.schema import Entry, ReviewHead

AT = datetime(2026, 3, 15, 12, tzinfo=UTC)
TODAY = date(2026, 3, 15)


def keep(journal: SqliteJournal, id: str) -> None:
    fields = {"title": id, "situation": "x", "root_cause": "x", "lesson": "x", "change": "x"}
    one = Entry(id=id, review_id=f"r-{id}", happened_on=TODAY, closed_at=AT, **fields)
    head = ReviewHead(id=one.review_id, title=id, status="closed", stage="close", started_at=AT, updated_at=AT)
    journal.append(head, 0, [], one)


def ids(path: Path) -> set[str]:
    opened = SqliteJournal(path)
    found = opened.entry_ids()
    opened.close()
    return found


def test_one_copy_a_day_is_made_and_seven_are_kept(journal: SqliteJournal, settings) -> None:
    for day in range(10):
        keep(journal, f"e{day}")
        assert daily_backup(settings.journal_file, TODAY + timedelta(days=day))
        assert daily_backup(settings.journal_file, TODAY + timedelta(days=day)) is None
    copies = backups(settings.journal_file)
    assert len(copies) == KEPT
    assert copies[-1].name == "day-2026-03-24.db"
    assert ids(copies[0]) == {f"e{day}" for day in range(4)}, "a copy holds what was there on its day"


def test_copies_are_as_private_as_the_journal(journal: SqliteJournal, settings) -> None:
    path = daily_backup(settings.journal_file, TODAY)
    assert path
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_without_a_journal_there_is_nothing_to_copy(settings) -> None:
    assert daily_backup(settings.journal_file, TODAY) is None


def test_a_folder_that_cannot_be_written_is_said(journal: SqliteJournal, settings) -> None:
    backup_folder(settings.journal_file).write_text("in the way", encoding="utf-8")
    with pytest.raises(JournalError, match="No copy of the journal"):
        daily_backup(settings.journal_file, TODAY)


def test_a_copy_takes_the_journals_place_which_is_kept_as_a_copy(journal: SqliteJournal, settings) -> None:
    keep(journal, "before")
    copy = daily_backup(settings.journal_file, TODAY)
    keep(journal, "after")
    journal.close()
    assert copy
    replaced = restore(copy, settings.journal_file, VERSION, AT)
    assert ids(settings.journal_file) == {"before"}
    assert replaced
    assert ids(replaced) == {"before", "after"}


@pytest.mark.parametrize("data", [b"", b"no journal" * 1000])
def test_what_is_no_journal_is_not_put_in_its_place(journal: SqliteJournal, settings, tmp_path: Path, data: bytes) -> None:
    keep(journal, "e1")
    (tmp_path / "copy.db").write_bytes(data)
    with pytest.raises(InputError, match="not a journal"):
        restore(tmp_path / "copy.db", settings.journal_file, VERSION, AT)
    with pytest.raises(InputError, match="is not there"):
        restore(tmp_path / "none.db", settings.journal_file, VERSION, AT)
    assert journal.entry_ids() == {"e1"}


def test_a_copy_of_a_newer_version_is_refused(journal: SqliteJournal, settings) -> None:
    copy = daily_backup(settings.journal_file, TODAY)
    assert copy
    with pytest.raises(JournalTooNew):
        restore(copy, settings.journal_file, VERSION - 1, AT)


def test_a_copy_takes_the_place_of_a_damaged_journal_whose_bytes_are_kept(journal: SqliteJournal, settings) -> None:
    keep(journal, "e1")
    copy = daily_backup(settings.journal_file, TODAY)
    journal.close()
    assert copy
    settings.journal_file.write_bytes(b"torn to pieces " * 1000)
    before = restore(copy, settings.journal_file, VERSION, AT)
    assert ids(settings.journal_file) == {"e1"}
    assert before
    assert before.read_bytes() == b"torn to pieces " * 1000
    assert before not in backups(settings.journal_file)
