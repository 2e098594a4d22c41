"""Copies of the journal: one a day on use and one before each migration, the newest seven of each kind kept.

A copy is made through SQLite's own backup, so that it is whole while the app is writing. It is as private as the journal, encrypted
with the same key where that is, and what is erased from the journal is erased from its copies too (``pages``).
"""

import contextlib
import os
import secrets
import shutil
import stat
from datetime import date, datetime
from pathlib import Path

from coach.errors import InputError, JournalError, JournalLocked, JournalTooNew
from coach.journal import engine
from coach.journal.key import Key

KEPT = 7
PART, RECODING, RESTORED = ".part", ".recoding", ".restored"
"""End the names of files that are being written; what a killed process has left of them is forgotten at the next start."""

_FOLDER = "backups"
_BLOCK = 1 << 20


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
    beside = into.with_name(f".{into.name}.{secrets.token_hex(4)}{PART}")
    try:
        engine.made_private(beside)
        with contextlib.closing(engine.connect(journal, key)) as source, contextlib.closing(engine.connect(beside, key)) as copy:
            source.backup(copy)
        beside.replace(into)
    except JournalLocked:
        overwrite(beside)
        raise
    except (OSError, engine.Error) as exc:
        overwrite(beside)
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
    before, sound = _set_aside(journal, key, f"{now:%Y-%m-%dT%H%M%S}") if there else (None, False)
    journal.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = journal.with_name(journal.name + RESTORED)
    recode(copy, beside, copy_key, key if there else copy_key)
    with engine.opening(journal), engine.alone(journal, key) if sound else contextlib.nullcontext():
        for rest in ("-wal", "-shm") if not sound else ():  # where it is sound nobody has it open, and there are none
            journal.with_name(journal.name + rest).unlink(missing_ok=True)
        beside.replace(journal)
        synced(journal)
    return before


def _set_aside(journal: Path, key: Key | None, moment: str) -> tuple[Path, bool]:
    """Keep the journal as it is, and tell whether it is sound; of a damaged one every byte is kept. Raises JournalError."""
    try:
        return copied(journal, backup_folder(journal) / f"restore-{moment}.db", key), True
    except JournalLocked:
        raise
    except JournalError:
        kept = backup_folder(journal) / f"restore-{moment}.damaged"
        try:
            engine.made_private(kept)
            shutil.copyfile(journal, kept)
        except OSError as exc:
            raise JournalError(f"The journal could not be kept beside its copies ({exc.strerror}). Make room there.") from exc
        return kept, False


def recode(source: Path, into: Path, old: Key | None, new: Key | None) -> None:
    """Write a journal anew under another key, or none: what lies at ``into`` then is whole. Raises JournalError, JournalLocked."""
    beside = into.with_name(into.name + RECODING)
    try:
        overwrite(beside)
        engine.made_private(beside)
        with contextlib.closing(engine.connect(source, old)) as db:
            version = int(db.execute("PRAGMA user_version").fetchone()[0])
            db.execute(f'ATTACH DATABASE ? AS recoded KEY "{new.literal if new else ""}"', (str(beside),))
            db.execute("SELECT sqlcipher_export('recoded')")
            db.execute(f"PRAGMA recoded.user_version = {version}")
            there = _counts(db)
        with contextlib.closing(engine.connect(beside, new)) as db:
            same = _counts(db) == there and db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        if not same:
            raise JournalError(f"{source.name} could not be rewritten whole. It stays as it is.")
        shutil.copystat(source, beside)  # copies are told apart by when they were made
        synced(beside)
        beside.replace(into)
    except JournalLocked:
        overwrite(beside)
        raise JournalLocked(f"{source.name} opens with another passphrase. Move it away, or give that one.") from None
    except (OSError, engine.Error, JournalError) as exc:
        overwrite(beside)
        if isinstance(exc, JournalError):
            raise
        raise JournalError(f"{source.name} could not be rewritten ({type(exc).__name__}). Make room; it stays as it is.") from exc


def _counts(db: engine.Connection) -> dict[str, int]:
    """How many rows each table has."""
    names = [str(name) for (name,) in db.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'")]
    return {name: int(db.execute(f'SELECT count(*) FROM main."{name}"').fetchone()[0]) for name in names}


def synced(path: Path) -> None:
    """Have the file, and that its folder names it, on the disk."""
    for place, flags in ((path, os.O_RDWR), (path.parent, os.O_RDONLY)):
        handle = os.open(place, flags)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def overwrite(path: Path) -> None:
    """Overwrite a plain file of one's own with zeros and delete it; never through a link. What cannot be overwritten is deleted."""
    with contextlib.suppress(OSError):
        handle = os.open(path, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
        try:
            zero(handle)
        finally:
            os.close(handle)
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)


def zero(handle: int) -> None:
    """Overwrite an open file with zeros, where it is a person's own and has no second name; a failing disk keeps what it has."""
    with contextlib.suppress(OSError):
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid() or found.st_nlink > 1:
            return
        for at in range(0, found.st_size, _BLOCK):
            os.pwrite(handle, bytes(min(_BLOCK, found.st_size - at)), at)
        os.fsync(handle)


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
