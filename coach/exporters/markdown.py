"""A folder of Markdown files, one an entry, with front matter: opens well in Obsidian and any other reader of notes.

The text of each field stands under its heading as it was written; a line of it that would be read as a heading of ours gets a
backslash in front, which reading takes away again.
"""

import re
from collections.abc import Sequence
from pathlib import Path

import yaml

from coach.schema import SECTIONS, Kept

NAME = "Markdown folder"
SUFFIX = ""
_NAME = re.compile(r"[^\w -]+")
_LOOKS_OURS = re.compile(r"^(\\*)(## )", re.MULTILINE)


def write(kept: Sequence[Kept], target: Path) -> None:
    """Write the folder; the same log gives the same files."""
    target.mkdir(parents=True, exist_ok=True)
    for one in kept:
        (target / file_name(one)).write_text(page(one), encoding="utf-8", newline="")


def file_name(one: Kept) -> str:
    """Date, title and the beginning of the id: in order, readable, and never the same for two entries."""
    title = " ".join(_NAME.sub(" ", one.entry.title).split())[:60]
    return f"{one.entry.happened_on} {title} {one.entry.id[:12]}.md".replace("  ", " ")


def page(one: Kept) -> str:
    """An entry as a page: the fields with text under headings, everything else in the front matter."""
    fields = one.model_dump(mode="json")
    entry = {name: value for name, value in fields.pop("entry").items() if name not in SECTIONS}
    tags = [re.sub(r"\s+", "-", tag.strip()) for tag in one.entry.tags]  # as Obsidian has them; the words themselves are in `entry`
    matter = {"title": one.entry.title, "date": str(one.entry.happened_on), "tags": tags, "coach": {"entry": entry, **fields}}
    front = yaml.safe_dump(matter, allow_unicode=False, sort_keys=True, width=10**9)
    body = "".join(f"## {heading}\n\n{escaped(getattr(one.entry, name))}\n\n" for name, heading in SECTIONS.items())
    return f"---\n{front}---\n\n{body}"


def escaped(text: str) -> str:
    r"""A text none of whose lines looks like a heading of ours.

    >>> escaped("a\n## b")
    'a\n\\## b'
    """
    return _LOOKS_OURS.sub(r"\\\1\2", text)
