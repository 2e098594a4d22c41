"""``coach import``: read entries from files, and make them findable. Stopped halfway, it goes on at the next call."""

import json
from pathlib import Path

import click

from coach.cli.progress import count_bar
from coach.settings import load_settings


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
def command(as_json: bool, files: tuple[Path, ...]) -> None:
    """Import FILES, or folders of notes, into the Failure Log.

    The format is recognised from what is in them. What was imported before is not imported again. Ctrl-C stops at any time
    and loses nothing.
    """
    from coach.compose import load_log
    from coach.flow.importing import bring_in
    from coach.importers import importer_for

    chosen = [(path, importer_for(path)) for path in files]  # all of them, before anything is written
    log = load_log(load_settings(), writes=True)
    report: dict[str, object] = {}
    for path, module in chosen:
        with count_bar(f"Importing {path.name}", "entries") as progress:
            made = bring_in(log.journal, log.clock, module.__name__.rsplit(".", 1)[-1], module.read(path), progress)
        skipped = [{"where": one.where, "reason": one.reason} for one in made.skipped]
        report[str(path)] = {"added": made.added, "known": made.known, "undated": made.undated, "skipped": skipped}
        if not as_json:
            click.echo(_line(path.name, made.added, made.known, made.undated))
            for one in made.skipped:
                click.echo(f"  skipped {one.where}: {one.reason}")
    for note in log.notes:
        click.echo(f"coach: {note}", err=True)
    with count_bar("Making them findable", "readings") as progress:
        log.recall.catch_up(progress)
    log.book.update()
    if as_json:
        click.echo(json.dumps(report, indent=2))


def _line(name: str, added: int, known: int, undated: int) -> str:
    """What became of a file, in a sentence or two."""
    text = f"{name}: {added} new, {known} there before."
    return text + (f" {undated} have no date of their own and carry today's." if undated else "")
