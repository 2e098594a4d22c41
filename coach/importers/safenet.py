"""SAFENET: wildland-fire safety reports, one JSON object a line, with the factors that their reporters ticked as tags."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from coach.importers.base import Draft, JsonLines, Skipped, first_fields, opening, text_of

NAME = "SAFENET reports (JSON Lines)"
_YEAR = re.compile(r"(?:19|20|21)[0-9]{2}")
_FIELDS = {"id", "text", "contributing_factors", "action_taken"}


def recognises(path: Path) -> bool:
    """Whether the file has this format's fields."""
    return path.suffix == ".jsonl" and first_fields(path) >= _FIELDS


def read(path: Path) -> Iterator[Draft | Skipped]:
    """One draft a report; the middle of the year stands for its date."""
    for number, fields in JsonLines(path):
        yield fields if isinstance(fields, Skipped) else _draft(fields, number)


def _draft(fields: dict[str, Any], number: int) -> Draft | Skipped:
    text, year = text_of(fields.get("text")), text_of(fields.get("year"))
    if not text:
        return Skipped(f"line {number}", "no text")
    factors = [text_of(fields.get(name)) for name in ("contributing_factors", "human_factors")]
    return Draft(
        key=text_of(fields.get("id")) or text,
        title=opening(text),
        situation=text,
        happened_on=date(int(year), 7, 1) if _YEAR.fullmatch(year) else None,
        lesson="",
        change=text_of(fields.get("action_taken")),
        tags=tuple(tag.lower() for group in factors for tag in group.split("\n") if tag),
    )
