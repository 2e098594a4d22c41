"""Reads the files of ``prompts/reviews`` and of a person's own folder: one kind of review each.

A kind is its steps in order and the fields of the entry that it ends in. What a step does is one of a few things (``Does``); the
engine and the pages know those, and no kind by its name.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from coach.careful import load_yaml, read_plain
from coach.errors import PromptError
from coach.prompts import MOST_BYTES, first_mistake, judgements
from coach.resources import shipped
from coach.schema import SECTIONS, Control, Outcome, Step

FIRST = "after_action"
"""The kind that a review has when none is chosen; what was written before there were kinds is of it."""

Does = Literal["question", "whys", "control", "change", "rows"]
"""What a step does: ask one question; ask a chain of whys; sort factors by control; ask for a change, with an if-then form; take
rows, each an answer with a few facts beside it, which may branch."""

Name = Annotated[str, Field(pattern="^[a-z][a-z_]{0,30}$")]
Words = Annotated[str, Field(min_length=1, max_length=400)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Asked(_Strict):
    """What is asked in one place.

    ``slot``: where the answer goes. ``judged``: as which of the judge's steps it is read; None where it is not. ``example``: a
    weak answer and a strong one. ``leave_out``: findings that are not looked for here.
    """

    slot: str = Field(default="", pattern=r"^[a-z][a-z_.0-9]{0,40}$|^$")
    ask: Words
    hint: str = Field(default="", max_length=600)
    judged: Step | None = None
    example: tuple[str, str] | None = None
    leave_out: tuple[str, ...] = ()


class Column(_Strict):
    """A fact beside the answer of a row."""

    name: Name
    label: Words
    holds: Literal["text", "time", "date", "choice"] = "text"
    choices: tuple[Words, ...] = ()

    @model_validator(mode="after")
    def _choices_are_for_choosing(self) -> Self:
        if (self.holds == "choice") != bool(self.choices):
            raise ValueError("'choices' must be given where it holds a choice, and nowhere else")
        return self


class StepOf(Asked):
    """One step of a kind.

    Args:
        number: which of the numbered questions the step belongs to, for "Question 2 of 4".
        beside: questions that may stay empty; for ``control``, what is asked about each class.
        columns: for ``rows``. ``ordered_by`` sorts them; ``branches`` lets each row have rows under it.
        remind: an earlier step whose answer is shown above.
    """

    name: Name
    does: Does = "question"
    number: int | None = Field(default=None, ge=1, le=20)
    beside: tuple[Asked, ...] = ()
    columns: tuple[Column, ...] = ()
    ordered_by: str = ""
    branches: str = Field(default="", max_length=200)
    row: str = Field(default="", max_length=60)
    remind: str = ""

    @model_validator(mode="after")
    def _fits_what_it_does(self) -> Self:
        if self.does != "rows" and (self.columns or self.ordered_by or self.branches):
            raise ValueError("columns, ordered_by and branches are for a step that takes rows")
        names, labels = [column.name for column in self.columns], [column.label for column in self.columns]
        if len(set(names)) < len(names) or len(set(labels)) < len(labels) or set(labels) & _RESERVED:
            raise ValueError(f"columns need names and labels of their own, and none is labelled {', '.join(sorted(_RESERVED))}")
        if self.ordered_by and self.ordered_by not in {column.name for column in self.columns}:
            raise ValueError("ordered_by names no column of the step")
        classes = [one.slot for one in self.beside]
        if self.does == "control" and classes != [f"control.{name}" for name in _CLASSES]:
            raise ValueError("a step that sorts by control asks beside in control.full, control.partial and control.outside")
        return self

    @property
    def place(self) -> str:
        """The slot of the step's own answer."""
        return self.slot or self.name

    @property
    def own(self) -> Asked:
        """The step's own question."""
        return Asked(
            slot=self.place, ask=self.ask, hint=self.hint, judged=self.judged, example=self.example, leave_out=self.leave_out
        )


_OUTCOMES: dict[Outcome, str] = {
    "kept": "Kept",
    "no_occasion": "No occasion yet",
    "not_kept": "Not kept",
    "dropped": "No longer relevant",
}
_RESERVED = {"text", "depth", "gap"}
"""Cells that every row has (``EntryPart``)."""

_CLASSES: tuple[Control, ...] = ("full", "partial", "outside")


class FieldOf(_Strict):
    """A field of the entry: what it is called on the closing page (``ask``) and in messages (``name``), and the steps that it
    begins with."""

    name: Words
    ask: Words
    starts_with: tuple[Name, ...] = Field(min_length=1)
    may_be_empty: bool = False


class ReviewKind(_Strict):
    """A kind of review.

    Args:
        id: the file's name without its ending.
        name: what it is called; ``about`` says in a sentence when to choose it.
        order: where it stands in lists.
        fields: the entry's four fields; patterns and search read them. ``parts``: steps that the entry keeps whole besides.
        judgements: the findings that are looked for; all where none is named.
        personal: whether a single person looks at their own part; then a feeling is asked for.
        grows: whether the planned change is one's own habit, which may become automatic.
        date: what the day at the beginning is. ``check_in``: what the day at the end is for.
        foreseen: the field that a check-in shows; ``says`` stands before it. ``outcomes``: what can be said at a check-in.
        becomes: the kind of review that is offered where the change was not kept; none for two minutes on the change itself.
    """

    id: str
    name: Words
    about: Words
    order: int = Field(default=50, ge=0, le=100)
    title_example: str = Field(default="", max_length=100)
    tags_example: str = Field(default="work, clients", max_length=100)
    personal: bool = True
    grows: bool = True
    date: Words = "When it happened"
    check_in: Words = "First check-in"
    foreseen: Literal["situation", "root_cause", "lesson", "change"] = "change"
    says: Words = "you planned"
    outcomes: dict[Outcome, Words] = Field(default_factory=lambda: dict(_OUTCOMES))
    becomes: str = ""
    steps: tuple[StepOf, ...] = Field(min_length=1, max_length=20)
    fields: dict[Literal["situation", "root_cause", "lesson", "change"], FieldOf]
    parts: tuple[Name, ...] = ()
    judgements: tuple[str, ...] = ()
    closing: Words = "What you take from this"

    @model_validator(mode="after")
    def _names_are_its_own(self) -> Self:
        names = [step.name for step in self.steps]
        slots = [one.slot for one in self.asked()]
        for what, listed in (("step", names), ("slot", slots)):
            twice = {one for one in listed if listed.count(one) > 1}
            if twice:
                raise ValueError(f"the {what} '{min(twice)}' is there twice")
        used = {name for one in self.fields.values() for name in one.starts_with}
        for name in [*used, *self.parts, *(step.remind for step in self.steps if step.remind)]:
            if name not in names:
                raise ValueError(f"there is no step '{name}'")
        return self

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        for kind in (*self.judgements, *(kind for one in self.asked() for kind in one.leave_out)):
            if kind not in judgements():
                raise ValueError(f"there is no finding '{kind}'; there are {', '.join(judgements())}")
        if set(self.outcomes) != set(_OUTCOMES):
            raise ValueError(f"outcomes are {', '.join(_OUTCOMES)}: name each")
        if set(self.fields) != set(SECTIONS):
            raise ValueError(f"an entry has the fields {', '.join(SECTIONS)}: give each")
        if len([step for step in self.steps if step.does == "whys"]) > 1:
            raise ValueError("only one step can ask a chain of whys")
        return self

    def asked(self) -> list[Asked]:
        """Every question of every step, in order."""
        return [one for step in self.steps for one in (step.own, *step.beside)]

    @property
    def stages(self) -> tuple[str, ...]:
        """The steps by name, between what the review is about and its closing."""
        return ("context", *(step.name for step in self.steps), "close")

    def step(self, name: str) -> StepOf | None:
        """A step by its name."""
        return next((step for step in self.steps if step.name == name), None)

    def step_that(self, does: Does) -> StepOf | None:
        """The first step that does something."""
        return next((step for step in self.steps if step.does == does), None)

    def step_of(self, slot: str) -> StepOf | None:
        """The step that a slot belongs to: as its own answer, beside it, as a link of its chain, or as one of its rows."""
        for step in self.steps:
            chained = step.does == "whys" and slot.startswith("why.")
            in_rows = step.does == "rows" and slot.startswith(f"{step.name}.")
            if chained or in_rows or slot in (step.place, *(one.slot for one in step.beside)):
                return step
        return None

    def after(self, name: str) -> str:
        """The stage behind another; the last one's is itself."""
        at = self.stages.index(name) if name in self.stages else 0
        return self.stages[min(at + 1, len(self.stages) - 1)]

    def question(self, slot: str) -> Asked | None:
        """What is asked in a slot: a step's question, one beside it, a link of the chain of whys, or a row."""
        for one in self.asked():
            if slot == one.slot:
                return one
        for step in self.steps:
            if step.does == "whys" and slot.startswith("why."):
                return Asked(slot=slot, ask=step.ask, judged=step.judged, leave_out=(*step.leave_out, "premature_closure"))
            if step.does == "rows" and slot.startswith(f"{step.name}."):
                return Asked(slot=slot, ask=step.ask, judged=step.judged, leave_out=step.leave_out)
        return None


@dataclass(frozen=True)
class Kinds:
    """The kinds there are, by id and in their order, and a line about each file that could not be used."""

    by_id: dict[str, ReviewKind]
    problems: tuple[str, ...] = field(default=())

    def of(self, id: str) -> ReviewKind:
        """A kind; the first one for an id that is not known (its file may have been taken away)."""
        return self.by_id.get(id) or self.by_id[FIRST]


@cache
def shipped_kinds() -> Kinds:
    """The kinds that ship. Raises PromptError for a mistake in one of them."""
    folder = shipped("prompts") / "reviews"
    found = [read_kind(path) for path in sorted(folder.glob("*.yaml"))]
    return Kinds(_in_order(found))


def load_kinds(own: Path) -> Kinds:
    """The kinds that ship and a person's own, from their folder. A file with a mistake is reported, and the rest works."""
    found, problems = dict(shipped_kinds().by_id), []
    for path in sorted(own.glob("*.yaml")) if own.is_dir() else []:
        try:
            kind = read_kind(path)
        except PromptError as exc:
            problems.append(str(exc))
            continue
        if kind.id in found:
            problems.append(f"{path}: there is a kind '{kind.id}' already. Give the file another name.")
            continue
        found[kind.id] = kind
    for kind in [kind for kind in found.values() if kind.becomes and kind.becomes not in found]:
        problems.append(f"{own / kind.id}.yaml: field 'becomes': there is no kind '{kind.becomes}'.")
        del found[kind.id]
    return Kinds(_in_order(found.values()), tuple(problems))


def _in_order(kinds: Iterable[ReviewKind]) -> dict[str, ReviewKind]:
    return {kind.id: kind for kind in sorted(kinds, key=lambda kind: (kind.order, kind.id))}


def read_kind(path: Path) -> ReviewKind:
    """Read one kind's file. Raises PromptError naming the file and the field."""
    try:
        fields = load_yaml(read_plain(path, MOST_BYTES, "utf-8-sig"))
    except (OSError, ValueError) as exc:
        raise PromptError(f"{path} cannot be read as YAML ({type(exc).__name__}). Check its indentation and quotes.") from exc
    if not isinstance(fields, dict):
        raise PromptError(f"{path}: a kind of review is a list of 'name: value' lines.")
    try:
        return ReviewKind.model_validate({**fields, "id": path.stem})
    except ValidationError as exc:
        where, what = first_mistake(exc)
        raise PromptError(f"{path}: {f'field {where!r}: ' if where else ''}{what}.") from exc
