"""Brings drafts from a file into the journal: what is there already is recognised, so that an interrupted import goes on."""

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from coach.clock.base import Clock
from coach.flow.events import ContextGiven, Imported
from coach.importers.base import Draft, Skipped
from coach.journal.base import Journal
from coach.schema import ALL_ENTRIES, Context, Entry, Kept, Record, ReviewHead

_NAMESPACE = uuid.UUID("6a1f3f0e-5f0b-4c39-9d6e-8d2c5b7f1a10")

_AT_ONCE = 50  # entries in one transaction: it is the transactions that take the time
Progress = Callable[[int, int], None]


@dataclass
class Outcome:
    """What became of a file: how many entries are new, how many were there before, how many of the new ones carry today's date for
    want of their own, and what was skipped."""

    added: int = 0
    known: int = 0
    undated: int = 0
    skipped: list[Skipped] = field(default_factory=list)


def bring_in(
    journal: Journal,
    clock: Clock,
    format_name: str,
    items: Iterable[Draft | Kept | Skipped],
    progress: Progress = lambda done, total: None,
) -> Outcome:
    """Write each draft that is new as an entry of its own; what is written stays when the rest is interrupted."""
    outcome, known, read = Outcome(), journal.entry_ids(ALL_ENTRIES), list(items)
    for at in range(0, len(read), _AT_ONCE):
        new: dict[str, Draft | Kept] = {}
        for item in read[at : at + _AT_ONCE]:
            if isinstance(item, Skipped):
                outcome.skipped.append(item)
            elif _id_of(item, format_name) in known | set(new):
                outcome.known += 1
            else:
                new[_id_of(item, format_name)] = item
        _write(journal, clock, format_name, new)
        known |= set(new)
        outcome.added += len(new)
        outcome.undated += sum(isinstance(item, Draft) and item.happened_on is None for item in new.values())
        progress(min(at + _AT_ONCE, len(read)), len(read))
    return outcome


def _id_of(item: Draft | Kept, format_name: str) -> str:
    return item.entry.id if isinstance(item, Kept) else entry_id(format_name, item.key)


def _write(journal: Journal, clock: Clock, format_name: str, new: dict[str, Draft | Kept]) -> None:
    entries = [item.entry if isinstance(item, Kept) else entry_of(id, item, clock) for id, item in new.items()]
    journal.append_new([_finished(entry, clock, format_name) for entry in entries])
    for item in new.values():
        if isinstance(item, Kept):
            journal.save_kept(item)


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
        title=draft.title[:200] or "Untitled",
        tags=draft.tags,
        situation=draft.situation,
        root_cause=draft.root_cause,
        lesson=draft.lesson,
        change=draft.change,
        closed_at=now,
    )


def _finished(entry: Entry, clock: Clock, format_name: str) -> tuple[ReviewHead, list[Record], Entry]:
    """The entry with the review that it would have come from."""
    now = clock.now()
    context = Context(happened_on=entry.happened_on, title=entry.title, tags=entry.tags)
    happened: Sequence[ContextGiven | Imported] = (ContextGiven(context=context), Imported(entry_id=entry.id, source=format_name))
    records = [
        Record(seq=seq, at=now, type=event.type, data=event.model_dump(mode="json", exclude={"type"}))
        for seq, event in enumerate(happened, 1)
    ]
    head = ReviewHead(id=entry.review_id, title=entry.title, status="closed", stage="close", started_at=now, updated_at=now)
    return head, records, entry
