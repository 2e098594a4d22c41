"""What every part of the review's engine has: the boundaries it works with, and how events get into the journal."""

from collections.abc import Callable, Iterator
from typing import Literal

from coach.clock.base import Clock
from coach.errors import InputError
from coach.flow import events as ev
from coach.flow.review import Review, apply
from coach.journal.base import Journal
from coach.judge.judge import Judge
from coach.patterns.book import PatternBook
from coach.prompts import Judgement
from coach.pushback.ask import Asker, Piece
from coach.recall import Recall
from coach.reviews.kinds import Kinds, ReviewKind, shipped_kinds
from coach.schema import Entry, Record, ReviewHead

MOST_CHARACTERS = 1_000_000


class Desk:
    """Where a review is worked on.

    Args:
        new_id: gives a fresh id for a review, an entry or a factor.
        book: the recurring tendencies, which a closed review's entry is placed in.
        asker: asks back; None for the questions written by hand.
        kinds: the kinds of review that there are; those that ship where None is given.
    """

    def __init__(
        self,
        journal: Journal,
        judge: Judge,
        recall: Recall,
        clock: Clock,
        new_id: Callable[[], str],
        judgements: dict[str, Judgement],
        book: PatternBook,
        asker: Asker | None = None,
        kinds: Kinds | None = None,
    ) -> None:
        self.journal, self.judge, self.recall, self.clock, self.book = journal, judge, recall, clock, book
        self._new_id, self._judgements, self._asker = new_id, judgements, asker
        self.kinds = kinds or shipped_kinds()
        self.on_step: Callable[[str, int], None] = lambda review_id, seq: None
        """Told of each step of a review that was kept: the review's id and how many events it has."""

    def kind_of(self, review: Review) -> ReviewKind:
        """The kind of a review."""
        return self.kinds.of(review.kind)

    def _add(self, review: Review, *happened: ev.Event, entry: Entry | None = None) -> Review:
        """Put events into the journal and onto the review."""
        now, before = self.clock.now(), review.seq
        for event in happened:
            review = apply(review, event)
        records = [
            Record(seq=before + i, at=now, type=event.type, data=event.model_dump(mode="json", exclude={"type"}))
            for i, event in enumerate(happened, 1)
        ]
        title = review.context.title if review.context else ""
        head = ReviewHead(id=review.id, title=title, status=review.status, stage=review.stage, started_at=now, updated_at=now)
        self.journal.append(head, before, records, entry)
        self.on_step(review.id, review.seq)
        return review


def noting(pieces: Iterator[Piece], said: list[Piece]) -> Iterator[Piece]:
    """Pass pieces on and note them."""
    for piece in pieces:
        said.append(piece)
        yield piece


def joined(said: list[Piece]) -> str:
    """All pieces as one question."""
    return "".join(piece.text for piece in said).strip()


def author(said: list[Piece]) -> Literal["model", "hand"]:
    """Who wrote the question that stands behind the quote."""
    return "model" if any(piece.by == "model" for piece in said) else "hand"


def checked(text: str) -> str:
    """The text as it is kept. Raises InputError."""
    if not text.strip():
        raise InputError("There is nothing here yet. A few words are enough to go on.")
    if len(text) > MOST_CHARACTERS:
        raise InputError(f"That is longer than {MOST_CHARACTERS:,} characters. Keep the part that matters and send it again.")
    return text.strip().encode("utf-8", "replace").decode()
