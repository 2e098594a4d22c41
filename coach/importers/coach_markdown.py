"""The folder of Markdown files that ``coach export`` writes, also after its words were changed in another program."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml
from pydantic import ValidationError

from coach.importers.base import Skipped
from coach.schema import PERIOD_SECTIONS, SECTIONS, Kept, PeriodReview

NAME = "Coach's own Markdown folder"
LOG_HEADING = "What the log says"
"""Stands over the part of a period's page that is made anew from the log."""

_FRONT = re.compile(r"---\n(.*?)\n---\n\n", re.DOTALL)
_OURS = re.compile(r"^\\(\\*)(## )", re.MULTILINE)


def recognises(path: Path) -> bool:
    """Whether it is a page of ours, or a folder with at least one."""
    pages = [path] if path.is_file() and path.suffix == ".md" else sorted(path.glob("*.md"))[:200] if path.is_dir() else []
    return any("\ncoach:\n" in _beginning(page) for page in pages)


def read(path: Path) -> Iterator[Kept | PeriodReview | Skipped]:
    """One entry a page, by name; pages of others are skipped."""
    for page in sorted(path.glob("*.md")) if path.is_dir() else [path]:
        try:
            yield item(page.read_bytes().decode("utf-8"))
        except ValidationError as exc:
            where = ".".join(str(part) for part in exc.errors(include_input=False)[0]["loc"])
            yield Skipped(page.name, f"field '{where}' cannot be used")
        except (OSError, ValueError, KeyError, TypeError, AttributeError, yaml.YAMLError, RecursionError):
            yield Skipped(page.name, "not a page that Coach has written")


def item(text: str) -> Kept | PeriodReview:
    """The entry, or the review of a period, of a page. Raises ValueError, KeyError, yaml.YAMLError and ValidationError."""
    front = _FRONT.match(text)
    if not front:
        raise ValueError("no front matter")
    fields, body = yaml.safe_load(front.group(1))["coach"], text[front.end() :]
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
        with page.open("rb") as file:
            return file.read(20_000).decode("utf-8", "replace")
    except OSError:
        return ""
