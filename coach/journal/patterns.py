"""The journal's patterns: recurring tendencies by name, and which entries were placed into which."""

from collections.abc import Iterable

from coach.errors import NotFound
from coach.journal.file import JournalFile, clean
from coach.schema import PatternHead, Placing


class PatternTables(JournalFile):
    """Patterns and placings."""

    def patterns(self) -> list[PatternHead]:
        """All patterns in the order they were made, hidden ones too."""
        rows = self._rows("SELECT id, name, named_by, hidden FROM patterns ORDER BY rowid")
        names = ("id", "name", "named_by", "hidden")
        with self._readable():
            return [PatternHead.model_validate(dict(zip(names, row, strict=True))) for row in rows]

    def save_pattern(self, head: PatternHead, placings: Iterable[Placing] = ()) -> None:
        """Make or change a pattern and place entries, all or nothing; see ``Journal.save_pattern``."""
        with self._transaction() as db:
            db.execute(
                "INSERT INTO patterns VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE"
                " SET name = excluded.name, named_by = excluded.named_by, hidden = excluded.hidden",
                (head.id, clean(head.name), head.named_by, int(head.hidden)),
            )
            db.executemany(_PLACE, [_placing_row(one) for one in placings])

    def place(self, placings: Iterable[Placing], drop_pattern: str | None = None) -> None:
        """Place entries, and afterwards forget a pattern; see ``Journal.place``."""
        with self._transaction() as db:
            db.executemany(_PLACE, [_placing_row(one) for one in placings])
            if drop_pattern:
                dropped = db.execute("DELETE FROM patterns WHERE id = ?", (drop_pattern,))
                if not dropped.rowcount:
                    raise NotFound("There is no such pattern any more. Reload the page.")

    def placings(self) -> list[Placing]:
        """Where each entry was placed; an entry that is not in it has not been looked at yet."""
        rows = self._rows("SELECT entry_id, pattern_id, placed_by FROM placings ORDER BY rowid")
        names = ("entry_id", "pattern_id", "placed_by")
        with self._readable():
            return [Placing.model_validate(dict(zip(names, row, strict=True))) for row in rows]


_PLACE = (
    "INSERT INTO placings SELECT ?, ?, ? WHERE EXISTS (SELECT 1 FROM entries WHERE id = ?)"
    " ON CONFLICT (entry_id) DO UPDATE SET pattern_id = excluded.pattern_id, placed_by = excluded.placed_by"
)
"""An entry that was erased meanwhile is passed over."""


def _placing_row(one: Placing) -> tuple[str, str | None, str, str]:
    return one.entry_id, one.pattern_id, one.placed_by, one.entry_id
