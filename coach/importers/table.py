"""Tables of other programs as CSV: one row an entry, the columns matched to an entry's fields by their names or as one says.

Delimiter, encoding and the order of day and month are worked out from the whole file, since users' files differ in all three.
"""

import csv
import hashlib
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from coach.careful import open_plain, shown
from coach.errors import InputError
from coach.importers.base import MOST_TEXT, Draft, Item, Skipped, moment_in, opening, within_reach

NAME = "CSV"
FIELDS: dict[str, tuple[str, ...]] = {
    "happened_on": ("happened_on", "date", "day", "when", "happened on", "created", "created at", "created time", "timestamp"),
    "title": ("title", "name", "subject", "headline", "summary"),
    "situation": (
        *("situation", "what happened", "happened", "text", "body", "content", "description", "notes", "note", "entry"),
        *("details", "event", "incident", "journal"),
    ),
    "root_cause": ("root_cause", "root cause", "cause", "why", "reason", "causes"),
    "lesson": ("lesson", "lessons", "lesson learned", "lessons learned", "learning", "learnings", "takeaway", "insight"),
    "change": ("change", "behavioural change", "behavioral change", "action", "actions", "next time", "next step", "next steps"),
    "tags": ("tags", "tag", "labels", "label", "category", "categories", "area", "areas", "topic", "topics"),
}
"""An entry's fields, and what columns that hold them are commonly called, the likeliest first."""

_MOST_BYTES = 200_000_000  # several times the largest table that a spreadsheet opens
_MOST_COLUMNS = 500  # more than one can choose from
_DEFAULTS = (datetime(2000, 1, 1), datetime(2001, 2, 2))
_ENCODINGS = ("utf-8-sig", "cp1252")
_NUMERIC = re.compile(r"^\s*(\d{1,4})[./-](\d{1,2})[./-](\d{1,4})")


@dataclass(frozen=True)
class Table:
    """A file's columns in order, its rows with the lines that they begin on, and whether its dates name the day first."""

    columns: tuple[str, ...]
    rows: Sequence[tuple[int, Sequence[str]]]
    day_first: bool


def recognises(path: Path) -> bool:
    """Whether it is called a table of values."""
    return path.is_file() and path.suffix.lower() in (".csv", ".tsv")


def read(path: Path, columns: Mapping[str, str] | None = None) -> Iterator[Item]:
    """One draft a row. ``columns``: an entry's field to the column that holds it, over what the names say. Raises InputError."""
    table = load(path, columns)
    where = matched(table.columns, columns or {})
    if not {"situation", "title"} & set(where):
        known = _named(table.columns) or "none"
        raise InputError(
            f"No column of {path.name} is known to say what happened. Its columns are: {known}. Name one: --column situation=COLUMN"
        )
    seen: dict[str, int] = {}
    for line, row in table.rows:
        cells = {field: row[at].strip() for field, at in where.items() if at < len(row)}
        yield _draft(cells, line, table.day_first, seen)


def matched_columns(path: Path, columns: Mapping[str, str]) -> list[str]:
    """Which column is taken for which field, and how dates are read, in a line each. Raises InputError."""
    table = load(path, columns)
    where = matched(table.columns, columns)
    lines = [f"{field}: from the column {shown(table.columns[at])}" for field, at in where.items()]
    unused = [name for at, name in enumerate(table.columns) if at not in where.values()]
    lines += [f"not imported: {_named(unused)}"] if unused else []
    order = "day, month, year" if table.day_first else "month, day, year"
    return [*lines, f"dates such as 03/04/2026 are read as {order}"] if "happened_on" in where else lines


def _named(columns: Sequence[str]) -> str:
    """The names of columns in a message."""
    return ", ".join(map(shown, columns[:20]))


def matched(names: Sequence[str], columns: Mapping[str, str]) -> dict[str, int]:
    """Which column holds which field; a column that is asked for by name goes before the likely ones. Raises InputError.

    >>> matched(["Created", "Note", "Labels"], {"title": "note"})
    {'title': 1, 'happened_on': 0, 'tags': 2}
    """
    plain = [name.strip().lower().replace("_", " ") for name in names]
    where: dict[str, int] = {}
    for field, name in columns.items():
        if field not in FIELDS:
            raise InputError(f"An entry has no field {shown(field)}. It has: {', '.join(FIELDS)}.")
        if name.strip().lower().replace("_", " ") not in plain:
            raise InputError(f"There is no column of the name given for {field}. The columns are: {_named(names)}.")
        where[field] = plain.index(name.strip().lower().replace("_", " "))
    for field, likely in FIELDS.items():
        found = next((plain.index(name) for name in likely if name in plain and plain.index(name) not in where.values()), None)
        if field not in where and found is not None:
            where[field] = found
    return where


def load(path: Path, columns: Mapping[str, str] | None = None) -> Table:
    """The whole table. Raises InputError."""
    if path.stat().st_size > _MOST_BYTES:
        raise InputError(f"{path} is larger than {_MOST_BYTES // 1_000_000} MB. Split it and import the parts.")
    text = _decoded(path)
    csv.field_size_limit(MOST_TEXT)
    try:
        rows = _numbered(text, _delimiter(text))
    except csv.Error as exc:
        largest = f"{MOST_TEXT // 1_000_000} MB"
        raise InputError(f"{path} is not a table in CSV, or has a cell larger than {largest}. Export it again.") from exc
    if not rows or len(rows[0][1]) > _MOST_COLUMNS:
        raise InputError(f"{path} has no row of column names, or more than {_MOST_COLUMNS} of them. Check it.")
    names = tuple(rows[0][1])
    at = matched(names, columns or {}).get("happened_on")
    days = [row[at] for _, row in rows[1:] if at is not None and at < len(row)]
    return Table(names, rows[1:], day_comes_first(days))


def _decoded(path: Path) -> str:
    try:
        with open_plain(path) as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError as exc:
        raise InputError(f"{path} cannot be read ({type(exc).__name__}). Check its rights.") from exc
    encodings = ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else _ENCODINGS
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InputError(f"{path} is not text in UTF-8, UTF-16 or Windows-1252. Save it as CSV in UTF-8.")


def _delimiter(text: str) -> str:
    """The sign that parts the columns in the first line: the commonest of the usual ones."""
    first = text.split("\n", 1)[0]
    return max(",;\t|", key=first.count)


def _numbered(text: str, delimiter: str) -> list[tuple[int, Sequence[str]]]:
    reader, rows, line = (
        csv.reader(io.StringIO(text.replace("\0", ""), newline=""), delimiter=delimiter),
        list[tuple[int, Sequence[str]]](),
        1,
    )
    for row in reader:
        if any(cell.strip() for cell in row):
            rows.append((line, row))
        line = reader.line_num + 1
    return rows


def day_comes_first(values: Sequence[str]) -> bool:
    """Whether dates such as 03/04/2026 name the day first: no month is above twelve. Where all fit both ways, the day does.

    >>> day_comes_first(["03/04/2026", "03/25/2026"])
    False
    """
    pairs = [(int(found[1]), int(found[2])) for found in map(_NUMERIC.match, values) if found and len(found[1]) < 3]
    return not any(second > 12 for _, second in pairs)


def _draft(cells: Mapping[str, str], line: int, day_first: bool, seen: dict[str, int]) -> Draft | Skipped:
    text = cells.get("situation") or cells.get("title", "")
    if not text:
        return Skipped(f"line {line}", "neither a title nor what happened")
    happened_on = _day(cells.get("happened_on", ""), day_first)
    if happened_on is None and cells.get("happened_on"):
        return Skipped(f"line {line}", "its date cannot be read")
    key = hashlib.sha256(
        "\0".join(f"{name}={value}" for name, value in sorted(cells.items())).encode("utf-8", "replace")
    ).hexdigest()
    seen[key] = seen.get(key, 0) + 1  # the same row twice is two entries, each with a key of its own
    return Draft(
        key=key if seen[key] == 1 else f"{key}-{seen[key]}",
        title=(cells.get("title") or opening(text))[:200],
        situation=text,
        happened_on=happened_on,
        root_cause=cells.get("root_cause", ""),
        lesson=cells.get("lesson", ""),
        change=cells.get("change", ""),
        tags=tuple(
            dict.fromkeys(tag.strip().lstrip("#").lower() for tag in re.split(r"[,;|]", cells.get("tags", "")) if tag.strip())
        ),
    )


def _day(value: str, day_first: bool) -> date | None:
    """The day that a cell names in any common way; None where it names none."""
    if not re.search(r"\d", value):
        return None
    is_iso = bool(re.match(r"\d{4}", value))
    found, again = (moment_in(value, default=default, dayfirst=day_first and not is_iso, yearfirst=is_iso) for default in _DEFAULTS)
    if not found or not again or found.date() != again.date():  # a part that is not named is not made up
        return None
    return within_reach(found.date())
