"""Reads the files of ``prompts/``: strict front matter and a body. The only module that knows their format.

A judgement is one file in ``prompts/judgements``: what it is called, where it applies, the reason and the
questions that a person sees, rules for when no model is there, and examples for the model in the body.
"""

import re
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Self, TypeVar

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from coach.errors import PromptError
from coach.resources import shipped
from coach.schema import Step


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern, re.IGNORECASE)
    except re.error as exc:
        raise ValueError(f"not a regular expression: {exc}") from exc
    return pattern


def _is_question(text: str) -> str:
    if text.count("?") != 1 or not text.endswith("?"):
        raise ValueError("must be exactly one question, ending in '?'")
    return text


Model = TypeVar("Model", bound=BaseModel)
Pattern = Annotated[str, AfterValidator(_compiles)]
Question = Annotated[str, AfterValidator(_is_question)]


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
    """A file whose body holds an instruction, then pairs of an ``Answer:`` and a ``Question:`` line as examples."""

    body: str

    @model_validator(mode="after")
    def _body_can_be_used(self) -> Self:
        lines = [line for line in self.body.splitlines() if line.startswith(("Answer: ", "Question: "))]
        if not self.instruction or [line.split(":")[0] for line in lines] != ["Answer", "Question"] * (len(lines) // 2):
            raise ValueError("the text must be an instruction, then pairs of 'Answer: …' and 'Question: …' lines")
        return self

    @property
    def instruction(self) -> str:
        """What a good question does here."""
        return " ".join(self.body.split("Answer: ")[0].split())

    @property
    def examples(self) -> tuple[tuple[str, str], ...]:
        """Pairs of an answer and the question to it."""
        answers = re.findall(r"^Answer: (.+)$", self.body, re.MULTILINE)
        return tuple(zip(answers, re.findall(r"^Question: (.+)$", self.body, re.MULTILINE), strict=True))


class Judgement(_WithBody):
    """One finding the coach can make; one file.

    ``overlaps`` names other findings that often show in the same answer: an answer labelled with one of them says nothing about
    this one, while every other weak answer teaches the judge to tell the two apart.
    """

    kind: str = Field(pattern="^[a-z_]+$")
    name: str
    steps: tuple[Step, ...] = Field(min_length=1)
    priority: int = Field(ge=1, le=9)
    overlaps: tuple[str, ...] = ()
    why: str
    questions: tuple[Question, ...] = Field(min_length=2)
    hand_written: bool = False
    rules: Rules
    example: Example


class Template(_WithBody):
    """A prompt of its own, not tied to a finding."""

    purpose: str
    questions: tuple[Question, ...] = ()


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
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise PromptError(f"{path} cannot be read as UTF-8 text. Restore it from the project.") from exc
    parts = re.split(r"^---\s*$", text, maxsplit=2, flags=re.MULTILINE)
    if len(parts) != 3 or parts[0].strip():
        raise PromptError(f"{path} must begin with front matter between two lines of ---.")
    try:
        fields = yaml.safe_load(parts[1])
    except yaml.YAMLError as exc:
        raise PromptError(f"{path}: the front matter is not valid YAML. Check its indentation and quotes.") from exc
    if not isinstance(fields, dict):
        raise PromptError(f"{path}: the front matter must be a list of 'name: value' lines.")
    return {**fields, "body": parts[2].strip() + "\n"}


def _parse(path: Path, model: type[Model]) -> Model:
    try:
        return model.model_validate(_front_matter(path))
    except ValidationError as exc:
        first = exc.errors(include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise PromptError(f"{path}: field '{field}': {first['msg']}.") from exc


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
    """A shipped template by its file's name without the ending."""
    return read_template(shipped("prompts") / f"{name}.md")


@cache
def safety() -> Safety:
    """The shipped safety rules and words."""
    return _parse(shipped("prompts") / "safety.md", Safety)


@cache
def question_words() -> frozenset[str]:
    """Words that a generated question may use whatever the answer is about."""
    return frozenset((shipped("prompts") / "question_words.txt").read_text(encoding="utf-8").split())
