"""The quarterly review: what the log says of a period, and the person's three answers, kept as a review of that period."""

import contextlib
from collections.abc import Sequence
from datetime import date, datetime

from coach.dates import Quarter
from coach.errors import InputError, ModelError, NotFound
from coach.flow.care import LogCare
from coach.flow.desk import checked
from coach.flow.events import from_record
from coach.flow.review import replay
from coach.growth.period import Section, Tendency, find, sections
from coach.patterns.book import Pattern
from coach.patterns.trend import trend
from coach.schema import ALL_ENTRIES, PERIOD_SECTIONS, Entry, PeriodFindings, PeriodReview


def period_id(since: date, until: date) -> str:
    """The id of a period's review, under which its drafts are kept too.

    >>> period_id(date(2026, 7, 1), date(2026, 9, 30))
    'period-2026-07-01-2026-09-30'
    """
    return f"period-{since}-{until}"


class QuarterlyReview(LogCare):
    """Looking back on a period."""

    def period_to_review(self) -> tuple[date, date]:
        """The quarter that ended last, if it has entries and no review yet; else the present one."""
        now = Quarter.of(self.clock.now().date())
        last = (now.before.first_day, now.before.last_day)
        has_entries = any(last[0] <= entry.happened_on <= last[1] for entry in self.journal.entries())
        if has_entries and not self.period_review(period_id(*last)):
            return last
        return now.first_day, now.last_day

    def period_findings(self, since: date, until: date) -> PeriodFindings:
        """What the log says of a period, both days included, as it was at its end or is today. Raises InputError."""
        if until < since:
            raise InputError("The period ends before it begins. Choose a later last day.")
        entries = self.journal.entries()
        end = min(until, self.clock.now().date())
        known = [entry.happened_on for entry in entries if entry.happened_on <= end]
        patterns = [one for one in self.book.patterns(end) if not one.head.hidden]
        tendencies = [self._tendency(one, known, since, end) for one in patterns]
        unfinished = [head.id for head in self.journal.reviews("open") if head.started_at.date() <= until]
        return find(since, until, entries, tendencies, self.growths(until), self.journal.all_check_ins(), unfinished)

    def _tendency(self, pattern: Pattern, known: Sequence[date], since: date, end: date) -> Tendency:
        inside = [entry for entry in pattern.entries if since <= entry.happened_on <= end]
        name = pattern.head.name
        if inside and not name:
            with contextlib.suppress(ModelError, NotFound):
                name = self.book.name(pattern.head.id).name
        days = [entry.happened_on for entry in pattern.entries if entry.happened_on <= end]
        direction = trend(days, known, end).direction
        return Tendency(name, pattern.entries, direction, self.book.most_typical(pattern.entries, inside))

    def sections_of(self, found: PeriodFindings) -> list[Section]:
        """The findings as claims with their entries and the person's own words."""
        entries = {entry.id: entry for entry in self.journal.entries(ALL_ENTRIES)}
        plans = {one.entry_id: self._plan(entries[one.entry_id]) for one in found.outside if one.entry_id in entries}
        titles = {head.id: head.title or "Untitled" for head in self.journal.reviews("open")}
        return sections(found, entries, plans, titles)

    def _plan(self, entry: Entry) -> str:
        """What the person wrote in the review about how a plan could absorb what was outside."""
        review = replay(entry.review_id, (from_record(record) for record in self.journal.records(entry.review_id)))
        return review.slot("control.outside").text

    def period_review(self, id: str) -> PeriodReview | None:
        """The last version of a period's review; None where there is none."""
        return next((one for one in self.journal.period_reviews() if one.id == id), None)

    def latest_period_reviews(self) -> list[PeriodReview]:
        """The last version of each review of a period, the latest period first."""
        found: dict[str, PeriodReview] = {}
        for one in self.journal.period_reviews():
            found.setdefault(one.id, one)
        return list(found.values())

    def save_period_review(self, found: PeriodFindings, answers: dict[str, str]) -> PeriodReview:
        """Keep the findings with the person's answers, then forget the drafts of these. Raises InputError when none is answered."""
        given = {name: checked(answers[name]) for name in PERIOD_SECTIONS if answers.get(name, "").strip()}
        if not given:
            raise InputError("None of the three questions has an answer yet. A few words to one of them are enough.")
        now: datetime = self.clock.now()
        made = PeriodReview(id=period_id(found.since, found.until), findings=found, saved_at=now, **given)
        self.journal.save_period_review(made)
        for name in PERIOD_SECTIONS:
            self.journal.save_draft(made.id, name, "", now)
        return made
