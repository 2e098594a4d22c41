"""A folder of Markdown files, one an entry, with front matter: opens well in Obsidian and any other reader of notes.

The text of each field stands under its heading as it was written; a line of it that would be read as a heading of ours gets a
backslash in front, which reading takes away again.
"""

import re
from pathlib import Path

import yaml

from coach.growth.period import sections
from coach.schema import SECTIONS, Entry, Kept, WholeLog

NAME = "Markdown folder"
SUFFIX = ""
_NAME = re.compile(r"[^\w -]+")
_LOOKS_OURS = re.compile(r"^(\\*)(## )", re.MULTILINE)


def write(log: WholeLog, target: Path) -> None:
    """Write the folder; the same log gives the same files."""
    from coach.exporters import period  # which links to the names of pages here

    target.mkdir(parents=True, exist_ok=True)
    for one in log.kept:
        (target / file_name(one.entry)).write_text(page(one), encoding="utf-8", newline="")
    entries = {one.entry.id: one.entry for one in log.kept}
    for made in log.period_reviews:
        text = period.markdown(made, sections(made.findings, entries, None, None))
        (target / period.markdown_name(made)).write_text(text, encoding="utf-8", newline="")


def file_name(entry: Entry) -> str:
    """Date, title and the beginning of the id: in order, readable, and never the same for two entries."""
    return f"{entry.happened_on} {safe_name(entry.title)} {safe_name(entry.id)[:12]}.md".replace("  ", " ")


def safe_name(text: str) -> str:
    """Words that every file system takes as a name.

    >>> safe_name("Who? Me/you: 3")
    'Who Me you 3'
    """
    return " ".join(_NAME.sub(" ", text).split())[:60]


def page(one: Kept) -> str:
    """An entry as a page: the fields with text under headings, everything else but its review in the front matter."""
    fields = one.model_dump(mode="json", exclude={"review"})
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
