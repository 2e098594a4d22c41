"""The journal's entry pages: editing with every earlier version kept, archiving, and erasing for good."""

import contextlib
import json
from datetime import datetime
from functools import partial

from coach.errors import NotFound
from coach.journal.engine import Connection
from coach.journal.erasing import scrub
from coach.journal.file import JournalFile, to_json
from coach.journal.log import put_entry
from coach.schema import Entry, EntryVersion


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
        self._in_copies(partial(_erase_from_copy, entry_id=entry_id))


def erase_rows(db: Connection, entry_id: str) -> None:
    """Delete an entry, its review and all that hangs on them."""
    found = db.execute("SELECT review_id FROM entries WHERE id = ?", (entry_id,)).fetchone()
    if not found:
        raise NotFound("There is no such entry in the log. It may have been erased already.")
    db.execute("DELETE FROM entry_words WHERE entry_id = ?", (entry_id,))
    db.execute("DELETE FROM drafts WHERE review_id = ?", found)
    quoted = "type = 'reminded' AND json_extract(data, '$.entry_id') = ?"  # its words were named in other reviews
    db.execute(f"UPDATE events SET data = json_set(data, '$.text', '') WHERE {quoted}", (entry_id,))
    db.execute("DELETE FROM reviews WHERE id = ?", found)


def _erase_from_copy(db: Connection, entry_id: str) -> None:
    with contextlib.suppress(NotFound):
        erase_rows(db, entry_id)
