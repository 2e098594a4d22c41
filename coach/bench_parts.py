"""All that ``coach bench`` measures, a part at a time. Each part gives plain data, so that what there is can be kept meanwhile."""

import statistics
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from coach.bench import ratio
from coach.bench_ask import AskBench, asked, by_length, by_round
from coach.bench_chat import chatted
from coach.bench_search import Size
from coach.bench_start import start_once
from coach.errors import ModelError
from coach.judge.rows import Row
from coach.laboratory import Bench, SearchBench, load_bench, load_search_bench
from coach.schema import STEPS, Step
from coach.settings import Settings

T = TypeVar("T")
Figures = dict[str, object]
Measure = Callable[[], Figures]
Bar = Callable[[str, str], AbstractContextManager[Callable[[int, int], None]]]
"""A bar of progress: takes what is done and what is counted, gives what takes how many are done of how many."""

ASKED = STEPS[:4]
_TEXTS = 12
_ASKED_TEXTS = 3  # a plain call takes some ten seconds each
_WORDS = (10, 120)


@dataclass(frozen=True)
class Effort:
    """How much is measured: counted runs over all texts, sizes of the log, reports to embed."""

    runs: int
    entries: tuple[int, ...]
    reports: int


class Workbench:
    """Loads what a part needs when it is measured, and lets go of it at the end.

    Args:
        settings: which models.
        effort: how much is measured.
        bar: shows progress.
    """

    def __init__(self, settings: Settings, effort: Effort, bar: Bar) -> None:
        self._settings, self._effort, self._bar = settings, effort, bar
        self._sizes, self._ends = list[Size](), ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._ends.close()

    def steps(self, parts: Sequence[str], *, growth: bool) -> Iterator[tuple[str, Measure]]:
        """What is measured, in order: the part of the figures that it belongs to, and what measures it. It raises CoachError."""
        yield from ((part, getattr(self, part)) for part in parts)
        if growth and "ask" in parts:
            yield from (("growth", measure) for measure in (self.by_words, self.by_round))
        if growth and "search" in parts:
            yield "growth", self.by_entries

    # -- parts -----------------------------------------------------------------------------------------------------

    def start(self) -> Figures:
        """From ``coach run`` to its page, loading the chat model, and memory; without a model the page alone."""
        runs, loads, note = self._effort.runs, list[float](), ""
        try:
            loads = [self._load_seconds() for _ in range(runs)]
        except ModelError as exc:
            note = str(exc)
        with self._bar("Starting", "starts") as progress:
            starts = []
            for done in range(1, runs + 1):
                starts.append(start_once(self._settings, with_model=bool(loads)))
                progress(done, runs)
        figures: Figures = {
            "page_seconds": statistics.median(one.page_seconds for one in starts),
            "model_seconds": statistics.median(loads) if loads else None,
            "app_mb": _median([one.app_mb for one in starts]),
            "model_mb": _median([one.model_mb for one in starts]),
            "runs": runs,
        }
        return {**figures, "note": note} if note else figures

    def judge(self) -> Figures:
        """All findings of an answer over the model's own time to read it."""
        bench = self._bench
        whys = _chosen([row.text for row in bench.rows if row.question == "why" and _is_usual(row.text)])
        with self._undisturbed():
            return asdict(ratio(lambda text: bench.judge.judge("why", text), bench.model.evaluate, whys, self._effort.runs))

    def ask(self) -> Figures:
        """A push-back; see ``bench_ask``."""
        bench = self._asking
        with self._undisturbed(), self._bar("Asking back", "answers") as progress:
            return asdict(asked(bench, self._weak, self._effort.runs, progress))

    def chat(self) -> Figures:
        """A push-back against a plain chat; see ``bench_chat``."""
        bench = self._asking
        with self._undisturbed(), self._bar("Asking back and chatting", "answers") as progress:
            return asdict(chatted(bench, self._weak, self._effort.runs, progress))

    def embed(self) -> Figures:
        """Importing against the bare embedder."""
        return self._searching(lambda bench: asdict(bench.rates()))

    def search(self) -> Figures:
        """Searching against exact search and SQLite alone, in logs of several sizes."""
        with self._bar("Filling and searching", "logs") as progress:
            self._sizes = self._searching(lambda bench: bench.sizes(self._effort.entries, progress))
        return {"sizes": [asdict(one) for one in self._sizes]}

    def by_words(self) -> Figures:
        """Seconds to the first word by the words of an answer."""
        texts, bench = [text for step, text in self._weak if step == "happened"], self._asking
        with self._undisturbed():
            found = by_length(bench, "happened", texts or [text for _, text in self._weak], self._effort.runs)
        return {"seconds_by_words": found}

    def by_round(self) -> Figures:
        """Seconds to the last word by the push-backs of a review."""
        (step, text), bench = self._weak[0], self._asking
        with self._undisturbed():
            return {"seconds_by_round": by_round(bench, step, text, self._effort.runs)}

    def by_entries(self) -> Figures:
        """Seconds of a search by the entries of the log, where searching was measured."""
        return {"seconds_by_entries": {one.entries: one.index.p50 for one in self._sizes}} if self._sizes else {}

    # -- what they need --------------------------------------------------------------------------------------------

    def _load_seconds(self) -> float:
        """Load the chat model in a process of its own, and let it go."""
        bench = load_bench(self._settings)
        bench.process.close()
        return bench.load_seconds

    @cached_property
    def _bench(self) -> Bench:
        bench = load_bench(self._settings)
        self._ends.callback(bench.process.close)
        return bench

    @cached_property
    def _asking(self) -> AskBench:
        return self._bench.asking()

    @cached_property
    def _weak(self) -> Sequence[tuple[Step, str]]:
        """Answers to ask back about."""
        rows = [(step, row.text) for row in self._bench.rows for step in ASKED if _is_weak(row, step)]
        return _chosen(rows, _ASKED_TEXTS)

    @contextmanager
    def _undisturbed(self) -> Iterator[None]:
        """Raise ModelError where the models' process has ended meanwhile: judging and asking go on without it, and say nothing."""
        process = self._bench.process
        before = process.pid
        yield
        if process.pid != before:
            raise ModelError("The model's process has ended on the way, so the times mean nothing. Close other programs first.")

    def _searching(self, measure: Callable[[SearchBench], T]) -> T:
        """Measure with the embedder and a folder that are let go of again."""
        with tempfile.TemporaryDirectory(prefix="coach-bench-") as folder:
            bench = load_search_bench(self._settings, Path(folder), self._effort.reports)
            try:
                return measure(bench)
            finally:
                bench.process.close()


def _median(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None


def _chosen(rows: Sequence[T], most: int = _TEXTS) -> Sequence[T]:
    """Some, spread over all."""
    return rows[:: max(1, len(rows) // most)][:most]


def _is_weak(row: Row, step: Step) -> bool:
    return row.label == 1 and row.question == step and _is_usual(row.text)


def _is_usual(text: str) -> bool:
    return _WORDS[0] <= len(text.split()) <= _WORDS[1]
