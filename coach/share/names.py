"""Asks the model for names that no rule sees: written small, or words of every day. What it says is kept only where it stands."""

import re

from coach.errors import ModelError
from coach.llm.base import LanguageModel, Prompt, Sampling
from coach.prompts import common_words, template

_MOST_CHARACTERS = 2000
_SAMPLING = Sampling(most_tokens=60, temperature=0.0)
_MOST_WORDS = 5


def names_by(model: LanguageModel, text: str) -> list[str]:
    """Names of people, companies, products and places in a text; nothing where the model fails."""
    source, found = template("share_names"), list[str]()
    for at in range(0, len(text), _MOST_CHARACTERS):
        piece = " ".join(text[at : at + _MOST_CHARACTERS].split())
        written = ""
        try:
            for token in model.write(
                Prompt(source.instruction, source.examples, piece), [_SAMPLING], lambda _, said: "\n" not in said
            ):
                written += token.text
        except ModelError:
            return found
        found += [name for name in _listed(written) if name not in found and _stands(name, text)]
    return found


def _listed(written: str) -> list[str]:
    """The names of a reply, with commas between them.

    >>> _listed("Dana Smith, Acme; none.")
    ['Dana Smith', 'Acme']
    """
    first = next(iter(written.strip().splitlines()), "")
    names = (part.strip(" .\"“”'*") for part in re.split(r"[,;]", first))
    return [name for name in names if name and name.lower() != "none" and len(name.split()) <= _MOST_WORDS]


def _stands(name: str, text: str) -> bool:
    """Whether the text has it, and it is no everyday word written small."""
    everyday = name.islower() and all(word in common_words() for word in name.split())
    return not everyday and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None
