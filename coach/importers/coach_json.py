"""The JSON file that ``coach export`` writes: everything comes back as it was."""

import json
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from coach.careful import open_plain, read_plain
from coach.errors import InputError
from coach.importers.base import MOST_BYTES, Item, Skipped, unusable
from coach.schema import Kept, PeriodReview, Unfinished

NAME = "Coach's own JSON"


def recognises(path: Path) -> bool:
    """Whether the file says that it is one of ours."""
    try:
        return path.suffix == ".json" and '"format": "coach"' in _ends(path)
    except OSError:
        return False


def read(path: Path) -> Iterator[Item]:
    """Every entry with all that belongs to it. Raises InputError."""
    if path.stat().st_size > MOST_BYTES:
        raise InputError(f"{path} is larger than {MOST_BYTES // 1_000_000} MB. Export it in parts.")
    try:
        whole = json.loads(read_plain(path, MOST_BYTES, "utf-8-sig"))
        entries, periods, unfinished = whole["entries"], whole.get("period_reviews", []), whole.get("unfinished", [])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as exc:
        raise InputError(f"{path} is damaged ({type(exc).__name__}). Export it again.") from exc
    yield from _read("entry", Kept, entries)
    yield from _read("period review", PeriodReview, periods)
    yield from _read("unfinished review", Unfinished, unfinished)


def _read(what: str, model: type[Kept | PeriodReview | Unfinished], rows: object) -> Iterator[Item]:
    for number, fields in enumerate(rows if isinstance(rows, list) else [], 1):
        try:
            yield model.model_validate(fields)
        except ValidationError as exc:
            yield Skipped(f"{what} {number}", unusable(exc))


def _ends(path: Path) -> str:
    """The beginning and the end of a file: earlier versions wrote `format` behind the entries."""
    with open_plain(path) as file:
        start = file.read(2000)
        file.seek(max(0, path.stat().st_size - 2000))
        return (start + file.read()).decode("utf-8", "replace")
