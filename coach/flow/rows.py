"""Steps that take rows: each row is an answer of its own, with a few facts beside it, and may stand under another one."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from dateutil import parser as dates

from coach.errors import InputError
from coach.flow import events as ev
from coach.flow.desk import Desk, checked
from coach.flow.review import Review, Row
from coach.judge.safety import shows_danger
from coach.reviews.kinds import ReviewKind, StepOf
from coach.schema import EntryPart

MOST_ROWS = 500
GAP = timedelta(minutes=30)
"""From here on the time between two moments of a timeline is shown: where nothing is noted, something was not seen."""

_A_NIGHT = timedelta(hours=12)
_TIME_ALONE = re.compile(r"^\s*\d{1,2}[:.]\d\d([:.]\d\d)?\s*([ap]\.?m\.?)?\s*$", re.IGNORECASE)


class Rows(Desk):
    """What the coach does in a step that takes rows."""

    def add_row(self, review: Review, step: StepOf, text: str, cells: dict[str, str], parent: str = "") -> Review:
        """Add a row; its text becomes an answer that is judged like any other. Raises InputError."""
        clean, rows = checked(text), review.rows_of(step.name)
        if len(rows) >= MOST_ROWS:
            raise InputError(f"There are {MOST_ROWS} here already. Put some of them together, or take one out.")
        number = 1 + max((int(row.slot.rsplit(".", 1)[1]) for row in review.all_rows if row.step == step.name), default=0)
        slot = f"{step.name}.{number}"
        happened: list[ev.Event] = [
            ev.RowAdded(slot=slot, step=step.name, cells=_cells(step, cells), parent=parent),
            ev.Answered(slot=slot, text=clean),
        ]
        return self._add(review, *happened, *([ev.Halted(slot=slot)] if shows_danger(clean) else []))

    def fill_row(self, review: Review, step: StepOf, slot: str, cells: dict[str, str]) -> Review:
        """Change the facts beside a row. Raises InputError."""
        return self._add(review, ev.RowFilled(slot=slot, cells=_cells(step, cells)))

    def remove_row(self, review: Review, slot: str) -> Review:
        """Take a row out, with those under it."""
        return self._add(review, ev.RowRemoved(slot=slot))


def _cells(step: StepOf, cells: dict[str, str]) -> dict[str, str]:
    """The facts that the step has columns for. Raises InputError for a time or a day that is none."""
    found = {column.name: " ".join(cells.get(column.name, "").split())[:300] for column in step.columns}
    for column in step.columns:
        if column.holds == "time" and found[column.name] and moment(found[column.name], date(2000, 1, 1)) is None:
            raise InputError(f"“{column.label}” is not a time. Write it as 14:05, or as 2026-03-03 14:05.")
    return {name: value for name, value in found.items() if value}


def moment(text: str, on: date) -> datetime | None:
    """The moment that a time names, without its zone; a time alone is one of the day ``on``.

    >>> moment("14:05", date(2026, 3, 3)).isoformat(), moment("3 March 2026 2:05 pm", date(2020, 1, 1)).isoformat()
    ('2026-03-03T14:05:00', '2026-03-03T14:05:00')
    """
    try:
        start = datetime(on.year, on.month, on.day)
        found = dates.parse(text.replace(".", ":") if _TIME_ALONE.match(text) else text, default=start)
    except (ValueError, OverflowError, TypeError):
        return None
    return found.replace(tzinfo=None) if re.search(r"\d", text) else None


@dataclass(frozen=True)
class Placed:
    """A row where it is shown: how deep it stands, and, in a timeline, how long nothing was noted before it."""

    row: Row
    depth: int = 0
    gap: timedelta | None = None


def in_order(step: StepOf, rows: Iterable[Row], on: date) -> list[Placed]:
    """Rows as they are shown: each under its parent; where the step has an order, by it, rows without the fact last."""
    listed = list(rows)
    if step.ordered_by:
        return _sorted(step, listed, on)
    placed = list[Placed]()

    def put(parent: str, depth: int) -> None:
        for row in listed:
            if row.parent == parent:
                placed.append(Placed(row, depth))
                put(row.slot, depth + 1)

    put("", 0)
    return placed


def _sorted(step: StepOf, rows: list[Row], on: date) -> list[Placed]:
    column = next(column for column in step.columns if column.name == step.ordered_by)
    if column.holds != "time":
        places = {choice: at for at, choice in enumerate(column.choices)}
        return [Placed(row) for row in sorted(rows, key=lambda row: places.get(row.cells.get(column.name, ""), len(places)))]
    at = _moments(column.name, rows, on)
    timed = sorted((row for row in rows if at[row.slot]), key=lambda row: at[row.slot] or datetime.max)
    placed = list[Placed]()
    for number, row in enumerate(timed):
        before, now = at[timed[number - 1].slot] if number else None, at[row.slot]
        gap = now - before if before and now else None
        placed.append(Placed(row, gap=gap if gap and gap >= GAP else None))
    return placed + [Placed(row) for row in rows if not at[row.slot]]


def _moments(column: str, rows: list[Row], on: date) -> dict[str, datetime | None]:
    """When each row was. A time alone is of the day of the row before it, or of the next day where it would lie far behind: a night
    has passed."""
    found: dict[str, datetime | None] = {}
    day, before = on, None
    for row in rows:
        cell = row.cells.get(column, "")
        told = moment(cell, day)
        if told and before and _TIME_ALONE.match(cell) and before - told > _A_NIGHT:
            told += timedelta(days=1)
        found[row.slot] = told
        day, before = (told.date(), told) if told else (day, before)
    return found


def span(gap: timedelta) -> str:
    """How long a gap is, as one says it.

    >>> span(timedelta(minutes=95)), span(timedelta(days=2))
    ('1 h 35 min', '2 d')
    """
    minutes = int(gap.total_seconds()) // 60
    parts = [(minutes // 1440, "d"), (minutes % 1440 // 60, "h"), (minutes % 60, "min")]
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or "0 min"


def text_of(review: Review, kind: ReviewKind, name: str) -> str:
    """What a step came to, as text: its answer, the roots of the chain of whys, or its rows a line each."""
    step = kind.step(name)
    if step is None:
        return ""
    if step.does == "whys":
        return review.root_cause
    if step.does != "rows":
        return review.slot(step.place).text
    return "\n".join(_line(review, step, placed) for placed in _placed(review, step))


def part_of(review: Review, kind: ReviewKind, name: str) -> EntryPart | None:
    """A step as the entry keeps it whole; None where nothing was answered."""
    step = kind.step(name)
    if step is None:
        return None
    if step.does != "rows":
        text = text_of(review, kind, name)
        return EntryPart(name=name, heading=step.ask, text=text) if text else None
    labels = {column.name: column.label for column in step.columns}
    rows = tuple(
        {
            "text": review.slot(placed.row.slot).text,
            "depth": str(placed.depth),
            **{labels[key]: value for key, value in placed.row.cells.items() if key in labels},
            **({"gap": span(placed.gap)} if placed.gap else {}),
        }
        for placed in _placed(review, step)
    )
    return EntryPart(name=name, heading=step.ask, rows=rows) if rows else None


def _placed(review: Review, step: StepOf) -> list[Placed]:
    on = review.context.happened_on if review.context else date(2000, 1, 1)
    return in_order(step, review.rows_of(step.name), on)


def _line(review: Review, step: StepOf, placed: Placed) -> str:
    facts = ", ".join(placed.row.cells[column.name] for column in step.columns if placed.row.cells.get(column.name))
    words = " ".join(review.slot(placed.row.slot).text.split())
    return f"{'  ' * placed.depth}- {words}{f' ({facts})' if facts else ''}"
