"""The journal's entry pages: editing with every earlier version kept, archiving, and erasing for good."""

import contextlib
import json
import sqlite3
from datetime import datetime
from pathlib import Path

from coach.errors import NotFound
from coach.journal.backup import backups
from coach.journal.file import JournalFile, clean, to_json
from coach.journal.log import put_entry
from coach.schema import Entry, EntryVersion, Kept


class PageTables(JournalFile):
    """What can be done with an entry after its review."""

    def edit(self, entry: Entry, at: datetime) -> None:
        """Put an entry in the place of its present version, which is kept; see ``Journal.edit``."""
        with self._transaction() as db:
            found = db.execute("SELECT data FROM entries WHERE id = ?", (entry.id,)).fetchone()
            if not found:
                raise NotFound("There is no such entry in the log. Go back to the log and choose another.")
            if json.loads(found[0]) == json.loads(to_json(entry.model_dump(mode="json"))):
                return
            next_seq = "(SELECT coalesce(max(seq), 0) + 1 FROM entry_versions WHERE entry_id = ?)"
            db.execute(f"INSERT INTO entry_versions VALUES (?, {next_seq}, ?, ?)", (entry.id, entry.id, at.isoformat(), found[0]))
            put_entry(db, entry)

    def versions(self, entry_id: str) -> list[EntryVersion]:
        """Earlier versions of an entry, the first one first."""
        rows = self._rows("SELECT until, data FROM entry_versions WHERE entry_id = ? ORDER BY seq", entry_id)
        with self._readable():
            return [
                EntryVersion(until=datetime.fromisoformat(until), entry=Entry.model_validate(json.loads(data)))
                for until, data in rows
            ]

    def save_kept(self, kept: Kept) -> None:
        """Give an entry that was just brought in what belongs to it; see ``Journal.save_kept``."""
        id = kept.entry.id
        with self._transaction() as db:
            for seq, version in enumerate(kept.versions, 1):
                data = to_json(version.entry.model_dump(mode="json"))
                db.execute("INSERT INTO entry_versions VALUES (?, ?, ?, ?)", (id, seq, version.until.isoformat(), data))
            for seq, one in enumerate(kept.check_ins, 1):
                row = (id, seq, one.at.isoformat(), one.outcome, clean(one.note), one.next_on and one.next_on.isoformat())
                db.execute("INSERT INTO check_ins VALUES (?, ?, ?, ?, ?, ?)", row)
            last = kept.check_ins[-1].outcome if kept.check_ins else None
            next_on = kept.next_check_in and kept.next_check_in.isoformat()
            values = (next_on, last, int(kept.archived), id)
            db.execute("UPDATE entries SET next_check_in = ?, outcome = ?, archived = ? WHERE id = ?", values)
            if kept.pattern:
                _place_by_name(db, id, kept.pattern)

    def archive(self, entry_id: str, archived: bool = True) -> None:
        """Put an entry out of the list, or back."""
        with self._transaction() as db:
            db.execute("UPDATE entries SET archived = ? WHERE id = ?", (int(archived), entry_id))

    def archived(self) -> set[str]:
        """The ids of archived entries."""
        return {entry_id for (entry_id,) in self._rows("SELECT id FROM entries WHERE archived = 1")}

    def erase(self, entry_id: str) -> None:
        """Remove an entry and its whole review, from the copies too, so that no byte of it stays; see ``Journal.erase``."""
        with self._transaction() as db:
            erase_rows(db, entry_id)
        with self._lock, self._mapped():
            scrub(self._db)
        for path in backups(self._path):
            with self._mapped():
                erase_from_file(path, entry_id)


def _place_by_name(db: sqlite3.Connection, entry_id: str, name: str) -> None:
    """Put an entry into the pattern of that name, which is made if there is none."""
    found = db.execute("SELECT id FROM patterns WHERE name = ?", (clean(name),)).fetchone()
    if not found:
        found = (f"named-{entry_id}",)
        db.execute("INSERT INTO patterns VALUES (?, ?, 'person', 0)", (*found, clean(name)))
    db.execute("INSERT OR REPLACE INTO placings VALUES (?, ?, 'coach')", (entry_id, *found))


def erase_rows(db: sqlite3.Connection, entry_id: str) -> None:
    """Delete an entry, its review and all that hangs on them."""
    found = db.execute("SELECT review_id FROM entries WHERE id = ?", (entry_id,)).fetchone()
    if not found:
        raise NotFound("There is no such entry in the log. It may have been erased already.")
    db.execute("DELETE FROM entry_words WHERE entry_id = ?", (entry_id,))
    db.execute("DELETE FROM drafts WHERE review_id = ?", found)
    db.execute("DELETE FROM reviews WHERE id = ?", found)


def scrub(db: sqlite3.Connection) -> None:
    """Rewrite the file without what was deleted: the search index made anew, no free pages, an empty write-ahead log."""
    db.execute("INSERT INTO entry_words (entry_words) VALUES ('rebuild')")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.execute("VACUUM")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def erase_from_file(path: Path, entry_id: str) -> None:
    """Remove an entry from a copy of the journal, of any version."""
    db = sqlite3.connect(path, isolation_level=None)
    try:
        db.execute("PRAGMA foreign_keys=ON")
        db.execute("PRAGMA secure_delete=ON")
        with contextlib.suppress(NotFound):
            erase_rows(db, entry_id)
            scrub(db)
    finally:
        db.close()
