"""Cuts an answer into sentences as half-open ranges of characters; written for how people type, not for print.

A sentence ends at . ! ? … followed by space, at a line break, or at the end. Full stops inside numbers,
initials and common abbreviations do not count. Nothing is dropped but the white space between sentences.
"""

import itertools
import re

Span = tuple[int, int]

WORD = re.compile(r"\w+(?:['’.,]\w+)*")
"""A word: letters and digits with apostrophes, points and commas inside."""

_ABBREVIATIONS = r"(?<!\be\.g)(?<!\bi\.e)(?<!\betc)(?<!\bvs)(?<!\bMr)(?<!\bMs)(?<!\bMrs)(?<!\bDr)(?<!\bSt)(?<!\b[A-Z])"
_END = re.compile(rf"(?:{_ABBREVIATIONS}\.+|[!?…。！？]+)[\"'”’)\]]*(?=\s|$)|\n+")


def sentences(text: str) -> list[Span]:
    """The sentences of a text.

    >>> text = "It was late. Why? The design team needed more time"
    >>> [text[start:end] for start, end in sentences(text)]
    ['It was late.', 'Why?', 'The design team needed more time']
    """
    edges = [0, *(match.end() for match in _END.finditer(text)), len(text)]
    spans = (_trimmed(text, start, end) for start, end in itertools.pairwise(edges))
    return [(start, end) for start, end in spans if any(char.isalnum() for char in text[start:end])]


def _trimmed(text: str, start: int, end: int) -> Span:
    """The range without the white space at its ends."""
    inside = text[start:end]
    lead = len(inside) - len(inside.lstrip())
    return start + lead, start + max(lead, len(inside.rstrip()))


def words(text: str) -> list[str]:
    """The words of a text: letters and digits with apostrophes inside.

    >>> words("It wasn't 3.5 hours!")
    ['It', "wasn't", '3.5', 'hours']
    """
    return WORD.findall(text)
