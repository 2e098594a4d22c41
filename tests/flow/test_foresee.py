"""What is done ahead is what would have been done, and nothing of it is in the journal before the answer is sent."""

from collections.abc import Callable, Hashable
from typing import Any

import pytest

from coach.clock.fake import FakeClock
from coach.flow.coach import Coach
from coach.flow.review import Review
from coach.index.memory import MemoryIndex
from coach.journal.sqlite import SqliteJournal
from coach.judge.judge import Judge
from coach.llm.fake import FakeEmbedder, FakeLanguageModel
from coach.patterns.book import PatternBook
from coach.prompts import judgements
from coach.pushback.ask import Asker
from coach.recall import SITUATION, Recall, Seen
from tests.flow.test_coach import CONTEXT, ROOT, VAGUE

LOOP = "It was late because it was late."


class Kept:
    """Keeps each question; ``made`` counts those that had to be made."""

    def __init__(self) -> None:
        self._kept: dict[Hashable, Any] = {}
        self.made = 0

    def __call__(self, key: Hashable, make: Callable[[], Any]) -> Any:
        if key not in self._kept:
            self.made += 1
            self._kept[key] = make()
        return self._kept[key]


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
def coach(journal: SqliteJournal, clock: FakeClock, model: FakeLanguageModel, kept: Kept) -> Coach:
    ids = iter(range(1000))
    recall = Recall(journal, {SITUATION: Seen(FakeEmbedder(), MemoryIndex(), 0.5)})
    book = PatternBook(journal, recall, lambda: f"p{next(ids)}")
    judge = Judge(judgements())
    return Coach(journal, judge, recall, clock, lambda: f"id{next(ids)}", judgements(), book, Asker(model, get=kept))


def sent(coach: Coach, review: Review, slot: str, text: str) -> Review:
    return coach.consider(coach.answer(review, slot, text), slot)


def test_the_question_that_comes_back_was_made_while_it_was_typed(coach: Coach, kept: Kept) -> None:
    review = coach.start(CONTEXT)
    coach.foresee(review, "intended", f"  {VAGUE}\n")
    assert kept.made == 1
    assert coach.open(review.id) == review
    said = "".join(piece.text for piece in coach.ask_back(sent(coach, review, "intended", VAGUE), "intended"))
    assert kept.made == 1
    assert said.endswith("?")


def test_the_second_push_back_is_made_ahead_too(coach: Coach, kept: Kept) -> None:
    review = sent(coach, coach.start(CONTEXT), "intended", VAGUE)
    list(coach.ask_back(review, "intended"))
    review = coach.open(review.id)
    coach.foresee(review, "intended", "I wanted it to go really well")
    made = kept.made
    list(coach.ask_back(sent(coach, review, "intended", "I wanted it to go really well"), "intended"))
    assert kept.made == made == 2


def test_another_answer_than_the_one_foreseen_gets_a_question_of_its_own(coach: Coach, kept: Kept) -> None:
    review = coach.start(CONTEXT)
    coach.foresee(review, "intended", VAGUE)
    list(coach.ask_back(sent(coach, review, "intended", "I hoped it would be fine"), "intended"))
    assert kept.made == 2


def test_the_next_why_is_made_while_a_good_answer_is_typed_and_read(coach: Coach, kept: Kept) -> None:
    review = coach.begin_whys(coach.start(CONTEXT))
    coach.foresee(review, "why.1.1", ROOT)
    assert kept.made == 1
    review = sent(coach, review, "why.1.1", ROOT)
    coach.foresee_why(review)
    list(coach.next_why(review))
    assert kept.made == 1


@pytest.mark.parametrize("text", ["", "   ", "I want to kill myself"])
def test_nothing_is_made_of_what_is_empty_or_stops_the_coaching(text: str, coach: Coach, kept: Kept) -> None:
    review = coach.start(CONTEXT)
    coach.foresee(review, "intended", text)
    coach.foresee(coach.begin_whys(review), "why.1.1", text)
    assert kept.made == 0


def test_an_answer_that_nothing_is_asked_about_needs_no_question(coach: Coach, kept: Kept) -> None:
    coach.foresee(coach.start(CONTEXT), "intended", "Deliver the proposal by March 15 with a budget under $200K.")
    assert kept.made == 0


def test_no_next_why_is_made_where_the_chain_is_at_its_end(coach: Coach, kept: Kept) -> None:
    review = coach.start(CONTEXT)
    coach.foresee_why(review)
    assert kept.made == 0


def test_a_rehearsal_leaves_nothing_behind(coach: Coach, kept: Kept, model: FakeLanguageModel) -> None:
    coach.rehearse()
    assert model.asked
    assert kept.made == 0
    assert coach.journal.reviews("open") == []
