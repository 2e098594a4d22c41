"""Day One's export: a JSON file, or the archive that the app writes with it; entries with text, a creation date and tags."""

import json
import re
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from coach.careful import open_plain, read_plain
from coach.errors import InputError
from coach.importers import archive
from coach.importers.base import MOST_BYTES, Draft, Skipped, opening, text_of

NAME = "Day One JSON"
_PICTURE = re.compile(r"!\[[^\]]*\]\(dayone-(?:moment|file):[^)]*\)\s*")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")


def recognises(path: Path) -> bool:
    """Whether it is a JSON file that begins as Day One's do, or an archive with one."""
    try:
        if path.suffix == ".zip":
            return bool(_journals(path))
        with open_plain(path) as file:
            return path.suffix == ".json" and _is_ours(file.read(5000))
    except archive.BROKEN:
        return False


def _is_ours(start: bytes) -> bool:
    text = start.decode("utf-8", "replace")
    return '"metadata"' in text and '"entries"' in text and '"format": "coach"' not in text


def _journals(path: Path) -> list[str]:
    """The names of the journals in an archive: JSON files at its top that begin as Day One's do."""
    with archive.opened(path) as packed:
        names = [one.filename for one in packed.infolist() if one.filename.endswith(".json") and "/" not in one.filename]
        found = []
        for name in names[:100]:
            with packed.open(name) as file:
                found += [name] if _is_ours(file.read(5000)) else []
        return found


def read(path: Path) -> Iterator[Draft | Skipped]:
    """One draft an entry; pictures are left out. Raises InputError."""
    for where, data in _files(path):
        try:
            entries = json.loads(data)["entries"]
        except (ValueError, KeyError, TypeError, RecursionError) as exc:
            raise InputError(f"{path} is damaged ({type(exc).__name__}). Export it again.") from exc
        for number, fields in enumerate(entries if isinstance(entries, list) else [], 1):
            place = f"{where}entry {number}"
            yield _draft(fields, place) if isinstance(fields, dict) else Skipped(place, "not an object")


def _files(path: Path) -> Iterator[tuple[str, str]]:
    """Each journal's place, for messages, and its text. Raises InputError."""
    too_large = InputError(f"{path} is larger than {MOST_BYTES // 1_000_000} MB. Export it in parts.")
    try:
        if path.suffix != ".zip":
            if path.stat().st_size > MOST_BYTES:
                raise too_large
            yield "", read_plain(path, MOST_BYTES, "utf-8-sig")
            return
        left = MOST_BYTES  # for all of them: many small archives make a large one
        for name in _journals(path):
            with archive.opened(path) as packed, packed.open(name) as file:
                data = file.read(left + 1)  # the archive's own word for the size may be a lie
            left -= len(data)
            if left < 0:
                raise too_large
            yield f"{name}, ", data.decode("utf-8-sig")
    except archive.BROKEN as exc:
        raise InputError(f"{path} cannot be read ({type(exc).__name__}). Export it again.") from exc


def _draft(fields: dict[str, Any], place: str) -> Draft | Skipped:
    text = _ESCAPED.sub(r"\1", _PICTURE.sub("", text_of(fields.get("text")) or _rich(fields.get("richText")))).strip()
    if not text:
        return Skipped(place, "no text")
    tags = tuple(tag.lower() for tag in text_of(fields.get("tags")).split("\n") if tag)
    title = opening(text.lstrip("# "))
    moment, zone = text_of(fields.get("creationDate")), text_of(fields.get("timeZone"))
    return Draft(text_of(fields.get("uuid")) or text, title or "Untitled", text, _day(moment, zone), tags=tags)


def _rich(value: object) -> str:
    """The words of an entry that newer versions keep in pieces with their styles."""
    try:
        pieces = json.loads(value)["contents"] if isinstance(value, str) else []
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
    return "".join(text_of_piece(one) for one in pieces) if isinstance(pieces, list) else ""


def text_of_piece(piece: object) -> str:
    """A piece's words with the spaces around them, which join it to its neighbours.

    >>> text_of_piece({"text": "We were ", "attributes": {"bold": True}})
    'We were '
    """
    text = piece.get("text") if isinstance(piece, dict) else None
    return text.encode("utf-8", "replace").decode() if isinstance(text, str) else ""


def _day(moment: str, zone: str) -> date | None:
    """The day on which it was where the entry was written."""
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        return None
    try:
        return at.astimezone(ZoneInfo(zone)).date() if zone and at.tzinfo else at.date()
    except (ValueError, OSError, OverflowError, KeyError, ImportError, TypeError):  # KeyError: no such zone
        return at.date()
