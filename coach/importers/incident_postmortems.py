"""Public incident post-mortems: the whole text with root cause, lessons and actions by heading, one JSON object a line."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from coach.importers.base import Draft, JsonLines, Skipped, first_fields, moment_in, opening, text_of
from coach.schema import EntryPart

NAME = "incident post-mortems (JSON Lines)"
_FIELDS = {"title", "text", "root_cause", "lessons", "actions"}
_MOST_SUMMARY = 1500  # characters
_MOST_DAYS = 50  # that are looked at before it is given up that one is on the calendar
_TITLE = re.compile(r"\A# .*\n")
_SUMMARY = re.compile(
    r"^#+ *(?:summary|overview|what happened\??|incident summary|executive summary|tl;?dr)\W*\n(.*?)(?=^#+ |\Z)", re.I | re.M | re.S
)
_DATED = r"(?:(?:\d{4}-\d\d-\d\d|[A-Z][a-z]{2,8}\.? \d{1,2}(?:st|nd|rd|th)?,?(?: \d{4})?)[ T,]*)?(?:~\s*)?"
_CLOCK = r"\d{1,2}:\d\d(?::\d\d)?(?:\s*[AaPp]\.?[Mm]\.?)?(?:\s*\(?(?:UTC|GMT|CET|CEST|[PECM][SD]?T|Z)\)?)?"
_MOMENT = re.compile(rf"^\s*(?:[|*+-]\s*)+\[?(?P<when>{_DATED}{_CLOCK})\]?\**\s*[|:,–—-]*\s*(?P<what>\S.*)$")
_HEADED = re.compile(rf"^#+ *(?P<when>{_DATED}{_CLOCK})\W*$")
_HEADING = re.compile(r"^#+ *(.*)$")
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_DAY_IN_WORDS = re.compile(rf"\b(?:(?:{_MONTHS}) \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}|\d{{1,2}}\.? (?:{_MONTHS}),? \d{{4}})\b")
_DAY = re.compile(r"\b(20\d\d)-(\d\d)-(\d\d)\b")


def recognises(path: Path) -> bool:
    """Whether the file has this format's fields."""
    return path.suffix == ".jsonl" and first_fields(path) >= _FIELDS


def read(path: Path) -> Iterator[Draft | Skipped]:
    """One draft a post-mortem; the first date in title or text is when it happened."""
    for number, fields in JsonLines(path):
        yield fields if isinstance(fields, Skipped) else _draft(fields, number)


def _draft(fields: dict[str, Any], number: int) -> Draft | Skipped:
    text, title = text_of(fields.get("text")), text_of(fields.get("title"))
    if not text:
        return Skipped(f"line {number}", "no text")
    return Draft(
        key=text_of(fields.get("source")) or title or text,
        title=title[:200] or opening(text),
        situation=_summary(text),
        happened_on=_first_day(f"{title}\n{text}"),
        root_cause=text_of(fields.get("root_cause")),
        lesson=text_of(fields.get("lessons")),
        change=text_of(fields.get("actions")),
        tags=("incident",),
        kind="post_mortem",
        parts=_parts(text),
    )


def _summary(text: str) -> str:
    """The section that sums up what happened, where there is one; else how the report begins."""
    section = _SUMMARY.search(text)
    summary = section[1].strip() if section else ""
    return summary or _beginning(_TITLE.sub("", text).strip())


def _beginning(text: str) -> str:
    """Paragraphs from the start, as many as one reads as a summary."""
    taken = list[str]()
    for paragraph in text.split("\n\n"):
        if taken and sum(map(len, taken)) + len(paragraph) > _MOST_SUMMARY:
            break
        taken.append(paragraph)
    return "\n\n".join(taken)


def _parts(text: str) -> tuple[EntryPart, ...]:
    """The moments of its timeline, in a table, a list or under headings; what went well; where luck helped; the whole report."""
    rows = tuple({"text": what, "depth": "0", "When": when} for when, what in _moments(text))
    timeline = (EntryPart(name="timeline", heading="What happened when?", rows=rows),) if rows else ()
    sections = (
        ("well", "What went well?", _under(text, "went well")),
        ("luck", "Where did luck help?", _under(text, "lucky", "luck")),
    )
    told = tuple(EntryPart(name=name, heading=heading, text=words) for name, heading, words in sections if words)
    return (*timeline, *told, EntryPart(name="report", heading="The whole report", text=text))


def _moments(text: str) -> list[tuple[str, str]]:
    """When and what, in the order of the report; a moment that is a heading is told by the paragraph behind it."""
    found, headed = list[tuple[str, str]](), ""
    for paragraph in re.split(r"\n\s*\n", text):
        lines = paragraph.strip().splitlines()
        if headed and lines and not _HEADING.match(lines[0]):
            found.append((headed, " ".join(line.strip() for line in lines)))
        headed = ""
        for line in lines:
            match, heading = _MOMENT.match(line), _HEADED.match(line)
            found += [(match["when"].strip(), match["what"].strip(" |*~"))] if match else []
            headed = heading["when"].strip() if heading else headed
    return found


def _under(text: str, *names: str) -> str:
    """What stands under the first heading that holds one of the names, up to the next heading."""
    lines, inside = list[str](), False
    for line in text.splitlines():
        heading = _HEADING.match(line)
        if heading and inside:
            break
        if inside:
            lines.append(line)
        inside = inside or bool(heading and any(name in heading[1].lower() for name in names))
    return "\n".join(lines).strip()


def _first_day(text: str) -> date | None:
    """The first day that the title or the report names, in figures or with the month in words."""
    days = sorted([*_DAY.finditer(text), *_DAY_IN_WORDS.finditer(text)], key=lambda found: found.start())
    for found in days[:_MOST_DAYS]:
        told = moment_in(found[0].replace("st,", ",").replace("nd,", ",").replace("rd,", ",").replace("th,", ","))
        if told:  # else not a day of the calendar
            return told.date()
    return None
