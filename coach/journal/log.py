"""The journal's Failure Log: entries, search by words, filters, vectors, and check-ins on the planned changes."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import cast

import numpy as np

from coach.errors import NotFound
from coach.journal.engine import Connection
from coach.journal.file import JournalFile, clean, to_json
from coach.journal.filters import condition, tag_mark
from coach.journal.words import match_query, searchable
from coach.llm.base import Vector
from coach.schema import NO_FILTERS, CheckIn, Entry, Filters, Outcome, Status

_NEWEST_FIRST = "ORDER BY happened_on DESC, json_extract(data, '$.closed_at') DESC"
_AT_ONCE = 500
"""Values in one query; SQLite takes 32,766."""


class LogTables(JournalFile):
    """Entries and what belongs to them."""

    def entries(self, filters: Filters = NO_FILTERS, today: date = date.max) -> list[Entry]:
        """The Failure Log, newest first; see ``Journal.entries``."""
        sql, values = condition(filters, today)
        rows = self._rows(f"SELECT data FROM entries WHERE {sql} {_NEWEST_FIRST}", *values)
        with self._readable():
            return [Entry.model_validate(json.loads(data)) for (data,) in rows]

    def entry_ids(self, filters: Filters = NO_FILTERS, today: date = date.max) -> set[str]:
        """The ids alone; see ``Journal.entry_ids``."""
        sql, values = condition(filters, today)
        return {entry_id for (entry_id,) in self._rows(f"SELECT id FROM entries WHERE {sql}", *values)}

    def entry(self, entry_id: str) -> Entry:
        """One entry. Raises NotFound."""
        found = self.entries_of([entry_id])
        if not found:
            raise NotFound("There is no such entry in the log. Go back to the log and choose another.")
        return found[0]

    def entries_of(self, ids: Sequence[str]) -> list[Entry]:
        """Entries by id, in that order; see ``Journal.entries_of``."""
        rows: dict[str, str] = {}
        for at in range(0, len(ids), _AT_ONCE):
            part = ids[at : at + _AT_ONCE]
            found = self._rows(f"SELECT id, data FROM entries WHERE id IN ({', '.join('?' * len(part))})", *part)
            rows |= {row[0]: row[1] for row in found}
        with self._readable():
            return [Entry.model_validate(json.loads(rows[entry_id])) for entry_id in ids if entry_id in rows]

    def search_words(self, query: str, most: int, filters: Filters = NO_FILTERS, today: date = date.max) -> list[str]:
        """Ids of entries that hold the words; see ``Journal.search_words``."""
        match = match_query(query)
        if not match:
            return []
        sql, values = condition(filters, today)
        among = "" if sql == "1" else f" AND entry_id IN (SELECT id FROM entries WHERE {sql})"
        found = f"SELECT entry_id FROM entry_words WHERE entry_words MATCH ?{among} ORDER BY rank LIMIT ?"
        return [entry_id for (entry_id,) in self._rows(found, match, *values, most)]

    def tags(self) -> list[str]:
        """All tags, the most used first, as they are compared."""
        query = "SELECT mark FROM entry_marks WHERE kind = 'tag' GROUP BY mark ORDER BY count(*) DESC, mark"
        return [tag for (tag,) in self._rows(query)]

    # -- vectors ---------------------------------------------------------------------------------------------

    def save_vectors(self, view: str, embedder: str, vectors: Mapping[str, Vector]) -> None:
        """Keep entries' vectors; see ``Journal.save_vectors``."""
        rows = [(id, view, embedder, vector.astype("<f4").tobytes(), id) for id, vector in vectors.items()]
        with self._transaction() as db:
            query = "INSERT OR REPLACE INTO vectors SELECT ?, ?, ?, ? WHERE EXISTS (SELECT 1 FROM entries WHERE id = ?)"
            db.executemany(query, rows)

    def vectors(self, view: str, embedder: str, ids: Sequence[str] | None = None) -> Mapping[str, Vector]:
        """The vectors of a view by entry id; see ``Journal.vectors``."""
        query, rows = "SELECT entry_id, vector FROM vectors WHERE view = ? AND embedder = ?", list[tuple[str, bytes]]()
        with self._lock, self._mapped():
            if ids is None:
                rows = self._db.execute(query, (view, embedder)).fetchall()
            for at in range(0, len(ids or ()), _AT_ONCE):
                part = (ids or ())[at : at + _AT_ONCE]
                of_these = f"{query} AND entry_id IN ({', '.join('?' * len(part))})"
                rows += self._db.execute(of_these, (view, embedder, *part)).fetchall()
        return {entry_id: np.frombuffer(blob, "<f4").astype(np.float32) for entry_id, blob in rows}

    def vector_ids(self, view: str, embedder: str) -> set[str]:
        """The ids of the entries that have such a vector; see ``Journal.vector_ids``."""
        rows = self._rows("SELECT entry_id FROM vectors WHERE view = ? AND embedder = ?", view, embedder)
        return {entry_id for (entry_id,) in rows}

    # -- check-ins -------------------------------------------------------------------------------------------

    def save_check_in(self, made: CheckIn) -> None:
        """Keep a check-in; see ``Journal.save_check_in``."""
        with self._transaction() as db:
            next_on = made.next_on.isoformat() if made.next_on else None
            moved = db.execute(
                "UPDATE entries SET next_check_in = ?, outcome = ? WHERE id = ?", (next_on, made.outcome, made.entry_id)
            )
            if not moved.rowcount:
                raise NotFound("There is no such entry in the log. Go back to the log and choose another.")
            row = (made.entry_id, made.entry_id, made.at.isoformat(), made.outcome, clean(made.note), next_on)
            next_seq = "(SELECT coalesce(max(seq), 0) + 1 FROM check_ins WHERE entry_id = ?)"
            db.execute(f"INSERT INTO check_ins VALUES (?, {next_seq}, ?, ?, ?, ?)", row)

    def plan_check_in(self, entry_id: str, on: date | None) -> None:
        """Set when the next check-in is; see ``Journal.plan_check_in``."""
        with self._transaction() as db:
            next_on = on.isoformat() if on else None
            db.execute("UPDATE entries SET next_check_in = ?, outcome = NULL WHERE id = ?", (next_on, entry_id))

    def next_check_in(self, entry_id: str) -> date | None:
        """When the next check-in on an entry's change is."""
        rows = self._rows("SELECT next_check_in FROM entries WHERE id = ?", entry_id)
        return date.fromisoformat(rows[0][0]) if rows and rows[0][0] else None

    def check_ins(self, entry_id: str) -> list[CheckIn]:
        """Check-ins on an entry's change, the first one first."""
        rows = self._rows("SELECT at, outcome, note, next_on FROM check_ins WHERE entry_id = ? ORDER BY seq", entry_id)
        names = ("at", "outcome", "note", "next_on")
        with self._readable():
            return [CheckIn.model_validate({"entry_id": entry_id, **dict(zip(names, row, strict=True))}) for row in rows]

    def all_check_ins(self) -> dict[str, list[CheckIn]]:
        """The check-ins of every entry that has any; see ``Journal.all_check_ins``."""
        rows = self._rows("SELECT entry_id, at, outcome, note, next_on FROM check_ins ORDER BY entry_id, seq")
        found: dict[str, list[CheckIn]] = {}
        with self._readable():
            for row in rows:
                made = CheckIn.model_validate(dict(zip(("entry_id", "at", "outcome", "note", "next_on"), row, strict=True)))
                found.setdefault(made.entry_id, []).append(made)
        return found

    def outcomes(self) -> dict[str, Outcome]:
        """What the last check-in said of each entry's present change; see ``Journal.outcomes``."""
        rows = self._rows("SELECT id, outcome FROM entries WHERE outcome IS NOT NULL")
        return {entry_id: cast(Outcome, outcome) for entry_id, outcome in rows}

    def statuses(self, ids: Sequence[str], today: date) -> dict[str, Status]:
        """How the planned changes of some entries stand."""
        result: dict[str, Status] = {}
        for at in range(0, len(ids), _AT_ONCE):
            part = ids[at : at + _AT_ONCE]
            query = f"SELECT id, next_check_in, outcome FROM entries WHERE id IN ({', '.join('?' * len(part))})"
            result |= {entry_id: _status(next_on, outcome, today) for entry_id, next_on, outcome in self._rows(query, *part)}
        return result


def _status(next_on: str | None, outcome: str | None, today: date) -> Status:
    if outcome == "dropped":
        return "dropped"
    if next_on and datetime.fromisoformat(next_on).date() <= today:
        return "due"
    return "kept" if outcome == "kept" else "not_kept" if outcome == "not_kept" else "planned"


def put_entry(db: Connection, entry: Entry) -> None:
    """Write an entry, its words and its marks; vectors of an earlier text of it are forgotten."""
    if db.execute("SELECT 1 FROM entries WHERE id = ?", (entry.id,)).fetchone():  # finding its words reads through all of them
        for table in ("entry_words", "entry_marks", "vectors"):
            db.execute(f"DELETE FROM {table} WHERE entry_id = ?", (entry.id,))
    check_in_on = entry.check_in_on.isoformat() if entry.check_in_on else None
    values = (entry.id, entry.review_id, entry.happened_on.isoformat(), to_json(entry.model_dump(mode="json")), check_in_on)
    db.execute(
        "INSERT INTO entries (id, review_id, happened_on, data, next_check_in) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET happened_on = excluded.happened_on, data = excluded.data",
        values,
    )
    db.execute("INSERT INTO entry_words VALUES (?, ?)", (entry.id, clean(searchable(entry))))
    marks = {("tag", clean(tag_mark(tag))) for tag in entry.tags} | {("control", one.chosen) for one in entry.factors if one.chosen}
    db.executemany("INSERT INTO entry_marks VALUES (?, ?, ?)", [(kind, mark, entry.id) for kind, mark in sorted(marks)])
