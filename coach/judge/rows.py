"""Labelled rows: the format of ``data/judgement`` (see ``data/README.md``), which fitting and evaluating share."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from coach.errors import InputError
from coach.judge.reading import in_context
from coach.schema import CONTROLS

CONTROL, SAME_PATTERN, SELF_HARM, NONE = "control", "same_pattern", "self_harm", "none"
ROOT_REACHED, BRANCH, LOOP = SIGNS = ("root_reached", "branch", "loop")
"""Signs in an answer to a why: it ends at something in reach, it names two causes, it says an earlier answer again."""


class Row(BaseModel):
    """A labelled answer. ``task`` is a finding, ``control``, ``self_harm`` or ``none``: a good answer that no finding applies to.

    ``label`` is 1 where the weakness (or, for ``SIGNS``, the sign) is there, 0 where it is not; for ``control`` the class.
    ``earlier``: for ``loop``, the answers before this one in the chain.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str = ""
    task: str
    question: Literal["intended", "happened", "why", "next", "factor", "share", "any"] = "any"
    text: str
    label: Literal[0, 1, "full", "partial", "outside"]
    earlier: tuple[str, ...] = ()
    hard: bool = False
    quote: str | None = None

    @property
    def read_as(self) -> str:
        """The text that the model reads for this row."""
        return in_context(self.earlier, self.text)

    @model_validator(mode="after")
    def _label_fits_task(self) -> "Row":
        if (self.task == CONTROL) != (self.label in CONTROLS):
            raise ValueError("control has the labels full, partial and outside; every other task 0 and 1")
        return self


class Pair(BaseModel):
    """Root causes of two entries; ``label`` is 1 where the same habit is behind both."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str = ""
    task: Literal["same_pattern"]
    a: str
    b: str
    label: Literal[0, 1]
    hard: bool = False


@dataclass(frozen=True)
class Rows:
    """All rows of some files."""

    answers: tuple[Row, ...] = ()
    pairs: tuple[Pair, ...] = ()

    def known(self, findings: Iterable[str]) -> tuple["Rows", list[str]]:
        """The rows whose task is one of the findings or of the other known tasks, and the names of the tasks left out."""
        tasks = {*findings, *SIGNS, CONTROL, SELF_HARM, NONE}
        left_out = sorted({row.task for row in self.answers} - tasks)
        return Rows(tuple(row for row in self.answers if row.task in tasks), self.pairs), left_out

    def of(self, *tasks: str) -> list[Row]:
        """The answers of some tasks."""
        return [row for row in self.answers if row.task in tasks]


def read_rows(files: Iterable[Path]) -> Rows:
    """Read JSON Lines files. Raises InputError naming the file, the line and the field."""
    answers: list[Row] = []
    pairs: list[Pair] = []
    for path in files:
        for where, fields in _lines(path):
            try:
                if fields.get("task") == SAME_PATTERN:
                    pairs.append(Pair.model_validate(fields))
                else:
                    answers.append(Row.model_validate(fields))
            except ValidationError as exc:
                raise InputError(_message(where, exc)) from None  # pydantic's own text would quote the row
    if not answers and not pairs:
        raise InputError("There are no labelled rows in what was given. See data/README.md for the format.")
    return Rows(tuple(answers), tuple(pairs))


def rows_in(folders: Iterable[Path]) -> Rows:
    """All rows of some folders' files ``*.jsonl``."""
    return read_rows(path for folder in folders for path in sorted(folder.glob("*.jsonl")))


def _lines(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as exc:
        raise InputError(f"{path} cannot be read as UTF-8 text ({type(exc).__name__}). Check its name and its encoding.") from exc
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield f"{path}, line {number}", _object(line, f"{path}, line {number}")


def _object(line: str, where: str) -> dict[str, Any]:
    try:
        fields = json.loads(line)
    except ValueError as exc:
        raise InputError(f"{where}: not JSON. Each line must be one object; see data/README.md.") from exc
    if not isinstance(fields, dict):
        raise InputError(f"{where}: not an object. Each line must be one object; see data/README.md.")
    return fields


def _message(where: str, exc: ValidationError) -> str:
    first = exc.errors(include_input=False)[0]
    field = ".".join(str(part) for part in first["loc"]) or "label"
    return f"{where}: field '{field}': {first['msg']}. See data/README.md for the format."
