"""A review of a period as a page of its own: HTML to print, or Markdown. Used by the formats, no format itself."""

from collections.abc import Sequence
from html import escape
from typing import Any

import yaml

from coach.dates import day, period_name
from coach.exporters.markdown import escaped, file_name, safe_name
from coach.growth.period import Claim, Section
from coach.importers.coach_markdown import LOG_HEADING
from coach.schema import PERIOD_SECTIONS, Entry, PeriodReview


def heading(made: PeriodReview) -> str:
    """What the page is called."""
    return period_name(made.findings.since, made.findings.until)


def markdown_name(made: PeriodReview) -> str:
    """The file's name: the period's last day, its name, and when it was saved, so that no two versions have the same."""
    return f"{made.findings.until} {safe_name(heading(made))} saved {made.saved_at:%Y-%m-%d %H%M%S}.md"


def markdown(made: PeriodReview, sections: Sequence[Section]) -> str:
    """The page as Markdown: the answers under their questions, then the claims with links to the pages of their entries."""
    fields = made.model_dump(mode="json", exclude=set(PERIOD_SECTIONS))
    matter: dict[str, Any] = {"title": heading(made), "date": str(made.findings.until), "coach": {"period_review": fields}}
    front = yaml.safe_dump(matter, allow_unicode=False, sort_keys=True, width=10**9)
    answers = "".join(f"## {asked}\n\n{escaped(getattr(made, name))}\n\n" for name, asked in PERIOD_SECTIONS.items())
    said = "".join(map(_markdown_section, sections))
    return f"---\n{front}---\n\n{answers}## {LOG_HEADING}\n\n{said}"


def _markdown_section(section: Section) -> str:
    lines = [f"### {section.heading}", ""]
    for claim in section.claims or (Claim(section.otherwise, ()),):
        links = ", ".join(f"[[{file_name(entry).removesuffix('.md')}]]" for entry in claim.entries)
        lines += [f"- {_plain(claim.text)}{' ' + links if links else ''}"]
        lines += [f"  > {_plain(quote)}" for quote in claim.quotes]
    return "\n".join([*lines, "", ""])


def _plain(text: str) -> str:
    """Words that Markdown does not read as markup, on one line."""
    return "".join(f"\\{sign}" if sign in "\\`*_[]<>#!|" else sign for sign in " ".join(text.split()))


def html(made: PeriodReview, sections: Sequence[Section]) -> str:
    """The page's HTML, to stand in a document; entries are linked by ``#e-`` and their ids."""
    answers = "".join(
        f'<h3>{escape(asked)}</h3><p dir="auto">{escape(getattr(made, name))}</p>'
        for name, asked in PERIOD_SECTIONS.items()
        if getattr(made, name)
    )
    said = "".join(map(_html_section, sections))
    saved = f'<p class="note">Saved {day(made.saved_at)}</p>'
    return f"<article>{saved}<h2>{escape(heading(made))}</h2>{answers}{said}</article>"


def _html_section(section: Section) -> str:
    claims = "".join(map(_html_claim, section.claims)) or f'<p class="note">{escape(section.otherwise)}</p>'
    return f"<h3>{escape(section.heading)}</h3>{claims}"


def _html_claim(claim: Claim) -> str:
    links = ", ".join(f'<a href="#e-{escape(entry.id)}">{_link_text(entry)}</a>' for entry in claim.entries)
    quotes = "".join(f'<blockquote dir="auto">{escape(quote)}</blockquote>' for quote in claim.quotes if quote)
    return f'<p dir="auto">{escape(claim.text)}</p>{quotes}' + (f'<p class="note">{links}</p>' if links else "")


def _link_text(entry: Entry) -> str:
    return escape(f"{day(entry.happened_on)}, {entry.title}")
