"""Check-ins: whether a planned change was kept, and when to look at it again."""

from datetime import date, timedelta

from coach.flow.desk import Desk
from coach.schema import CheckIn, Entry, Outcome

INTERVALS = (timedelta(weeks=1), timedelta(days=30), timedelta(days=91))
"""A week, a month, a quarter: after each time that a change was kept the next check-in is one step later."""


def next_on(outcome: Outcome, made: list[CheckIn], today: date) -> date | None:
    """When to look again: later each time the change was kept, in a week where it was not, as far off as before without an
    occasion.

    >>> next_on("kept", [], date(2026, 3, 1))
    datetime.date(2026, 3, 31)
    """
    if outcome == "dropped":
        return None
    if outcome == "not_kept":
        return today + INTERVALS[0]
    kept = 0
    for earlier in made:  # since the last time it was not kept
        kept = 0 if earlier.outcome == "not_kept" else kept + (earlier.outcome == "kept")
    step = kept + (outcome == "kept")
    return today + INTERVALS[min(step, len(INTERVALS) - 1)]


class CheckIns(Desk):
    """Following up planned changes."""

    def check_in(self, entry: Entry, outcome: Outcome, note: str = "") -> CheckIn:
        """Keep what the person says about a change, and plan the next check-in. Raises NotFound."""
        now = self.clock.now()
        made = CheckIn(
            entry_id=entry.id,
            at=now,
            outcome=outcome,
            note=note.strip(),
            next_on=next_on(outcome, self.journal.check_ins(entry.id), now.date()),
        )
        self.journal.save_check_in(made)
        return made
