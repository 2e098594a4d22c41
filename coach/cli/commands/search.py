"""``coach search``: find entries by words and meaning, among those that the filters let through."""

import json
from datetime import date, datetime

import click

from coach.cli.passphrase import key_for
from coach.errors import InputError
from coach.recall import SITUATION, Similar
from coach.schema import CONTROLS, NO_FILTERS, STATUSES, Control, Filters, PatternHead, Status
from coach.settings import load_settings

_DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--most", type=click.IntRange(1, 1000), default=10, show_default=True, help="How many entries at the most.")
@click.option("--since", type=_DAY, help="Only entries from this day on.")
@click.option("--until", type=_DAY, help="Only entries up to this day.")
@click.option("--tag", "tags", multiple=True, help="Only entries with this tag; may be given several times.")
@click.option("--tendency", help="Only entries of this pattern: its name, or the beginning of it.")
@click.option("--control", type=click.Choice(CONTROLS), help="Only entries with a factor that was sorted here.")
@click.option("--status", type=click.Choice(STATUSES), help="Only entries whose planned change stands so.")
@click.argument("query", default="")
def command(
    as_json: bool,
    most: int,
    since: datetime | None,
    until: datetime | None,
    tags: tuple[str, ...],
    tendency: str | None,
    control: Control | None,
    status: Status | None,
    query: str,
) -> None:
    """Search the Failure Log.

    Words and meaning together; without a QUERY, everything that the filters let through.
    """
    from coach.compose import load_log

    settings = load_settings()
    log = load_log(settings, key_for(settings), views=(SITUATION,))
    for note in log.notes:
        click.echo(f"coach: {note}", err=True)
    filters = Filters(
        since=_day(since),
        until=_day(until),
        tags=tags,
        pattern=_pattern(tendency, log.journal.patterns()) if tendency else None,
        control=control,
        status=status,
    )
    if not query.strip() and filters == NO_FILTERS:
        raise click.UsageError("Give words to search for, or a filter such as --since 2026-01-01.")
    log.recall.catch_up()
    found = log.recall.search(query, most, filters, log.clock.now().date())
    click.echo(_json(found) if as_json else _lines(found))


def _json(found: list[Similar]) -> str:
    rows = [{"similarity": one.similarity, **one.entry.model_dump(mode="json")} for one in found]
    return json.dumps(rows, ensure_ascii=False, indent=2)


def _lines(found: list[Similar]) -> str:
    lines = []
    for one in found:
        entry, near = one.entry, f"{one.similarity:.2f}" if one.similarity is not None else "words"
        lines.append(f"{entry.happened_on}  {entry.title}  ({near})\n  Lesson: {entry.lesson}\n  Change: {entry.change}")
    return "\n".join(lines) or "Nothing in the log is near that."


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def _pattern(name: str, heads: list[PatternHead]) -> str:
    """The id of the one pattern that a name means. Raises InputError that lists the names there are."""
    meant = [head for head in heads if head.name.lower() == name.lower()]
    meant = meant or [head for head in heads if head.name and head.name.lower().startswith(name.lower())]
    if len(meant) == 1:
        return meant[0].id
    names = ", ".join(f"“{head.name}”" for head in (meant or heads) if head.name) or "none yet"
    raise InputError(f"{'More than one pattern begins' if meant else 'No pattern is called'} so. There are: {names}.")
