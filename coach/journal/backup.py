"""Copies of the journal: one a day on use and one before each migration, the newest seven of each kind kept.

A copy is made through SQLite's own backup, so that it is whole while the app is writing. It is as private as the journal, encrypted
with the same key where that is, and what is erased from the journal is erased from its copies too (``pages``).
"""

import contextlib
import os
from datetime import date, datetime
from pathlib import Path

from coach.errors import InputError, JournalError, JournalTooNew
from coach.journal import engine
from coach.journal.key import Key

KEPT = 7
_FOLDER = "backups"


def backup_folder(journal: Path) -> Path:
    """Where a journal's copies are."""
    return journal.parent / _FOLDER


def backups(journal: Path) -> list[Path]:
    """The copies of a journal, the oldest first."""
    return sorted(backup_folder(journal).glob("*.db"), key=lambda path: (path.stat().st_mtime, path.name))


def daily_backup(journal: Path, today: date, key: Key | None = None) -> Path | None:
    """Make today's copy if there is none yet; returns it. Raises JournalError."""
    path = backup_folder(journal) / f"day-{today.isoformat()}.db"
    return None if path.exists() or not journal.exists() else copied(journal, path, key)


def backup_before(journal: Path, version: int, key: Key | None = None) -> Path:
    """A copy of a journal of an earlier version, before it is brought up to date. Raises JournalError."""
    return copied(journal, backup_folder(journal) / f"version-{version}.db", key)


def copied(journal: Path, into: Path, key: Key | None = None) -> Path:
    """Copy a journal beside and rename, so that a copy is whole or not there. Raises JournalError."""
    beside = into.with_suffix(".part")
    try:
        beside.unlink(missing_ok=True)
        engine.made_private(beside)
        source, copy = engine.connect(journal, key), engine.connect(beside, key)
        try:
            source.backup(copy)
        finally:
            source.close()
            copy.close()
        beside.replace(into)
    except (OSError, engine.Error) as exc:
        _gone(beside)
        raise JournalError(
            f"No copy of the journal could be made in {into.parent} ({type(exc).__name__}). Make room there."
        ) from exc
    _prune(journal, into.name.split("-")[0])
    return into


def _prune(journal: Path, kind: str) -> None:
    of_kind = [path for path in backups(journal) if path.name.startswith(f"{kind}-")]
    for path in of_kind[:-KEPT]:
        path.unlink(missing_ok=True)


def restore(
    copy: Path, journal: Path, newest: int, now: datetime, key: Key | None = None, copy_key: Key | None = None
) -> Path | None:
    """Put a copy in the journal's place; the journal as it was is kept as a copy, whose path comes back.

    ``key`` is the journal's, ``copy_key`` the copy's; the journal stays encrypted as it was. Raises InputError when the copy is no
    sound journal, JournalLocked when a key is not right, JournalTooNew when the copy is of a newer version.
    """
    version = _checked(copy, copy_key)
    if version > newest:
        raise JournalTooNew(f"{copy} was written by a newer version of Coach. Update Coach to use it.")
    there = journal.exists()
    before = copied(journal, backup_folder(journal) / f"restore-{now:%Y-%m-%dT%H%M%S}.db", key) if there else None
    journal.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    recode(copy, journal.with_name(f"{journal.name}.restored"), copy_key, key if there else copy_key)
    for rest in ("-wal", "-shm"):
        journal.with_name(journal.name + rest).unlink(missing_ok=True)
    journal.with_name(f"{journal.name}.restored").replace(journal)
    return before


def recode(source: Path, into: Path, old: Key | None, new: Key | None) -> None:
    """Write a journal anew under another key, or none. It is whole, or raises JournalError; JournalLocked for a wrong key."""
    try:
        into.unlink(missing_ok=True)
        engine.made_private(into)
        with contextlib.closing(engine.connect(source, old)) as db:
            version = int(db.execute("PRAGMA user_version").fetchone()[0])
            db.execute(f'ATTACH DATABASE ? AS recoded KEY "{new.literal if new else ""}"', (str(into),))
            db.execute("SELECT sqlcipher_export('recoded')")
            db.execute(f"PRAGMA recoded.user_version = {version}")
            there = _counts(db)
        with contextlib.closing(engine.connect(into, new)) as db:
            same = _counts(db) == there and db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        _synced(into)
    except (OSError, engine.Error) as exc:
        _gone(into)
        raise JournalError(f"{source.name} could not be rewritten ({type(exc).__name__}). Make room; it stays as it is.") from exc
    if not same:
        _gone(into)
        raise JournalError(f"{source.name} could not be rewritten whole. It stays as it is.")


def _gone(path: Path) -> None:
    """Take away what could not be finished; where even that fails the first error is the one to tell."""
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)


def _counts(db: engine.Connection) -> dict[str, int]:
    """How many rows each table has."""
    names = [str(name) for (name,) in db.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'")]
    return {name: int(db.execute(f'SELECT count(*) FROM main."{name}"').fetchone()[0]) for name in names}


def _synced(path: Path) -> None:
    """Have the file, and that its folder names it, on the disk."""
    for place, flags in ((path, os.O_RDWR), (path.parent, os.O_RDONLY)):
        handle = os.open(place, flags)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _checked(copy: Path, key: Key | None) -> int:
    """The version of a sound journal."""
    if not copy.is_file():
        raise InputError(f"{copy} is not there. `coach backup --list` names the copies.")
    try:
        db = engine.connect(copy, key)
        try:
            db.execute("PRAGMA query_only = ON")
            sound = db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            version = int(db.execute("PRAGMA user_version").fetchone()[0])
            db.execute("SELECT count(*) FROM entries, reviews, events LIMIT 1")
        finally:
            db.close()
    except engine.Error as exc:
        raise InputError(f"{copy} is not a journal of Coach. `coach backup --list` names the copies.") from exc
    if not sound:
        raise InputError(f"{copy} is damaged. Choose another copy; `coach backup --list` names them.")
    return version
