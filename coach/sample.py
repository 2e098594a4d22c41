"""The sample journal: an invented person's two years, told from today backwards, for a look at patterns before having any.

It is opened by ``coach demo`` on a folder of its own and never mixes with anybody's journal.
"""

import json
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any

from coach.clock.base import Clock
from coach.dates import Quarter
from coach.flow import events as ev
from coach.flow.check_ins import INTERVALS, next_on
from coach.flow.importing import Plan, bring_in
from coach.flow.quarterly import QuarterlyReview, period_id
from coach.journal.base import Journal
from coach.resources import shipped
from coach.schema import CheckIn, Context, Entry, Factor, Kept, PeriodReview, Record

_WAITS = timedelta(days=45)
"""Check-ins that have waited longer were let lie."""

_EVENING = time(20, 0, tzinfo=UTC)


@cache
def _told() -> dict[str, Any]:
    told: dict[str, Any] = json.loads((shipped("data") / "sample" / "journal.json").read_text(encoding="utf-8"))
    return told


def fill(journal: Journal, clock: Clock) -> None:
    """Write the sample's entries, with their reviews, check-ins and patterns, into an empty journal."""
    today, patterns = clock.now().date(), _told()["patterns"]
    kept = [_kept(fields, patterns, today) for fields in _told()["entries"]]
    bring_in(journal, clock, Plan("sample", new={one.entry.id: one for one in kept}))


def look_back(desk: QuarterlyReview) -> None:
    """Write the sample's quarterly reviews, as the log was then."""
    quarter, ago = Quarter.of(desk.clock.now().date()), 0
    answers = {one["quarters_ago"]: one for one in _told()["quarterly"]}
    while ago <= max(answers):
        if ago in answers:
            since, until = quarter.first_day, quarter.last_day
            made = PeriodReview(
                id=period_id(since, until),
                findings=desk.period_findings(since, until).model_copy(update={"unfinished": ()}),
                repeats=answers[ago]["repeats"],
                changed=answers[ago]["changed"],
                next_time=answers[ago]["next"],
                saved_at=datetime.combine(until + timedelta(days=3), _EVENING),
            )
            desk.journal.save_period_review(made)
        quarter, ago = quarter.before, ago + 1


def _kept(fields: dict[str, Any], patterns: dict[str, str], today: date) -> Kept:
    happened_on = today - timedelta(days=fields["days_ago"])
    closed_at = datetime.combine(happened_on + timedelta(days=fields["closed_after"]), _EVENING)
    id = f"sample-{fields['key']}"
    factors = tuple(Factor(id=f"{id}-{number}", **factor) for number, factor in enumerate(fields["factors"]))
    words = {name: fields[name] for name in ("title", "stakes", "feeling", "situation", "root_cause", "lesson", "change")}
    entry = Entry(
        id=id,
        review_id=f"review-{id}",
        happened_on=happened_on,
        tags=tuple(fields["tags"]),
        factors=factors,
        check_in_on=closed_at.date() + INTERVALS[0],
        closed_at=closed_at,
        **words,
    )
    made, planned = list[CheckIn](), entry.check_in_on
    for one in fields["check_ins"]:
        at = closed_at + timedelta(days=one["days_after"])
        planned = next_on(one["outcome"], made, at.date())
        made.append(CheckIn(entry_id=id, at=at, outcome=one["outcome"], note=one["note"], next_on=planned))
    return Kept(
        entry=entry,
        next_check_in=planned if planned and planned >= today - _WAITS else None,
        check_ins=tuple(made),
        pattern=patterns.get(fields["pattern"], ""),
        placed_by="person",
        review=_review(entry),
    )


def _review(entry: Entry) -> tuple[Record, ...]:
    """The review that the entry would have come from: its answers, without what was asked back."""
    context = Context(happened_on=entry.happened_on, title=entry.title, tags=entry.tags, stakes=entry.stakes, feeling=entry.feeling)
    answers = {"happened": entry.situation, "why.1.1": entry.root_cause, "next": entry.change, "lesson": entry.lesson}
    factors = [ev.FactorAdded(id=factor.id, text=factor.text) for factor in entry.factors]
    sorted_ = [ev.FactorSorted(id=factor.id, chosen=factor.chosen) for factor in entry.factors if factor.chosen]
    happened: list[ev.Event] = [
        ev.ContextGiven(context=context),
        *(ev.Answered(slot=slot, text=text) for slot, text in answers.items()),
        *factors,
        *sorted_,
        ev.Closed(entry_id=entry.id, check_in_on=entry.check_in_on),
    ]
    return tuple(
        Record(seq=seq, at=entry.closed_at, type=event.type, data=event.model_dump(mode="json", exclude={"type"}))
        for seq, event in enumerate(happened, 1)
    )
