"""Looking after entries: editing, archiving, erasing, what is due for a check-in, and how the planned changes have grown."""

import contextlib
from collections.abc import Iterator, Sequence
from datetime import date

import numpy as np

from coach.errors import IndexUnavailable, InputError, ModelError
from coach.flow.check_ins import INTERVALS
from coach.flow.desk import Desk, checked
from coach.growth.rule import Growth, growth
from coach.recall import TENDENCY
from coach.schema import ALL_ENTRIES, MOST_TITLE, CheckIn, Entry, Filters


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
        if len(fields.get("title", "")) > MOST_TITLE:
            raise InputError(f"A title has at most {MOST_TITLE} characters. Shorten it.")
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

    def growths(self, on: date | None = None) -> list[Growth]:
        """How every planned change stands today, or stood on a day before; the newest first."""
        today = min(on or date.max, self.clock.now().date())
        entries, check_ins = self.journal.entries(ALL_ENTRIES), self.journal.all_check_ins()
        alike = self._alike(entries)
        return [
            growth(entry, check_ins.get(entry.id, ()), alike.get(entry.id, []), today)
            for entry in entries
            if entry.change and entry.closed_at.date() <= today and self.kinds.of(entry.kind).grows
        ]

    def _alike(self, entries: Sequence[Entry]) -> dict[str, list[Entry]]:
        """For each entry, those of its pattern that have the same tendency for certain: the person put both there, by hand or by
        giving the pattern a name, or they are near enough to be shown beside a review. A group alone is a proposal, no ground for
        saying that a change did not hold."""
        members: dict[str, list[Entry]] = {}
        placed = {one.entry_id: one for one in self.journal.placings()}
        for entry in entries:
            where = placed[entry.id].pattern_id if entry.id in placed else None
            if where:
                members.setdefault(where, []).append(entry)
        by_person = {id for id, one in placed.items() if one.placed_by == "person"}
        return {one.id: same for group in members.values() for one, same in self._same(group, by_person)}

    def _same(self, group: Sequence[Entry], by_person: set[str]) -> Iterator[tuple[Entry, list[Entry]]]:
        """Each entry of a group with those that are certain to be like it."""
        seen = self.recall.views.get(TENDENCY)
        vectors = self.recall.vectors(TENDENCY, [one.id for one in group]) if seen else {}
        places = {one.id: at for at, one in enumerate(one for one in group if one.id in vectors)}
        stacked = np.vstack([vectors[id] for id in places]) if places else np.zeros((0, 1), np.float32)
        near = stacked @ stacked.T >= (seen.bar if seen else 1.0)

        def alike(one: Entry, other: Entry) -> bool:
            if one.id in by_person and other.id in by_person:
                return True
            return one.id in places and other.id in places and bool(near[places[one.id], places[other.id]])

        for one in group:
            yield one, [other for other in group if alike(one, other)]
