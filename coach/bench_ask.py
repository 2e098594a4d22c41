"""Benchmarks of a push-back: from the answer that is sent to the first and the last word of the question, and how that grows.

Each figure is a ratio of two things measured in one run, medians over texts and runs. What ours is held against:

- ``first_word``: the first words of the push-back, against the first piece that the library's own chat call
  (``create_chat_completion``) streams for the same messages with nothing kept, on all cores.
- ``overhead``: the whole way from answer to question, against the time that it spends inside ``llama_decode``, the call that
  evaluates tokens; nothing can be quicker with these tokens.
- ``overhead_shown``: the whole way, against the evaluations that what is seen needs at the least: the answer's tokens in one go
  behind an evaluated prefix, and those of the push-back that is shown, one by one. What is read twice, or written and not shown,
  counts here.
- ``candidates``: the gaps of three frames filled and checked side by side, as asking does it, against that of one; both have to
  evaluate the person's words first, and each gap ends where its sentence does.
- ``candidates_bare``: three continuations of twenty tokens against one, the whole prompt being evaluated: what the writing alone
  costs.

A call with nothing kept takes some twenty seconds on a slow machine, so that it and the bare evaluations behind it are timed in the
first five runs at the most.
"""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from coach.errors import ModelError
from coach.judge.judge import Judge
from coach.llm.base import LanguageModel, Plain, Prompt, Sampling
from coach.prompts import judgements
from coach.pushback.ask import (
    MOST_CANDIDATES,
    Asker,
    Exchange,
    Occasion,
    ask_about,
    candidates,
    lead,
    push_back_prompt,
    source_of,
    words_about,
)
from coach.pushback.checks import Asked
from coach.schema import Step

LENGTHS = (10, 25, 50, 100, 200, 400, 800, 2000)
"""Words of an answer."""

ROUNDS = tuple(range(1, 13))
"""Push-backs in one review; on one answer there are three at most."""

MOST_COLD = 5
"""Runs in which a plain call is timed."""

_WRITTEN = 20  # tokens a candidate, about what a gap takes

Clock = Callable[[], float]


class Work(Protocol):
    """What the model itself tells about its work."""

    def decoded(self) -> float:
        """Seconds spent inside ``llama_decode`` so far."""
        ...

    def forget(self) -> None:
        """Hold no text evaluated that it has read or written about: the next one is new to it, whatever it is."""
        ...


@dataclass(frozen=True)
class Timed:
    """Seconds of one push-back: to its first word, to its last, and inside ``llama_decode``; and what was shown."""

    first: float
    last: float
    decoded: float
    shown: str


@dataclass(frozen=True)
class Once:
    """What one run over one text has given. ``cold`` and ``least`` are 0 where no plain call was timed."""

    timed: Timed
    candidates: float
    candidates_bare: float
    cold: float = 0.0
    least: float = 0.0


@dataclass(frozen=True)
class AskBench:
    """The app's judge and asker, what their model tells, and the same model as a plain chat."""

    judge: Judge
    asker: Asker
    work: Work
    plain: Plain
    clock: Clock = time.perf_counter

    def occasion(self, step: Step, text: str) -> Occasion | None:
        """What would be asked about an answer; None where nothing is found, or where no question of the model's would be asked."""
        found = self.judge.judge(step, text).findings
        if not found or judgements()[found[0].kind].hand_written:
            return None
        return Occasion(text, found[0], found)

    def occasions(self, texts: Sequence[tuple[Step, str]]) -> list[tuple[Step, str, Occasion]]:
        """Those of some answers that something would be asked about. Raises ModelError where there is none."""
        found = [(step, text, occasion) for step, text in texts if (occasion := self.occasion(step, text))]
        if not found:
            raise ModelError("The judge finds nothing in these answers to ask about. Fit it to your model first: coach judge fit")
        return found

    def push_back(self, step: Step, text: str, earlier: Sequence[Exchange] = (), before: Sequence[str] = ()) -> Timed | None:
        """Judge an answer that is new to the model and ask back; None where there is nothing to ask."""
        self.work.forget()
        decoded, begun, first, shown = self.work.decoded(), self.clock(), 0.0, ""
        found = self.judge.judge(step, text).findings
        if not found:
            return None
        for piece in ask_about(Occasion(text, found[0], found, tuple(earlier), tuple(before)), self.asker):
            first = first or (self.clock() - begun if piece.text.strip() else 0.0)
            shown += piece.text
        return Timed(first, self.clock() - begun, self.work.decoded() - decoded, shown)

    def once(self, step: Step, text: str, occasion: Occasion, *, cold: bool) -> Once | None:
        """All that is measured on one text; a plain call and what is bare behind it only where it is to be ``cold``."""
        timed = self.push_back(step, text)
        if timed is None:
            return None
        once = Once(timed, self.candidates(occasion), self.candidates_bare(occasion))
        if not cold:
            return once
        prompt = push_back_prompt(source_of(occasion), words_about(occasion))
        seconds = self.plain.first(prompt)
        bare = self.plain.bare(prompt, text, timed.shown)
        return replace(once, cold=seconds, least=bare.read + bare.written)

    def candidates(self, occasion: Occasion) -> float:
        """Three frames filled over one, the person's words being new to the model each time."""
        source, words = source_of(occasion), words_about(occasion)
        prompt, asked = push_back_prompt(source, words), Asked(occasion.answer, (), lead(occasion), words=words)

        def filled(frames: Sequence[str]) -> float:
            self._hold(replace(prompt, user=""))
            begun = self.clock()
            candidates(prompt, frames, asked, self.asker)
            return self.clock() - begun

        return filled(source.frames[:MOST_CANDIDATES]) / filled(source.frames[:1])

    def candidates_bare(self, occasion: Occasion) -> float:
        """Three continuations over one, behind an evaluated prompt."""
        prompt = push_back_prompt(source_of(occasion), words_about(occasion))
        self._hold(prompt)
        return self._written(prompt, 3) / self._written(prompt, 1)

    def _hold(self, prompt: Prompt) -> None:
        """Have the model hold a prompt evaluated."""
        for _ in self.asker.model.write(prompt, [Sampling(most_tokens=1)]):
            pass

    def _written(self, prompt: Prompt, count: int) -> float:
        model: LanguageModel = self.asker.model
        samplings = [Sampling(most_tokens=_WRITTEN, seed=seed) for seed in range(1, count + 1)]
        begun = self.clock()
        for _ in model.write(prompt, samplings):
            pass
        return self.clock() - begun


@dataclass(frozen=True)
class AskFigures:
    """Medians; the seconds are medians too. ``least_seconds`` is what ``overhead_shown`` holds ours against."""

    first_word: float
    overhead: float
    overhead_shown: float
    candidates: float
    candidates_bare: float
    first_seconds: float
    last_seconds: float
    cold_seconds: float
    least_seconds: float
    texts: int
    runs: int


def asked(bench: AskBench, texts: Sequence[tuple[Step, str]], runs: int, progress: Callable[[int, int], None]) -> AskFigures:
    """Measure texts in turn, after one round that is not counted; those that nothing is asked about are passed over.

    Raises ModelError where none is left.
    """
    occasions = bench.occasions(texts)
    counted, total = list[Once](), (runs + 1) * len(occasions)
    for run in range(runs + 1):
        for number, (step, text, occasion) in enumerate(occasions, 1):
            once = bench.once(step, text, occasion, cold=0 < run <= MOST_COLD)
            counted += [once] if run and once else []
            progress(run * len(occasions) + number, total)
    colds = [one for one in counted if one.cold]
    return AskFigures(
        first_word=statistics.median(one.timed.first / one.cold for one in colds),
        overhead=statistics.median(one.timed.last / one.timed.decoded for one in counted if one.timed.decoded),
        overhead_shown=statistics.median(one.timed.last / one.least for one in colds),
        candidates=statistics.median(one.candidates for one in counted),
        candidates_bare=statistics.median(one.candidates_bare for one in counted),
        first_seconds=statistics.median(one.timed.first for one in counted),
        last_seconds=statistics.median(one.timed.last for one in counted),
        cold_seconds=statistics.median(one.cold for one in colds),
        least_seconds=statistics.median(one.least for one in colds),
        texts=len(occasions),
        runs=runs,
    )


def by_length(
    bench: AskBench, step: Step, sentences: Sequence[str], runs: int, lengths: Sequence[int] = LENGTHS
) -> dict[int, float]:
    """Seconds to the first word for answers of several lengths, in words."""
    found = {}
    for length in lengths:
        words = " ".join(sentences).split()
        text = " ".join((words * (length // len(words) + 1))[:length])
        times = [one.first for _ in range(runs) if (one := bench.push_back(step, text))]
        if times:
            found[length] = statistics.median(times)
    return found


def by_round(bench: AskBench, step: Step, text: str, runs: int, rounds: Sequence[int] = ROUNDS) -> dict[int, float]:
    """Seconds to the last word of the n-th push-back of a review."""
    occasion = bench.occasion(step, text)
    if occasion is None:
        return {}
    found = {}
    for number in rounds:
        before = [f"You wrote “{occasion.finding.quote[:30]}”. What was it, the {n}th time?" for n in range(1, number)]
        earlier = [Exchange(text, occasion.finding.kind, question) for question in before[-2:]]
        times = [one.last for _ in range(runs) if (one := bench.push_back(step, text, earlier, before))]
        found[number] = statistics.median(times)
    return found
