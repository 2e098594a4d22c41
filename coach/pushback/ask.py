"""Writes the question that comes back: words of the person's own in front, then one question.

What stands in front is put in by this program, so it is verbatim: the quote that the question is about, or what a new version has
gained since the last question. The question is one of the finding's frames, whose gap the model has filled with the person's words:
left to itself a small model writes fluent nonsense (``docs/pushback.md`` has the ratings). Of those that pass every check
(``checks``) the best by its ``score`` is asked, else one from the set written by hand. For shame and rumination the model only
chooses among that set: a wrong word does harm there.
"""

import contextlib
import re
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from coach.errors import ModelError
from coach.llm.base import LanguageModel, Prompt, Sampling, Vector, written
from coach.prompts import Judgement, Template, again, fits, judgements, template
from coach.pushback.change import gain
from coach.pushback.checks import WHILE_WRITING, Asked, content, failures, speaks_to_the_machine
from coach.pushback.quotes import opener, short_quote
from coach.pushback.score import Rater, Score
from coach.schema import STEPS, Finding

_MOST_PROMPT_CHARACTERS = 700
MOST_CANDIDATES = 3
_MOST_GAP_WORDS = 12
_FEWEST_CONTENT_WORDS = 2
_CONTEXT_CHARACTERS = 200
_GAP_ENDS = re.compile(r"[,?!;:\n]|(?<!\bMr)(?<!\bMrs)(?<!\bMs)(?<!\bDr)(?<!\bSt)\.")

OWN_WORDS = 0.9
"""How much lower than the hand-written question, on the scale of 1 to 5, a question in the person's own words may be rated and
still be asked: it shows that it was read."""


@dataclass(frozen=True)
class Piece:
    """A piece of a question on its way to the screen; ``by`` tells who wrote it."""

    text: str
    by: Literal["model", "hand"]


@dataclass(frozen=True)
class Exchange:
    """An earlier push-back on the same answer: the version it was about, the kind of finding, the whole question."""

    answer: str
    kind: str
    question: str


@dataclass(frozen=True)
class Occasion:
    """What a push-back is about.

    ``found``: all that the judge found in the answer; ``finding`` is the one to ask about. ``earlier``: what was asked about this
    answer before, in order. ``before``: every question of the review so far.
    """

    answer: str
    finding: Finding
    found: tuple[Finding, ...] = ()
    earlier: tuple[Exchange, ...] = ()
    before: tuple[str, ...] = ()


@dataclass(frozen=True)
class Candidate:
    """One question that the model made, the checks that it failed and, where it failed none, its rating."""

    text: str
    failed: tuple[str, ...] = ()
    rating: float | None = None


@dataclass(frozen=True)
class Choice:
    """The question that is asked, who wrote it, and what it was chosen from."""

    question: str
    by: Literal["model", "hand"]
    candidates: tuple[Candidate, ...] = ()


Get = Callable[[Hashable, Callable[[], Choice]], Choice]
"""Gives the question that is kept under a key, or has it made."""


def anew(key: Hashable, make: Callable[[], Choice]) -> Choice:
    """Keeps nothing."""
    return make()


@dataclass(frozen=True)
class Asker:
    """What asks: the model, what rates hand-written questions and its own, and what keeps those made ahead (``coach.ahead``).

    Without a score the likeliest that passes is taken, without a rater the first that was written by hand.
    """

    model: LanguageModel
    rate: Rater | None = None
    score: Score | None = None
    get: Get = anew


# -- prompts -----------------------------------------------------------------------------------------------------------


def push_back_prompt(source: Judgement | Template, quote: str, earlier: Sequence[Exchange] = ()) -> Prompt:
    """The prompt for a push-back, about the sentence that carries the finding and after what was asked before."""
    system = f"{template('pushback').instruction} {source.instruction}"
    turns = tuple((_shown(one.answer), question_of(one.question)) for one in earlier[-1:])
    return Prompt(system, source.examples, again(_shown(quote)) if turns else _shown(quote), turns)


def next_why_prompt(answer: str) -> Prompt:
    """The prompt for the next why, about the last answer."""
    source = template("whys/next_why")
    return Prompt(source.instruction, source.examples, _one_line(answer[-_MOST_PROMPT_CHARACTERS:]))


def all_prompts() -> list[Prompt]:
    """Every prompt there is, without a person's words: for evaluating the fixed parts ahead of time, in the order of the steps."""
    asked = sorted((one for one in judgements().values() if not one.hand_written), key=lambda one: STEPS.index(one.steps[0]))
    sources: list[Judgement | Template] = [*asked, *(template(f"exercises/{one.exercise}") for one in asked if one.exercise)]
    return [*(push_back_prompt(source, "") for source in sources), next_why_prompt("")]


def source_of(occasion: Occasion) -> Judgement | Template:
    """The file that a push-back follows: the finding's exercise for its first one on an answer, else the finding's own."""
    judgement = judgements()[occasion.finding.kind]
    first = all(one.kind != occasion.finding.kind for one in occasion.earlier)
    return template(f"exercises/{judgement.exercise}") if judgement.exercise and first else judgement


# -- asking ------------------------------------------------------------------------------------------------------------


def ask_about(occasion: Occasion, asker: Asker | None) -> Iterator[Piece]:
    """Stream a push-back about a finding. Never fails: the hand-written questions are always there."""
    yield Piece(lead(occasion), "hand")
    choice = asked_ahead(occasion, asker) if asker else choose(occasion, None)
    yield Piece(choice.question, choice.by)


def asked_ahead(occasion: Occasion, asker: Asker) -> Choice:
    """The question about a finding, made now or kept since it was made ahead."""
    return asker.get(("ask", occasion), lambda: choose(occasion, asker))


def next_why_ahead(answer: str, before: tuple[str, ...], asker: Asker) -> Choice:
    """The next why, made now or kept since it was made ahead."""
    return asker.get(("why", answer, before), lambda: choose_next_why(answer, before, asker))


def choose(occasion: Occasion, asker: Asker | None) -> Choice:
    """The question about a finding."""
    source = source_of(occasion)
    if asker is None or judgements()[occasion.finding.kind].hand_written or speaks_to_the_machine(words_about(occasion)):
        return Choice(_by_hand(occasion, source.questions, asker), "hand")
    before, about = tuple(question_of(text) for text in occasion.before), words_about(occasion)
    asked = Asked(occasion.answer, before, lead(occasion), words=about)
    prompt = push_back_prompt(source, about, occasion.earlier)
    return _chosen(prompt, source.frames, asked, hand_written(source.questions, occasion.before), asker)


def ask_next_why(answer: str, before: tuple[str, ...], asker: Asker | None) -> Iterator[Piece]:
    """Stream the next why about the last answer. Never fails."""
    choice = next_why_ahead(answer, before, asker) if asker else choose_next_why(answer, before, None)
    quoted = "" if choice.by == "model" else opener(short_quote(next(iter(answer.splitlines()), answer))) + " "
    yield Piece(quoted + choice.question, choice.by)


def choose_next_why(answer: str, before: tuple[str, ...], asker: Asker | None) -> Choice:
    """The next why, in the answer's own words where the model finds some."""
    source = template("whys/next_why")
    by_hand = hand_written(source.questions, before)
    if asker is None or speaks_to_the_machine(answer):
        return Choice(by_hand, "hand")
    read = answer[-_MOST_PROMPT_CHARACTERS:]  # what the model sees: it takes its words from nowhere else
    asked = Asked(answer, tuple(question_of(text) for text in before), words=read)
    return _chosen(next_why_prompt(answer), source.frames, asked, by_hand, asker)


def ask_behind_a_loop(earlier: str, before: tuple[str, ...]) -> Iterator[Piece]:
    """Ask behind an answer that says again what an earlier one said; written by hand."""
    question = hand_written(template("whys/loop").questions, before)
    yield Piece(f"This comes back to “{short_quote(earlier)}”. {question}", "hand")


def lead(occasion: Occasion) -> str:
    """The words in front of the question: what is better since the last one, else the quote it is about. At most 14 words."""
    finding, earlier = occasion.finding, occasion.earlier
    if earlier:
        kinds = (*judgements()[finding.kind].gains, *judgements()[earlier[-1].kind].gains)
        spans = [(one.start, one.end) for one in (finding, *occasion.found)]
        gained = gain(earlier[-1].answer, occasion.answer, kinds, spans)
        if gained:
            return f"{gained.clause} "
    return opener(short_quote(finding.quote)) + " "


def words_about(occasion: Occasion) -> str:
    """The words that the question is about: the sentence that carries the finding.

    Where that says too little by itself ("End of."), what stands before it comes with it.
    """
    finding = occasion.finding
    if content(finding.quote) >= _FEWEST_CONTENT_WORDS:
        return finding.quote
    return occasion.answer[max(0, finding.start - _CONTEXT_CHARACTERS) : finding.end]


def _chosen(prompt: Prompt, frames: Sequence[str], asked: Asked, by_hand: str, asker: Asker) -> Choice:
    """The model's best question, or the one written by hand where none passes or where that promises more.

    It is shown when it is whole and has passed, because nothing shown is ever taken back; what stands in front of it is on the
    screen meanwhile.
    """
    made = tuple(candidates(prompt, frames, asked, asker))
    passed = [one for one in made if not one.failed]
    if not passed:
        return Choice(by_hand, "hand", made)
    if asker.score is None:  # nothing to choose by: the first, likeliest frame
        return Choice(passed[0].text, "model", made)
    best = max(passed, key=lambda one: one.rating or 0.0)
    own_words = (best.rating or 0.0) >= asker.score.hand_written(by_hand) - OWN_WORDS
    return Choice(best.text, "model", made) if own_words else Choice(by_hand, "hand", made)


def _ratings(words: str, questions: Sequence[str], rate: Rater | None) -> list[float] | None:
    """How good each question is; None where nothing can rate them."""
    with contextlib.suppress(ModelError):
        return rate(words, questions) if rate else None
    return None


def candidates(prompt: Prompt, frames: Sequence[str], asked: Asked, asker: Asker) -> list[Candidate]:
    """Frames whose gaps the model fills side by side, each given up at the first word that breaks a rule; none where it fails."""
    chosen = _fresh(frames, asked.before)
    starts = [frame.split("{}")[0].rstrip() for frame in chosen]
    texts = [""] * len(chosen)

    def go_on(number: int, text: str) -> bool:
        ended = _GAP_ENDS.search(text) or len(text.split()) > _MOST_GAP_WORDS
        return not ended and not failures(starts[number] + text, replace(asked, frame=chosen[number]), WHILE_WRITING)

    samplings = [Sampling(most_tokens=24, temperature=0.2, start=start) for start in starts]
    states: Sequence[Vector | None] = [None] * len(chosen)
    with contextlib.suppress(ModelError), contextlib.closing(asker.model.write(prompt, samplings, go_on)) as tokens:
        states = written(tokens, texts)
    rows = zip(chosen, texts, states, strict=True)
    return [_filled(frame, text, asked, asker.score, seen) for frame, text, seen in rows if text]


def _filled(frame: str, text: str, asked: Asked, score: Score | None, states: Vector | None) -> Candidate:
    """A frame with what the model wrote for its gap; a gap that did not come to its end is no question."""
    gap, *end = _GAP_ENDS.split(text, maxsplit=1)
    question = frame.format(_one_line(gap)) if end else frame.split("{}")[0] + _one_line(gap)
    failed = tuple(failures(question, replace(asked, frame=frame)))
    rating = score.written(states) if score is not None and states is not None and not failed else None
    return Candidate(question, failed, rating)


def _fresh(frames: Sequence[str], before: Sequence[str]) -> list[str]:
    """Frames that no earlier question was made from, in order."""
    return [frame for frame in frames if not any(fits(frame, old) for old in before)][:MOST_CANDIDATES]


def _by_hand(occasion: Occasion, questions: tuple[str, ...], asker: Asker | None) -> str:
    """Of the hand-written questions that were not asked yet, the one that the model rates highest for these words."""
    fresh = [question for question in questions if not any(question in old for old in occasion.before)] or list(questions[:1])
    ratings = _ratings(_shown(words_about(occasion)), fresh, asker.rate if asker else None) or [0.0] * len(fresh)
    return fresh[max(range(len(fresh)), key=ratings.__getitem__)]


def hand_written(questions: tuple[str, ...], before: tuple[str, ...]) -> str:
    """The first question of a set that was not asked yet; the first again when all were."""
    return next((question for question in questions if not any(question in old for old in before)), questions[0])


def question_of(text: str) -> str:
    """A push-back without what stands in front of its question.

    >>> question_of("You wrote “It was bad”. What was bad?")
    'What was bad?'
    """
    return text.rsplit("”. ", 1)[-1].rsplit(". ", 1)[-1].strip()


def _shown(text: str) -> str:
    """As the model sees a person's words: on one line, bounded."""
    return _one_line(text[:_MOST_PROMPT_CHARACTERS])


def _one_line(text: str) -> str:
    """White space folded, as in the examples."""
    return " ".join(text.split())
