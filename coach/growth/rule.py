"""The rule by which a change is holding, has become automatic, or did not hold. Pure: histories and a date in, a standing out.

The rule is shown to the person in these words (``RULE``). Nothing else is called growth: a change that nobody checked on may have
worked, but nobody knows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from coach.schema import CheckIn, Entry, Standing

HOLDING_TIMES, HOLDING_SPAN = 2, timedelta(weeks=4)
AUTOMATIC_TIMES, AUTOMATIC_SPAN = 4, timedelta(weeks=26)

RULE = (
    f"Holding: kept at {HOLDING_TIMES} check-ins or more over at least {HOLDING_SPAN.days // 7} weeks, none missed between them,"
    " and no new entry with the same tendency since."
    f" Automatic: the same with {AUTOMATIC_TIMES} check-ins over {AUTOMATIC_SPAN.days // 7} weeks."
    " Did not hold: an entry with the same tendency happened after the change was planned, and the change has not held since."
)


@dataclass(frozen=True)
class Growth:
    """How a change stands.

    ``kept``: check-ins of the present run at which it was kept; ``since``: the first of them; ``returned``: the latest entry with
    the same tendency that happened after the change was planned.
    """

    entry: Entry
    standing: Standing
    kept: int = 0
    since: date | None = None
    returned: Entry | None = None


def growth(entry: Entry, check_ins: Sequence[CheckIn], same_tendency: Sequence[Entry], today: date) -> Growth:
    """How the change of an entry stands today.

    Args:
        check_ins: on this entry, in any order; those after today are not known yet.
        same_tendency: entries of the same pattern, in any order; the entry itself may be among them.
    """
    planned_on = entry.closed_at.date()
    later = [one for one in same_tendency if one.id != entry.id and planned_on < one.happened_on <= today]
    returned = max(later, key=lambda one: one.happened_on, default=None)
    known = sorted((one for one in check_ins if one.at.date() <= today), key=lambda one: one.at)
    if known and known[-1].outcome == "dropped":
        return Growth(entry, "dropped", returned=returned)
    run = _run(known, returned.happened_on if returned else date.min)
    since = run[0] if run else None
    return Growth(entry, _standing(known, run, returned), len(run), since, returned)


def _run(check_ins: Sequence[CheckIn], not_before: date) -> list[date]:
    """The days at which the change was kept, since it was last missed and since the tendency last came back."""
    run: list[date] = []
    for one in check_ins:
        if one.outcome == "not_kept":
            run = []
        elif one.outcome == "kept" and one.at.date() > not_before:
            run.append(one.at.date())
    return run


def _standing(known: Sequence[CheckIn], run: Sequence[date], returned: Entry | None) -> Standing:
    span = run[-1] - run[0] if run else timedelta()
    if len(run) >= AUTOMATIC_TIMES and span >= AUTOMATIC_SPAN:
        return "automatic"
    if len(run) >= HOLDING_TIMES and span >= HOLDING_SPAN:
        return "holding"
    if returned:
        return "did not hold"
    return "being tried" if known else "not checked yet"
