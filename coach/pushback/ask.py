"""Writes the question that comes back: a quote of the person's own words, then one question.

The quote is put in by this program, so it is verbatim; the question comes from the model if what it writes
passes the checks, else from the set written by hand for that finding. For shame and rumination only the hand-written ones
are used: a wrong word does harm there.
"""

import contextlib
import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass

from coach.errors import ModelError
from coach.llm.base import LanguageModel, Prompt, Sampling
from coach.prompts import Judgement, judgements, template
from coach.pushback.checks import WHILE_WRITING, Asked, failures
from coach.pushback.quotes import opener, short_quote
from coach.schema import Finding

_MOST_PROMPT_CHARACTERS = 700
TRIES = 3


@dataclass(frozen=True)
class Piece:
    """A piece of a question on its way to the screen; ``by`` tells who wrote it."""

    text: str
    by: str


def push_back_prompt(judgement: Judgement, answer: str) -> Prompt:
    """The prompt for a push-back about one finding."""
    return Prompt(f"{template('pushback').instruction} {judgement.instruction}", judgement.examples, _one_line(answer))


def next_why_prompt(answer: str) -> Prompt:
    """The prompt for the next why, about the last answer."""
    return Prompt(template("next_why").instruction, template("next_why").examples, _one_line(answer))


def all_prompts() -> list[Prompt]:
    """Every prompt there is, without a person's words: for evaluating the fixed parts ahead of time."""
    asked = [judgement for judgement in judgements().values() if not judgement.hand_written]
    return [next_why_prompt(""), *(push_back_prompt(judgement, "") for judgement in asked)]


def ask_about(
    finding: Finding, judgement: Judgement, answer: str, before: tuple[str, ...], model: LanguageModel | None
) -> Iterator[Piece]:
    """Stream a push-back about a finding. Never fails: the hand-written questions are always there."""
    yield Piece(opener(short_quote(finding.quote)) + " ", "hand")
    by_hand = hand_written(judgement.questions, before)
    if model is None or judgement.hand_written:
        yield Piece(by_hand, "hand")
        return
    # the sentence alone: shown the whole answer, a small model asks about whatever else stands in it
    prompt = push_back_prompt(judgement, finding.quote[:_MOST_PROMPT_CHARACTERS])
    yield from _written(prompt, Asked(answer, tuple(_question_of(text) for text in before)), by_hand, model)


def ask_next_why(answer: str, before: tuple[str, ...], model: LanguageModel | None) -> Iterator[Piece]:
    """Stream the next why about the last answer. Never fails."""
    by_hand = hand_written(template("next_why").questions, before)
    quoted = opener(short_quote(next(iter(answer.splitlines()), answer))) + " "
    if model is None:
        yield Piece(quoted + by_hand, "hand")
        return
    prompt = next_why_prompt(answer[-_MOST_PROMPT_CHARACTERS:])
    yield from _written(prompt, Asked(answer, before), quoted + by_hand, model)


def _written(prompt: Prompt, asked: Asked, by_hand: str, model: LanguageModel) -> Iterator[Piece]:
    """The model's question if one passes, else the one written by hand.

    A question is shown only when it is whole and has passed, because nothing shown is ever taken back; twelve words
    take about half a second, and the opener is on the screen before.
    """
    question = _first_that_passes(prompt, asked, model)
    yield from (Piece(piece, "model") for piece in re.findall(r"\S+\s*", question or ""))
    if not question:
        yield Piece(by_hand, "hand")


def _first_that_passes(prompt: Prompt, asked: Asked, model: LanguageModel) -> str | None:
    """Up to ``TRIES`` candidates, each dropped at the first word that breaks a rule."""
    for attempt in range(TRIES):
        sampling = Sampling(most_tokens=48, temperature=0.2 + 0.3 * attempt, seed=attempt + 1, stop=("\n",))
        try:
            text = _candidate(model.write(prompt, sampling), asked)
        except ModelError:
            return None
        if not failures(text, asked):
            return text
    return None


def _candidate(pieces: Generator[str, None, None], asked: Asked) -> str:
    """One candidate up to its question mark, or as far as it went well."""
    text = ""
    with contextlib.closing(pieces):
        for piece in pieces:
            text = _one_line(text + piece) + (" " if piece.endswith(" ") else "")
            if "?" in text:
                return text[: text.index("?") + 1]
            if failures(text, asked, WHILE_WRITING):
                return text
    return text.strip()


def hand_written(questions: tuple[str, ...], before: tuple[str, ...]) -> str:
    """The first question of a set that was not asked yet; the first again when all were."""
    return next((question for question in questions if not any(question in old for old in before)), questions[0])


def _question_of(text: str) -> str:
    """A push-back without its opener."""
    return text.split("”. ", 1)[-1]


def _one_line(text: str) -> str:
    """White space folded, as in the examples."""
    return " ".join(text.split())
