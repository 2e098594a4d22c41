"""Reads the files of ``prompts/``: strict front matter and a body. The only module that knows their format.

A judgement is one file in ``prompts/judgements``: what it is called, where it applies, the reason and the
questions that a person sees, rules for when no model is there, and examples for the model in the body.
"""

import re
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Self, TypeVar

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from coach.careful import load_yaml, read_plain, shown
from coach.errors import PromptError
from coach.resources import shipped
from coach.schema import GainKind, Step

MOST_BYTES = 500_000
"""Of a file of ``prompts``; the largest that ships has 70 kB."""


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern, re.IGNORECASE)
    except (re.error, OverflowError, RecursionError, RuntimeError) as exc:
        raise ValueError(f"not a regular expression: {exc}") from exc
    return pattern


def _is_question(text: str) -> str:
    if text.count("?") != 1 or not text.endswith("?"):
        raise ValueError("must be exactly one question, ending in '?'")
    return text


def _has_a_gap(text: str) -> str:
    if not re.fullmatch(r"[^{}]+ \{\}[,?][^{}]*", text) or not text.endswith("?"):
        raise ValueError("must be a question with one gap {} that ends in ',' or '?'")
    return text


def fits(frame: str, question: str) -> bool:
    """Whether a question is a frame with its gap filled.

    >>> fits("What led to {}?", "What led to the delay?")
    True
    """
    start, end = frame.split("{}")
    return question.startswith(start) and question.endswith(end) and len(question) > len(start) + len(end)


Model = TypeVar("Model", bound=BaseModel)
Pattern = Annotated[str, AfterValidator(_compiles)]
Question = Annotated[str, AfterValidator(_is_question)]
Framed = Annotated[str, AfterValidator(_is_question), AfterValidator(_has_a_gap)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Rules(_Strict):
    """Rules for when no model is there: a cue fires unless an excuse is found; a lack fires when none of it is found."""

    cues: tuple[Pattern, ...] = ()
    lacks: tuple[Pattern, ...] = ()
    excuses: tuple[Pattern, ...] = ()


class Example(_Strict):
    """An answer that shows the weakness and one that does not, both held to by tests."""

    step: Step
    weak: str
    good: str


class _WithBody(_Strict):
    """A file whose body holds an instruction, then examples: pairs of an ``Answer:`` and a ``Question:`` (or ``Reply:``) line.

    A ``Now:`` line behind a pair is the same person's next version of that answer, followed by the question to it. ``frames`` are
    questions with a gap that the model fills with the person's words; every example's question is one of them, filled.
    """

    body: str
    frames: tuple[Framed, ...] = Field(default=(), max_length=4)

    @model_validator(mode="after")
    def _body_can_be_used(self) -> Self:
        asked, replied = self._marked()[::2], self._marked()[1::2]
        marks = [mark in _ASKED for mark, _ in asked] + [mark in _REPLIED for mark, _ in replied]
        if not self.instruction or len(asked) != len(replied) or not all(marks) or (asked and asked[0][0] != "Answer"):
            raise ValueError("the text must be an instruction, then pairs of 'Answer: …' (or 'Now: …') and 'Question: …' lines")
        strange = [text for _, text in replied if self.frames and not any(fits(frame, text) for frame in self.frames)]
        if strange:
            raise ValueError(f"this example is not made from one of the frames: {strange[0]}")
        return self

    def _marked(self) -> list[tuple[str, str]]:
        """The marked lines of the body in order: (mark, text)."""
        return re.findall(rf"^({'|'.join(_ASKED + _REPLIED)}): (.+)$", self.body, re.MULTILINE)

    @property
    def instruction(self) -> str:
        """What a good question does here."""
        return " ".join(self.body.split("Answer: ")[0].split())

    @property
    def examples(self) -> tuple[tuple[str, str], ...]:
        """Pairs of what the person wrote and the reply to it; a further version of an answer begins with ``Now:``."""
        asked, replied = self._marked()[::2], self._marked()[1::2]
        return tuple(
            (text if mark == "Answer" else again(text), reply) for (mark, text), (_, reply) in zip(asked, replied, strict=True)
        )


_ASKED, _REPLIED = ("Answer", "Now"), ("Question", "Reply")


def again(text: str) -> str:
    """How the model is shown a further version of an answer.

    >>> again("I'll plan my week on Sundays.")
    "Now: I'll plan my week on Sundays."
    """
    return f"Now: {text}"


class Judgement(_WithBody):
    """One finding the coach can make; one file.

    ``overlaps`` names other findings that often show in the same answer: an answer labelled with one of them says nothing about
    this one, while every other weak answer teaches the judge to tell the two apart. ``better`` is said once when an answer that
    was asked about no longer shows the finding; ``gains`` says what new in it counts as a step there. ``exercise`` names a file in
    ``prompts/exercises`` that leads the first push-back.
    """

    kind: str = Field(pattern="^[a-z_]+$")
    name: str
    steps: tuple[Step, ...] = Field(min_length=1)
    priority: int = Field(ge=1, le=9)
    overlaps: tuple[str, ...] = ()
    why: str
    questions: tuple[Question, ...] = Field(min_length=2)
    better: str = Field(min_length=1)
    gains: tuple[GainKind, ...] = ()
    exercise: str | None = None
    hand_written: bool = False
    rules: Rules
    example: Example


class Template(_WithBody):
    """A prompt of its own, not tied to a finding."""

    purpose: str
    questions: tuple[Question, ...] = ()


class Habits(_Strict):
    """Examples of entries, each followed by the habit behind it: how the model is asked for the habit of another one.

    The body holds an instruction, then pairs of an ``Entry:`` and a ``Habit:`` line.
    """

    purpose: str
    body: str

    @model_validator(mode="after")
    def _has_pairs(self) -> Self:
        if not re.fullmatch(r"[^\n]+\n\n(Entry: .+\nHabit: .+\n\n?)+", self.body):
            raise ValueError("the text must be one line of instruction, then pairs of an 'Entry:' and a 'Habit:' line")
        return self


class Tendency(_Strict):
    """What a labelled habit is called: ``name`` as a heading, ``you`` as a clause about the person."""

    name: str = Field(min_length=1, max_length=60)
    you: str = Field(pattern="^you .+[^.]$", max_length=90)


class Safety(_Strict):
    """When the coaching stops, and the words shown then; ``note`` is shown where it is not certain, and the coaching goes on."""

    purpose: str
    note: str
    cues: tuple[Pattern, ...] = Field(min_length=1)
    excuses: tuple[Pattern, ...] = ()
    body: str


def _front_matter(path: Path) -> dict[str, Any]:
    """Split a file at its two ``---`` lines; the body comes back under ``body``."""
    try:
        text = read_plain(path, MOST_BYTES)
    except (OSError, ValueError) as exc:
        most = f"{MOST_BYTES // 1000} kB"
        raise PromptError(f"{path} cannot be read as UTF-8 text of at most {most}. Restore it from the project.") from exc
    parts = re.split(r"^---\s*$", text, maxsplit=2, flags=re.MULTILINE)
    if len(parts) != 3 or parts[0].strip():
        raise PromptError(f"{path} must begin with front matter between two lines of ---.")
    try:
        fields = load_yaml(parts[1])
    except ValueError as exc:
        raise PromptError(f"{path}: the front matter is not valid YAML. Check its indentation and quotes.") from exc
    if not isinstance(fields, dict):
        raise PromptError(f"{path}: the front matter must be a list of 'name: value' lines.")
    return {**fields, "body": parts[2].strip() + "\n"}


def _parse(path: Path, model: type[Model]) -> Model:
    try:
        return model.model_validate(_front_matter(path))
    except ValidationError as exc:
        field, what = first_mistake(exc)
        raise PromptError(f"{path}: field '{field}': {what}.") from exc


def first_mistake(exc: ValidationError) -> tuple[str, str]:
    """The field and what is wrong with it, of the first of several mistakes; a field's name may be anything in a file."""
    first = exc.errors(include_input=False, include_url=False, include_context=False)[0]
    return shown(".".join(str(part) for part in first["loc"])), shown(first["msg"], 400)


def read_judgement(path: Path) -> Judgement:
    """Read one judgement's file. Raises PromptError naming the file and the field."""
    return _parse(path, Judgement)


def read_template(path: Path) -> Template:
    """Read one template's file. Raises PromptError naming the file and the field."""
    return _parse(path, Template)


def read_judgements(folder: Path) -> dict[str, Judgement]:
    """All judgements of a folder by kind, in order of priority. Raises PromptError, also for a kind named twice."""
    found: dict[str, Judgement] = {}
    for path in sorted(folder.glob("*.md")):
        judgement = read_judgement(path)
        if judgement.kind in found:
            raise PromptError(f"{path}: the kind '{judgement.kind}' is there already. Give it another name.")
        found[judgement.kind] = judgement
    if not found:
        raise PromptError(f"{folder} holds no judgements. Restore it from the project.")
    return dict(sorted(found.items(), key=lambda item: item[1].priority))


@cache
def judgements() -> dict[str, Judgement]:
    """The shipped judgements."""
    return read_judgements(shipped("prompts") / "judgements")


@cache
def template(name: str) -> Template:
    """A shipped template by its path below ``prompts`` without the ending, as ``whys/next_why``."""
    return read_template(shipped("prompts") / f"{name}.md")


@cache
def tendency_frame() -> tuple[str, str]:
    """The fixed words in front of an entry whose habit is asked for, and those behind it."""
    body = _parse(shipped("prompts") / "tendency.md", Habits).body
    return f"{body.rstrip()}\n\nEntry: ", "\nHabit:"


@cache
def tendencies() -> dict[str, Tendency]:
    """What the labelled habits are called. Raises PromptError naming the file and the habit."""
    return read_tendencies(shipped("prompts") / "tendencies.yaml")


def read_tendencies(path: Path) -> dict[str, Tendency]:
    """Read a file of names. Raises PromptError naming the file and the habit."""
    try:
        named = load_yaml(read_plain(path, MOST_BYTES))
        return TypeAdapter(dict[str, Tendency]).validate_python(named)
    except ValidationError as exc:
        where, what = first_mistake(exc)
        raise PromptError(f"{path}: '{where}': {what}.") from exc
    except (OSError, ValueError) as exc:
        raise PromptError(f"{path} cannot be read as YAML ({type(exc).__name__}). Restore it from the project.") from exc


@cache
def safety() -> Safety:
    """The shipped safety rules and words."""
    return _parse(shipped("prompts") / "safety.md", Safety)


@cache
def irregular_verbs() -> dict[str, str]:
    """The base form of every irregular verb form."""
    lines = (shipped("prompts") / "irregular_verbs.txt").read_text(encoding="utf-8").splitlines()
    return {form: line.split()[0] for line in lines for form in line.split()}


@cache
def common_words() -> frozenset[str]:
    """English words of every day, written small; what is not among them may be a name."""
    return frozenset((shipped("prompts") / "common_words.txt").read_text(encoding="utf-8").split())


@cache
def name_words() -> dict[str, frozenset[str]]:
    """Lists of words that decide what is taken for a name."""
    path = shipped("prompts") / "name_words.yaml"
    lists: dict[str, list[str]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {name: frozenset(" ".join(lines).split()) for name, lines in lists.items()}


@cache
def question_words() -> frozenset[str]:
    """Words that a generated question may use whatever the answer is about."""
    return frozenset((shipped("prompts") / "question_words.txt").read_text(encoding="utf-8").split())
