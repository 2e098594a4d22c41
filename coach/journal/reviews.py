"""The journal's reviews: events in order, heads for lists, and drafts of what was not sent."""

import json
from collections.abc import Sequence
from datetime import datetime

from coach.errors import Conflict, NotFound
from coach.journal.engine import Connection
from coach.journal.file import JournalFile, clean, to_json
from coach.journal.log import put_entry
from coach.schema import Dismissal, Entry, Record, ReviewHead


class ReviewTables(JournalFile):
    """Reviews, their events and drafts."""

    def append(self, head: ReviewHead, seen: int, records: Sequence[Record], entry: Entry | None = None) -> None:
        """Add events, all or nothing; see ``Journal.append``."""
        with self._transaction() as db:
            last = db.execute("SELECT coalesce(max(seq), 0) FROM events WHERE review_id = ?", (head.id,)).fetchone()[0]
            if last != seen:
                raise Conflict("This review has gone on in another window. Reload the page to see it.")
            put_events(db, head, records)
            if entry:
                put_entry(db, entry)

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

    def save_draft(self, review_id: str, slot: str, text: str, at: datetime) -> None:
        """Keep or forget a draft; see ``Journal.save_draft``."""
        with self._transaction() as db:
            if text:
                db.execute("INSERT OR REPLACE INTO drafts VALUES (?, ?, ?, ?)", (review_id, slot, clean(text), at.isoformat()))
            else:
                db.execute("DELETE FROM drafts WHERE review_id = ? AND slot = ?", (review_id, slot))

    def drafts(self, review_id: str) -> dict[str, str]:
        """Drafts by slot."""
        rows = self._rows("SELECT slot, text FROM drafts WHERE review_id = ?", review_id)
        return {row[0]: row[1] for row in rows}


def put_events(db: Connection, head: ReviewHead, records: Sequence[Record]) -> None:
    """Write a review's head and more of its events."""
    _put_head(db, head)
    db.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?)", [_event_row(head.id, one) for one in records])


def _event_row(review_id: str, one: Record) -> tuple[str, int, str, str, str]:
    return review_id, one.seq, one.at.isoformat(), one.type, to_json(one.data)


def _put_head(db: Connection, head: ReviewHead) -> None:
    values = head.model_dump(mode="json")
    values["title"] = clean(values["title"])
    db.execute(
        "INSERT INTO reviews VALUES (:id, :title, :status, :stage, :started_at, :updated_at) ON CONFLICT (id) DO UPDATE"
        " SET title = :title, status = :status, stage = :stage, updated_at = :updated_at",
        values,
    )
