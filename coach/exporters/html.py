"""One page to print or to keep: no script, no style from elsewhere, everything a person wrote as text."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

from coach.exporters import period
from coach.growth.period import Section, sections
from coach.schema import SECTIONS, EntryPart, Kept, PeriodReview, WholeLog

NAME = "printable page"
SUFFIX = ".html"
_STYLE = (
    "body{font:12pt/1.5 Georgia,serif;max-width:42rem;margin:2rem auto;padding:0 1rem;color:#222}"
    "article{break-inside:avoid-page;border-top:1px solid #bbb;padding:1rem 0}h2{font-weight:400}"
    "h3{font-size:1rem;margin:.8rem 0 0}p{white-space:pre-wrap;overflow-wrap:anywhere;margin:.2rem 0;unicode-bidi:isolate}"
    "blockquote{margin:.2rem 0 .2rem 1rem;font-style:italic;white-space:pre-wrap;overflow-wrap:anywhere}"
    "a{color:inherit}.note{color:#666;font-size:.9rem}"
)
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def write(log: WholeLog, target: Path) -> None:
    """Write the page."""
    entries = {one.entry.id: one.entry for one in log.kept}
    periods = "".join(period.html(made, sections(made.findings, entries, None, None)) for made in _newest(log.period_reviews))
    body = periods + "".join(map(_article, log.kept))
    target.write_text(_document("Failure Log", body), encoding="utf-8", newline="")


def period_page(made: PeriodReview, said: Sequence[Section], kept: Sequence[Kept]) -> str:
    """A review of a period as a page of its own, with the entries that it speaks of behind it."""
    behind = f"<h1>The entries</h1>{''.join(map(_article, kept))}" if kept else ""
    return _document(period.heading(made), period.html(made, said) + behind)


def page_of(title: str, inside: str) -> str:
    """A page of one's own making; ``inside`` is HTML in which every word of a person's is escaped."""
    return _document(title, inside)


def _newest(made: Sequence[PeriodReview]) -> list[PeriodReview]:
    return list({one.id: one for one in made}.values())


def _document(title: str, body: str) -> str:
    head = f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{_POLICY}"><title>{escape(title)}</title>'
    start = f'<!doctype html><html lang="en"><head>{head}<style>{_STYLE}</style></head>'
    return f"{start}<body><h1>{escape(title)}</h1>{body}</body></html>\n"


def _article(one: Kept) -> str:
    entry = one.entry
    facts = "  ·  ".join([str(entry.happened_on), *entry.tags, *([one.pattern] if one.pattern else [])])
    fields = [(heading, str(getattr(entry, name))) for name, heading in SECTIONS.items()]
    parts = "".join(f'<h3>{heading}</h3><p dir="auto">{escape(text)}</p>' for heading, text in fields if text)
    checks = "".join(
        f'<p class="note">{one.at:%Y-%m-%d}: {one.outcome.replace("_", " ")}. {escape(one.note)}</p>' for one in one.check_ins
    )
    head = f'<p class="note">{escape(facts)}</p><h2 dir="auto">{escape(entry.title)}</h2>'
    return f'<article id="e-{escape(entry.id)}">{head}{parts}{"".join(map(_part, entry.parts))}{checks}</article>'


def _part(part: EntryPart) -> str:
    rows = "".join(
        f'<p dir="auto">{escape("  ·  ".join(value for name, value in row.items() if name not in ("depth", "gap") and value))}</p>'
        for row in part.rows
    )
    return f'<h3>{escape(part.heading)}</h3><p dir="auto">{escape(part.text)}</p>{rows}'
