"""Erasing for good: rewriting a file so that no byte of what was deleted stays, and doing the same in its copies."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def scrub(db: sqlite3.Connection) -> None:
    """Rewrite the file without what was deleted: the search index made anew, no free pages, an empty write-ahead log."""
    db.execute("INSERT INTO entry_words (entry_words) VALUES ('rebuild')")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.execute("VACUUM")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@contextmanager
def in_copy(path: Path) -> Iterator[sqlite3.Connection]:
    """A copy of the journal, of any version, opened for erasing."""
    db = sqlite3.connect(path, isolation_level=None)
    try:
        db.execute("PRAGMA foreign_keys=ON")
        db.execute("PRAGMA secure_delete=ON")
        yield db
    finally:
        db.close()
