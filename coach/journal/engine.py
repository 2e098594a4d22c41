"""The database library: the only module that imports ``sqlcipher3``, which is SQLite with pages that can be encrypted.

One library opens every journal, whether it is encrypted or not: two copies of SQLite in one process would take each other's
locks away. Without a key the file is plain SQLite. With one, each page, of the write-ahead log too, is AES-256 with a MAC of its
own; what the library keeps for a while it keeps in memory, not in temporary files.
"""

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import filelock
from sqlcipher3 import dbapi2 as database

from coach.errors import JournalError, JournalLocked
from coach.journal.key import Key, is_encrypted

if TYPE_CHECKING:
    from sqlite3 import Connection as Connection
else:
    Connection = database.Connection

OperationalError: type[sqlite3.OperationalError] = database.OperationalError
IntegrityError: type[sqlite3.IntegrityError] = database.IntegrityError
DatabaseError: type[sqlite3.DatabaseError] = database.DatabaseError
Error: type[sqlite3.Error] = database.Error

_CACHE_KB = 65_536  # a page that is not in the cache is decrypted anew each time it is read
_WAIT = 10  # seconds for another connection to finish its writing


def connect(path: Path, key: Key | None = None, *, wait: float = _WAIT) -> Connection:
    """Open a journal. Raises JournalLocked where the key is missing or not the right one, or one of the errors above."""
    db: Connection = database.connect(str(path), check_same_thread=False, isolation_level=None, timeout=wait)
    try:
        db.execute("PRAGMA cipher_log_level = NONE")  # it writes to standard error
        if key is not None:
            db.execute(f'PRAGMA key = "{key.literal}"')
            db.execute(f"PRAGMA cache_size = -{_CACHE_KB}")
        db.execute("PRAGMA temp_store = MEMORY")
        db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except database.DatabaseError as exc:
        db.close()
        if reason(exc) == "SQLITE_NOTADB" and key is not None:
            raise JournalLocked(f"This is not the passphrase of {path.name}. Try again.") from None
        if reason(exc) == "SQLITE_NOTADB" and is_encrypted(path):  # looked at only now that nothing of it is open here
            raise JournalLocked(f"{path} is encrypted. Its passphrase is needed.") from None
        raise
    return db


@contextlib.contextmanager
def opening(path: Path) -> Iterator[None]:
    """Keep out whoever opens this journal, or puts another one in its place. Raises OSError, JournalError after a while."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    place = path.with_name("opening.lock")
    os.close(os.open(place, os.O_CREAT | os.O_RDWR, 0o600))  # the lock would wait where it cannot be made
    lock = filelock.FileLock(place, timeout=_WAIT, mode=0o600)
    try:
        lock.acquire()
    except filelock.Timeout:
        raise JournalError(f"Another process is putting {path} in its place. Wait for it, then try again.") from None
    try:
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def alone(path: Path, key: Key | None) -> Iterator[None]:
    """Keep every other process out of a journal, which then has no write-ahead log. Raises JournalError where one has it open."""
    try:
        db = connect(path, key, wait=1)
        try:
            db.execute("PRAGMA journal_mode = DELETE")  # can be had by the only connection there is
            db.execute("BEGIN IMMEDIATE")
            yield
        finally:
            db.close()
    except database.OperationalError as exc:
        raise JournalError(f"The journal is in use ({reason(exc)}). Close every other Coach, then try again.") from None
    except database.DatabaseError as exc:
        raise JournalError(f"{path} could not be opened ({type(exc).__name__}). Nothing was changed.") from None


def made_private(path: Path) -> None:
    """Make an empty file that only its owner may read, where there is none; its folder too. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        os.fchmod(handle, 0o600)
    finally:
        os.close(handle)


def reason(exc: sqlite3.Error) -> str:
    """The library's name of an error, e.g. SQLITE_FULL; it holds no content."""
    return getattr(exc, "sqlite_errorname", "SQLITE_ERROR")
