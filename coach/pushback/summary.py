"""One sentence about what changed between the first and the last version of an answer, in the person's own words.

The model may write it, if it says nothing that the person did not; else it is put together from the two versions.
"""

import re

from coach.errors import ModelError
from coach.judge.sentences import words
from coach.llm.base import LanguageModel, Prompt, Sampling
from coach.prompts import template
from coach.pushback.ask import Piece
from coach.pushback.change import KINDS, gain
from coach.pushback.checks import Asked, no_advice, no_blame, no_new_facts, not_in_first_person, plain_text, wholly_grounded
from coach.pushback.quotes import short_quote

_MOST_WORDS = 35
_MOST_CHARACTERS = 400
_PRAISE = re.compile(
    r"\b(great|good|well done|excellent|better|clearer|improv\w+|nice\w*|strong\w*|impressive|honest\w*|brave\w*)\b", re.I
)
_CHECKS = (no_advice, no_blame, no_new_facts, not_in_first_person, plain_text, wholly_grounded)


def sum_up(first: str, last: str, model: LanguageModel | None) -> Piece:
    """What is in the last version that was not in the first. Never fails."""
    by_hand = Piece(put_together(first, last), "hand")
    if model is None:
        return by_hand
    try:
        sentence = _written(summary_prompt(first, last), model)
    except ModelError:
        return by_hand
    return Piece(sentence, "model") if sound(sentence, first, last) else by_hand


def summary_prompt(first: str, last: str) -> Prompt:
    """The prompt for the sentence."""
    source = template("what_changed")
    return Prompt(source.instruction, source.examples, f"First: {_shown(first)} Last: {_shown(last)}")


def sound(sentence: str, first: str, last: str) -> bool:
    """Whether a sentence speaks to the person, is one sentence, praises and advises nothing, and holds only what they wrote."""
    asked = Asked(f"{first} {last}")
    form = re.fullmatch(r"You [^?!]+\.", sentence) and len(words(sentence)) <= _MOST_WORDS
    new = gain(first, sentence, KINDS) is not None or any(word not in words(first.lower()) for word in words(sentence.lower()))
    return bool(form and new and not _PRAISE.search(sentence)) and all(check(sentence, asked) for check in _CHECKS)


def put_together(first: str, last: str) -> str:
    """The sentence without a model: what is new and can be checked, else both versions side by side."""
    found = gain(first, last, KINDS)
    return f"New in it: {found.clause}" if found else f"“{short_quote(first)}” became “{short_quote(last)}”."


def _written(prompt: Prompt, model: LanguageModel) -> str:
    def go_on(number: int, text: str) -> bool:
        return "\n" not in text.strip()

    tokens = model.write(prompt, [Sampling(most_tokens=64, temperature=0.1)], go_on)
    return " ".join("".join(token.text for token in tokens).split())


def _shown(text: str) -> str:
    return " ".join(text[:_MOST_CHARACTERS].split())
