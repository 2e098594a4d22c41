"""One page to print or to keep: no script, no style from elsewhere, everything a person wrote as text."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

from coach.schema import SECTIONS, Kept

NAME = "printable page"
SUFFIX = ".html"
_STYLE = (
    "body{font:12pt/1.5 Georgia,serif;max-width:42rem;margin:2rem auto;padding:0 1rem;color:#222}"
    "article{break-inside:avoid-page;border-top:1px solid #bbb;padding:1rem 0}h2{font-weight:400}"
    "h3{font-size:1rem;margin:.8rem 0 0}p{white-space:pre-wrap;overflow-wrap:anywhere;margin:.2rem 0;unicode-bidi:isolate}"
    ".note{color:#666;font-size:.9rem}"
)
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def write(kept: Sequence[Kept], target: Path) -> None:
    """Write the page."""
    head = f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{_POLICY}"><title>Failure Log</title>'
    body = "".join(map(_article, kept))
    page = (
        f'<!doctype html><html lang="en"><head>{head}<style>{_STYLE}</style></head><body><h1>Failure Log</h1>{body}</body></html>\n'
    )
    target.write_text(page, encoding="utf-8", newline="")


def _article(one: Kept) -> str:
    entry = one.entry
    facts = "  ·  ".join([str(entry.happened_on), *entry.tags, *([one.pattern] if one.pattern else [])])
    fields = [(heading, str(getattr(entry, name))) for name, heading in SECTIONS.items()]
    parts = "".join(f'<h3>{heading}</h3><p dir="auto">{escape(text)}</p>' for heading, text in fields if text)
    checks = "".join(
        f'<p class="note">{one.at:%Y-%m-%d}: {one.outcome.replace("_", " ")}. {escape(one.note)}</p>' for one in one.check_ins
    )
    return f'<article><p class="note">{escape(facts)}</p><h2 dir="auto">{escape(entry.title)}</h2>{parts}{checks}</article>'
