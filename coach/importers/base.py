"""What every importer gives back, and reading JSON Lines, which several of them do."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO

from dateutil import parser as dates
from pydantic import ValidationError

from coach.careful import open_plain, shown
from coach.errors import InputError
from coach.schema import EntryPart, Kept, PeriodReview, Unfinished

MOST_BYTES = 500_000_000
"""Of a file that is read at once; an export of some thousand entries has about 50 MB."""

MOST_TEXT = 5_000_000
"""Bytes of one note, one line or one cell: five times what can be typed as an answer (``coach.flow.desk``)."""

_MOST_DEPTH = 10  # lists in lists of text in JSON; the public reports have three
_MOST_TAGS, _MOST_TAG = 50, 100  # tags of an entry and characters of each: more can neither be shown nor filtered by
_MOST_DATE = 100  # characters; the time that dateutil takes grows with the square
_FIRST_YEAR, _LAST_YEAR = 1900, 2200


@dataclass(frozen=True)
class Draft:
    """What a file says of one entry. ``key`` is the same each time the same thing is read, so that it is recognised;
    ``happened_on`` is None where the file does not say."""

    key: str
    title: str
    situation: str
    happened_on: date | None = None
    root_cause: str = ""
    lesson: str = ""
    change: str = ""
    tags: tuple[str, ...] = ()
    kind: str = "after_action"
    parts: tuple[EntryPart, ...] = ()

    def __post_init__(self) -> None:
        """Bound what a file may claim: no day far from any life, and no more tags than can be looked at."""
        tags = tuple(dict.fromkeys(tag[:_MOST_TAG] for tag in self.tags))[:_MOST_TAGS]
        object.__setattr__(self, "tags", tags)
        object.__setattr__(self, "happened_on", within_reach(self.happened_on))


@dataclass(frozen=True)
class Skipped:
    """A part of the file that cannot become an entry, where it stands and why; the reason quotes nothing of it."""

    where: str
    reason: str

    def __post_init__(self) -> None:
        """Make sure that both can be printed: names in files are somebody else's."""
        object.__setattr__(self, "where", shown(self.where))
        object.__setattr__(self, "reason", shown(self.reason))


Item = Draft | Kept | PeriodReview | Unfinished | Skipped
"""What an importer yields: something of another program, something of ours with all that belongs to it, or why there is nothing."""


@dataclass
class JsonLines:
    """Objects of a JSON Lines file with their line numbers; ``skipped`` grows with what is none. Raises InputError."""

    path: Path
    skipped: list[Skipped] = field(default_factory=list)

    def __iter__(self) -> Iterator[tuple[int, dict[str, Any] | Skipped]]:
        if self.path.stat().st_size > MOST_BYTES:
            raise InputError(f"{self.path} is larger than {MOST_BYTES // 1_000_000} MB. Split it and import the parts.")
        try:
            with open_plain(self.path) as file:
                for number, line in enumerate(_lines(file), 1):
                    if line.strip():
                        yield number, _object(line, number)
        except (OSError, UnicodeDecodeError) as exc:
            raise InputError(f"{self.path} cannot be read as UTF-8 text ({type(exc).__name__}). Check it.") from exc


def _lines(file: BinaryIO) -> Iterator[str]:
    """The lines of a file, each cut behind the most that is read of one."""
    is_first = True
    while line := file.readline(MOST_TEXT + 1):
        rest = line
        while len(rest) > MOST_TEXT and not rest.endswith(b"\n"):
            rest = file.readline(MOST_TEXT + 1)
        yield line.decode("utf-8-sig" if is_first else "utf-8", "ignore" if rest is not line else "strict")
        is_first = False


def _object(line: str, number: int) -> dict[str, Any] | Skipped:
    if len(line) > MOST_TEXT:
        return Skipped(f"line {number}", f"longer than {MOST_TEXT // 1_000_000} MB")
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):
        return Skipped(f"line {number}", "not JSON")
    return fields if isinstance(fields, dict) else Skipped(f"line {number}", "not an object")


def first_fields(path: Path) -> set[str]:
    """The field names of the first object of a JSON Lines file; nothing for any other file."""
    try:
        with open_plain(path) as file:
            fields = json.loads(next(_lines(file), ""))
    except (OSError, ValueError, RecursionError):
        return set()
    return set(fields) if isinstance(fields, dict) else set()


def text_of(value: object, depth: int = 0) -> str:
    """A field's text; of several, in a list or an object, one a line; nothing for anything else, or for what lies too deep.

    >>> text_of({"Lessons": "Ask first.", "More": ["Wait.", None]})
    'Ask first.\\nWait.'
    """
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode().strip()  # JSON can hold half a character; nothing else can
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list) and depth < _MOST_DEPTH:
        return "\n".join(text for one in value if (text := text_of(one, depth + 1)))
    return ""


def within_reach(day: date | None) -> date | None:
    """A day that somebody may have lived; None for one that only a machine writes (0001-01-01, 9999-12-31)."""
    return day if day and _FIRST_YEAR <= day.year <= _LAST_YEAR else None


def moment_in(text: str, **order: Any) -> datetime | None:
    """What dateutil makes of a date in words or figures; None where it is none. ``order``: as dateutil's own arguments.

    >>> moment_in("March 5, 2026")
    datetime.datetime(2026, 3, 5, 0, 0)
    """
    if len(text) > _MOST_DATE:
        return None
    try:
        found: datetime = dates.parse(text, **order)
    except (ValueError, ArithmeticError, TypeError, LookupError, AttributeError, AssertionError):  # it raises all of these
        return None
    return found


def unusable(exc: ValidationError) -> str:
    """Which field of ours cannot be used, for ``Skipped``; of a field that is none of ours, not its name."""
    first = exc.errors(include_input=False, include_url=False, include_context=False)[0]
    if first["type"] == "extra_forbidden":
        return "it has a field that Coach does not know"
    return f"field '{'.'.join(str(part) for part in first['loc'])}' cannot be used"


def opening(text: str, words: int = 9) -> str:
    """The first words of a text, for a title.

    >>> opening("The radio was silent. Nobody came.")
    'The radio was silent'
    """
    first = text.strip().split("\n")[0].split(". ")[0].rstrip(".")
    taken = first.split()
    return " ".join(taken[:words])[:120] + ("…" if len(taken) > words else "")
