"""One entry as Markdown that a team pastes into its wiki: headings, lists and tables. No format of the log."""

import re
from collections.abc import Mapping

from coach.dates import day
from coach.schema import SECTIONS, Entry, EntryPart


def wiki_page(entry: Entry, names: Mapping[str, str]) -> str:
    """The page. ``names``: what the entry's fields are called, by field."""
    fields = [(names.get(name, heading), str(getattr(entry, name))) for name, heading in SECTIONS.items()]
    tags = f"  ·  {', '.join(map(_line, entry.tags))}" if entry.tags else ""
    parts = [f"# {_line(entry.title)}", f"{day(entry.happened_on)}{tags}"]
    parts += [f"## {heading}\n\n{_block(text)}" for heading, text in fields[:1] if text]
    parts += [f"## {_line(part.heading)}\n\n{_part(part)}" for part in entry.parts]
    parts += [f"## {heading}\n\n{_block(text)}" for heading, text in fields[1:] if text]
    return "\n\n".join(parts) + "\n"


def _part(part: EntryPart) -> str:
    if not part.rows:
        return _block(part.text)
    columns = list(dict.fromkeys(name for row in part.rows for name in row if name not in ("text", "depth", "gap")))
    if not columns:
        return "\n".join(f"{'  ' * _depth(row)}- {_line(row.get('text', ''))}" for row in part.rows)
    head = f"| {' | '.join(map(_cell, [*columns, 'What']))} |\n|{' --- |' * (len(columns) + 1)}"
    cells = [[*(row.get(name, "") for name in columns), row.get("text", "")] for row in part.rows]
    rows = [f"| {' | '.join(map(_cell, row))} |" for row in cells]
    return "\n".join([head, *rows])


def _depth(row: Mapping[str, str]) -> int:
    depth = row.get("depth", "0")
    return min(int(depth[:9]), 20) if depth.isdecimal() else 0


def _cell(text: str) -> str:
    return _line(text).replace("|", "\\|")


def _line(text: str) -> str:
    return " ".join(text.split())


def _block(text: str) -> str:
    """A text none of whose lines is a heading: the page has its own."""
    return re.sub(r"^(#+ )", r"\\\1", text.strip(), flags=re.MULTILINE)
