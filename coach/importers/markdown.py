"""Plain Markdown notes, one or a folder of them, as Obsidian keeps them: one entry a file, its date from the front matter or the
file's name."""

import hashlib
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from coach.careful import load_yaml, read_plain
from coach.importers import coach_markdown
from coach.importers.base import MOST_TEXT, Draft, Skipped, moment_in, opening, text_of

NAME = "Markdown notes, one or a folder of them"
_FRONT = re.compile(r"---\r?\n(.*?)\r?\n---\r?\n", re.DOTALL)
_DAY = re.compile(r"(\d{4})[-_.](\d\d)[-_.](\d\d)")
_HEADING = re.compile(r"\A# +(\S.*)\n")
_NOTION_ID = re.compile(r"\s+[0-9a-f]{32}$")
_PROPERTY = re.compile(r"^(?:date|day|created(?: at| time)?):\s*(\S.*)$", re.IGNORECASE | re.MULTILINE)
_SUFFIXES = {".md", ".markdown", ".txt"}
_MOST_FILES = 50_000  # the largest vaults that people tell of have some 30,000 notes
_MOST_FRONT = 100_000  # characters; front matter has a few lines
_NOTHING = {"", "~", "null"}


def recognises(path: Path) -> bool:
    """Whether it is a note, or a folder with notes that is not one of ours."""
    if path.is_file():
        return path.suffix.lower() in _SUFFIXES and not coach_markdown.recognises(path)
    return path.is_dir() and not coach_markdown.recognises(path) and any(_notes(path))


def read(path: Path) -> Iterator[Draft | Skipped]:
    """One draft a note."""
    found = sorted(_notes(path)) if path.is_dir() else [path]
    for note in found[:_MOST_FILES]:
        name = note.relative_to(path).as_posix() if note != path else note.name
        if note != path and note.is_symlink():
            yield Skipped(name, "a link, which may lead out of the folder")
            continue
        try:
            yield draft(name, read_plain(note, MOST_TEXT, "utf-8-sig"))
        except (OSError, ValueError):
            yield Skipped(name, f"not a file of UTF-8 text of at most {MOST_TEXT // 1_000_000} MB")
    if len(found) > _MOST_FILES:
        yield Skipped(f"{len(found) - _MOST_FILES} more notes", f"a folder is read up to {_MOST_FILES:,} notes; import it in parts")


def _notes(folder: Path) -> Iterator[Path]:
    """The notes of a folder, without those that a program keeps for itself (``.trash``, ``.obsidian``)."""
    found = (note for note in folder.rglob("*") if note.suffix.lower() in _SUFFIXES and not note.is_dir())
    return (note for note in found if not any(part.startswith(".") for part in note.relative_to(folder).parts))


def draft(name: str, text: str) -> Draft | Skipped:
    """A note as a draft: its words are what happened."""
    front = _FRONT.match(text)
    fields = _fields(front.group(1)) if front else {}
    body = (text[front.end() :] if front and fields else text).strip()
    if not body:
        return Skipped(name, "no text")
    stem = _NOTION_ID.sub("", name.rsplit("/", 1)[-1].rsplit(".", 1)[0])
    heading = _HEADING.match(body)
    title = text_of(fields.get("title")) or _DAY.sub("", stem).strip(" -_") or (heading[1] if heading else opening(body))
    told = (_day(fields.get(key)) for key in ("date", "created", "day", "created_at"))
    happened_on = next((day for day in told if day), None) or _day(stem) or _property_day(body)
    return Draft(_key(name, text), title[:200] or "Untitled", body, happened_on, tags=_tags(fields.get("tags")))


def _fields(front: str) -> dict[str, Any]:
    """The front matter's fields, as they are written; none where it cannot be read, and then it stays a part of the text."""
    try:
        found = load_yaml(front, words_only=True) if len(front) <= _MOST_FRONT else None
    except ValueError:
        return {}
    fields = found.items() if isinstance(found, dict) else ()
    return {name: said for name, said in fields if not isinstance(said, str) or said.lower() not in _NOTHING}


def _day(value: object) -> date | None:
    found = _DAY.search(str(value)) if value else None
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def _key(name: str, text: str) -> str:
    """The same for a note of the same name and words, in whatever folder or archive it comes."""
    return hashlib.sha256(f"{name.rsplit('/', 1)[-1]}\0{text}".encode("utf-8", "replace")).hexdigest()


def _property_day(body: str) -> date | None:
    """The day that a line such as "Date: January 5, 2024" names near the top, as Notion writes it."""
    found = _PROPERTY.search("\n".join(body.splitlines()[:12]))
    if not found or not re.search(r"\d", found[1]):
        return None
    told = moment_in(found[1])
    return told.date() if told else None


def _tags(value: object) -> tuple[str, ...]:
    words = text_of(value) if not isinstance(value, str) else value.replace(",", "\n")
    return tuple(dict.fromkeys(word.strip().lstrip("#").lower() for word in words.split("\n") if word.strip()))
