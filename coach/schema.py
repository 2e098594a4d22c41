"""The nouns of the program: what passes between its layers and what is stored.

Everything here is plain data, checked by pydantic on its way in. No behaviour that needs a model, a disk or a clock.
"""

from datetime import UTC, date, datetime
from typing import Annotated, Literal, NamedTuple, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

Step = Literal["intended", "happened", "why", "next", "factor", "share"]
Control = Literal["full", "partial", "outside"]
GainKind = Literal["trigger", "time", "number", "name", "step"]
"""What a new version of an answer can have that the one before had not."""

Stage = str
"""A step of a review by its name: ``context`` at first, those of its kind (``coach.reviews.kinds``), then ``close``."""

Outcome = Literal["kept", "no_occasion", "not_kept", "dropped"]
"""What a check-in on a planned change says; ``dropped``: it is no longer relevant."""

Status = Literal["planned", "due", "kept", "not_kept", "dropped"]
"""How an entry's planned change stands: ``due`` for a check-in, else what the last one said, ``planned`` where that is nothing."""

By = Literal["person", "coach"]

Standing = Literal["automatic", "holding", "did not hold", "being tried", "not checked yet", "dropped"]
"""How a planned change has grown (``coach.growth.rule``)."""

Direction = Literal["rising", "falling", "steady", "too few to say"]
"""How often a tendency comes up of late (``coach.patterns.trend``)."""

STEPS: tuple[Step, ...] = get_args(Step)
CONTROLS: tuple[Control, ...] = get_args(Control)
STATUSES: tuple[Status, ...] = get_args(Status)


def _with_zone(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


Moment = Annotated[datetime, AfterValidator(_with_zone)]
"""A point in time. A file may leave the zone out; moments with and without one cannot be put in order, so UTC stands for it."""


class Frozen(BaseModel):
    """A value: never changed after it is made, and strict about its fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Finding(Frozen):
    """A weakness seen in an answer, with the words that carry it: ``answer[start:end] == quote``."""

    kind: str
    probability: float = Field(ge=0, le=1)
    quote: str
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    why: str
    question: str


class Verdict(Frozen):
    """What the judge says about one answer. ``note`` tells the person why it says nothing, or only a part; ``danger`` stands for
    signs of self-harm; ``signs`` says where an answer to a why leads (see ``coach.pushback.chain``)."""

    findings: tuple[Finding, ...] = ()
    control: dict[Control, float] | None = None
    by: Literal["model", "rules"] = "rules"
    note: str | None = None
    danger: bool = False
    signs: tuple[str, ...] = ()


class Dismissal(NamedTuple):
    """ "Not so here": where the person said it, and about which kind of finding."""

    review_id: str
    slot: str
    kind: str


MOST_TITLE = 200
"""Characters of a title."""


class Context(Frozen):
    """Step 0: what the review is about, and of which kind it is."""

    kind: str = "after_action"
    happened_on: date
    title: str = Field(min_length=1, max_length=MOST_TITLE)
    tags: tuple[str, ...] = ()
    stakes: int = Field(default=3, ge=1, le=5)
    feeling: str = Field(default="", max_length=60)


class Factor(Frozen):
    """A contributing factor: the coach's proposal and, once decided, the person's own choice."""

    id: str
    text: str
    proposed: Control | None = None
    chosen: Control | None = None


class EntryPart(Frozen):
    """A step of the review that the entry keeps whole: a text, or rows of cells by their labels, the first of them ``text``;
    ``depth`` says under how many other rows one stands."""

    name: str
    heading: str
    text: str = ""
    rows: tuple[dict[str, str], ...] = ()


class Entry(Frozen):
    """A finished review in the Failure Log: the essay's four fields, what its kind keeps besides (``parts``), and what is needed to
    find it again."""

    id: str
    review_id: str
    happened_on: date
    title: str
    tags: tuple[str, ...] = ()
    stakes: int = 3
    feeling: str = ""
    situation: str
    root_cause: str
    lesson: str
    change: str
    factors: tuple[Factor, ...] = ()
    check_in_on: date | None = None
    closed_at: Moment
    kind: str = "after_action"
    parts: tuple[EntryPart, ...] = ()


class ReviewHead(Frozen):
    """One line about a review, for lists."""

    id: str
    title: str
    status: Literal["open", "closed", "discarded"]
    stage: Stage
    started_at: Moment
    updated_at: Moment


class Record(Frozen):
    """One stored event of a review; ``data`` is the event without its type."""

    seq: int
    at: Moment
    type: str
    data: dict[str, object]


class CheckIn(Frozen):
    """Whether a planned change was kept, as the person says at a check-in; ``next_on`` is None where no other one is planned."""

    entry_id: str
    at: Moment
    outcome: Outcome
    note: str = ""
    next_on: date | None = None


class Filters(Frozen):
    """Which entries are meant: all that every given condition holds for. ``tags`` are compared without regard to case;
    ``archived`` is None where it does not matter."""

    since: date | None = None
    until: date | None = None
    tags: tuple[str, ...] = ()
    pattern: str | None = None
    control: Control | None = None
    status: Status | None = None
    archived: bool | None = False


NO_FILTERS = Filters()
ALL_ENTRIES = Filters(archived=None)


class PatternHead(Frozen):
    """A recurring tendency: its identity and its name. A hidden one is kept, and takes in entries, but is not shown."""

    id: str
    name: str = ""
    named_by: By = "coach"
    hidden: bool = False


class Placing(Frozen):
    """Which pattern an entry belongs to; None where it was looked at and belongs to none. What a person placed stays there."""

    entry_id: str
    pattern_id: str | None
    placed_by: By = "coach"


class EntryVersion(Frozen):
    """An entry as it was, and until when."""

    until: Moment
    entry: Entry


SECTIONS = {"situation": "What happened", "root_cause": "Root cause", "lesson": "Lesson", "change": "Behavioural change"}
"""The fields of an entry that hold text, and what they are called in files."""


class Kept(Frozen):
    """An entry with all that belongs to it, as it is exported and imported.

    ``review``: the events of the review that it came from, with every answer; empty where it was imported, and in formats that
    leave it out. ``belongs_nowhere``: the person took it out of every pattern. ``outcome``: what the last check-in said of the
    present change; None for a new change.
    """

    entry: Entry
    next_check_in: date | None = None
    check_ins: tuple[CheckIn, ...] = ()
    versions: tuple[EntryVersion, ...] = ()
    archived: bool = False
    pattern: str = ""
    pattern_by: By = "person"
    placed_by: By = "coach"
    pattern_hidden: bool = False
    belongs_nowhere: bool = False
    outcome: Outcome | None = None
    review: tuple[Record, ...] = ()


class PeriodPattern(Frozen):
    """A recurring tendency in a period: its entries there, how many there were ``before``, and the entry that says it best."""

    name: str
    entry_ids: tuple[str, ...] = ()
    before: int = 0
    direction: Direction = "too few to say"
    said_by: str = ""


class PeriodGrowth(Frozen):
    """How a change stood at the end of a period: kept ``kept`` times since ``since``; ``returned_id`` is the entry with which the
    tendency came back; ``said`` counts what the check-ins of the period said."""

    entry_id: str
    standing: Standing
    kept: int = 0
    since: date | None = None
    returned_id: str | None = None
    said: dict[Outcome, int] = Field(default_factory=dict)


class PeriodFactor(Frozen):
    """A contributing factor that was outside control."""

    entry_id: str
    factor_id: str


class PeriodFindings(Frozen):
    """What the log says of a period, both days included: ids and figures alone, so that what is erased is gone from here too.

    ``quiet`` are tendencies that came up before the period and not in it; ``unfinished`` are reviews, by their ids.
    """

    since: date
    until: date
    entry_ids: tuple[str, ...] = ()
    patterns: tuple[PeriodPattern, ...] = ()
    quiet: tuple[PeriodPattern, ...] = ()
    growths: tuple[PeriodGrowth, ...] = ()
    outside: tuple[PeriodFactor, ...] = ()
    unfinished: tuple[str, ...] = ()


class PeriodReview(Frozen):
    """A review of a period: what the log says, and the person's three answers."""

    id: str
    findings: PeriodFindings
    repeats: str = ""
    changed: str = ""
    next_time: str = ""
    saved_at: Moment


PERIOD_SECTIONS = {
    "repeats": "What repeats?",
    "changed": "What has changed?",
    "next_time": "What is the one thing for the next quarter?",
}
"""The three questions that a person answers about a period, by the fields of ``PeriodReview`` that hold the answers."""


class Unfinished(Frozen):
    """A review that goes on, as it is exported and imported: its events, and what was typed and not sent, by slot."""

    head: ReviewHead
    records: tuple[Record, ...]
    drafts: dict[str, str] = Field(default_factory=dict)


class WholeLog(Frozen):
    """All that is exported: entries, the oldest first; every version of each review of a period; and reviews that go on."""

    kept: tuple[Kept, ...] = ()
    period_reviews: tuple[PeriodReview, ...] = ()
    unfinished: tuple[Unfinished, ...] = ()
