from collections.abc import Sequence
from datetime import UTC, date, datetime

import numpy as np
import pytest

from coach.errors import InputError, ModelError, NotFound
from coach.index.memory import MemoryIndex
from coach.journal.sqlite import SqliteJournal
from coach.llm.base import Vector
from coach.patterns.book import PatternBook
from coach.patterns.habits import Habits
from coach.prompts import Tendency
from coach.recall import TENDENCY, Recall, Seen
from coach.schema import Entry, Factor, ReviewHead

AT = datetime(2026, 3, 15, 12, tzinfo=UTC)
TODAY = date(2026, 6, 1)
AXES = {"yes": 0, "late": 1, "angry": 2, "alone": 3}


class Axes:
    """Knows four habits by their first word."""

    sha256, width = "axes", 4

    def embed(self, texts: Sequence[str]) -> Vector:
        return np.vstack([np.eye(4, dtype=np.float32)[AXES[text.split()[0]]] for text in texts])


def keep(journal: SqliteJournal, *ids: str, **changes: object) -> None:
    """Entries named by their habit and a number, as ``yes-1``."""
    for id in ids:
        fields = {"title": f"About {id}", "situation": "", "root_cause": f"{id.split('-')[0]} again", "lesson": "", "change": "c"}
        when = {"happened_on": date(2026, 3, 1), "closed_at": AT}
        entry = Entry.model_validate({"id": id, "review_id": f"r-{id}", **fields, **when, **changes})
        head = ReviewHead(id=entry.review_id, title=entry.title, status="closed", stage="close", started_at=AT, updated_at=AT)
        journal.append(head, 0, [], entry)


def book_for(journal: SqliteJournal, namer=None, habits: Habits | None = None, *, seen: bool = True) -> PatternBook:
    recall = Recall(journal, {TENDENCY: Seen(Axes(), MemoryIndex(), 0.5)} if seen else {})
    recall.catch_up()
    taken = len(journal.patterns())
    ids = iter(f"p{number}" for number in range(taken, taken + 100))
    return PatternBook(journal, recall, lambda: next(ids), 0.5, habits, namer)


def members(book: PatternBook) -> dict[str, set[str]]:
    return {pattern.head.id: {entry.id for entry in pattern.entries} for pattern in book.patterns(TODAY)}


@pytest.fixture
def book(journal: SqliteJournal) -> PatternBook:
    """Three times yes, three times late, once angry."""
    keep(journal, "yes-1", "yes-2", "yes-3", "late-1", "late-2", "late-3", "angry-1")
    opened = book_for(journal)
    assert opened.waiting() == 7
    assert opened.update() == 7
    return opened


def id_of(book: PatternBook, entry_id: str) -> str:
    return next(id for id, ids in members(book).items() if entry_id in ids)


def test_entries_with_the_same_habit_are_one_pattern_and_a_lone_one_is_none(book: PatternBook) -> None:
    assert sorted(map(sorted, members(book).values())) == [["late-1", "late-2", "late-3"], ["yes-1", "yes-2", "yes-3"]]
    assert book.waiting() == 0
    assert book.update() == 0


def test_what_is_new_is_placed_and_nothing_else_moves(book: PatternBook, journal: SqliteJournal) -> None:
    before = members(book)
    keep(journal, "yes-4", "alone-1")
    later = book_for(journal)
    assert later.update() == 2
    yes = id_of(book, "yes-1")
    assert members(later) == {**before, yes: before[yes] | {"yes-4"}}


def test_a_lone_entry_founds_a_pattern_with_the_next_of_its_kind(book: PatternBook, journal: SqliteJournal) -> None:
    keep(journal, "angry-2", "angry-3")
    later = book_for(journal)
    later.update()
    assert {"angry-1", "angry-2", "angry-3"} in members(later).values()


def test_two_that_are_alike_are_no_pattern_yet(journal: SqliteJournal) -> None:
    keep(journal, "yes-1", "yes-2")
    book = book_for(journal)
    book.update()
    assert members(book) == {}


def test_the_largest_pattern_comes_first(book: PatternBook, journal: SqliteJournal) -> None:
    keep(journal, "late-4")
    later = book_for(journal)
    later.update()
    assert [len(pattern.entries) for pattern in later.patterns(TODAY)] == [4, 3]


def test_a_name_of_ones_own_stays_while_the_log_grows(book: PatternBook, journal: SqliteJournal) -> None:
    yes = id_of(book, "yes-1")
    book.rename(yes, "  Saying   yes \n")
    keep(journal, "yes-4")
    later = book_for(journal, namer=lambda entries: "Another name")
    later.update()
    assert later.name(yes).name == "Saying yes"
    assert later.name(yes).named_by == "person"


@pytest.mark.parametrize("name", ["", "   ", "x" * 61])
def test_a_name_must_be_one(book: PatternBook, name: str) -> None:
    with pytest.raises(InputError, match="between 1 and 60"):
        book.rename(id_of(book, "yes-1"), name)


def test_merged_patterns_stay_one(book: PatternBook, journal: SqliteJournal) -> None:
    yes, late = id_of(book, "yes-1"), id_of(book, "late-1")
    book.rename(yes, "Mine")
    book.merge(yes, late)
    keep(journal, "yes-4")
    later = book_for(journal)
    later.update()
    (pattern,) = later.patterns(TODAY)
    assert pattern.head.name == "Mine"
    assert {entry.id for entry in pattern.entries} == {f"{habit}-{n}" for habit in ("yes", "late") for n in (1, 2, 3)} | {"yes-4"}


def test_a_split_stays_split(book: PatternBook, journal: SqliteJournal) -> None:
    keep(journal, "yes-4")
    book = book_for(journal)
    book.update()
    yes = id_of(book, "yes-1")
    new = book.split(yes, ["yes-1", "yes-2", "not in it"])
    assert members(book)[new] == {"yes-1", "yes-2"}
    assert members(book)[yes] == {"yes-3", "yes-4"}
    book.update()
    assert members(book)[new] == {"yes-1", "yes-2"}


@pytest.mark.parametrize("going", [[], ["yes-1"], ["yes-1", "yes-2"], ["late-1", "late-2"]])
def test_of_a_split_something_must_go_and_something_stay(book: PatternBook, going: list[str]) -> None:
    with pytest.raises(InputError, match="must go and"):
        book.split(id_of(book, "yes-1"), going)


def test_an_entry_that_does_not_belong_stays_out(book: PatternBook, journal: SqliteJournal) -> None:
    book.move("yes-1", None)
    keep(journal, "yes-4")
    later = book_for(journal)
    later.update()
    assert all("yes-1" not in ids for ids in members(later).values())
    assert later.pattern_of("yes-1") is None


def test_a_hidden_pattern_takes_in_entries_and_is_not_named_elsewhere(book: PatternBook, journal: SqliteJournal) -> None:
    yes = id_of(book, "yes-1")
    book.hide(yes)
    keep(journal, "yes-4")
    later = book_for(journal)
    later.update()
    assert "yes-4" in members(later)[yes]
    assert later.pattern_of("yes-4") is None
    later.hide(yes, False)
    assert later.pattern_of("yes-4") is not None


def test_a_pattern_cannot_be_merged_with_itself_or_with_one_that_is_gone(book: PatternBook) -> None:
    yes = id_of(book, "yes-1")
    with pytest.raises(InputError, match="same pattern"):
        book.merge(yes, yes)
    for act in (lambda: book.merge(yes, "gone"), lambda: book.rename("gone", "x"), lambda: book.move("yes-1", "gone")):
        with pytest.raises(NotFound, match="no such pattern"):
            act()


def test_a_pattern_shrunk_to_one_entry_is_not_shown(book: PatternBook) -> None:
    book.move("late-1", None)
    assert len(book.patterns(TODAY)) == 2
    book.move("late-2", None)
    assert len(book.patterns(TODAY)) == 1


def test_areas_controls_and_history_are_those_of_the_entries(journal: SqliteJournal) -> None:
    factors = (Factor(id="1", text="x", chosen="full"), Factor(id="2", text="y", chosen="outside"), Factor(id="3", text="z"))
    keep(journal, "yes-1", tags=("work", "family"), factors=factors)
    keep(journal, "yes-2", tags=("work",), factors=factors[:1], happened_on=date(2025, 12, 1))
    keep(journal, "yes-3", happened_on=date(2025, 12, 2))
    book = book_for(journal)
    book.update()
    (pattern,) = book.patterns(TODAY)
    assert [entry.id for entry in pattern.entries] == ["yes-1", "yes-3", "yes-2"], "the newest first"
    assert pattern.areas == (("work", 2), ("family", 1))
    assert pattern.controls == (("full", 2), ("outside", 1))
    assert [count for _, count in pattern.trend.counts] == [2, 1, 0]


def test_without_the_view_the_book_shows_what_it_holds_and_places_nothing(book: PatternBook, journal: SqliteJournal) -> None:
    keep(journal, "yes-4")
    blind = book_for(journal, seen=False)
    assert not blind.can_look
    assert blind.update() == 0
    assert len(blind.patterns(TODAY)) == 2
    assert blind.reason("anything", journal.entry("yes-1")) == ""


# -- names --------------------------------------------------------------------------------------------------------


def test_a_name_is_proposed_once_and_kept(journal: SqliteJournal) -> None:
    keep(journal, "yes-1", "yes-2", "yes-3")
    asked: list[list[str]] = []

    def name(entries: Sequence[Entry]) -> str:
        asked.append([entry.id for entry in entries])
        return "Saying yes too soon"

    book = book_for(journal, name)
    book.update()
    (pattern,) = book.patterns(TODAY)
    assert book.name(pattern.head.id).name == book.name(pattern.head.id).name == "Saying yes too soon"
    assert asked == [["yes-1", "yes-2", "yes-3"]]
    assert book.patterns(TODAY)[0].head.named_by == "coach"


def test_a_labelled_habit_gives_the_name_and_the_reason_before_the_model_is_asked(journal: SqliteJournal) -> None:
    def never(entries: Sequence[Entry]) -> str:
        raise ModelError("asked all the same")

    keep(journal, "yes-1", "yes-2", "yes-3")
    habits = Habits(
        {"overcommitting": np.eye(4, dtype=np.float32)[0]}, {"overcommitting": Tendency(name="N", you="you did it")}, 0.5
    )
    book = book_for(journal, never, habits)
    book.update()
    (pattern,) = book.patterns(TODAY)
    assert book.name(pattern.head.id).name == "N"
    assert book.reason("yes once more", journal.entry("yes-1")) == "you did it"
    book.rename(pattern.head.id, "My yes")
    assert book.reason("yes once more", journal.entry("yes-1")) == "My yes"


def test_without_a_name_for_it_the_reason_is_empty(book: PatternBook, journal: SqliteJournal) -> None:
    assert book.reason("yes once more", journal.entry("yes-1")) == ""
    assert book.name(id_of(book, "yes-1")).name == ""
