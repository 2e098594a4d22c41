"""Day One's JSON export: entries with text, a creation date and tags."""

import json
import re
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from coach.errors import InputError
from coach.importers.base import Draft, Skipped, opening, text_of

NAME = "Day One JSON"
_MOST_BYTES = 500_000_000
_PICTURE = re.compile(r"!\[[^\]]*\]\(dayone-moment:[^)]*\)\s*")


def recognises(path: Path) -> bool:
    """Whether it is a JSON file that begins as Day One's do."""
    try:
        with path.open("rb") as file:
            start = file.read(5000).decode("utf-8", "replace")
    except OSError:
        return False
    return path.suffix == ".json" and '"metadata"' in start and '"entries"' in start and '"format": "coach"' not in start


def read(path: Path) -> Iterator[Draft | Skipped]:
    """One draft an entry; pictures are left out. Raises InputError."""
    if path.stat().st_size > _MOST_BYTES:
        raise InputError(f"{path} is larger than {_MOST_BYTES // 1_000_000} MB. Export it in parts.")
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))["entries"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as exc:
        raise InputError(f"{path} is damaged ({type(exc).__name__}). Export it again.") from exc
    for number, fields in enumerate(entries if isinstance(entries, list) else [], 1):
        yield _draft(fields, number) if isinstance(fields, dict) else Skipped(f"entry {number}", "not an object")


def _draft(fields: dict[str, Any], number: int) -> Draft | Skipped:
    text = _PICTURE.sub("", text_of(fields.get("text"))).replace("\\.", ".").strip()
    if not text:
        return Skipped(f"entry {number}", "no text")
    tags = tuple(tag.lower() for tag in text_of(fields.get("tags")).split("\n") if tag)
    title = opening(text.lstrip("# "))
    return Draft(text_of(fields.get("uuid")) or text, title, text, _day(text_of(fields.get("creationDate"))), tags=tags)


def _day(moment: str) -> date | None:
    try:
        return datetime.fromisoformat(moment).date()
    except ValueError:
        return None
