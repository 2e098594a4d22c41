"""The benchmark of a push-back: what is measured against what, on fakes and a clock of the test's own."""

import itertools
from collections.abc import Callable, Generator, Sequence

import pytest

from coach.bench_ask import MOST_COLD, AskBench, asked, by_length, by_round
from coach.bench_chat import MOST_TOKENS, SYSTEM, chatted
from coach.errors import ModelError
from coach.judge.judge import Judge
from coach.llm.base import Bare, GoOn, Prompt, Reply, Sampling, Token, to_the_end
from coach.llm.fake import FakeLanguageModel
from coach.prompts import judgements
from coach.pushback.ask import MOST_CANDIDATES, Asker

WEAK = "I'll be more careful"
GOOD = "On Monday 3 March at nine I send the scope form to Ana before I say yes."
SHAME = "I am a failure and I always was a worthless person."


class Noted(FakeLanguageModel):
    """Keeps how many continuations were asked for, of how many tokens, about what."""

    def __init__(self) -> None:
        super().__init__()
        self.written = list[tuple[str, int, int]]()

    def write(self, prompt: Prompt, samplings: Sequence[Sampling], go_on: GoOn = to_the_end) -> Generator[Token, None, None]:
        self.written.append((prompt.user, len(samplings), samplings[0].most_tokens))
        return super().write(prompt, samplings, go_on)


class Work:
    """Takes two seconds of evaluations for each look at it."""

    def __init__(self) -> None:
        self.seconds = itertools.count(0.0, 2.0)
        self.forgotten = 0

    def decoded(self) -> float:
        return next(self.seconds)

    def forget(self) -> None:
        self.forgotten += 1


class Plain:
    """A plain chat of ten seconds to the first piece and twenty to the last; reading takes a second, writing three."""

    def __init__(self) -> None:
        self.cold, self.read, self.replied = list[Prompt](), list[tuple[str, str]](), list[tuple[Prompt, int]]()

    def first(self, prompt: Prompt) -> float:
        self.cold.append(prompt)
        return 10.0

    def bare(self, prompt: Prompt, read: str, written: str) -> Bare:
        assert prompt == self.cold[-1], "its fixed part is evaluated"
        self.read.append((read, written))
        return Bare(1.0, 3.0)

    def reply(self, prompt: Prompt, most_tokens: int) -> Reply:
        self.replied.append((prompt, most_tokens))
        return Reply("What happened first?", 10.0, 20.0)


@pytest.fixture
def plain() -> Plain:
    return Plain()


@pytest.fixture
def noted() -> Noted:
    return Noted()


@pytest.fixture
def bench(plain: Plain, noted: Noted) -> AskBench:
    """Each look at the clock is a second after the last one."""
    ticks = itertools.count(0.0, 1.0)
    return AskBench(Judge(judgements()), Asker(noted), Work(), plain, lambda: next(ticks))


def quiet(done: int, total: int) -> None:
    assert done <= total


def test_a_push_back_is_timed_to_its_first_and_its_last_word(bench: AskBench) -> None:
    one = bench.push_back("next", WEAK)
    assert one
    assert (one.first, one.last, one.decoded) == (1.0, 2.0, 2.0)
    assert one.shown.startswith(f"You wrote “{WEAK}”. ")
    assert one.shown.endswith("?")


def test_each_push_back_is_new_to_the_model(bench: AskBench) -> None:
    for _ in range(2):
        bench.push_back("next", WEAK)
    assert isinstance(bench.work, Work)
    assert bench.work.forgotten == 2


def test_where_nothing_is_found_there_is_nothing_to_time(bench: AskBench) -> None:
    assert bench.push_back("next", GOOD) is None
    assert bench.occasion("next", GOOD) is None


def test_where_the_question_is_written_by_hand_there_is_no_model_to_time(bench: AskBench) -> None:
    assert bench.push_back("why", SHAME)
    assert bench.occasion("why", SHAME) is None


@pytest.mark.parametrize("measure", [asked, chatted])
def test_where_nothing_at_all_is_asked_that_is_said(bench: AskBench, measure: Callable[..., object]) -> None:
    with pytest.raises(ModelError, match="coach judge fit"):
        measure(bench, [("next", GOOD)], 1, quiet)


def test_the_figures_are_medians_of_ratios(bench: AskBench) -> None:
    told = list[tuple[int, int]]()
    figures = asked(bench, [("next", WEAK), ("next", GOOD), ("next", WEAK)], 3, lambda done, total: told.append((done, total)))
    assert figures.first_word == 0.1
    assert figures.overhead == 1.0
    assert figures.overhead_shown == 0.5, "two seconds over one of reading and three of writing"
    assert (figures.candidates, figures.candidates_bare) == (1.0, 1.0)
    assert (figures.cold_seconds, figures.least_seconds) == (10.0, 4.0)
    assert (figures.texts, figures.runs) == (2, 3)
    assert told[-1] == (8, 8)


def test_what_is_bare_is_the_answer_and_what_was_shown(bench: AskBench, plain: Plain) -> None:
    asked(bench, [("next", WEAK)], 1, quiet)
    ((read, written),) = plain.read
    assert read == WEAK
    assert written.startswith(f"You wrote “{WEAK}”. ")


@pytest.mark.parametrize(("runs", "cold"), [(1, 1), (MOST_COLD, MOST_COLD), (MOST_COLD + 3, MOST_COLD)])
def test_a_plain_call_is_slow_and_is_timed_a_few_times_alone(bench: AskBench, plain: Plain, runs: int, cold: int) -> None:
    asked(bench, [("next", WEAK)], runs, quiet)
    assert len(plain.cold) == len(plain.read) == cold


def test_the_persons_words_are_new_to_the_model_for_each_count_of_candidates(bench: AskBench, noted: Noted) -> None:
    occasion = bench.occasion("next", WEAK)
    assert occasion
    bench.candidates(occasion)
    (other, one, token), (words, three, _), again, (_, single, _) = noted.written
    assert (one, token) == (1, 1)
    assert other != words == WEAK
    assert again == noted.written[0]
    assert (three, single) == (MOST_CANDIDATES, 1)


def test_bare_candidates_are_written_behind_an_evaluated_prompt(bench: AskBench, noted: Noted) -> None:
    occasion = bench.occasion("next", WEAK)
    assert occasion
    bench.candidates_bare(occasion)
    assert noted.written == [(WEAK, 1, 1), (WEAK, 3, 20), (WEAK, 1, 20)]


def test_it_grows_with_length_and_rounds(bench: AskBench) -> None:
    lengths = by_length(bench, "next", [WEAK], 2, (4, 8))
    assert set(lengths) == {4, 8}
    assert set(by_round(bench, "next", WEAK, 2, (1, 2, 5))) == {1, 2, 5}
    assert by_round(bench, "next", "On Monday 3 March at nine I send the scope form to Ana.", 2) == {}


# -- against a plain chat -------------------------------------------------------------------------------------------


def test_a_plain_chat_is_asked_about_the_same_answers(bench: AskBench, plain: Plain) -> None:
    figures = chatted(bench, [("next", WEAK), ("next", GOOD)], 2, quiet)
    assert plain.replied == [(Prompt(SYSTEM, (), WEAK), MOST_TOKENS)] * 3
    assert (figures.first, figures.last) == (0.1, 0.1)
    assert (figures.ours_first_seconds, figures.ours_last_seconds) == (1.0, 2.0)
    assert (figures.chat_first_seconds, figures.chat_last_seconds, figures.chat_words) == (10.0, 20.0, 3)
    assert figures.ours_words > 4
    assert (figures.texts, figures.runs) == (1, 2)
