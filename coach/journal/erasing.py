"""Erasing for good: rewriting a file so that no byte of what was deleted stays, and doing the same in its copies."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from coach.journal import engine
from coach.journal.key import Key


def scrub(db: engine.Connection) -> None:
    """Rewrite the file without what was deleted: the search index made anew, no free pages, an empty write-ahead log."""
    db.execute("INSERT INTO entry_words (entry_words) VALUES ('rebuild')")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.execute("VACUUM")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@contextmanager
def in_copy(path: Path, key: Key | None) -> Iterator[engine.Connection]:
    """A copy of the journal, of any version, opened for erasing."""
    db = engine.connect(path, key)
    try:
        db.execute("PRAGMA foreign_keys=ON")
        db.execute("PRAGMA secure_delete=ON")
        yield db
    finally:
        db.close()
