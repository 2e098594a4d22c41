"""What of an entry can be found by words, and how a person's query becomes one that SQLite's FTS5 accepts."""

import re

from coach.schema import Entry


def searchable(entry: Entry) -> str:
    """All text of an entry."""
    fields = [entry.title, " ".join(entry.tags), entry.situation, entry.root_cause, entry.lesson, entry.change]
    return "\n".join([*fields, *(factor.text for factor in entry.factors)])


def match_query(query: str) -> str:
    """Any of the query's words, each quoted, so that no sign in it is read as an operator.

    >>> match_query('late* OR "proposal')
    '"late" OR "OR" OR "proposal"'
    """
    return " OR ".join(f'"{word}"' for word in re.findall(r"\w+", query)[:64])
