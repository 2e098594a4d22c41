"""A review as the sum of its events. Pure: ``apply`` takes a review and an event and returns the next review."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import singledispatch
from typing import Literal

from coach.flow import events as ev
from coach.schema import Context, Factor, Finding, Stage, Verdict

MOST_PUSH_BACKS = 3
MOST_WHYS = 7


@dataclass(frozen=True)
class PushBack:
    """A question that came back, and the version of the answer it was about (from 1)."""

    kind: str
    question: str
    by: Literal["model", "hand"]
    version: int


@dataclass(frozen=True)
class Slot:
    """One question's place: all versions of the answer and what was said about the newest; ``reminder`` names a past entry."""

    versions: tuple[str, ...] = ()
    verdict: Verdict | None = None
    push_backs: tuple[PushBack, ...] = ()
    dismissed: frozenset[str] = frozenset()
    kept: bool = False
    reopened: bool = False
    reminder: str = ""

    @property
    def text(self) -> str:
        """The newest version; empty before the first."""
        return self.versions[-1] if self.versions else ""

    @property
    def open_findings(self) -> tuple[Finding, ...]:
        """What the judge found in the newest version and the person has not dismissed."""
        found = self.verdict.findings if self.verdict else ()
        return tuple(finding for finding in found if finding.kind not in self.dismissed)

    @property
    def asked_now(self) -> PushBack | None:
        """The push-back about the newest version that still stands."""
        last = self.push_backs[-1] if self.push_backs else None
        open_kinds = {finding.kind for finding in self.open_findings}
        return last if last and last.version == len(self.versions) and last.kind in open_kinds else None

    @property
    def came_good(self) -> str | None:
        """The kind that was asked about last, if the newest version no longer shows anything and the person did the work."""
        last = self.push_backs[-1] if self.push_backs else None
        changed = last and last.version < len(self.versions) and last.kind not in self.dismissed
        good = self.verdict is not None and not self.open_findings and not self.kept
        return last.kind if last and changed and good else None

    @property
    def wants_push_back(self) -> bool:
        """Whether a question should be asked about the newest version now."""
        free = len(self.push_backs) < MOST_PUSH_BACKS
        return bool(self.verdict and self.open_findings and not self.kept and free and not self.asked_now)

    @property
    def settled(self) -> bool:
        """Whether the review can go on from here: nothing open, or kept as it is, or asked often enough."""
        if not self.versions or self.reopened or self.verdict is None:
            return False
        return self.kept or not self.open_findings or not (self.asked_now or self.wants_push_back)


@dataclass(frozen=True)
class WhyStep:
    """One link of the why-chain: where its answer goes, what was asked and, of several causes named, about which."""

    slot: str
    question: str
    about: str = ""


@dataclass(frozen=True)
class Row:
    """A row of a step that takes rows: where its answer goes, the facts beside it, and the row that it stands under."""

    slot: str
    step: str
    cells: dict[str, str]
    parent: str = ""
    removed: bool = False


@dataclass(frozen=True)
class Summary:
    """What changed in an answer, in a sentence, and the number of the version that it speaks of."""

    version: int
    text: str


@dataclass(frozen=True)
class Review:
    """The state of a review. ``seq`` counts the events seen, for telling when another window was quicker; ``resumed`` names the
    slots whose person said, after a halt, that they meant something else."""

    id: str
    seq: int = 0
    stage: Stage = "context"
    context: Context | None = None
    slots: dict[str, Slot] = field(default_factory=dict)
    whys: tuple[WhyStep, ...] = ()
    whys_ended: bool = False
    causes_named: tuple[str, ...] = ()
    summaries: dict[str, Summary] = field(default_factory=dict)
    all_rows: tuple[Row, ...] = ()
    factors: tuple[Factor, ...] = ()
    factors_taken_out: frozenset[str] = frozenset()
    halted_at: str | None = None
    resumed: frozenset[str] = frozenset()
    entry_id: str | None = None
    imported_from: str | None = None
    discarded: bool = False

    def slot(self, name: str) -> Slot:
        """The slot of that name, empty if nothing has happened in it."""
        return self.slots.get(name, Slot())

    @property
    def kind(self) -> str:
        """The id of its kind."""
        return self.context.kind if self.context else Context.model_fields["kind"].default

    def rows_of(self, step: str) -> tuple[Row, ...]:
        """The rows of a step that were not taken out, in the order in which they came."""
        return tuple(row for row in self.all_rows if row.step == step and not row.removed)

    @property
    def status(self) -> Literal["open", "closed", "discarded"]:
        """Whether it goes on."""
        return "closed" if self.entry_id else "discarded" if self.discarded else "open"

    @property
    def why_slots(self) -> tuple[str, ...]:
        """The slots of the why-chain in order."""
        return tuple(step.slot for step in self.whys)

    @property
    def chain(self) -> tuple[str, ...]:
        """The slots of the present chain that are answered, in order."""
        number = self.whys[-1].slot.split(".")[1] if self.whys else ""
        return tuple(slot for slot in self.why_slots if slot.split(".")[1] == number and self.slot(slot).versions)

    @property
    def causes_waiting(self) -> tuple[str, ...]:
        """Causes that were named beside others and not asked about yet."""
        asked = {step.about for step in self.whys}
        return tuple(cause for cause in self.causes_named if cause not in asked)

    @property
    def root_cause(self) -> str:
        """The deepest why answered so far, of each chain, one a line."""
        answered = [slot for slot in self.why_slots if self.slot(slot).versions]
        deepest = {slot.split(".")[1]: self.slot(slot).text for slot in answered}
        return "\n".join(deepest.values())

    @property
    def questions_asked(self) -> tuple[str, ...]:
        """Every question that came back so far, so that none is asked twice."""
        backs = [back.question for slot in self.slots.values() for back in slot.push_backs]
        return (*backs, *(step.question for step in self.whys))


def replay(review_id: str, events: Iterable[ev.Event]) -> Review:
    """The review that a list of events adds up to."""
    review = Review(review_id)
    for event in events:
        review = apply(review, event)
    return review


def apply(review: Review, event: ev.Event) -> Review:
    """The review after one more event."""
    return replace(_apply(event, review), seq=review.seq + 1)


@singledispatch
def _apply(event: object, review: Review) -> Review:
    raise TypeError(f"no rule for {type(event).__name__}")


def _with(review: Review, name: str, slot: Slot) -> Review:
    return replace(review, slots={**review.slots, name: slot})


@_apply.register
def _(event: ev.ContextGiven, review: Review) -> Review:
    return replace(review, context=event.context)


@_apply.register
def _(event: ev.Answered, review: Review) -> Review:
    old = review.slot(event.slot)
    new = Slot((*old.versions, event.text), push_backs=old.push_backs, dismissed=old.dismissed)
    return _with(review, event.slot, new)


@_apply.register
def _(event: ev.Judged, review: Review) -> Review:
    return _with(review, event.slot, replace(review.slot(event.slot), verdict=event.verdict))


@_apply.register
def _(event: ev.PushedBack, review: Review) -> Review:
    slot = review.slot(event.slot)
    back = PushBack(event.kind, event.question, event.by, len(slot.versions))
    return _with(review, event.slot, replace(slot, push_backs=(*slot.push_backs, back)))


@_apply.register
def _(event: ev.Reminded, review: Review) -> Review:
    return _with(review, event.slot, replace(review.slot(event.slot), reminder=event.text))


@_apply.register
def _(event: ev.Dismissed, review: Review) -> Review:
    slot = review.slot(event.slot)
    return _with(review, event.slot, replace(slot, dismissed=slot.dismissed | {event.kind}))


@_apply.register
def _(event: ev.Restored, review: Review) -> Review:
    slot = review.slot(event.slot)
    restored = replace(slot, dismissed=slot.dismissed - {event.kind}, kept=False, verdict=None)  # judged anew: the bar is lower
    return _with(review, event.slot, restored)


@_apply.register
def _(event: ev.Kept, review: Review) -> Review:
    return _with(review, event.slot, replace(review.slot(event.slot), kept=True, reopened=False))


@_apply.register
def _(event: ev.Reopened, review: Review) -> Review:
    return _with(review, event.slot, replace(review.slot(event.slot), reopened=True))


@_apply.register
def _(event: ev.WhyAsked, review: Review) -> Review:
    return replace(review, whys=(*review.whys, WhyStep(event.slot, event.question, event.about)), whys_ended=False)


@_apply.register
def _(event: ev.CauseNamed, review: Review) -> Review:
    return replace(review, causes_named=(*review.causes_named, event.text))


@_apply.register
def _(event: ev.SummedUp, review: Review) -> Review:
    return replace(review, summaries={**review.summaries, event.slot: Summary(event.version, event.text)})


@_apply.register
def _(event: ev.WhyEnded, review: Review) -> Review:
    return replace(review, whys_ended=True)


@_apply.register
def _(event: ev.FactorAdded, review: Review) -> Review:
    factor = Factor(id=event.id, text=event.text, proposed=event.proposed)
    return replace(review, factors=(*review.factors, factor))


@_apply.register
def _(event: ev.FactorSorted, review: Review) -> Review:
    chosen = {"chosen": event.chosen}
    factors = (factor.model_copy(update=chosen) if factor.id == event.id else factor for factor in review.factors)
    return replace(review, factors=tuple(factors))


@_apply.register
def _(event: ev.FactorRemoved, review: Review) -> Review:
    gone = {factor.text for factor in review.factors if factor.id == event.id}
    left = tuple(factor for factor in review.factors if factor.id != event.id)
    return replace(review, factors=left, factors_taken_out=review.factors_taken_out | gone)


@_apply.register
def _(event: ev.RowAdded, review: Review) -> Review:
    return replace(review, all_rows=(*review.all_rows, Row(event.slot, event.step, event.cells, event.parent)))


@_apply.register
def _(event: ev.RowFilled, review: Review) -> Review:
    rows = (replace(row, cells=event.cells) if row.slot == event.slot else row for row in review.all_rows)
    return replace(review, all_rows=tuple(rows))


@_apply.register
def _(event: ev.RowRemoved, review: Review) -> Review:
    gone = {event.slot}
    for row in review.all_rows:  # a row comes after the one that it stands under
        gone |= {row.slot} if row.parent in gone else set()
    return replace(review, all_rows=tuple(replace(row, removed=row.removed or row.slot in gone) for row in review.all_rows))


@_apply.register
def _(event: ev.Moved, review: Review) -> Review:
    return replace(review, stage=event.to)


@_apply.register
def _(event: ev.Halted, review: Review) -> Review:
    return replace(review, halted_at=event.slot)


@_apply.register
def _(event: ev.Resumed, review: Review) -> Review:
    return replace(review, halted_at=None, resumed=review.resumed | {event.slot})


@_apply.register
def _(event: ev.Closed, review: Review) -> Review:
    return replace(review, entry_id=event.entry_id, stage="close")


@_apply.register
def _(event: ev.Imported, review: Review) -> Review:
    return replace(review, entry_id=event.entry_id, imported_from=event.source, stage="close")


@_apply.register
def _(event: ev.Discarded, review: Review) -> Review:
    return replace(review, discarded=True)
