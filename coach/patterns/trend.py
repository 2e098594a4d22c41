"""How often a tendency came up, quarter by quarter, and whether it is rising or falling. Pure; dates come in as arguments."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from coach.dates import Quarter
from coach.schema import Direction

RECENT = 2
"""Quarters that count as now: one alone holds too few entries."""

MORE, LESS = 1.5, 0.5
"""How many times its earlier share of all entries a tendency must have to be called rising, or at most falling."""

FEWEST = 3
"""Entries without which nothing is said: as many recent ones to be rising, as many to be expected to be falling."""

RULE = (
    "Rising: in the last two quarters at least three entries, and one and a half times its earlier share of all your entries or"
    " more. Falling: half its earlier share or less, where three or more would have been expected."
)


@dataclass(frozen=True)
class Trend:
    """``counts``: entries a quarter, from the first entry of the log to now, quarters without any too."""

    counts: tuple[tuple[Quarter, int], ...]
    direction: Direction


def trend(days: Sequence[date], all_days: Sequence[date], today: date) -> Trend:
    """The history of a tendency.

    Args:
        days: of its entries.
        all_days: of all entries of the log, these too; more writing alone is no rise.
        today: entries behind it count as of its quarter.
    """
    now = Quarter.of(today)
    quarters = [min(Quarter.of(day), now) for day in days]
    everything = [min(Quarter.of(day), now) for day in all_days]
    span = _span(min(everything, default=now), now)
    counts = tuple((quarter, quarters.count(quarter)) for quarter in span)
    return Trend(counts, _direction(quarters, everything, set(span[-RECENT:])))


def _span(first: Quarter, last: Quarter) -> list[Quarter]:
    span = [first]
    while span[-1] < last:
        span.append(span[-1].next)
    return span


def _direction(quarters: Sequence[Quarter], everything: Sequence[Quarter], recent: set[Quarter]) -> Direction:
    now, all_now = (sum(quarter in recent for quarter in among) for among in (quarters, everything))
    before, all_before = len(quarters) - now, len(everything) - all_now
    if not all_before or not all_now:
        return "too few to say"
    expected = before / all_before * all_now
    if now >= FEWEST and now >= MORE * expected:
        return "rising"
    if expected >= FEWEST and now <= LESS * expected:
        return "falling"
    return "steady" if len(quarters) >= FEWEST else "too few to say"
