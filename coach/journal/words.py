"""What of an entry can be found by words, how a person's query becomes one that SQLite's FTS5 accepts, and where it hit."""

import itertools
import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache

import snowballstemmer

from coach.schema import Entry

Span = tuple[int, int]

_WORD = re.compile(r"\w+")
_MOST_WORDS = 64
_MOST_READ = 200_000  # characters of a field in which hits are looked for: it is shown around the first one
_MOST_HITS = 200  # more than a screen shows
_MOST_LETTERS = 64  # FTS5 leaves longer words as they are, too
_COMMON = frozenset(
    [
        "a",
        "about",
        "after",
        "all",
        "an",
        "and",
        "any",
        "are",
        "as",
        "at",
        "be",
        "because",
        "been",
        "before",
        "but",
        "by",
        "can",
        "did",
        "do",
        "does",
        "for",
        "from",
        "had",
        "has",
        "have",
        "he",
        "her",
        "him",
        "his",
        "how",
        "i",
        "if",
        "in",
        "into",
        "is",
        "it",
        "its",
        "just",
        "me",
        "more",
        "my",
        "no",
        "not",
        "of",
        "on",
        "or",
        "our",
        "out",
        "she",
        "so",
        "than",
        "that",
        "the",
        "their",
        "them",
        "then",
        "there",
        "they",
        "this",
        "to",
        "too",
        "up",
        "us",
        "was",
        "we",
        "were",
        "what",
        "when",
        "which",
        "who",
        "why",
        "will",
        "with",
        "you",
        "your",
    ]
)
"""Words that stand in most entries: they are searched and marked only where a query has no others."""


def searchable(entry: Entry) -> str:
    """All text of an entry."""
    fields = [entry.title, " ".join(entry.tags), entry.situation, entry.root_cause, entry.lesson, entry.change]
    return "\n".join([*fields, *(factor.text for factor in entry.factors)])


def match_query(query: str) -> str:
    """Any of the query's words, each quoted, so that no sign in it is read as an operator; common ones only for want of others.

    >>> match_query('the late* NEAR "proposal')
    '"late" OR "NEAR" OR "proposal"'
    """
    asked = _WORD.findall(query)[:_MOST_WORDS]
    return " OR ".join(f'"{word}"' for word in [word for word in asked if word.lower() not in _COMMON] or asked)


def hits(query: str, text: str) -> list[Span]:
    """Where words of the query stand in a text, in any of their forms, as the search finds them.

    >>> hits("promised too late", "A late promise, later kept.")
    [(2, 6), (7, 14)]
    """
    asked = [_stem(_plain(word)) for word in _WORD.findall(query)[:_MOST_WORDS]]
    wanted = {stem for stem in asked if stem not in _COMMON} or set(asked)
    return list(itertools.islice(_found(wanted, text[:_MOST_READ]), _MOST_HITS))


def _found(wanted: set[str], text: str) -> Iterator[Span]:
    """Where words with a wanted stem stand; stemming takes the time, and leaves the first letter as it is."""
    beginnings = {stem[:1] for stem in wanted}
    for match in _WORD.finditer(text):
        plain = _plain(match.group())
        if plain[:1] in beginnings and _stem(plain) in wanted:
            yield match.span()


def excerpt(text: str, marks: list[Span], most: int = 240) -> tuple[str, list[Span]]:
    """The part of a text around its first hit, cut between words, and the hits inside it.

    >>> excerpt("one two three four five", [(14, 18)], most=12)
    ('… four five', [(2, 6)])
    """
    start = max(0, marks[0][0] - most // 2) if marks else 0
    if start:
        start = text.find(" ", start) + 1 or start
    cut = text.rfind(" ", start + 1, start + most)
    end = len(text) if len(text) - start <= most else cut if cut > start else start + most
    front = "… " if start else ""
    moved = [(s - start + len(front), e - start + len(front)) for s, e in marks if s >= start and e <= end]
    return front + text[start:end] + (" …" if end < len(text) else ""), moved


def _plain(word: str) -> str:
    """As FTS5's ``unicode61`` folds it: without marks on letters, in lower case."""
    if word.isascii():
        return word.lower()
    return "".join(char for char in unicodedata.normalize("NFKD", word.lower()) if not unicodedata.combining(char))


@lru_cache(maxsize=4096)  # the words of a page or two
def _stem(plain: str) -> str:
    """As FTS5's ``porter`` reduces a folded word."""
    return str(_stemmer().stemWord(plain)) if len(plain) <= _MOST_LETTERS else plain


@cache
def _stemmer() -> snowballstemmer.stemmer:
    return snowballstemmer.stemmer("porter")
