"""What the coach does in a review: saves each answer, has it judged, asks back, and closes it into an entry.

Every method takes the review as the caller saw it and returns it with what has been added; the journal refuses when
another window was quicker. An answer is in the journal before anything else is done with it.
"""

import contextlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from coach.errors import IndexUnavailable, InputError, ModelError
from coach.flow import events as ev
from coach.flow.check_ins import INTERVALS, CheckIns
from coach.flow.desk import MOST_CHARACTERS, author, checked, joined, noting
from coach.flow.past import PastEntries, told
from coach.flow.quarterly import QuarterlyReview
from coach.flow.review import Review, apply, replay
from coach.flow.rows import Rows, part_of, text_of
from coach.flow.sharing import Sharing
from coach.flow.whys import CHAIN_END, WhyChain
from coach.judge.judge import raised_bars
from coach.judge.safety import shows_danger
from coach.prompts import safety
from coach.pushback.ask import Exchange, Occasion, Piece, ask_about, asked_ahead, choose
from coach.pushback.summary import sum_up
from coach.reviews.kinds import ReviewKind
from coach.schema import MOST_TITLE, SECTIONS, Context, Control, Entry, Factor, Finding, ReviewHead, Stage, Verdict

__all__ = ["CHAIN_END", "MOST_CHARACTERS", "Coach", "Fields", "balance_note"]


@dataclass(frozen=True)
class Fields:
    """The entry's own words, as the person leaves them on the closing page."""

    situation: str
    root_cause: str
    lesson: str
    change: str
    check_in_on: date | None


class Coach(WhyChain, Rows, PastEntries, CheckIns, Sharing, QuarterlyReview):
    """The review's engine; one for all reviews of a journal."""

    # -- starting and going on -------------------------------------------------------------------------------

    def start(self, context: Context) -> Review:
        """Begin a review; it is in the journal from here on."""
        review = Review(self._new_id())
        happened: list[ev.Event] = [ev.ContextGiven(context=context), ev.Moved(to=self.kinds.of(context.kind).stages[1])]
        if shows_danger(f"{context.title}\n{context.feeling}"):
            happened.append(ev.Halted(slot="context"))
        return self._add(review, *happened)

    def begin_from(self, entry: Entry, kind: ReviewKind) -> Review:
        """Begin a review of what became of an entry: what it was about stands in the box of the first question."""
        today = self.clock.now().date()
        context = Context(kind=kind.id, happened_on=today, title=entry.title[:MOST_TITLE], tags=entry.tags, stakes=entry.stakes)
        review = self.start(context)
        self.journal.save_draft(review.id, kind.steps[0].place, entry.situation, self.clock.now())
        return review

    def open(self, review_id: str) -> Review:
        """The review as the journal has it. Raises NotFound."""
        return replay(review_id, (ev.from_record(record) for record in self.journal.records(review_id)))

    def unfinished(self) -> list[ReviewHead]:
        """Reviews that can be gone on with, the last touched first."""
        return self.journal.reviews("open")

    def move(self, review: Review, to: Stage) -> Review:
        """Go to another step."""
        return review if review.stage == to else self._add(review, ev.Moved(to=to))

    def next_stage(self, review: Review) -> Stage:
        """The step behind the present one."""
        return self.kind_of(review).after(review.stage)

    def give_context(self, review: Review, context: Context) -> Review:
        """Change step 0."""
        return self._add(review, ev.ContextGiven(context=context))

    def discard(self, review: Review) -> Review:
        """Put a review away unfinished; its events stay in the journal."""
        return self._add(review, ev.Discarded())

    def all_asked(self, review: Review) -> list[tuple[str, str]]:
        """Every slot that the review can have an answer in, in order, with what was asked there."""
        asked: list[tuple[str, str]] = []
        for step in self.kind_of(review).steps:
            asked += [(why.slot, why.question) for why in review.whys] if step.does == "whys" else []
            asked += [(row.slot, step.ask) for row in review.rows_of(step.name)] if step.does == "rows" else []
            asked += [(step.place, step.ask)] if step.does in ("question", "change") else []
            asked += [(one.slot, one.ask) for one in step.beside]
        named = {slot for slot, _ in asked}  # an answer stays in sight when its kind's file was changed or taken away
        gone = [name for name, slot in review.slots.items() if slot.versions and name not in named and name != CHAIN_END]
        return asked + [(name, "A question that its kind does not ask any more") for name in gone]

    # -- answers ---------------------------------------------------------------------------------------------

    def answer(self, review: Review, slot: str, text: str) -> Review:
        """Save an answer. Raises InputError when there is nothing in it or far too much."""
        clean = checked(text)
        happened: list[ev.Event] = [ev.Answered(slot=slot, text=clean)]
        if shows_danger(clean):
            happened.append(ev.Halted(slot=slot))
        review = self._add(review, *happened)
        self.journal.save_draft(review.id, slot, "", self.clock.now())
        return review

    def consider(self, review: Review, slot: str) -> Review:
        """Have the newest version judged; signs of self-harm that no rule foresaw halt the review here."""
        happened = self._considered(review, slot)
        return self._add(review, happened) if happened else review

    def _considered(self, review: Review, slot: str) -> ev.Event | None:
        """What comes of having an answer judged; None where nothing is asked there."""
        kind = self.kind_of(review)
        question = kind.question(slot)
        if question is None:
            return None
        if question.judged is None:  # taken as it is
            return ev.Judged(slot=slot, verdict=Verdict())
        not_of_kind = [name for name in self._judgements if kind.judgements and name not in kind.judgements]
        bars = raised_bars(self.journal.dismissals())
        earlier = [review.slot(name).text for name in review.chain if name != slot] if slot.startswith("why.") else []
        text = review.slot(slot).text
        verdict = self.judge.judge(question.judged, text, leave_out=[*question.leave_out, *not_of_kind], bars=bars, earlier=earlier)
        if verdict.danger and slot not in review.resumed:
            return ev.Halted(slot=slot)
        if verdict.note == safety().note and _help_was_named(review, slot):
            verdict = verdict.model_copy(update={"note": None})
        return ev.Judged(slot=slot, verdict=verdict)

    def foresee(self, review: Review, slot: str, text: str) -> None:
        """Do what would follow if this were sent as the answer: it is judged, and asked back or asked the next why.

        Nothing is added to the review; what the judge and the asker have made is kept by them (``coach.ahead``).
        """
        if not text.strip() or shows_danger(clean := checked(text)):
            return
        review = apply(review, ev.Answered(slot=slot, text=clean))
        happened = self._considered(review, slot)
        if happened is None:
            return
        review = apply(review, happened)
        finding = self.foremost(review, slot)
        if finding and self._asker and review.slot(slot).wants_push_back:
            asked_ahead(_occasion(review, slot, finding), self._asker)
        elif slot.startswith("why."):
            self.foresee_why(review)

    def rehearse(self) -> None:
        """Judge and ask back about an answer that nobody gave, so that the first one of a start takes no longer than the others."""
        example = self._judgements["vague_commitment"].example
        found = self.judge.judge(example.step, example.weak).findings
        if found:
            choose(Occasion(example.weak, found[0], found), self._asker)

    def foremost(self, review: Review, slot: str) -> Finding | None:
        """The finding to ask about first: by what matters most to a person, not by probability."""
        found = review.slot(slot).open_findings
        return min(found, key=lambda finding: self._judgements[finding.kind].priority, default=None)

    def ask_back(self, review: Review, slot: str, *, plainly: bool = False) -> Iterator[Piece]:
        """Stream the question about the foremost finding; it is in the journal once it is whole.

        ``plainly``: one that was written by hand, which takes no time.
        """
        finding = self.foremost(review, slot)
        if finding is None:
            return
        said: list[Piece] = []
        yield from noting(ask_about(_occasion(review, slot, finding), None if plainly else self._asker), said)
        asked = ev.PushedBack(slot=slot, kind=finding.kind, question=joined(said), by=author(said))
        review = self._add(review, asked)
        past = self.reminder(review, slot)  # while the question is being read
        if past:
            self._add(review, ev.Reminded(slot=slot, entry_id=past.entry.id, text=told(past)))

    def dismiss(self, review: Review, slot: str, kind: str) -> Review:
        """ "Not so here"."""
        return self._add(review, ev.Dismissed(slot=slot, kind=kind))

    def restore(self, review: Review, slot: str, kind: str) -> Review:
        """Take a dismissal back."""
        return self._add(review, ev.Restored(slot=slot, kind=kind))

    def learned(self) -> Counter[str]:
        """How often each kind was dismissed and not restored, in all reviews: what the judge is more careful with."""
        return Counter(one.kind for one in self.journal.dismissals())

    def unlearn(self, kind: str) -> None:
        """Take back every dismissal of a kind, in all reviews."""
        for one in self.journal.dismissals():
            if one.kind == kind:
                self.restore(self.open(one.review_id), one.slot, kind)

    def keep(self, review: Review, slot: str) -> Review:
        """Keep the answer as it is."""
        return self._add(review, ev.Kept(slot=slot))

    def reopen(self, review: Review, slot: str) -> Review:
        """Go back to an answer to change it."""
        return self._add(review, ev.Reopened(slot=slot))

    def resume(self, review: Review) -> Review:
        """Go on after a halt: the person says it was meant otherwise."""
        slot = review.halted_at or ""
        again: list[ev.Event] = [] if slot == "context" else [ev.Reopened(slot=slot)]
        return self._add(review, ev.Resumed(slot=slot), *again)

    # -- control ---------------------------------------------------------------------------------------------

    def suggest_factors(self, review: Review) -> Review:
        """Put the person's own whys on the table as factors, each once and with a proposal; none that was taken out again."""
        known = {factor.text for factor in review.factors} | review.factors_taken_out
        texts = [review.slot(slot).text for slot in review.why_slots if review.slot(slot).versions]
        new = [text for text in dict.fromkeys(texts) if text not in known]
        return self._add(review, *(self._factor(text) for text in new)) if new else review

    def add_factor(self, review: Review, text: str) -> Review:
        """Add a factor. Raises InputError when it is empty."""
        return self._add(review, self._factor(checked(text)))

    def _factor(self, text: str) -> ev.FactorAdded:
        classes = self.judge.judge("factor", text).control
        proposed = max(classes.items(), key=lambda item: item[1])[0] if classes else None
        return ev.FactorAdded(id=self._new_id(), text=text, proposed=proposed)

    def sort_factor(self, review: Review, factor_id: str, chosen: Control) -> Review:
        """The person's decision about a factor."""
        return self._add(review, ev.FactorSorted(id=factor_id, chosen=chosen))

    def remove_factor(self, review: Review, factor_id: str) -> Review:
        """Take a factor out."""
        return self._add(review, ev.FactorRemoved(id=factor_id))

    # -- closing ---------------------------------------------------------------------------------------------

    def suggested_fields(self, review: Review) -> Fields:
        """The four fields from the person's own answers; nothing is written for them."""
        check_in_on = self.clock.now().date() + INTERVALS[0]
        kind = self.kind_of(review)
        texts = {
            name: "\n\n".join(filter(None, (text_of(review, kind, step) for step in one.starts_with)))
            for name, one in kind.fields.items()
        }
        return Fields(**texts, check_in_on=check_in_on)

    def close(self, review: Review, fields: Fields) -> Entry:
        """Make the entry: in the journal first, then in the index. Raises InputError for an empty field."""
        if review.context is None:
            raise InputError("The review has no title yet. Go back to the first step.")
        asked = self.kind_of(review).fields
        empty = [one.name for name, one in asked.items() if not one.may_be_empty and not getattr(fields, name).strip()]
        if empty:
            raise InputError(f"Still empty: {', '.join(empty)}. Write a sentence, or go back to its step.")
        entry = self._entry(review, review.context, fields)
        closed = ev.Closed(entry_id=entry.id, check_in_on=fields.check_in_on)
        self._add(review, closed, entry=entry)
        with contextlib.suppress(ModelError, IndexUnavailable):  # the entry is safe; the next start brings the index up to it
            self.recall.remember(entry)
            self.book.update()
        return entry

    def _entry(self, review: Review, context: Context, fields: Fields) -> Entry:
        kind = self.kind_of(review)
        return Entry(
            id=self._new_id(),
            review_id=review.id,
            happened_on=context.happened_on,
            title=context.title,
            tags=context.tags,
            stakes=context.stakes,
            feeling=context.feeling,
            **{name: checked(text) if (text := getattr(fields, name)).strip() else "" for name in SECTIONS},
            factors=review.factors,
            check_in_on=fields.check_in_on,
            closed_at=self.clock.now(),
            kind=kind.id,
            parts=tuple(part for name in kind.parts if (part := part_of(review, kind, name))),
        )

    def sum_up(self, review: Review, slot: str) -> Review:
        """Say in a sentence what changed between the first and the last version of an answer, once for each last version."""
        versions = review.slot(slot).versions
        known = review.summaries.get(slot)
        if len(versions) < 2 or (known and known.version == len(versions)):
            return review
        said = sum_up(versions[0], versions[-1], self._asker.model if self._asker else None)
        return self._add(review, ev.SummedUp(slot=slot, version=len(versions), text=said.text, by=said.by))


def _help_was_named(review: Review, slot: str) -> bool:
    """Whether another answer of this review has brought up the note about help: named at each, it would drive people off."""
    verdicts = (one.verdict for name, one in review.slots.items() if name != slot)
    return any(verdict is not None and verdict.note == safety().note for verdict in verdicts)


def balance_note(factors: tuple[Factor, ...]) -> str | None:
    """A word where all or nothing is claimed; None for a mix or for fewer than two sorted factors."""
    chosen = {factor.chosen for factor in factors if factor.chosen}
    if len([factor for factor in factors if factor.chosen]) < 2 or len(chosen) > 1:
        return None
    notes: dict[Control | None, str] = {
        "full": "Everything is on your side here. Most failures are a mix: what did others decide, or chance?",
        "outside": "Nothing is on your side here. Most failures are a mix: which part could you have prepared for?",
    }
    return notes.get(next(iter(chosen), None))


def _occasion(review: Review, slot: str, finding: Finding) -> Occasion:
    """A finding with all that was asked before: about this answer, and in this review."""
    now = review.slot(slot)
    earlier = tuple(Exchange(now.versions[back.version - 1], back.kind, back.question) for back in now.push_backs)
    return Occasion(now.text, finding, now.open_findings, earlier, review.questions_asked)
