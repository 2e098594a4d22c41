"""Benchmarks against a plain chat: what somebody would use who asks the same model, without the coach, to ask a question back.

Both get the same answers in turn. The plain chat keeps what the library keeps of it, the words in front of the answer; its reply is
whatever the model says, at most 200 tokens. Ours is the whole way: judged, three candidates, checked and rated.
"""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from coach.bench_ask import AskBench, Timed
from coach.llm.base import Prompt, Reply
from coach.schema import Step

SYSTEM = "You are a helpful assistant. The user is reflecting on something that went wrong. Ask them one good question back."
MOST_TOKENS = 200


@dataclass(frozen=True)
class ChatFigures:
    """Ratios of ours to the chat's, to the first words and to the last; the seconds, and the words written, are medians too."""

    first: float
    last: float
    ours_first_seconds: float
    ours_last_seconds: float
    chat_first_seconds: float
    chat_last_seconds: float
    ours_words: float
    chat_words: float
    texts: int
    runs: int


def chatted(bench: AskBench, texts: Sequence[tuple[Step, str]], runs: int, progress: Callable[[int, int], None]) -> ChatFigures:
    """Measure texts in turn, after one round that is not counted; those that nothing is asked about are passed over.

    Raises ModelError where none is left.
    """
    asked = [(step, text) for step, text, _ in bench.occasions(texts)]
    pairs, total = list[tuple[Timed, Reply]](), (runs + 1) * len(asked)
    for run in range(runs + 1):
        for number, (step, text) in enumerate(asked, 1):
            ours, theirs = bench.push_back(step, text), bench.plain.reply(Prompt(SYSTEM, (), text), MOST_TOKENS)
            if run and ours:
                pairs.append((ours, theirs))
            progress(run * len(asked) + number, total)

    def median(figure: Callable[[Timed, Reply], float]) -> float:
        return statistics.median(figure(ours, theirs) for ours, theirs in pairs)

    return ChatFigures(
        first=median(lambda ours, theirs: ours.first / theirs.first),
        last=median(lambda ours, theirs: ours.last / theirs.last),
        ours_first_seconds=median(lambda ours, theirs: ours.first),
        ours_last_seconds=median(lambda ours, theirs: ours.last),
        chat_first_seconds=median(lambda ours, theirs: theirs.first),
        chat_last_seconds=median(lambda ours, theirs: theirs.last),
        ours_words=median(lambda ours, theirs: len(ours.shown.split())),
        chat_words=median(lambda ours, theirs: len(theirs.text.split())),
        texts=len(asked),
        runs=runs,
    )
