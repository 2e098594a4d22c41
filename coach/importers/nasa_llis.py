"""NASA's Lessons Learned Information System: what happened, the lesson and the recommendation, one JSON object a line."""

from collections.abc import Iterator
from pathlib import Path

from coach.importers.base import Draft, JsonLines, Skipped, first_fields, opening, text_of

NAME = "NASA lessons learned (JSON Lines)"
_FIELDS = {"id", "what_happened", "lesson", "recommendation"}


def recognises(path: Path) -> bool:
    """Whether the file has this format's fields."""
    return path.suffix == ".jsonl" and first_fields(path) >= _FIELDS


def read(path: Path) -> Iterator[Draft | Skipped]:
    """One draft a lesson; it has no date."""
    for number, fields in JsonLines(path):
        if isinstance(fields, Skipped):
            yield fields
            continue
        happened, lesson = text_of(fields.get("what_happened")), text_of(fields.get("lesson"))
        if not happened and not lesson:
            yield Skipped(f"line {number}", "neither what happened nor a lesson")
            continue
        change = text_of(fields.get("recommendation"))
        yield Draft(
            text_of(fields.get("id")) or happened, opening(happened or lesson), happened or lesson, None, "", lesson, change
        )
