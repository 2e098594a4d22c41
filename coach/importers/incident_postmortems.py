"""Public incident post-mortems: the whole text with root cause, lessons and actions by heading, one JSON object a line."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from coach.importers.base import Draft, JsonLines, Skipped, first_fields, opening, text_of

NAME = "incident post-mortems (JSON Lines)"
_FIELDS = {"title", "text", "root_cause", "lessons", "actions"}
_DAY = re.compile(r"\b(20\d\d)-(\d\d)-(\d\d)\b")


def recognises(path: Path) -> bool:
    """Whether the file has this format's fields."""
    return path.suffix == ".jsonl" and first_fields(path) >= _FIELDS


def read(path: Path) -> Iterator[Draft | Skipped]:
    """One draft a post-mortem; the first date in title or text is when it happened."""
    for number, fields in JsonLines(path):
        yield fields if isinstance(fields, Skipped) else _draft(fields, number)


def _draft(fields: dict[str, Any], number: int) -> Draft | Skipped:
    text, title = text_of(fields.get("text")), text_of(fields.get("title"))
    if not text:
        return Skipped(f"line {number}", "no text")
    return Draft(
        key=text_of(fields.get("source")) or title or text,
        title=title[:200] or opening(text),
        situation=text,
        happened_on=_first_day(f"{title}\n{text}"),
        root_cause=text_of(fields.get("root_cause")),
        lesson=text_of(fields.get("lessons")),
        change=text_of(fields.get("actions")),
        tags=("incident",),
    )


def _first_day(text: str) -> date | None:
    for year, month, day in _DAY.findall(text):
        try:
            return date(int(year), int(month), int(day))
        except ValueError:  # not a day of the calendar
            continue
    return None
