"""Gathers the whole log for an export: every entry with all that belongs to it, in the order of their days."""

from coach.journal.base import Journal
from coach.schema import ALL_ENTRIES, Kept


def kept_log(journal: Journal) -> list[Kept]:
    """The log without its reviews, the oldest entry first."""
    names = {head.id: head.name for head in journal.patterns()}
    placed = {one.entry_id: names.get(one.pattern_id or "", "") for one in journal.placings()}
    archived = journal.archived()
    entries = sorted(journal.entries(ALL_ENTRIES), key=lambda entry: (entry.happened_on, entry.id))
    return [
        Kept(
            entry=entry,
            next_check_in=journal.next_check_in(entry.id),
            check_ins=tuple(journal.check_ins(entry.id)),
            versions=tuple(journal.versions(entry.id)),
            archived=entry.id in archived,
            pattern=placed.get(entry.id, ""),
        )
        for entry in entries
    ]
