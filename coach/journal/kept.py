"""Bringing finished entries into the journal with all that belongs to them, as an import does: all or nothing."""

import uuid
from collections.abc import Sequence

from coach.journal.engine import Connection
from coach.journal.file import JournalFile, clean, to_json
from coach.journal.log import put_entry
from coach.journal.reviews import put_events
from coach.schema import Kept, Record, ReviewHead


class KeptTables(JournalFile):
    """What comes from elsewhere and was finished there."""

    def append_new(self, brought: Sequence[tuple[ReviewHead, Sequence[Record], Kept]]) -> None:
        """Add finished reviews that are not there yet, with their entries; see ``Journal.append_new``."""
        with self._transaction() as db:
            for head, records, kept in brought:
                put_events(db, head, records)
                put_entry(db, kept.entry)
                _put_rest(db, kept)


def _put_rest(db: Connection, kept: Kept) -> None:
    """Earlier versions, check-ins, and the place in a pattern."""
    id = kept.entry.id
    for seq, version in enumerate(kept.versions, 1):
        data = to_json(version.entry.model_dump(mode="json"))
        db.execute("INSERT INTO entry_versions VALUES (?, ?, ?, ?)", (id, seq, version.until.isoformat(), data))
    for seq, one in enumerate(kept.check_ins, 1):
        row = (id, seq, one.at.isoformat(), one.outcome, clean(one.note), one.next_on and one.next_on.isoformat())
        db.execute("INSERT INTO check_ins VALUES (?, ?, ?, ?, ?, ?)", row)
    said = kept.check_ins[-1].outcome if kept.check_ins else None  # in files that do not say it themselves
    last = kept.outcome if "outcome" in kept.model_fields_set else said
    next_on = kept.next_check_in and kept.next_check_in.isoformat()
    values = (next_on, last, int(kept.archived), id)
    db.execute("UPDATE entries SET next_check_in = ?, outcome = ?, archived = ? WHERE id = ?", values)
    if kept.pattern:
        _place_by_name(db, kept)
    elif kept.belongs_nowhere:
        db.execute("INSERT OR REPLACE INTO placings VALUES (?, NULL, 'person')", (id,))


def _place_by_name(db: Connection, kept: Kept) -> None:
    """Put an entry into the pattern of that name, which is made if there is none."""
    id, name = kept.entry.id, clean(kept.pattern)
    found = db.execute("SELECT id FROM patterns WHERE name = ?", (name,)).fetchone()
    if not found:
        found = (uuid.uuid4().hex,)
        db.execute("INSERT INTO patterns VALUES (?, ?, ?, ?)", (*found, name, kept.pattern_by, int(kept.pattern_hidden)))
    db.execute("INSERT OR REPLACE INTO placings VALUES (?, ?, ?)", (id, *found, kept.placed_by))
