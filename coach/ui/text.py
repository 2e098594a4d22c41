"""The one place where words become HTML: everything is escaped, so nothing in them is ever read as markup.

Streamlit's own text surfaces read Markdown and would load a remote image that stands in an answer; these do not.
"""

import re
from collections.abc import Sequence
from html import escape
from typing import Literal

import streamlit as st

from coach.dates import day as day
from coach.judge.sentences import Span

_SIGNS = "\\`*_{}[]()<>#+-.!|~:$^=&"
_JOINER = "\u2060"
_MADE_ANEW = re.compile(r"(?<=:)(?=\S)|(?=@)|(?<=www)(?=\.)|(?<=[-<>=~])(?=[-<>=~])", re.IGNORECASE)
_MOST_SHOWN = 20_000  # characters of one answer on the screen; all of it is kept


def marked(text: str, marks: Sequence[Span] = ()) -> str:
    """Escaped HTML of a text with some ranges marked.

    >>> marked("a <b> c", [(2, 5)])
    'a <mark>&lt;b&gt;</mark> c'
    """
    parts, at = [], 0
    for start, end in sorted(marks):
        start = max(start, at)
        if start < end:
            parts += [escape(text[at:start]), "<mark>", escape(text[start:end]), "</mark>"]
            at = end
    return "".join([*parts, escape(text[at:])])


def words(text: str, marks: Sequence[Span] = (), *, size: Literal["large", "small"] = "large") -> None:
    """Show what a person wrote, as they wrote it."""
    shown = text[:_MOST_SHOWN]
    rest = f"\n… and {len(text) - _MOST_SHOWN:,} more characters, all kept." if len(text) > _MOST_SHOWN else ""
    kind = "coach-words small" if size == "small" else "coach-words"
    st.html(f'<p class="{kind}" dir="auto" tabindex="-1">{marked(shown, marks)}{escape(rest)}</p>')


def title(text: str, level: Literal[1, 2] = 1) -> None:
    """A heading made of a person's words."""
    st.html(f'<h{level} class="coach-title" dir="auto">{escape(text)}</h{level}>')


def note(text: str) -> None:
    """A quiet remark, which may hold a person's words."""
    st.html(f'<p class="coach-note" dir="auto">{escape(text)}</p>')


def label(text: str) -> str:
    """A person's words as the label of a widget, which reads Markdown: every sign that it knows is taken as itself, on one line.

    Addresses, smileys in colons and arrows are made out of the text once its signs have been read, so a backslash does not help
    there: a joiner that takes no room parts them.
    """
    parted = _MADE_ANEW.sub(_JOINER, " ".join(text.split()))
    return "".join(f"\\{sign}" if sign in _SIGNS else sign for sign in parted)


def question(text: str, *, live: bool = False) -> str:
    """HTML of a question that came back; ``live`` while it is being written, for screen readers."""
    return f'<p class="coach-question" role="status" aria-live="polite" aria-busy="{str(live).lower()}">{escape(text)}</p>'
