"""Chooses the few words of a sentence that a question quotes: verbatim, short, whole words."""

import re

from coach.judge.sentences import WORD, words

MOST_QUOTED_WORDS = 12
_MOST_CHARACTERS = 160  # somebody may type without a space

_LEADS_ON = re.compile(
    r"(?:an?|the|this|that|these|those|my|our|your|his|her|its|their|of|in|on|at|to|for|with|by|from|about|into|over|under|after"
    r"|before|and|but|or|so|as|than|if|when|while|because|who|which|whose|not|no|very|too|was|were|is|are|be|been|had|has|have"
    r"|would|could)",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[,;:–—]|\s(?:because|since|but|and|so)\s", re.IGNORECASE)


def short_quote(sentence: str, most: int = MOST_QUOTED_WORDS) -> str:
    """A verbatim piece of a sentence of at most ``most`` words, without its final punctuation.

    >>> short_quote("Everything fell apart because the team dropped the ball.")
    'Everything fell apart because the team dropped the ball'
    """
    whole = sentence.strip()[:_MOST_CHARACTERS].rstrip(".!?…,;: ")
    if len(words(whole)) <= most:
        return whole
    clause = whole[: _first_clause_end(whole)].rstrip()
    return clause if 3 <= len(words(clause)) <= most else _first_words(whole, most)


def _first_clause_end(text: str) -> int:
    found = next((match for match in _CLAUSE.finditer(text) if len(text[: match.start()].split()) >= 3), None)
    return found.start() if found else len(text)


def _first_words(text: str, count: int) -> str:
    """The first words of a text, cut between words so that the piece stays verbatim, and not behind a word that leads on."""
    found = list(WORD.finditer(text))[:count]
    while len(found) > 3 and _LEADS_ON.fullmatch(found[-1].group()):
        found.pop()
    return text[: found[-1].end()] if found else text


def opener(quote: str) -> str:
    """The words that every push-back begins with.

    >>> opener("The scope expanded")
    'You wrote “The scope expanded”.'
    """
    return f"You wrote “{quote}”."
