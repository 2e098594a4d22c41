"""The parts of ``coach bench``, with stand-ins for the models: what is measured on what, and when it does not count."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from coach.bench_ask import LENGTHS, AskBench
from coach.bench_parts import ASKED, Effort, Workbench
from coach.bench_start import Start
from coach.errors import ModelError
from coach.judge.judge import Judge
from coach.judge.rows import Row, rows_in
from coach.llm.base import Bare, Prompt, Reply
from coach.llm.fake import FakeLanguageModel
from coach.prompts import judgements
from coach.pushback.ask import Asker
from coach.resources import shipped
from coach.settings import Settings

ROWS = rows_in([shipped("data") / "judgement"]).answers
RULES = Judge(judgements())
FOUND = tuple(row for row in ROWS if row.question in ASKED and RULES.judge(row.question, row.text).findings)
"""Those that the rules find something in, without a model."""


class Model(FakeLanguageModel):
    """A model that tells of its work, and may end its process at the n-th evaluation."""

    def __init__(self, process: SimpleNamespace, ends_at: int = 0) -> None:
        super().__init__()
        self.process, self.evaluated, self._ends_at = process, list[str](), ends_at

    def evaluate(self, text: str) -> None:
        self.evaluated.append(text)
        self.process.pid += len(self.evaluated) == self._ends_at

    def forget(self) -> None:
        """Nothing is held."""

    def decoded(self) -> float:
        return 0.5 * len(self.asked)


class Plain:
    def first(self, prompt: Prompt) -> float:
        return 1.0

    def bare(self, prompt: Prompt, read: str, written: str) -> Bare:
        return Bare(1.0, 1.0)

    def reply(self, prompt: Prompt, most_tokens: int) -> Reply:
        return Reply("Why?", 1.0, 2.0)


@contextmanager
def bar(label: str, unit: str) -> Iterator[Callable[[int, int], None]]:
    yield lambda done, total: None


def workbench(monkeypatch: pytest.MonkeyPatch, rows: tuple[Row, ...] = ROWS, ends_at: int = 0) -> tuple[Workbench, Model]:
    process = SimpleNamespace(pid=1, close=lambda: None)
    model, judge = Model(process, ends_at), RULES
    asking = AskBench(judge, Asker(model), model, Plain())
    bench = SimpleNamespace(judge=judge, model=model, rows=rows, process=process, asking=lambda: asking, load_seconds=3.0)
    monkeypatch.setattr("coach.bench_parts.load_bench", lambda settings: bench)
    return Workbench(Settings(), Effort(1, (20,), 20), bar), model


def test_judging_is_held_against_reading_the_same_twelve_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    bench, model = workbench(monkeypatch)
    figures = bench.judge()
    assert figures["texts"] == len(set(model.evaluated)) == 12
    assert len(model.evaluated) == 24, "once before it counts"
    whys = {row.text for row in ROWS if row.question == "why"}
    assert set(model.evaluated) <= whys


def test_three_weak_answers_are_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    bench, _ = workbench(monkeypatch, FOUND)
    assert bench.ask()["runs"] == 1
    weak = {row.text for row in ROWS if row.label == 1 and row.question in ASKED}
    assert {text for _, text in bench._weak} <= weak
    assert len(bench._weak) == 3
    assert bench.chat()["runs"] == 1
    assert set(bench.by_round()["seconds_by_round"]) == set(range(1, 13))  # type: ignore[call-overload]

    assert set(bench.by_words()["seconds_by_words"]) <= set(LENGTHS)  # type: ignore[call-overload]


@pytest.mark.parametrize("there", [True, False])
def test_a_start_waits_for_the_model_where_there_is_one(monkeypatch: pytest.MonkeyPatch, there: bool) -> None:
    waited = list[bool]()

    def start_once(settings: Settings, *, with_model: bool) -> Start:
        waited.append(with_model)
        return Start(4.0, 200.0, 1700.0 if with_model else None)

    bench = workbench(monkeypatch)[0] if there else Workbench(Settings(), Effort(1, (20,), 20), bar)  # the fakes are no model
    monkeypatch.setattr("coach.bench_parts.start_once", start_once)
    figures = bench.start()
    assert waited == [there]
    assert (figures["page_seconds"], figures["app_mb"]) == (4.0, 200.0)
    assert (figures["model_seconds"], figures["model_mb"]) == ((3.0, 1700.0) if there else (None, None))
    assert ("note" in figures) == (not there)


def test_figures_of_a_model_that_ended_on_the_way_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    bench, _ = workbench(monkeypatch, ends_at=5)
    with pytest.raises(ModelError, match="has ended on the way"):
        bench.judge()


def test_searches_are_taken_from_the_search_that_has_run(monkeypatch: pytest.MonkeyPatch) -> None:
    bench, _ = workbench(monkeypatch)
    assert bench.by_entries() == {}


def test_what_grows_is_measured_last(monkeypatch: pytest.MonkeyPatch) -> None:
    bench, _ = workbench(monkeypatch)
    assert [name for name, _ in bench.steps(("ask", "search"), growth=True)] == ["ask", "search", "growth", "growth", "growth"]
