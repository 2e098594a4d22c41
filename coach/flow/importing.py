"""Brings what a file holds into the journal: first a plan, which can be looked at, then the writing of it.

What is there already is recognised, so that an interrupted import goes on where it stopped.
"""

import re
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from pydantic import ValidationError

from coach.clock.base import Clock
from coach.errors import NotFound
from coach.flow.events import ContextGiven, Imported, from_record
from coach.flow.review import Review, replay
from coach.importers import importer_for
from coach.importers.base import Draft, Item, Skipped
from coach.journal.base import Journal
from coach.schema import ALL_ENTRIES, MOST_TITLE, Context, Entry, Kept, PeriodReview, Record, ReviewHead, Unfinished

_NAMESPACE = uuid.UUID("6a1f3f0e-5f0b-4c39-9d6e-8d2c5b7f1a10")

_LINK = re.compile(r"why\.[0-9]{1,6}\.[0-9]{1,6}")
_AT_ONCE = 50  # entries in one transaction: it is the transactions that take the time
Progress = Callable[[int, int], None]


@dataclass
class Plan:
    """What an import would do. ``new``: entries by the id that each will have; ``known``: how many are there already; ``undated``:
    how many new ones carry today's date for want of their own; ``columns``: for a table, which column was taken for which field."""

    format_name: str
    format_title: str = ""
    columns: tuple[str, ...] = ()
    new: dict[str, Draft | Kept] = field(default_factory=dict)
    new_periods: list[PeriodReview] = field(default_factory=list)
    new_unfinished: list[Unfinished] = field(default_factory=list)
    known: int = 0
    undated: int = 0
    skipped: list[Skipped] = field(default_factory=list)

    @property
    def added(self) -> int:
        """How many things are new."""
        return len(self.new) + len(self.new_periods) + len(self.new_unfinished)

    def sample(self, most: int) -> list[tuple[date | None, str]]:
        """Days and titles of the first new entries; None for a day that is not known."""
        found = (item.entry if isinstance(item, Kept) else item for item in list(self.new.values())[:most])
        return [(one.happened_on, one.title) for one in found]


@dataclass
class Taken:
    """Ids of entries and reviews that another file of the same import brings; files may hold the same things."""

    entries: set[str] = field(default_factory=set)
    reviews: set[str] = field(default_factory=set)


def plan_of(journal: Journal, path: Path, columns: Mapping[str, str], taken: Taken | None = None) -> Plan:
    """The plan for a file or folder, in whatever format it is. Raises InputError.

    Args:
        columns: for a table, an entry's fields to the columns that hold them, over what their names say.
        taken: what the files before it in the same import bring; grows.
    """
    module = importer_for(path)
    is_table = hasattr(module, "matched_columns")
    items = module.read(path, columns) if is_table else module.read(path)
    plan = planned(journal, getattr(module, "FORMAT", module.__name__.rsplit(".", 1)[-1]), items, taken)
    plan.format_title = str(module.NAME)
    plan.columns = tuple(module.matched_columns(path, columns)) if is_table else ()
    return plan


def planned(journal: Journal, format_name: str, items: Iterable[Item], taken: Taken | None = None) -> Plan:
    """Read everything and tell what is new, what is known and what is skipped and why; nothing is written."""
    plan, taken = Plan(format_name), taken if taken is not None else Taken()
    known = journal.entry_ids(ALL_ENTRIES) | taken.entries
    known_periods = {(one.id, one.saved_at) for one in journal.period_reviews()}
    for item in items:
        if isinstance(item, Skipped):
            plan.skipped.append(item)
        elif isinstance(item, PeriodReview):
            is_known = (item.id, item.saved_at) in known_periods
            plan.known += is_known
            plan.new_periods += [] if is_known else [item]
            known_periods.add((item.id, item.saved_at))
        elif isinstance(item, Unfinished):
            _plan_unfinished(journal, plan, item, taken)
        elif (id := _id_of(item, format_name)) in known:
            plan.known += 1
        elif isinstance(item, Kept) and (reason := _why_not(journal, item, taken)):
            plan.skipped.append(Skipped(f"entry {id[:12]}", reason))
        else:
            plan.new[id] = item
            known.add(id)
            taken.entries.add(id)
            taken.reviews |= {item.entry.review_id} if isinstance(item, Kept) else set()
            plan.undated += isinstance(item, Draft) and item.happened_on is None
    return plan


def _plan_unfinished(journal: Journal, plan: Plan, item: Unfinished, taken: Taken) -> None:
    """A review that goes on is new where the journal has none of its id."""
    review = _replayed(item.head.id, item.records)
    if item.head.id in taken.reviews or _has_review(journal, item.head.id):
        plan.known += 1
    elif review is None or review.status != item.head.status or review.status == "closed":
        plan.skipped.append(Skipped(f"unfinished review {item.head.id[:12]}", "it cannot be used"))
    else:
        plan.new_unfinished.append(item)
        taken.reviews.add(item.head.id)


def bring_in(journal: Journal, clock: Clock, plan: Plan, progress: Progress = lambda done, total: None) -> None:
    """Write what is new; what is written stays when the rest is interrupted. Raises JournalError."""
    new = list(plan.new.items())
    for at in range(0, len(new), _AT_ONCE):
        journal.append_new([_brought(id, item, clock, plan.format_name) for id, item in new[at : at + _AT_ONCE]])
        progress(min(at + _AT_ONCE, len(new)), len(new))
    for made in plan.new_periods:
        journal.save_period_review(made)
    for one in plan.new_unfinished:
        journal.append(one.head, 0, one.records)
        for slot, text in one.drafts.items():
            journal.save_draft(one.head.id, slot, text, clock.now())


def _id_of(item: Draft | Kept, format_name: str) -> str:
    return item.entry.id if isinstance(item, Kept) else entry_id(format_name, item.key)


def _why_not(journal: Journal, kept: Kept, taken: Taken) -> str:
    """Why an entry's review cannot be brought in; empty where it can."""
    if kept.entry.review_id in taken.reviews or _has_review(journal, kept.entry.review_id):
        return "its review is in the journal already, with another entry"
    if not kept.review:
        return ""
    review = _replayed(kept.entry.review_id, kept.review)
    if review is None:
        return "its review cannot be used"
    return "" if review.entry_id == kept.entry.id else "its review belongs to another entry"


def _has_review(journal: Journal, review_id: str) -> bool:
    try:
        return bool(journal.records(review_id))
    except NotFound:
        return False


def _replayed(review_id: str, records: Sequence[Record]) -> Review | None:
    """The review that events from a file add up to; None where they are no review."""
    numbers = [record.seq for record in records]
    try:
        review = replay(review_id, (from_record(record) for record in records))
    except (ValidationError, ValueError, KeyError, IndexError, AttributeError, TypeError):
        return None
    slots = [*review.why_slots, *(f"why.1.{row.slot.rpartition('.')[2]}" for row in review.all_rows)]
    named_as_here = all(_LINK.fullmatch(slot) for slot in slots)  # the next one gets its number from these
    return review if records and named_as_here and numbers == list(range(1, len(numbers) + 1)) else None


def entry_id(format_name: str, key: str) -> str:
    """The id that a draft of a format gets, the same each time.

    >>> entry_id("safenet", "safenet-0001") == entry_id("safenet", "safenet-0001")
    True
    """
    return uuid.uuid5(_NAMESPACE, f"{format_name}:{key}".encode("utf-8", "replace").decode()).hex


def entry_of(id: str, draft: Draft, clock: Clock) -> Entry:
    """The entry that a draft becomes; today stands for a date that it does not have."""
    now = clock.now()
    return Entry(
        id=id,
        review_id=f"imported-{id}",
        happened_on=draft.happened_on or now.date(),
        title=draft.title[:MOST_TITLE] or "Untitled",
        tags=draft.tags,
        situation=draft.situation,
        root_cause=draft.root_cause,
        lesson=draft.lesson,
        change=draft.change,
        kind=draft.kind,
        parts=draft.parts,
        closed_at=now,
    )


def _brought(id: str, item: Draft | Kept, clock: Clock, format_name: str) -> tuple[ReviewHead, Sequence[Record], Kept]:
    """An entry with all that belongs to it, and the review that it came from or would have come from."""
    kept = item if isinstance(item, Kept) else Kept(entry=entry_of(id, item, clock))
    entry, records = kept.entry, kept.review or _records(kept.entry, clock, format_name)
    at = {"started_at": records[0].at, "updated_at": records[-1].at}
    return ReviewHead(id=entry.review_id, title=entry.title, status="closed", stage="close", **at), records, kept


def _records(entry: Entry, clock: Clock, format_name: str) -> list[Record]:
    """What happened to an entry that was not written here."""
    title = entry.title[:MOST_TITLE] or "Untitled"
    context = Context(kind=entry.kind, happened_on=entry.happened_on, title=title, tags=entry.tags)
    happened: Sequence[ContextGiven | Imported] = (ContextGiven(context=context), Imported(entry_id=entry.id, source=format_name))
    return [
        Record(seq=seq, at=clock.now(), type=event.type, data=event.model_dump(mode="json", exclude={"type"}))
        for seq, event in enumerate(happened, 1)
    ]
