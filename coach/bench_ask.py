"""Benchmarks of a push-back: from the answer that is sent to the first and the last word of the question, and how that grows.

Each figure is a ratio of two things measured in one run, medians over texts and runs. What ours is held against:

- ``first_word``: the first words of the push-back, against the first token that the same model writes for the same messages when
  nothing of them is evaluated ahead, as a plain chat call does.
- ``overhead``: the whole way from answer to question, against the time that it spends inside ``llama_decode``, the call that
  evaluates tokens; nothing can be quicker with these tokens.
- ``candidates``: three questions side by side, against one.
"""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from coach.judge.judge import Judge
from coach.llm.base import LanguageModel, Prompt, Sampling
from coach.pushback.ask import Asker, Exchange, Occasion, ask_about, push_back_prompt, source_of, words_about
from coach.schema import Step

LENGTHS = (10, 25, 50, 100, 200, 400, 800, 2000)
"""Words of an answer."""

ROUNDS = tuple(range(1, 13))
"""Push-backs in one review; on one answer there are three at most."""

_WRITTEN = 20  # tokens a candidate, about what a gap takes

Clock = Callable[[], float]


class Bare(Protocol):
    """What the model itself tells about its work."""

    def decoded(self) -> float:
        """Seconds spent inside ``llama_decode`` so far."""
        ...

    def first_token(self, prompt: Prompt) -> None:
        """Evaluate a prompt from its first token on, nothing kept, and draw one token."""
        ...


@dataclass(frozen=True)
class Timed:
    """Seconds of one push-back: to its first word, to its last, and inside ``llama_decode``."""

    first: float
    last: float
    decoded: float


@dataclass(frozen=True)
class AskBench:
    """The app's judge and asker over the bare model."""

    judge: Judge
    asker: Asker
    bare: Bare
    clock: Clock = time.perf_counter

    def occasion(self, step: Step, text: str) -> Occasion | None:
        """What would be asked about an answer; None where nothing is found."""
        found = self.judge.judge(step, text).findings
        return Occasion(text, found[0], found) if found else None

    def push_back(self, step: Step, text: str, earlier: Sequence[Exchange] = (), before: Sequence[str] = ()) -> Timed | None:
        """Judge an answer and ask back; None where there is nothing to ask."""
        decoded, begun, first = self.bare.decoded(), self.clock(), 0.0
        found = self.judge.judge(step, text).findings
        if not found:
            return None
        for piece in ask_about(Occasion(text, found[0], found, tuple(earlier), tuple(before)), self.asker):
            first = first or (self.clock() - begun if piece.text.strip() else 0.0)
        return Timed(first, self.clock() - begun, self.bare.decoded() - decoded)

    def cold(self, occasion: Occasion) -> float:
        """Seconds to the first token of a plain call with the same messages."""
        prompt = push_back_prompt(source_of(occasion), words_about(occasion), occasion.earlier)
        begun = self.clock()
        self.bare.first_token(prompt)
        return self.clock() - begun

    def candidates(self, occasion: Occasion) -> float:
        """Three continuations over one."""
        prompt = push_back_prompt(source_of(occasion), words_about(occasion))
        return self._written(prompt, 3) / self._written(prompt, 1)

    def _written(self, prompt: Prompt, count: int) -> float:
        model: LanguageModel = self.asker.model
        samplings = [Sampling(most_tokens=_WRITTEN, seed=seed) for seed in range(1, count + 1)]
        begun = self.clock()
        for _ in model.write(prompt, samplings):
            pass
        return self.clock() - begun


@dataclass(frozen=True)
class AskFigures:
    """Medians; the seconds are medians too."""

    first_word: float
    overhead: float
    candidates: float
    first_seconds: float
    last_seconds: float
    cold_seconds: float
    texts: int
    runs: int


def asked(bench: AskBench, texts: Sequence[tuple[Step, str]], runs: int, progress: Callable[[int, int], None]) -> AskFigures:
    """Measure texts in turn, after one round that is not counted; those that nothing is found in are passed over."""
    occasions = [(step, text, occasion) for step, text in texts if (occasion := bench.occasion(step, text))]
    timed, colds, ratios, threes, total = list[Timed](), list[float](), list[float](), list[float](), (runs + 1) * len(occasions)
    for run in range(runs + 1):
        for number, (step, text, occasion) in enumerate(occasions):
            one, cold, three = bench.push_back(step, text), bench.cold(occasion), bench.candidates(occasion)
            if run and one:
                timed.append(one)
                colds.append(cold)
                ratios.append(one.first / cold)
                threes.append(three)
            progress(run * len(occasions) + number + 1, total)
    return AskFigures(
        first_word=statistics.median(ratios),
        overhead=statistics.median(one.last / one.decoded for one in timed if one.decoded),
        candidates=statistics.median(threes),
        first_seconds=statistics.median(one.first for one in timed),
        last_seconds=statistics.median(one.last for one in timed),
        cold_seconds=statistics.median(colds),
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
