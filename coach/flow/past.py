"""Past entries that come up while a review is written: a similar situation, or the same tendency, and what became of it."""

from dataclasses import dataclass

from coach.dates import day
from coach.errors import IndexUnavailable, ModelError
from coach.flow.desk import Desk
from coach.flow.review import Review
from coach.pushback.quotes import short_quote
from coach.recall import SITUATION, TENDENCY, VIEWS, Similar, View, habit_text
from coach.reviews.kinds import ReviewKind, StepOf
from coach.schema import CheckIn, Entry, Status


@dataclass(frozen=True)
class Past:
    """A past entry: why it is shown, and how its planned change stands; ``checked`` is the last check-in, if there was one."""

    entry: Entry
    reason: str
    status: Status
    checked: CheckIn | None


class PastEntries(Desk):
    """What the log has to say to a review."""

    def asks_the_log(self, review: Review) -> dict[View, str]:
        """The texts that past entries are compared with; empty before what happened is answered."""
        kind = self.kind_of(review)
        first = kind.fields["situation"].starts_with[0]
        if review.stage not in kind.stages[kind.stages.index(first) :]:
            return {}
        title = review.context.title if review.context else ""
        happened, whys, planned = (
            self._texts(review, kind, *kind.fields[field].starts_with) for field in ("situation", "root_cause", "change")
        )
        if not (happened or whys or planned):
            return {}
        return {
            SITUATION: "\n".join([title, *[*happened, *whys, *planned][-2:]]),
            TENDENCY: habit_text(" ".join(happened), *whys[-2:]),
        }

    def _texts(self, review: Review, kind: ReviewKind, *names: str) -> list[str]:
        """What was answered in some steps, each link of a chain and each row by itself."""
        steps = [step for step in kind.steps if step.name in names]
        slots = [slot for step in steps for slot in self._slots(review, step)]
        return [review.slot(slot).text for slot in slots if review.slot(slot).versions]

    def _slots(self, review: Review, step: StepOf) -> tuple[str, ...]:
        if step.does == "whys":
            return review.why_slots
        return tuple(row.slot for row in review.rows_of(step.name)) if step.does == "rows" else (step.place,)

    def past_entries(self, review: Review) -> dict[View, list[Past]]:
        """Up to three entries a view, the nearest first, each in one view alone; views in which nothing is near are left out.

        A review's own entry is never among them. Where a view cannot be seen just now, it is left out.
        """
        about, shown, result = self.asks_the_log(review), set[str](), dict[View, list[Past]]()
        own = [review.entry_id] if review.entry_id else []
        for view in reversed(VIEWS) if about else ():  # an entry near in both views is worth more as the same tendency
            try:
                found = self.recall.similar(about[view], view, leave_out=[*own, *shown])
            except (ModelError, IndexUnavailable):
                continue
            shown |= {one.entry.id for one in found}
            if found:
                result[view] = self._told(found, view, about[view])
        return {view: result[view] for view in VIEWS if view in result}

    def reminder(self, review: Review, slot: str) -> Past | None:
        """The nearest past entry with the same tendency, to be named with a push-back on a cause or on the change."""
        kind = self.kind_of(review)
        step = kind.step_of(slot)
        if step is None or step.name not in (*kind.fields["root_cause"].starts_with, *kind.fields["change"].starts_with):
            return None
        return next(iter(self.past_entries(review).get(TENDENCY, ())), None)

    def _told(self, found: list[Similar], view: View, about: str) -> list[Past]:
        statuses = self.journal.statuses([one.entry.id for one in found], self.clock.now().date())
        return [
            Past(one.entry, self._reason(one.entry, view, about), statuses[one.entry.id], self._last_check(one.entry.id))
            for one in found
        ]

    def _last_check(self, entry_id: str) -> CheckIn | None:
        made = self.journal.check_ins(entry_id)
        return made[-1] if made else None

    def _reason(self, entry: Entry, view: View, about: str) -> str:
        """Why it is shown: the shared habit in words, best in the person's own."""
        return self.book.reason(about, entry) if view == TENDENCY else ""


def told(past: Past) -> str:
    """A past entry named with its date, in the person's own words of then."""
    entry = past.entry
    words = short_quote(entry.root_cause or entry.lesson or entry.situation)
    return f"On {day(entry.happened_on)} you wrote, about {entry.title}: “{words}”."
