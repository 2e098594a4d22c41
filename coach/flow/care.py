"""Looking after entries: editing, archiving, erasing, what is due for a check-in, and how the planned changes have grown."""

import contextlib

from coach.errors import IndexUnavailable, InputError, ModelError
from coach.flow.check_ins import INTERVALS
from coach.flow.desk import Desk, checked
from coach.growth.rule import Growth, growth
from coach.schema import ALL_ENTRIES, CheckIn, Entry, Filters


class LogCare(Desk):
    """What can be done with the Failure Log after a review."""

    def due(self) -> list[Entry]:
        """Entries whose change is due for a check-in, the one that has waited longest first."""
        today = self.clock.now().date()
        return list(reversed(self.journal.entries(Filters(status="due"), today)))

    def edit(self, entry: Entry, **fields: str) -> Entry:
        """Change words of an entry; the version before is kept. Raises InputError when a field that had words would be empty."""
        emptied = [name for name, words in fields.items() if not words.strip() and getattr(entry, name)]
        if emptied:
            raise InputError("Something would be empty that had words. Keep a word of it, or leave it as it was.")
        edited = entry.model_copy(update={name: checked(words) for name, words in fields.items() if words.strip()})
        self.journal.edit(edited, self.clock.now())
        with contextlib.suppress(ModelError, IndexUnavailable):  # the words are safe; the next start reads them anew
            self.recall.remember(edited)
        return edited

    def revise_change(self, entry: Entry, change: str, way: str = "") -> Entry:
        """A new change in the place of one that was not kept, to be looked at in a week. Raises InputError.

        ``way``: what got in the way of the old one; kept as a note with today's check-in.
        """
        now = self.clock.now()
        revised, next_on = self.edit(entry, change=change), now.date() + INTERVALS[0]
        if way.strip():
            note = f"What got in the way: {way.strip()}"
            self.journal.save_check_in(CheckIn(entry_id=entry.id, at=now, outcome="no_occasion", note=note, next_on=next_on))
        self.journal.plan_check_in(entry.id, next_on)
        return revised

    def tag(self, entry: Entry, tags: list[str]) -> Entry:
        """Set an entry's tags."""
        tagged = entry.model_copy(update={"tags": tuple(dict.fromkeys(tag.strip() for tag in tags if tag.strip()))})
        self.journal.edit(tagged, self.clock.now())
        with contextlib.suppress(ModelError, IndexUnavailable):
            self.recall.remember(tagged)
        return tagged

    def erase(self, entry_id: str) -> None:
        """Remove an entry, its review and its vectors for good, from the copies too. Raises NotFound."""
        self.journal.erase(entry_id)
        self.recall.forget()

    def growths(self) -> list[Growth]:
        """How every planned change stands, the newest first."""
        today = self.clock.now().date()
        entries = self.journal.entries(ALL_ENTRIES)
        placed = {one.entry_id: one.pattern_id for one in self.journal.placings() if one.pattern_id}
        by_pattern: dict[str, list[Entry]] = {}
        for entry in entries:
            if entry.id in placed:
                by_pattern.setdefault(placed[entry.id], []).append(entry)
        return [
            growth(entry, self.journal.check_ins(entry.id), by_pattern.get(placed.get(entry.id, ""), []), today)
            for entry in entries
            if entry.change
        ]
