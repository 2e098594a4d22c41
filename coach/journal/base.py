"""What the rest of the program may ask of the journal, the text of record.

A review is kept as the events that made it, in order and never changed, so each answer is safe the moment it is given
and every version of it is kept. Whoever appends says how many events they have seen: if another window was quicker,
that is a Conflict and nothing is written.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from coach.llm.base import Vector
from coach.schema import (
    NO_FILTERS,
    CheckIn,
    Dismissal,
    Entry,
    EntryVersion,
    Filters,
    Kept,
    Outcome,
    PatternHead,
    PeriodReview,
    Placing,
    Record,
    ReviewHead,
    Status,
)


class Journal(Protocol):
    """Keeps reviews, drafts, entries with their vectors and check-ins, patterns, and reviews of a period.

    Every method raises JournalError when the file fails.
    """

    def append(self, head: ReviewHead, seen: int, records: Sequence[Record], entry: Entry | None = None) -> None:
        """Add events to a review (made if new) and, at its close, its entry: all or nothing. Raises Conflict."""
        ...

    def append_new(self, brought: Sequence[tuple[ReviewHead, Sequence[Record], Kept]]) -> None:
        """Add finished reviews that are not there yet, with their events, their entries and all that belongs to these (check-ins,
        versions, the place in a pattern of that name): all or nothing."""
        ...

    def records(self, review_id: str) -> list[Record]:
        """A review's events in order. Raises NotFound."""
        ...

    def reviews(self, status: str) -> list[ReviewHead]:
        """Reviews of a status, the last touched first."""
        ...

    def dismissals(self) -> list[Dismissal]:
        """Every "not so here" that was not taken back, in any review."""
        ...

    def save_draft(self, review_id: str, slot: str, text: str, at: datetime) -> None:
        """Keep what is typed but not sent; an empty text forgets it."""
        ...

    def drafts(self, review_id: str) -> dict[str, str]:
        """What was typed but not sent, by slot."""
        ...

    def entries(self, filters: Filters = NO_FILTERS, today: date = date.max) -> list[Entry]:
        """The Failure Log, newest first; those that the filters let through. ``today`` tells which check-ins are due."""
        ...

    def entry_ids(self, filters: Filters = NO_FILTERS, today: date = date.max) -> set[str]:
        """The ids of these entries."""
        ...

    def entry(self, entry_id: str) -> Entry:
        """One entry. Raises NotFound."""
        ...

    def entries_of(self, ids: Sequence[str]) -> list[Entry]:
        """Entries by id, in that order, without those that are not there."""
        ...

    def search_words(self, query: str, most: int, filters: Filters = NO_FILTERS, today: date = date.max) -> list[str]:
        """Ids of entries that hold the words, the best first; any text is a valid query."""
        ...

    def tags(self) -> list[str]:
        """All tags, the most used first."""
        ...

    def save_vectors(self, view: str, embedder: str, vectors: Mapping[str, Vector]) -> None:
        """Keep entries' vectors of one view, made by the embedder of that hash; entries that are gone are passed over."""
        ...

    def vectors(self, view: str, embedder: str, ids: Sequence[str] | None = None) -> Mapping[str, Vector]:
        """The vectors of a view by entry id, of all entries or of some; only those made by that embedder."""
        ...

    def vector_ids(self, view: str, embedder: str) -> set[str]:
        """The ids of the entries that have a vector of a view, made by that embedder."""
        ...

    def save_check_in(self, made: CheckIn) -> None:
        """Keep what a check-in on an entry's change said, and when the next one is. Raises NotFound."""
        ...

    def plan_check_in(self, entry_id: str, on: date | None) -> None:
        """Set when the next check-in on a new change is; what was said of the old one stays."""
        ...

    def next_check_in(self, entry_id: str) -> date | None:
        """When the next check-in on an entry's change is; None where none is planned."""
        ...

    def edit(self, entry: Entry, at: datetime) -> None:
        """Put an entry in the place of its present version, which is kept with all before it. Raises NotFound."""
        ...

    def versions(self, entry_id: str) -> list[EntryVersion]:
        """Earlier versions of an entry, the first one first."""
        ...

    def archive(self, entry_id: str, archived: bool = True) -> None:
        """Put an entry out of lists and search, or back."""
        ...

    def archived(self) -> set[str]:
        """The ids of archived entries."""
        ...

    def erase(self, entry_id: str) -> None:
        """Remove an entry and its whole review, from the file and from its copies, so that no byte of it stays. Raises NotFound."""
        ...

    def check_ins(self, entry_id: str) -> list[CheckIn]:
        """Check-ins on an entry's change, the first one first."""
        ...

    def all_check_ins(self) -> dict[str, list[CheckIn]]:
        """The check-ins of every entry that has any, by its id, the first one first."""
        ...

    def outcomes(self) -> dict[str, Outcome]:
        """What the last check-in said of the present change, by entry; those without one, or with a new change, are not in it."""
        ...

    def statuses(self, ids: Sequence[str], today: date) -> dict[str, Status]:
        """How the planned changes of some entries stand."""
        ...

    def patterns(self) -> list[PatternHead]:
        """All patterns in the order they were made, hidden ones too."""
        ...

    def save_pattern(self, head: PatternHead, placings: Iterable[Placing] = ()) -> None:
        """Make a pattern, or change its head, and place entries: all or nothing."""
        ...

    def place(self, placings: Iterable[Placing], drop_pattern: str | None = None) -> None:
        """Place entries, then forget a pattern, if one is named: all or nothing. Raises NotFound for a pattern that is gone."""
        ...

    def placings(self) -> list[Placing]:
        """Where each entry was placed; an entry that is not in it has not been looked at yet."""
        ...

    def save_period_review(self, made: PeriodReview) -> None:
        """Keep a review of a period, beside what was saved of it before."""
        ...

    def period_reviews(self) -> list[PeriodReview]:
        """All versions of all reviews of a period, the latest period first and of each the last version first."""
        ...

    def erase_period_review(self, id: str) -> None:
        """Remove a review of a period with its versions, from the copies too, so that no byte of it stays. Raises NotFound."""
        ...

    def close(self) -> None:
        """Release the file."""
        ...
