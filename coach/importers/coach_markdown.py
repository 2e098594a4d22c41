"""The folder of Markdown files that ``coach export`` writes, also after its words were changed in another program."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import ValidationError

from coach.careful import load_yaml, open_plain, read_plain
from coach.importers.base import Skipped, unusable
from coach.schema import PERIOD_SECTIONS, SECTIONS, Kept, PeriodReview

NAME = "Coach's own Markdown folder"
LOG_HEADING = "What the log says"
"""Stands over the part of a period's page that is made anew from the log."""

NOT_OURS = (ValueError, KeyError, TypeError, AttributeError)
"""What ``item`` raises for a page that is none of ours."""

_MOST_BYTES = 50_000_000  # a page holds every version of its entry, each up to 4 MB
_FRONT = re.compile(r"---\n(.*?)\n---\n\n", re.DOTALL)
_OURS = re.compile(r"^\\(\\*)(## )", re.MULTILINE)


def recognises(path: Path) -> bool:
    """Whether it is a page of ours, or a folder with at least one."""
    pages = [path] if path.is_file() and path.suffix == ".md" else sorted(path.glob("*.md"))[:200] if path.is_dir() else []
    return any("\ncoach:\n" in _beginning(page) for page in pages)


def read(path: Path) -> Iterator[Kept | PeriodReview | Skipped]:
    """One entry a page, by name; pages of others are skipped."""
    for page in sorted(path.glob("*.md")) if path.is_dir() else [path]:
        if path.is_dir() and page.is_symlink():
            yield Skipped(page.name, "a link, which may lead out of the folder")
            continue
        try:
            yield item(read_plain(page, _MOST_BYTES, "utf-8-sig"))
        except ValidationError as exc:
            yield Skipped(page.name, unusable(exc))
        except (OSError, *NOT_OURS):
            yield Skipped(page.name, "not a page that Coach has written")


def item(text: str) -> Kept | PeriodReview:
    """The entry, or the review of a period, of a page. Raises ValidationError, a ValueError, and the others of ``NOT_OURS``."""
    front = _FRONT.match(text)
    if not front:
        raise ValueError("no front matter")
    whole, body = load_yaml(front.group(1)), text[front.end() :]
    fields = whole["coach"] if isinstance(whole, dict) else {}
    if "period_review" in fields:
        answers = re.split(rf"^## {LOG_HEADING}\n\n", body, maxsplit=1, flags=re.MULTILINE)[0]
        return PeriodReview.model_validate({**fields["period_review"], **sections(answers, PERIOD_SECTIONS)})
    entry = {**fields.pop("entry"), **sections(body, SECTIONS)}
    return Kept.model_validate({**fields, "entry": entry})


def sections(body: str, headings: Mapping[str, str]) -> dict[str, str]:
    """The text of each field under its heading. Raises ValueError when one is missing or out of order."""
    parts = re.split(rf"^## ({'|'.join(map(re.escape, headings.values()))})\n\n", body, flags=re.MULTILINE)
    if parts[1::2] != list(headings.values()):
        raise ValueError("the headings are not ours")
    return {name: _OURS.sub(r"\1\2", text.removesuffix("\n\n")) for name, text in zip(headings, parts[2::2], strict=True)}


def _beginning(page: Path) -> str:
    try:
        with open_plain(page) as file:
            return file.read(20_000).decode("utf-8", "replace")
    except OSError:
        return ""
