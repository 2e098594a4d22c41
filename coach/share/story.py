"""The story itself: put together from the entry's own words, as long as one can listen, written as Markdown or a page."""

from collections.abc import Mapping
from html import escape

from coach.schema import Entry

WORDS_A_MINUTE = 140
"""Reading aloud to a group, with pauses; a usual figure for talks is 130 to 150."""

LONGEST = 2 * WORDS_A_MINUTE + WORDS_A_MINUTE // 2
"""From here on it is told to be shortened: two minutes hold attention."""

PARTS = {
    "situation": "What happened",
    "root_cause": "My part in it",
    "lesson": "What I know now",
    "change": "What I do differently",
}
"""The parts of a share, by the entry's fields that they begin with."""

LEADER_FIRST = (
    "If you lead the group, go first, and without a happy end: whoever has the most to lose by it makes it safe for the others."
    " Say what it cost and whom. Ask for nothing back, and let nobody console you with your strengths."
)


def parts_of(entry: Entry) -> dict[str, str]:
    """The parts that have words, as they stand in the entry; feeling, areas and how much it mattered stay private."""
    return {name: str(getattr(entry, name)) for name in PARTS if getattr(entry, name).strip()}


def minutes(text: str) -> float:
    """How long a text takes to read aloud.

    >>> minutes("word " * 280)
    2.0
    """
    return len(text.split()) / WORDS_A_MINUTE


def markdown(title: str, parts: Mapping[str, str]) -> str:
    """The share as Markdown."""
    told = "\n\n".join(f"## {PARTS[name]}\n\n{text.strip()}" for name, text in parts.items() if text.strip())
    return f"# {' '.join(title.split())}\n\n{told}\n"


def html(title: str, parts: Mapping[str, str]) -> str:
    """The inside of a page to print."""
    told = "".join(
        f'<h3>{escape(PARTS[name])}</h3><p dir="auto">{escape(text.strip())}</p>' for name, text in parts.items() if text.strip()
    )
    return f"<article>{told}</article>"
