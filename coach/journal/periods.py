"""The journal's reviews of a period: every version that was saved of each."""

import json
from datetime import datetime
from functools import partial

from coach.errors import NotFound
from coach.journal.engine import Connection
from coach.journal.erasing import scrub
from coach.journal.file import JournalFile, to_json
from coach.schema import PeriodReview


class PeriodTables(JournalFile):
    """Reviews of a period, which speak of entries by their ids and hold no words of them."""

    def save_period_review(self, made: PeriodReview) -> None:
        """Keep a review of a period, beside what was saved of it before."""
        with self._transaction() as db:
            row = (made.id, made.saved_at.isoformat(), to_json(made.model_dump(mode="json")))
            db.execute("INSERT OR REPLACE INTO period_reviews VALUES (?, ?, ?)", row)

    def period_reviews(self) -> list[PeriodReview]:
        """All of them, the latest period first and of each the last version first; see ``Journal.period_reviews``."""
        rows = self._rows("SELECT data FROM period_reviews")
        with self._readable():
            found = [PeriodReview.model_validate(json.loads(data)) for (data,) in rows]
        return sorted(found, key=_latest_first, reverse=True)

    def erase_period_review(self, id: str) -> None:
        """Remove a review of a period and its versions, from the copies too; see ``Journal.erase_period_review``."""
        with self._transaction() as db:
            if not db.execute("DELETE FROM period_reviews WHERE id = ?", (id,)).rowcount:
                raise NotFound("There is no such review of a period. It may have been erased already.")
            db.execute("DELETE FROM drafts WHERE review_id = ?", (id,))
        with self._lock, self._mapped():
            scrub(self._db)
        self._in_copies(partial(_erase_from_copy, id=id))


def _latest_first(one: PeriodReview) -> tuple[object, object, str, datetime]:
    return one.findings.until, one.findings.since, one.id, one.saved_at


def _erase_from_copy(db: Connection, id: str) -> None:
    if db.execute("SELECT 1 FROM sqlite_master WHERE name = 'period_reviews'").fetchone():
        db.execute("DELETE FROM period_reviews WHERE id = ?", (id,))
    db.execute("DELETE FROM drafts WHERE review_id = ?", (id,))
