"""The journal in one SQLite file: durable (``synchronous=FULL``), private (folder 0700, file 0600), erasing for good.

WAL keeps readers and the one writer apart; every append is one transaction. No text of a person appears in an
exception. The schema's version is SQLite's ``user_version``; a newer file is refused, not guessed at.
"""

import json
import os
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import numpy as np

from coach.errors import Conflict, JournalError, JournalTooNew, NotFound
from coach.journal.words import match_query, searchable
from coach.llm.base import Vector
from coach.schema import Dismissal, Entry, Record, ReviewHead

_MIGRATIONS = sorted((Path(__file__).parent / "migrations").glob("*.sql"))
VERSION = len(_MIGRATIONS)
"""The schema's version: how many files of ``migrations`` have been run, in the order of their names."""


class SqliteJournal:
    """The journal of one person. May be shared by threads; each call is short and takes the lock."""

    def __init__(self, path: Path) -> None:
        self._path, self._lock = path, threading.RLock()
        with self._mapped():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=10)
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
                self._db.execute(f"PRAGMA {pragma}")
        self._migrate()

    def _migrate(self) -> None:
        with self._transaction() as db:
            version = int(db.execute("PRAGMA user_version").fetchone()[0])
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

    # -- reviews ---------------------------------------------------------------------------------------------

    def append(self, head: ReviewHead, seen: int, records: Sequence[Record], entry: Entry | None = None) -> None:
        """Add events, all or nothing; see ``Journal.append``."""
        with self._transaction() as db:
            last = db.execute("SELECT coalesce(max(seq), 0) FROM events WHERE review_id = ?", (head.id,)).fetchone()[0]
            if last != seen:
                raise Conflict("This review has gone on in another window. Reload the page to see it.")
            _put_head(db, head)
            rows = [(head.id, r.seq, r.at.isoformat(), r.type, _to_json(r.data)) for r in records]
            db.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?)", rows)
            if entry:
                _put_entry(db, entry)

    def records(self, review_id: str) -> list[Record]:
        """A review's events; see ``Journal.records``."""
        rows = self._rows("SELECT seq, at, type, data FROM events WHERE review_id = ? ORDER BY seq", review_id)
        if not rows:
            raise NotFound("There is no such review in this journal. Go back to the first page.")
        with self._readable():
            return [
                Record(seq=int(seq), at=datetime.fromisoformat(at), type=kind, data=json.loads(data))
                for seq, at, kind, data in rows
            ]

    def reviews(self, status: str) -> list[ReviewHead]:
        """Reviews of a status, the last touched first."""
        rows = self._rows("SELECT id, title, status, stage, started_at, updated_at FROM reviews WHERE status = ?", status)
        names = ("id", "title", "status", "stage", "started_at", "updated_at")
        with self._readable():
            heads = [ReviewHead.model_validate(dict(zip(names, row, strict=True))) for row in rows]
        return sorted(heads, key=lambda head: head.updated_at, reverse=True)  # as moments: the zone may have changed

    def dismissals(self) -> list[Dismissal]:
        """Dismissals that still stand; see ``Journal.dismissals``."""
        rows = self._rows(
            "SELECT review_id, json_extract(data, '$.slot'), json_extract(data, '$.kind'), type FROM events"
            " WHERE type IN ('dismissed', 'restored') ORDER BY review_id, seq"
        )
        last = {(review_id, slot, kind): type_ for review_id, slot, kind, type_ in rows}
        return [Dismissal(*key) for key, type_ in last.items() if type_ == "dismissed"]

    # -- drafts ----------------------------------------------------------------------------------------------

    def save_draft(self, review_id: str, slot: str, text: str, at: datetime) -> None:
        """Keep or forget a draft; see ``Journal.save_draft``."""
        with self._transaction() as db:
            if text:
                db.execute("INSERT OR REPLACE INTO drafts VALUES (?, ?, ?, ?)", (review_id, slot, _clean(text), at.isoformat()))
            else:
                db.execute("DELETE FROM drafts WHERE review_id = ? AND slot = ?", (review_id, slot))

    def drafts(self, review_id: str) -> dict[str, str]:
        """Drafts by slot."""
        rows = self._rows("SELECT slot, text FROM drafts WHERE review_id = ?", review_id)
        return {row[0]: row[1] for row in rows}

    # -- entries ---------------------------------------------------------------------------------------------

    def entries(self) -> list[Entry]:
        """The Failure Log, newest first."""
        rows = self._rows("SELECT data FROM entries ORDER BY happened_on DESC, json_extract(data, '$.closed_at') DESC")
        with self._readable():
            return [Entry.model_validate(json.loads(data)) for (data,) in rows]

    def entry(self, entry_id: str) -> Entry:
        """One entry. Raises NotFound."""
        rows = self._rows("SELECT data FROM entries WHERE id = ?", entry_id)
        if not rows:
            raise NotFound("There is no such entry in the log. Go back to the log and choose another.")
        with self._readable():
            return Entry.model_validate(json.loads(rows[0][0]))

    def search_words(self, query: str, most: int) -> list[str]:
        """Ids of entries that hold the words; see ``Journal.search_words``."""
        match = match_query(query)
        if not match:
            return []
        found = "SELECT entry_id FROM entry_words WHERE entry_words MATCH ? ORDER BY rank LIMIT ?"
        return [entry_id for (entry_id,) in self._rows(found, match, most)]

    def save_vector(self, entry_id: str, view: str, embedder: str, vector: Vector) -> None:
        """Keep an entry's vector; see ``Journal.save_vector``."""
        with self._transaction() as db:
            values = (entry_id, view, embedder, vector.astype("<f4").tobytes())
            db.execute("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?, ?)", values)

    def vectors(self, view: str, embedder: str) -> Mapping[str, Vector]:
        """The vectors of a view by entry id; see ``Journal.vectors``."""
        with self._lock, self._mapped():
            query = "SELECT entry_id, vector FROM vectors WHERE view = ? AND embedder = ?"
            rows = self._db.execute(query, (view, embedder)).fetchall()
        return {entry_id: np.frombuffer(blob, "<f4").astype(np.float32) for entry_id, blob in rows}

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            self._db.close()


def _put_head(db: sqlite3.Connection, head: ReviewHead) -> None:
    values = head.model_dump(mode="json")
    values["title"] = _clean(values["title"])
    db.execute(
        "INSERT INTO reviews VALUES (:id, :title, :status, :stage, :started_at, :updated_at) ON CONFLICT (id) DO UPDATE"
        " SET title = :title, status = :status, stage = :stage, updated_at = :updated_at",
        values,
    )


def _put_entry(db: sqlite3.Connection, entry: Entry) -> None:
    db.execute("DELETE FROM entry_words WHERE entry_id = ?", (entry.id,))
    values = (entry.id, entry.review_id, entry.happened_on.isoformat(), _to_json(entry.model_dump(mode="json")))
    db.execute("INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?)", values)
    db.execute("INSERT INTO entry_words VALUES (?, ?)", (entry.id, _clean(searchable(entry))))


def _to_json(data: object) -> str:
    """ASCII JSON: it holds every text there is, lone surrogates and NULs too, and gives it back unchanged."""
    return json.dumps(data, ensure_ascii=True, sort_keys=True)


def _clean(text: str) -> str:
    """Text for a column: SQLite stores UTF-8, which has no lone surrogates."""
    return text.encode("utf-8", "replace").decode()


def _reason(exc: sqlite3.OperationalError) -> str:
    """SQLite's name of the error, e.g. SQLITE_FULL."""
    return getattr(exc, "sqlite_errorname", "SQLITE_ERROR")
