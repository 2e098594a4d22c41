"""Everything that can happen in a review. Events are stored and never changed; the review is their sum."""

from datetime import date
from typing import Literal

from pydantic import Field, TypeAdapter

from coach.schema import Context, Control, Frozen, Record, Stage, Verdict


class ContextGiven(Frozen):
    """Step 0 was filled in, or filled in again."""

    type: Literal["context_given"] = "context_given"
    context: Context


class Answered(Frozen):
    """An answer was sent: the slot's next version."""

    type: Literal["answered"] = "answered"
    slot: str
    text: str


class Judged(Frozen):
    """The judge has read the slot's newest version."""

    type: Literal["judged"] = "judged"
    slot: str
    verdict: Verdict


class PushedBack(Frozen):
    """A question came back about the slot's newest version."""

    type: Literal["pushed_back"] = "pushed_back"
    slot: str
    kind: str
    question: str
    by: Literal["model", "hand"]


class Reminded(Frozen):
    """With a push-back, a past entry with the same tendency was named; ``text`` is what was said."""

    type: Literal["reminded"] = "reminded"
    slot: str
    entry_id: str
    text: str


class Dismissed(Frozen):
    """ "Not so here": the finding does not hold, in the person's eyes."""

    type: Literal["dismissed"] = "dismissed"
    slot: str
    kind: str


class Restored(Frozen):
    """A dismissal was taken back."""

    type: Literal["restored"] = "restored"
    slot: str
    kind: str


class Kept(Frozen):
    """The answer stays as it is, whatever was found."""

    type: Literal["kept"] = "kept"
    slot: str


class Reopened(Frozen):
    """The person went back to change an answer."""

    type: Literal["reopened"] = "reopened"
    slot: str


class WhyAsked(Frozen):
    """The next why was asked; its answer goes into the slot. ``about``: the cause, if an answer had named several."""

    type: Literal["why_asked"] = "why_asked"
    slot: str
    question: str
    by: Literal["model", "hand"]
    about: str = ""


class CauseNamed(Frozen):
    """An answer named a second cause, which waits until the chain of the first has come to its end."""

    type: Literal["cause_named"] = "cause_named"
    slot: str
    text: str


class SummedUp(Frozen):
    """What changed between the first version of an answer and its last, in a sentence; ``version`` is the last one's number."""

    type: Literal["summed_up"] = "summed_up"
    slot: str
    version: int
    text: str
    by: Literal["model", "hand"]


class WhyEnded(Frozen):
    """The person says that the chain has reached something they can act on."""

    type: Literal["why_ended"] = "why_ended"


class FactorAdded(Frozen):
    """A contributing factor, with the coach's proposal."""

    type: Literal["factor_added"] = "factor_added"
    id: str
    text: str
    proposed: Control | None = None


class FactorSorted(Frozen):
    """The person decided who controls a factor."""

    type: Literal["factor_sorted"] = "factor_sorted"
    id: str
    chosen: Control


class FactorRemoved(Frozen):
    """A factor was taken out."""

    type: Literal["factor_removed"] = "factor_removed"
    id: str


class RowAdded(Frozen):
    """A step that takes rows got one more; its text is the answer in the slot. ``parent``: the row that it stands under."""

    type: Literal["row_added"] = "row_added"
    slot: str
    step: str
    cells: dict[str, str] = Field(default_factory=dict)
    parent: str = ""


class RowFilled(Frozen):
    """The facts beside a row were changed."""

    type: Literal["row_filled"] = "row_filled"
    slot: str
    cells: dict[str, str]


class RowRemoved(Frozen):
    """A row was taken out, with those under it."""

    type: Literal["row_removed"] = "row_removed"
    slot: str


class Moved(Frozen):
    """The person went to another step."""

    type: Literal["moved"] = "moved"
    to: Stage


class Halted(Frozen):
    """Signs of self-harm: the coaching stopped at this slot."""

    type: Literal["halted"] = "halted"
    slot: str


class Resumed(Frozen):
    """The person says it was meant otherwise."""

    type: Literal["resumed"] = "resumed"
    slot: str


class Closed(Frozen):
    """The review became an entry."""

    type: Literal["closed"] = "closed"
    entry_id: str
    check_in_on: date | None = None


class Imported(Frozen):
    """The entry was not written here but read from a file; ``source`` names its format."""

    type: Literal["imported"] = "imported"
    entry_id: str
    source: str


class Discarded(Frozen):
    """The person does not want to go on with this review."""

    type: Literal["discarded"] = "discarded"


Event = (
    ContextGiven
    | Answered
    | Judged
    | PushedBack
    | Reminded
    | Dismissed
    | Restored
    | Kept
    | Reopened
    | WhyAsked
    | CauseNamed
    | SummedUp
    | WhyEnded
    | FactorAdded
    | FactorSorted
    | FactorRemoved
    | RowAdded
    | RowFilled
    | RowRemoved
    | Moved
    | Halted
    | Resumed
    | Closed
    | Imported
    | Discarded
)

_ADAPTER: TypeAdapter[Event] = TypeAdapter(Event)


def from_record(record: Record) -> Event:
    """The event that a stored record holds."""
    return _ADAPTER.validate_python({"type": record.type, **record.data})
