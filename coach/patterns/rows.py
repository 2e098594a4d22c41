"""Labelled entries for the tendency view: the format of ``data/tendencies`` (see ``data/README.md``)."""

import json
from collections.abc import Iterable
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from coach.errors import InputError


class TendencyRow(BaseModel):
    """What a person wrote of a failure and the habit behind it; ``domain`` is the walk of life. The first part of ``id``
    stands for the hand that wrote it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str = Field(pattern="^[a-z]+-")
    tendency: str = Field(pattern="^[a-z_]+$")
    domain: str
    text: str = Field(min_length=1)

    @property
    def hand(self) -> str:
        """Who wrote it.

        >>> TendencyRow(id="r-te-001", tendency="overcommitting", domain="work", text="x").hand
        'r'
        """
        return self.id.split("-")[0]


def tendency_rows(folder: Path) -> tuple[TendencyRow, ...]:
    """All rows of a folder's files ``*.jsonl``. Raises InputError naming the file, the line and the field."""
    return tuple(row for path in sorted(folder.glob("*.jsonl")) for row in _rows(path))


def _rows(path: Path) -> Iterable[TendencyRow]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            yield TendencyRow.model_validate(json.loads(line))
        except ValidationError as exc:
            field = ".".join(str(part) for part in exc.errors(include_input=False)[0]["loc"])
            raise InputError(f"{path}, line {number}: field '{field}' cannot be used. See data/README.md.") from None
        except ValueError as exc:
            raise InputError(f"{path}, line {number}: not JSON. Each line must be one object; see data/README.md.") from exc
