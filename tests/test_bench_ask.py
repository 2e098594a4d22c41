"""The benchmark of a push-back: what is measured against what, on fakes and a clock of the test's own."""

import itertools

import pytest

from coach.bench_ask import AskBench, asked, by_length, by_round
from coach.judge.judge import Judge
from coach.llm.base import Prompt
from coach.llm.fake import FakeLanguageModel
from coach.prompts import judgements
from coach.pushback.ask import Asker

WEAK = "I'll be more careful"


class Bare:
    """Takes two seconds of evaluations for each look at it."""

    def __init__(self) -> None:
        self.cold, self.seconds = list[Prompt](), itertools.count(0.0, 2.0)

    def decoded(self) -> float:
        return next(self.seconds)

    def first_token(self, prompt: Prompt) -> None:
        self.cold.append(prompt)


@pytest.fixture
def bench() -> AskBench:
    ticks = itertools.count(0.0, 1.0)
    return AskBench(Judge(judgements()), Asker(FakeLanguageModel()), Bare(), lambda: next(ticks))


def test_a_push_back_is_timed_to_its_first_and_its_last_word(bench: AskBench) -> None:
    one = bench.push_back("next", WEAK)
    assert one
    assert (one.first, one.last, one.decoded) == (1.0, 2.0, 2.0)


def test_where_nothing_is_found_there_is_nothing_to_time(bench: AskBench) -> None:
    good = "On Monday 3 March at nine I send the scope form to Ana before I say yes."
    assert bench.push_back("next", good) is None
    assert bench.occasion("next", good) is None


def test_the_figures_are_medians_of_ratios(bench: AskBench) -> None:
    told = list[tuple[int, int]]()
    figures = asked(bench, [("next", WEAK), ("next", WEAK)], 3, lambda done, total: told.append((done, total)))
    assert figures.first_word == 1.0
    assert figures.overhead == 1.0
    assert figures.candidates == 1.0
    assert (figures.texts, figures.runs) == (2, 3)
    assert told[-1] == (8, 8)


def test_it_grows_with_length_and_rounds(bench: AskBench) -> None:
    lengths = by_length(bench, "next", [WEAK], 2, (4, 8))
    assert set(lengths) == {4, 8}
    assert set(by_round(bench, "next", WEAK, 2, (1, 2, 5))) == {1, 2, 5}
    assert by_round(bench, "next", "On Monday 3 March at nine I send the scope form to Ana.", 2) == {}
