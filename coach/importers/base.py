"""What every importer gives back, and reading JSON Lines, which several of them do."""

import json
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from coach.errors import InputError
from coach.schema import EntryPart, Kept, PeriodReview, Unfinished

_MOST_BYTES = 500_000_000

BROKEN_ARCHIVE = (OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, zlib.error, lzma.LZMAError)
"""What reading an archive may raise: damaged, cut short, with a password, or packed in a way that is not known."""


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


@dataclass(frozen=True)
class Skipped:
    """A part of the file that cannot become an entry, where it stands and why; the reason quotes nothing of it."""

    where: str
    reason: str


Item = Draft | Kept | PeriodReview | Unfinished | Skipped
"""What an importer yields: something of another program, something of ours with all that belongs to it, or why there is nothing."""


@dataclass
class JsonLines:
    """Objects of a JSON Lines file with their line numbers; ``skipped`` grows with what is none. Raises InputError."""

    path: Path
    skipped: list[Skipped] = field(default_factory=list)

    def __iter__(self) -> Iterator[tuple[int, dict[str, Any] | Skipped]]:
        if self.path.stat().st_size > _MOST_BYTES:
            raise InputError(f"{self.path} is larger than {_MOST_BYTES // 1_000_000} MB. Split it and import the parts.")
        try:
            with self.path.open(encoding="utf-8") as file:
                for number, line in enumerate(file, 1):
                    if line.strip():
                        yield number, _object(line, number)
        except (OSError, UnicodeDecodeError) as exc:
            raise InputError(f"{self.path} cannot be read as UTF-8 text ({type(exc).__name__}). Check it.") from exc


def _object(line: str, number: int) -> dict[str, Any] | Skipped:
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):
        return Skipped(f"line {number}", "not JSON")
    return fields if isinstance(fields, dict) else Skipped(f"line {number}", "not an object")


def first_fields(path: Path) -> set[str]:
    """The field names of the first object of a JSON Lines file; nothing for any other file."""
    try:
        with path.open(encoding="utf-8") as file:
            fields = json.loads(file.readline(5_000_000))
    except (OSError, ValueError, RecursionError):
        return set()
    return set(fields) if isinstance(fields, dict) else set()


def text_of(value: object) -> str:
    """A field's text; of several, in a list or an object, one a line; nothing for anything else.

    >>> text_of({"Lessons": "Ask first.", "More": ["Wait.", None]})
    'Ask first.\\nWait.'
    """
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode().strip()  # JSON can hold half a character; nothing else can
    if isinstance(value, dict):
        return text_of(list(value.values()))
    if isinstance(value, list):
        return "\n".join(text for text in map(text_of, value) if text)
    return ""


def opening(text: str, words: int = 9) -> str:
    """The first words of a text, for a title.

    >>> opening("The radio was silent. Nobody came.")
    'The radio was silent'
    """
    first = text.strip().split("\n")[0].split(". ")[0].rstrip(".")
    taken = first.split()
    return " ".join(taken[:words])[:120] + ("…" if len(taken) > words else "")
