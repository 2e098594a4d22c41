"""``coach import``: show what files hold, read it into the log, make it findable. Stopped halfway, it goes on at the next call."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from coach.careful import shown
from coach.cli.passphrase import key_for
from coach.cli.progress import count_bar
from coach.errors import InputError
from coach.journal.key import Key
from coach.settings import load_settings

if TYPE_CHECKING:
    from coach.flow.importing import Plan

_SHOWN = 5
_INTERRUPTED = 130  # what a shell gives for Ctrl-C
_MOST_SKIPPED_SHOWN = 20


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--preview", is_flag=True, help="Say what would be imported, and write nothing.")
@click.option("--yes", is_flag=True, help="Do not ask before writing. In a script, where nobody can be asked, this is so anyway.")
@click.option("--column", "columns", multiple=True, metavar="FIELD=COLUMN", help="For a table: which column holds a field.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
def command(as_json: bool, preview: bool, yes: bool, columns: tuple[str, ...], files: tuple[Path, ...]) -> None:
    """Import FILES, or folders of notes, into the Failure Log.

    The format is recognised from what is in them, and what would be imported is shown first. What was imported before is not
    imported again. Ctrl-C stops at any time and loses nothing. The columns of a table are matched by their names; the fields
    of an entry are happened_on, title, situation, root_cause, lesson, change and tags.
    """
    from coach.compose import open_journal
    from coach.flow.importing import Taken, plan_of

    settings = load_settings()
    key = key_for(settings)
    with open_journal(settings, key) as journal:
        taken, asked = Taken(), _columns(columns)
        plans = {path: plan_of(journal, path, asked, taken) for path in files}  # all, before anything is written
    if not as_json:
        click.echo("\n".join(line for path, plan in plans.items() for line in _lines(path.name, plan)))
    if not preview and _agreed(sum(plan.added for plan in plans.values()), yes or as_json or not _someone_is_there()):
        try:
            _write(plans, key)
        except KeyboardInterrupt:
            click.echo("\nStopped. What is imported stays, and the same call goes on from here.", err=True)
            sys.exit(_INTERRUPTED)
    if as_json:
        click.echo(json.dumps({str(path): _report(plan) for path, plan in plans.items()}, indent=2))


def _columns(given: tuple[str, ...]) -> dict[str, str]:
    parts = [one.partition("=") for one in given]
    if any(not (field and sign and column) for field, sign, column in parts):
        raise InputError("A column is given as FIELD=COLUMN, for example --column situation=Notes.")
    return {field.strip(): column for field, _, column in parts}


def _lines(name: str, plan: "Plan") -> list[str]:
    """What an import would do, for a person to look at."""
    lines = [f"{name}: {plan.added} new, {plan.known} there before. Read as {plan.format_title}."]
    if plan.undated:
        lines.append(f"  {plan.undated} have no date of their own and carry today's.")
    lines += [f"  {line}" for line in plan.columns]
    lines += [f"  {day or 'today'}  {shown(title)}" for day, title in plan.sample(_SHOWN)]
    lines += [f"  … and {len(plan.new) - _SHOWN} more"] if len(plan.new) > _SHOWN else []
    lines += [f"  skipped {one.where}: {one.reason}" for one in plan.skipped[:_MOST_SKIPPED_SHOWN]]
    more = len(plan.skipped) - _MOST_SKIPPED_SHOWN
    return lines + ([f"  … and {more} more skipped; --json names them all"] if more > 0 else [])


def _someone_is_there() -> bool:
    return sys.stdin.isatty()


def _agreed(count: int, without_asking: bool) -> bool:
    """Whether to write; there is nothing to ask where nothing is new."""
    return without_asking or count == 0 or click.confirm(f"Import {count} into your log?", default=True)


def _write(plans: dict[Path, "Plan"], key: Key | None) -> None:
    """Write what is new; then read what is not findable yet, of this import and of one that was stopped."""
    from coach.compose import load_log
    from coach.flow.importing import bring_in

    log = load_log(load_settings(), key, writes=True)
    for path, plan in plans.items():
        with count_bar(f"Importing {path.name}", "entries") as progress:
            bring_in(log.journal, log.clock, plan, progress)
    for note in log.notes:
        click.echo(f"coach: {note}", err=True)
    with count_bar("Making them findable", "readings") as progress:
        log.recall.catch_up(progress)
    log.book.update()


def _report(plan: "Plan") -> dict[str, object]:
    skipped = [{"where": one.where, "reason": one.reason} for one in plan.skipped]
    return {"added": plan.added, "known": plan.known, "undated": plan.undated, "skipped": skipped}
