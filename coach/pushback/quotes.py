"""Chooses the few words of a sentence that a question quotes: verbatim, short, whole words."""

import re

MOST_QUOTED_WORDS = 12
_MOST_CHARACTERS = 160  # somebody may type without a space

_CLAUSE = re.compile(r"[,;:–—]|\s(?:because|since|but|and|so)\s", re.IGNORECASE)


def short_quote(sentence: str) -> str:
    """A verbatim piece of a sentence of at most ``MOST_QUOTED_WORDS`` words, without its final punctuation.

    >>> short_quote("Everything fell apart because the team dropped the ball.")
    'Everything fell apart because the team dropped the ball'
    """
    whole = sentence.strip()[:_MOST_CHARACTERS].rstrip(".!?…,;: ")
    if len(whole.split()) <= MOST_QUOTED_WORDS:
        return whole
    clause = whole[: _first_clause_end(whole)].rstrip()
    return clause if 3 <= len(clause.split()) <= MOST_QUOTED_WORDS else _first_words(whole, MOST_QUOTED_WORDS)


def _first_clause_end(text: str) -> int:
    found = next((match for match in _CLAUSE.finditer(text) if len(text[: match.start()].split()) >= 3), None)
    return found.start() if found else len(text)


def _first_words(text: str, count: int) -> str:
    """The first words of a text, cut between words so that the piece stays verbatim."""
    ends = [match.end() for match in re.finditer(r"\S+", text)]
    return text[: ends[count - 1]].rstrip(".!?…,;: ")


def opener(quote: str) -> str:
    """The words that every push-back begins with.

    >>> opener("The scope expanded")
    'You wrote “The scope expanded”.'
    """
    return f"You wrote “{quote}”."
