"""A folder of plain Markdown notes, as Obsidian keeps them: one entry a file, its date from the front matter or the file's name."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from coach.importers import coach_markdown
from coach.importers.base import Draft, Skipped, opening, text_of

NAME = "a folder of Markdown notes"
_FRONT = re.compile(r"---\r?\n(.*?)\r?\n---\r?\n", re.DOTALL)
_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_MOST_FILES, _MOST_BYTES = 50_000, 5_000_000


def recognises(path: Path) -> bool:
    """Whether it is a folder with Markdown files, and not one of ours."""
    return path.is_dir() and not coach_markdown.recognises(path) and any(path.rglob("*.md"))


def read(path: Path) -> Iterator[Draft | Skipped]:
    """One draft a note."""
    for note in sorted(path.rglob("*.md"))[:_MOST_FILES]:
        name = note.relative_to(path).as_posix()
        if note.is_symlink() or note.stat().st_size > _MOST_BYTES:
            yield Skipped(name, "a link, or larger than 5 MB")
            continue
        try:
            yield draft(name, note.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError):
            yield Skipped(name, "cannot be read as UTF-8 text")


def draft(name: str, text: str) -> Draft | Skipped:
    """A note as a draft: its words are what happened."""
    front = _FRONT.match(text)
    fields = _fields(front.group(1)) if front else {}
    body = (text[front.end() :] if front and fields else text).strip()
    if not body:
        return Skipped(name, "no text")
    stem = name.rsplit("/", 1)[-1].removesuffix(".md")
    title = text_of(fields.get("title")) or _DAY.sub("", stem).strip(" -_") or opening(body)
    return Draft(name, title[:200], body, _day(fields.get("date")) or _day(stem), tags=_tags(fields.get("tags")))


def _fields(front: str) -> dict[str, Any]:
    try:
        found = yaml.safe_load(front)
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _day(value: object) -> date | None:
    found = _DAY.search(str(value)) if value else None
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def _tags(value: object) -> tuple[str, ...]:
    words = text_of(value) if not isinstance(value, str) else value.replace(",", "\n")
    return tuple(dict.fromkeys(word.strip().lstrip("#").lower() for word in words.split("\n") if word.strip()))
