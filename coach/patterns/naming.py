"""Proposes a name for a pattern: the model writes some, and the first one that keeps to the rules is taken.

The person's own name for it always wins; this is only what stands there until then.
"""

import re
from collections.abc import Sequence

from coach.llm.base import LanguageModel, Prompt, Sampling
from coach.patterns.book import Namer
from coach.prompts import template
from coach.pushback.quotes import short_quote
from coach.schema import Entry

MOST_WORDS = 5
_MOST_ENTRIES = 5
_MOST_NAME_CHARACTERS = 50
_FORM = re.compile(r"[A-Z][\w’'-]*(?: [\w’'-]+)*")
_BLAME = re.compile(r"\b(stupid|lazy|bad|fail\w*|weak\w*|fault|useless|incompeten\w*|careless\w*|selfish|coward\w*)\b", re.I)
_SAMPLINGS = tuple(Sampling(most_tokens=14, temperature=temperature, seed=3) for temperature in (0.2, 0.7, 0.9))


def namer(model: LanguageModel) -> Namer:
    """Names patterns with a model."""

    def name(entries: Sequence[Entry]) -> str:
        return proposed(model, entries)

    return name


def proposed(model: LanguageModel, entries: Sequence[Entry]) -> str:
    """A name of two to five words; empty where the model wrote none that keeps to the rules. Raises ModelError."""
    source = template("pattern_name")
    prompt = Prompt(source.instruction, source.examples, shown(entries))
    written = [""] * len(_SAMPLINGS)
    for token in model.write(prompt, _SAMPLINGS, lambda number, text: "\n" not in text.strip()):
        written[token.candidate] += token.text
    return next((name for name in map(_tidied, written) if sound(name)), "")


def shown(entries: Sequence[Entry]) -> str:
    """What the model sees of the entries: a few words each of what lies behind some of them."""
    step = max(1, len(entries) // _MOST_ENTRIES)
    return " / ".join(short_quote(_heart(entry)) for entry in entries[::step][:_MOST_ENTRIES])


def sound(name: str) -> bool:
    """Whether a name has two to five words, no marks and blames nobody.

    >>> sound("Promising before asking"), sound("You are so lazy."), sound("Promising")
    (True, False, False)
    """
    fits = _FORM.fullmatch(name) and 2 <= len(name.split()) <= MOST_WORDS and len(name) <= _MOST_NAME_CHARACTERS
    return bool(fits) and not _BLAME.search(name)


def _heart(entry: Entry) -> str:
    return " ".join((entry.root_cause or entry.lesson or entry.situation).split())


def _tidied(text: str) -> str:
    first = next(iter(text.strip().splitlines()), "").strip(" .\"“”'*")
    return first[:1].upper() + first[1:]
