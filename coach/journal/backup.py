"""Copies of the journal: one a day on use and one before each migration, the newest seven of each kind kept.

A copy is made through SQLite's own backup, so that it is whole while the app is writing. It is as private as the journal, and what
is erased from the journal is erased from its copies too (``pages``).
"""

import os
import sqlite3
from datetime import date, datetime
from pathlib import Path

from coach.errors import InputError, JournalError, JournalTooNew

KEPT = 7
_FOLDER = "backups"


def backup_folder(journal: Path) -> Path:
    """Where a journal's copies are."""
    return journal.parent / _FOLDER


def backups(journal: Path) -> list[Path]:
    """The copies of a journal, the oldest first."""
    return sorted(backup_folder(journal).glob("*.db"), key=lambda path: (path.stat().st_mtime, path.name))


def daily_backup(journal: Path, today: date) -> Path | None:
    """Make today's copy if there is none yet; returns it. Raises JournalError."""
    path = backup_folder(journal) / f"day-{today.isoformat()}.db"
    return None if path.exists() or not journal.exists() else copied(journal, path)


def backup_before(journal: Path, version: int) -> Path:
    """A copy of a journal of an earlier version, before it is brought up to date. Raises JournalError."""
    return copied(journal, backup_folder(journal) / f"version-{version}.db")


def copied(journal: Path, into: Path) -> Path:
    """Copy a journal beside and rename, so that a copy is whole or not there. Raises JournalError."""
    try:
        into.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        beside = into.with_suffix(".part")
        os.close(os.open(beside, os.O_CREAT | os.O_RDWR | os.O_TRUNC, 0o600))
        source, copy = sqlite3.connect(journal), sqlite3.connect(beside)
        try:
            source.backup(copy)
        finally:
            source.close()
            copy.close()
        beside.replace(into)
    except (OSError, sqlite3.Error) as exc:
        raise JournalError(
            f"No copy of the journal could be made in {into.parent} ({type(exc).__name__}). Make room there."
        ) from exc
    _prune(journal, into.name.split("-")[0])
    return into


def _prune(journal: Path, kind: str) -> None:
    of_kind = [path for path in backups(journal) if path.name.startswith(f"{kind}-")]
    for path in of_kind[:-KEPT]:
        path.unlink(missing_ok=True)


def restore(copy: Path, journal: Path, newest: int, now: datetime) -> Path | None:
    """Put a copy in the journal's place; the journal as it was is kept as a copy, whose path comes back.

    Raises InputError when the copy is no sound journal, JournalTooNew when it is of a newer version.
    """
    version = _checked(copy)
    if version > newest:
        raise JournalTooNew(f"{copy} was written by a newer version of Coach. Update Coach to use it.")
    before = copied(journal, backup_folder(journal) / f"restore-{now:%Y-%m-%dT%H%M%S}.db") if journal.exists() else None
    journal.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    for rest in ("-wal", "-shm"):
        journal.with_name(journal.name + rest).unlink(missing_ok=True)
    copied_there = copied(copy, journal.with_name(f"{journal.name}.restored"))
    copied_there.replace(journal)
    return before


def _checked(copy: Path) -> int:
    """The version of a sound journal."""
    if not copy.is_file():
        raise InputError(f"{copy} is not there. `coach backup --list` names the copies.")
    try:
        db = sqlite3.connect(f"file:{copy}?mode=ro", uri=True)
        try:
            sound = db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            version = int(db.execute("PRAGMA user_version").fetchone()[0])
            db.execute("SELECT count(*) FROM entries, reviews, events LIMIT 1")
        finally:
            db.close()
    except sqlite3.Error as exc:
        raise InputError(f"{copy} is not a journal of Coach. `coach backup --list` names the copies.") from exc
    if not sound:
        raise InputError(f"{copy} is damaged. Choose another copy; `coach backup --list` names them.")
    return version
