"""What the rest of the program may ask of the journal, the text of record.

A review is kept as the events that made it, in order and never changed, so each answer is safe the moment it is given
and every version of it is kept. Whoever appends says how many events they have seen: if another window was quicker,
that is a Conflict and nothing is written.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from coach.llm.base import Vector
from coach.schema import Dismissal, Entry, Record, ReviewHead


class Journal(Protocol):
    """Keeps reviews, drafts, entries and their vectors. Every method raises JournalError when the file fails."""

    def append(self, head: ReviewHead, seen: int, records: Sequence[Record], entry: Entry | None = None) -> None:
        """Add events to a review (made if new) and, at its close, its entry: all or nothing. Raises Conflict."""
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

    def entries(self) -> list[Entry]:
        """The Failure Log, newest first."""
        ...

    def entry(self, entry_id: str) -> Entry:
        """One entry. Raises NotFound."""
        ...

    def search_words(self, query: str, most: int) -> list[str]:
        """Ids of entries that hold the words, the best first; any text is a valid query."""
        ...

    def save_vector(self, entry_id: str, view: str, embedder: str, vector: Vector) -> None:
        """Keep an entry's vector of one view, made by the embedder of that hash."""
        ...

    def vectors(self, view: str, embedder: str) -> Mapping[str, Vector]:
        """The vectors of a view by entry id; only those made by that embedder."""
        ...

    def close(self) -> None:
        """Release the file."""
        ...
