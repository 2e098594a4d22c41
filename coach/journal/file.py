"""The journal's file itself: opening, migrating, transactions, and SQLite's errors turned into ours.

Durable (``synchronous=FULL``), private (folder 0700, file 0600), erasing for good (``secure_delete``). WAL keeps readers and the
one writer apart. No text of a person appears in an exception. The schema's version is SQLite's ``user_version``; a newer
file is refused, not guessed at.
"""

import json
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from coach.errors import JournalError, JournalTooNew
from coach.journal.backup import backup_before

_MIGRATIONS = sorted((Path(__file__).parent / "migrations").glob("*.sql"))
VERSION = len(_MIGRATIONS)
"""The schema's version: how many files of ``migrations`` have been run, in the order of their names."""


class JournalFile:
    """One SQLite file. May be shared by threads; each call is short and takes the lock."""

    def __init__(self, path: Path) -> None:
        self._path, self._lock = path, threading.RLock()
        with self._mapped():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=10)
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
                self._db.execute(f"PRAGMA {pragma}")
        self._migrate()

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            self._db.close()

    def _migrate(self) -> None:
        with self._transaction() as db:
            version = int(db.execute("PRAGMA user_version").fetchone()[0])
            if 0 < version < VERSION:
                backup_before(self._path, version)
            if version > VERSION:
                raise JournalTooNew(f"{self._path} was written by a newer version of Coach. Update Coach to open it.")
            for path in _MIGRATIONS[version:]:
                for statement in path.read_text(encoding="utf-8").split(";\n"):
                    db.execute(statement)
            db.execute(f"PRAGMA user_version={VERSION}")

    @contextmanager
    def _mapped(self) -> Iterator[None]:
        """Turn SQLite's and the system's errors into ours; their texts name no content."""
        try:
            yield
        except sqlite3.OperationalError as exc:
            raise JournalError(f"The journal {self._path} could not be used ({_reason(exc)}). What was saved is safe.") from None
        except sqlite3.IntegrityError as exc:
            raise JournalError(f"{self._path} has something of that id already ({_reason(exc)}). Nothing was written.") from None
        except sqlite3.DatabaseError as exc:
            raise JournalError(f"{self._path} is not a journal, or damaged ({type(exc).__name__}). Restore a copy of it.") from None
        except OSError as exc:
            raise JournalError(f"{self._path} cannot be written: {exc.strerror}. Make room or mend its rights.") from exc

    @contextmanager
    def _readable(self) -> Iterator[None]:
        """Turn a row that does not hold what it should into our error, without its text."""
        try:
            yield
        except ValueError as exc:  # pydantic's and json's errors are ValueErrors
            raise JournalError(f"{self._path} is damaged ({type(exc).__name__}). Restore a copy of it.") from None

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """One writer at a time, all or nothing."""
        with self._lock, self._mapped():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                if self._db.in_transaction:  # SQLite has rolled back by itself where the disk is full
                    self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def _rows(self, query: str, *values: object) -> list[tuple[str, ...]]:
        with self._lock, self._mapped():
            return self._db.execute(query, values).fetchall()


def to_json(data: object) -> str:
    """ASCII JSON: it holds every text there is, lone surrogates and NULs too, and gives it back unchanged."""
    return json.dumps(data, ensure_ascii=True, sort_keys=True)


def clean(text: str) -> str:
    """Text for a column: SQLite stores UTF-8, which has no lone surrogates."""
    return text.encode("utf-8", "replace").decode()


def _reason(exc: sqlite3.Error) -> str:
    """SQLite's name of the error, e.g. SQLITE_FULL."""
    return getattr(exc, "sqlite_errorname", "SQLITE_ERROR")
