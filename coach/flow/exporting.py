"""Gathers the whole log for an export: every entry with all that belongs to it, in the order of their days."""

from collections.abc import Mapping
from typing import Any

from coach.errors import NotFound
from coach.journal.base import Journal
from coach.schema import ALL_ENTRIES, Kept, PatternHead, Placing, Record, Unfinished, WholeLog


def whole_log(journal: Journal) -> WholeLog:
    """Everything that a person keeps here: the oldest entry, and the oldest period, first."""
    heads = {head.id: head for head in journal.patterns() if head.name}
    placed, outcomes = {one.entry_id: one for one in journal.placings()}, journal.outcomes()
    archived, check_ins = journal.archived(), journal.all_check_ins()
    entries = sorted(journal.entries(ALL_ENTRIES), key=lambda entry: (entry.happened_on, entry.id))
    kept = [
        Kept(
            entry=entry,
            next_check_in=journal.next_check_in(entry.id),
            check_ins=tuple(check_ins.get(entry.id, ())),
            versions=tuple(journal.versions(entry.id)),
            archived=entry.id in archived,
            review=_review(journal, entry.review_id),
            outcome=outcomes.get(entry.id),
            **_place(placed.get(entry.id), heads),
        )
        for entry in entries
    ]
    unfinished = [
        Unfinished(head=head, records=tuple(journal.records(head.id)), drafts=dict(sorted(journal.drafts(head.id).items())))
        for head in sorted([*journal.reviews("open"), *journal.reviews("discarded")], key=lambda head: head.id)
    ]
    periods = tuple(reversed(journal.period_reviews()))
    return WholeLog(kept=tuple(kept), period_reviews=periods, unfinished=tuple(unfinished))


def _place(placing: Placing | None, heads: Mapping[str, PatternHead]) -> dict[str, Any]:
    """Where an entry belongs, as far as that has a name or the person said so."""
    if placing is None:
        return {}
    head = heads.get(placing.pattern_id or "")
    if head:
        said = {"pattern": head.name, "pattern_by": head.named_by, "pattern_hidden": head.hidden}
        return {**said, "placed_by": placing.placed_by}
    return {"belongs_nowhere": placing.pattern_id is None and placing.placed_by == "person"}


def _review(journal: Journal, review_id: str) -> tuple[Record, ...]:
    """The events of a review that was written here; one that was imported is made anew wherever it comes in."""
    try:
        records = journal.records(review_id)
    except NotFound:
        return ()
    return () if any(record.type == "imported" for record in records) else tuple(records)
