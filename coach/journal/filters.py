"""Filters as conditions of a query over ``entries``, so that words, date, tag, tendency, control and status are one query."""

from datetime import date

from coach.schema import Filters, Status

_DUE = "(entries.next_check_in <= ? AND entries.outcome IS NOT 'dropped')"
_STATUS: dict[Status, str] = {
    "due": _DUE,
    "planned": f"(coalesce(entries.outcome, 'no_occasion') = 'no_occasion' AND NOT coalesce({_DUE}, 0))",
    "kept": f"(entries.outcome = 'kept' AND NOT coalesce({_DUE}, 0))",
    "not_kept": f"(entries.outcome = 'not_kept' AND NOT coalesce({_DUE}, 0))",
    "dropped": "entries.outcome = 'dropped'",
}
_MARKED = "entries.id IN (SELECT entry_id FROM entry_marks WHERE kind = ? AND mark = ?)"


def tag_mark(tag: str) -> str:
    """A tag as it is compared.

    >>> tag_mark(" Work ")
    'work'
    """
    return tag.strip().lower()


def condition(filters: Filters, today: date) -> tuple[str, list[object]]:
    """An SQL condition over ``entries`` and its values; ``1`` where nothing is filtered."""
    parts: list[tuple[str, list[object]]] = []
    if filters.archived is not None:
        parts.append(("entries.archived = ?", [int(filters.archived)]))
    if filters.since:
        parts.append(("entries.happened_on >= ?", [filters.since.isoformat()]))
    if filters.until:
        parts.append(("entries.happened_on <= ?", [filters.until.isoformat()]))
    parts += [(_MARKED, ["tag", tag_mark(tag)]) for tag in filters.tags]
    if filters.control:
        parts.append((_MARKED, ["control", filters.control]))
    if filters.pattern:
        parts.append(("entries.id IN (SELECT entry_id FROM placings WHERE pattern_id = ?)", [filters.pattern]))
    if filters.status:
        sql = _STATUS[filters.status]
        parts.append((sql, [today.isoformat()] * sql.count("?")))
    return " AND ".join(sql for sql, _ in parts) or "1", [value for _, values in parts for value in values]
