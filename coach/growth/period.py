"""What the log says of a period: recurring tendencies, what has grown, what did not hold, what was outside control. Pure.

Findings are ids and figures; ``sections`` turns them into claims, each with the entries that it rests on and quotes of the person's
own words. Nothing here is written for the person: where words stand, they are theirs.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from coach.dates import day
from coach.growth.rule import Growth
from coach.schema import (
    CheckIn,
    Direction,
    Entry,
    Outcome,
    PeriodFactor,
    PeriodFindings,
    PeriodGrowth,
    PeriodPattern,
)

_QUIET_SHOWN = 3
"""Earlier entries that are named for a tendency which did not come up."""

_UNNAMED = "A tendency without a name"
_SAID: dict[Outcome, str] = {
    "kept": "kept",
    "not_kept": "not kept",
    "no_occasion": "no occasion yet",
    "dropped": "no longer relevant",
}


@dataclass(frozen=True)
class Tendency:
    """A recurring tendency as it was at the end of a period; ``said_by`` is the entry that says it best."""

    name: str
    entries: Sequence[Entry]
    direction: Direction
    said_by: str


@dataclass(frozen=True)
class Claim:
    """One thing that is said of a period, the words of the person that it quotes, and the entries that it rests on."""

    text: str
    entries: tuple[Entry, ...]
    quotes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Section:
    """Claims under a heading; ``otherwise`` is said where there are none."""

    heading: str
    claims: tuple[Claim, ...]
    otherwise: str


def find(
    since: date,
    until: date,
    entries: Sequence[Entry],
    tendencies: Sequence[Tendency],
    growths: Sequence[Growth],
    check_ins: Mapping[str, Sequence[CheckIn]],
    unfinished: Sequence[str],
) -> PeriodFindings:
    """The findings of a period, both days included.

    Args:
        entries: of the whole log.
        tendencies: with all their entries, later ones too.
        growths: how changes stood on ``until``.
        check_ins: by entry; those outside the period are passed over.
        unfinished: ids of reviews that were begun and not closed.
    """
    inside = sorted((one for one in entries if since <= one.happened_on <= until), key=lambda one: (one.happened_on, one.id))
    patterns = [_pattern(one, since, until) for one in tendencies]
    known = [one for one in patterns if one.before or one.entry_ids]
    found = [_growth(one, since, until, check_ins.get(one.entry.id, ())) for one in growths]
    return PeriodFindings(
        since=since,
        until=until,
        entry_ids=tuple(one.id for one in inside),
        patterns=tuple(sorted((one for one in known if one.entry_ids), key=lambda one: -len(one.entry_ids))),
        quiet=tuple(_quiet(one, tendency, since) for one, tendency in zip(patterns, tendencies, strict=True) if _is_quiet(one)),
        growths=tuple(one for one in found if one),
        outside=tuple(
            PeriodFactor(entry_id=one.id, factor_id=factor.id)
            for one in inside
            for factor in one.factors
            if factor.chosen == "outside"
        ),
        unfinished=tuple(unfinished),
    )


def _pattern(tendency: Tendency, since: date, until: date) -> PeriodPattern:
    mine = sorted((one for one in tendency.entries if since <= one.happened_on <= until), key=lambda one: (one.happened_on, one.id))
    ids = tuple(one.id for one in mine)
    before = sum(one.happened_on < since for one in tendency.entries)
    said_by = tendency.said_by if tendency.said_by in ids else ids[-1] if ids else ""
    return PeriodPattern(name=tendency.name, entry_ids=ids, before=before, direction=tendency.direction, said_by=said_by)


def _is_quiet(one: PeriodPattern) -> bool:
    return one.before >= 2 and not one.entry_ids


def _quiet(one: PeriodPattern, tendency: Tendency, since: date) -> PeriodPattern:
    earlier = sorted((entry for entry in tendency.entries if entry.happened_on < since), key=lambda entry: entry.happened_on)
    return one.model_copy(update={"entry_ids": tuple(entry.id for entry in earlier[-_QUIET_SHOWN:])})


def _growth(one: Growth, since: date, until: date, check_ins: Sequence[CheckIn]) -> PeriodGrowth | None:
    """How a change stood, if anything was heard of it in the period: a check-in, or the tendency that came back."""
    said = Counter(made.outcome for made in check_ins if since <= made.at.date() <= until)
    came_back = one.returned is not None and since <= one.returned.happened_on <= until
    if not said and not (came_back and one.standing == "did not hold"):
        return None
    return PeriodGrowth(
        entry_id=one.entry.id,
        standing=one.standing,
        kept=one.kept,
        since=one.since,
        returned_id=one.returned.id if one.returned else None,
        said=dict(said),
    )


# -- in words ------------------------------------------------------------------------------------------------


def sections(
    found: PeriodFindings, entries: Mapping[str, Entry], plans: Mapping[str, str] | None, unfinished: Mapping[str, str] | None
) -> list[Section]:
    """The findings as claims.

    Args:
        entries: those that are still in the log, by id; claims about others are left out.
        plans: what the person wrote, by entry, about how a plan could absorb what was outside; None where it is not known.
        unfinished: titles of reviews by id; None where they are not known.
    """
    growing = [one for one in found.growths if one.entry_id in entries]
    titles = [unfinished[id] for id in found.unfinished if id in unfinished] if unfinished is not None else []
    made = [
        Section("What happened", _happened(found, entries), "No entries in this period."),
        Section("What repeats", tuple(_repeats(found, entries)), "No tendency came up more than once, as far as the log can tell."),
        Section(
            "What has grown",
            tuple(_grown(one, entries) for standing in ("automatic", "holding") for one in growing if one.standing == standing),
            "No change has been kept long enough to say that it holds.",
        ),
        Section(
            "What did not hold",
            tuple(_came_back([one for one in growing if one.standing == "did not hold"], entries)),
            "No tendency came back after a change that was planned against it.",
        ),
        Section(
            "Still being tried",
            tuple(_tried(one, entries) for one in growing if one.standing in ("being tried", "dropped", "not checked yet")),
            "Nothing else was checked in this period.",
        ),
        Section(
            "What was outside your control",
            tuple(_outside(one, entries, plans) for one in found.outside if one.entry_id in entries),
            "Nothing was put down as outside your control.",
        ),
        Section("Unfinished", (Claim(f"Begun and not closed: {', '.join(titles)}.", ()),) if titles else (), "No review waits."),
    ]
    return made if unfinished is not None else made[:-1]


def _of(ids: Sequence[str], entries: Mapping[str, Entry]) -> tuple[Entry, ...]:
    return tuple(entries[id] for id in ids if id in entries)


def _happened(found: PeriodFindings, entries: Mapping[str, Entry]) -> tuple[Claim, ...]:
    mine = _of(found.entry_ids, entries)
    if not mine:
        return ()
    areas = ", ".join(f"{tag} ({count})" for tag, count in Counter(tag for one in mine for tag in one.tags).most_common(6))
    count = "One entry" if len(mine) == 1 else f"{len(mine)} entries"
    return (Claim(f"{count}{': ' + areas if areas else ''}.", mine),)


def _repeats(found: PeriodFindings, entries: Mapping[str, Entry]) -> list[Claim]:
    claims = []
    for one in found.patterns:
        mine = _of(one.entry_ids, entries)
        if mine and len(one.entry_ids) + one.before >= 2:
            trend = f", {one.direction}" if one.direction in ("rising", "falling") else ""
            best = entries.get(one.said_by, mine[-1])
            text = f"{one.name or _UNNAMED}: {times(len(one.entry_ids))} in this period, {times(one.before)} before{trend}."
            claims.append(Claim(text, mine, (best.root_cause or best.lesson or best.situation,)))
    for one in found.quiet:
        text = f"{one.name or _UNNAMED}: not in this period, {times(one.before)} before it."
        claims.append(Claim(text, _of(one.entry_ids, entries)))
    return claims


def _grown(one: PeriodGrowth, entries: Mapping[str, Entry]) -> Claim:
    entry = entries[one.entry_id]
    since = f" since {day(one.since)}" if one.since else ""
    return Claim(f"{one.standing.capitalize()}: kept {times(one.kept)}{since}.", (entry,), (entry.change,))


def _came_back(growths: Sequence[PeriodGrowth], entries: Mapping[str, Entry]) -> list[Claim]:
    """One claim for each entry with which a tendency came back, and the changes that had been planned against it before."""
    planned: dict[str, list[Entry]] = {}
    for one in growths:
        planned.setdefault(one.returned_id or "", []).append(entries[one.entry_id])
    claims = []
    for id, before in planned.items():
        again, changes = entries.get(id), tuple(entry.change for entry in before)
        if again is None:
            claims.append(Claim("Came back in an entry that is no longer in the log. Planned against it:", tuple(before), changes))
            continue
        plans = "a change was" if len(before) == 1 else f"{len(before)} changes were"
        text = f"On {day(again.happened_on)}, with {again.title}, a tendency came back against which {plans} planned:"
        claims.append(Claim(text, (again, *before), (again.root_cause or again.situation, *changes)))
    return claims


def _tried(one: PeriodGrowth, entries: Mapping[str, Entry]) -> Claim:
    entry = entries[one.entry_id]
    said = ", ".join(f"{_SAID[outcome]}: {count}" for outcome, count in sorted(one.said.items()))
    return Claim(f"At check-ins in this period {said or 'nothing was said'}.", (entry,), (entry.change,))


def _outside(one: PeriodFactor, entries: Mapping[str, Entry], plans: Mapping[str, str] | None) -> Claim:
    entry = entries[one.entry_id]
    words = next((factor.text for factor in entry.factors if factor.id == one.factor_id), "")
    plan = plans.get(entry.id, "") if plans else ""
    asked = "How a plan could absorb it, in your words:" if plan else "How could a plan absorb it?" if plans is not None else ""
    text = f"With {entry.title}. {asked}".strip()
    return Claim(text, (entry,), (words, plan) if plan else (words,))


def times(count: int) -> str:
    """A count as one says it.

    >>> times(0), times(1), times(2), times(5)
    ('never', 'once', 'twice', '5 times')
    """
    return {0: "never", 1: "once", 2: "twice"}.get(count, f"{count} times")
