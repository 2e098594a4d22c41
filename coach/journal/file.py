"""The journal's file itself: opening, migrating, transactions, and SQLite's errors turned into ours.

Durable (``synchronous=FULL``), private (folder 0700, file 0600; encrypted where there is a key), erasing for good
(``secure_delete``). WAL keeps readers and the one writer apart. No text of a person appears in an exception. The schema's version
is SQLite's ``user_version``; a newer file is refused, not guessed at.
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from coach.errors import JournalError, JournalLocked, JournalTooNew
from coach.journal import engine
from coach.journal.backup import backup_before, backups
from coach.journal.erasing import in_copy, scrub
from coach.journal.key import Key

_MIGRATIONS = sorted((Path(__file__).parent / "migrations").glob("*.sql"))
VERSION = len(_MIGRATIONS)
"""The schema's version: how many files of ``migrations`` have been run, in the order of their names."""


class JournalFile:
    """One SQLite file. May be shared by threads; each call is short and takes the lock."""

    def __init__(self, path: Path, key: Key | None = None) -> None:
        self._path, self._key, self._lock = path, key, threading.RLock()
        self._open: engine.Connection | None = None
        with self._mapped(), engine.opening(path):
            engine.made_private(path)
            self._inode = path.stat().st_ino
            self._open = engine.connect(path, key)
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
                self._db.execute(f"PRAGMA {pragma}")
        self._migrate()

    @property
    def _db(self) -> engine.Connection:
        if self._open is None:
            raise JournalLocked("The journal is closed. Reload the page.")
        return self._open

    def close(self) -> None:
        """Release the file; whoever asks for something afterwards gets JournalLocked."""
        with self._lock:
            if self._open is not None:
                self._open.close()
                self._open = None

    def _migrate(self) -> None:
        with self._transaction() as db:
            version = int(db.execute("PRAGMA user_version").fetchone()[0])
            if 0 < version < VERSION:
                backup_before(self._path, version, self._key)
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
        except engine.OperationalError as exc:
            raise JournalError(_said(self._path, engine.reason(exc))) from None
        except engine.IntegrityError:
            raise JournalError(f"{self._path} has something of that id already. Nothing was written.") from None
        except engine.DatabaseError as exc:
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
    def _transaction(self) -> Iterator[engine.Connection]:
        """One writer at a time, all or nothing."""
        with self._lock, self._mapped():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                self._still_there()
                yield self._db
            except BaseException:
                if self._db.in_transaction:  # SQLite has rolled back by itself where the disk is full
                    self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def _still_there(self) -> None:
        """Another process may have put a file in this one's place (a copy, an encrypted one): what is written would be lost."""
        if self._path.stat().st_ino != self._inode:
            raise JournalError(f"{self._path} was replaced meanwhile. Start Coach anew; nothing was written.")

    def _in_copies(self, erase: Callable[[engine.Connection], None]) -> None:
        """Erase something from every copy; those that cannot be opened are named at the end. Raises JournalError."""
        failed = []
        for path in backups(self._path):
            try:
                with self._mapped(), in_copy(path, self._key) as db:
                    erase(db)
                    scrub(db)
            except JournalError:
                failed.append(path.name)
        if failed:
            raise JournalError(
                f"Erased, but for copies that cannot be opened: {', '.join(failed)}. Delete them in {self._path.parent}."
            )

    def _rows(self, query: str, *values: object) -> list[tuple[str, ...]]:
        with self._lock, self._mapped():
            return self._db.execute(query, values).fetchall()


_MEANT = {
    "SQLITE_FULL": "The disk is full. Make room there",
    "SQLITE_READONLY": "It may not be written to. Mend the rights of the file and its folder",
    "SQLITE_CANTOPEN": "It cannot be opened. Mend the rights of the file and its folder",
    "SQLITE_BUSY": "Another process is writing to it. Close every other Coach",
    "SQLITE_IOERR": "The disk does not take what is written. Look at the disk, or make room there",
}


def _said(path: Path, reason: str) -> str:
    """What an error of SQLite's means to the person, e.g. SQLITE_IOERR_WRITE."""
    meant = next((words for name, words in _MEANT.items() if reason.startswith(name)), "It could not be used")
    return f"The journal {path} was not written ({reason}). {meant}, then try again. What was saved before is safe."


def to_json(data: object) -> str:
    """ASCII JSON: it holds every text there is, lone surrogates and NULs too, and gives it back unchanged."""
    return json.dumps(data, ensure_ascii=True, sort_keys=True)


def clean(text: str) -> str:
    """Text for a column: SQLite stores UTF-8, which has no lone surrogates."""
    return text.encode("utf-8", "replace").decode()
