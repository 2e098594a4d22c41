"""``coach export``: the Failure Log as files that one keeps."""

from pathlib import Path

import click

from coach.errors import InputError
from coach.exporters import exporters
from coach.settings import load_settings


@click.command()
@click.option("--as", "kind", type=click.Choice(list(exporters())), default="markdown", show_default=True, help="The format.")
@click.argument("target", type=click.Path(path_type=Path))
def command(kind: str, target: Path) -> None:
    """Export the Failure Log to TARGET.

    Markdown and JSON can be imported again and give the same log; the page is for printing. Nothing is overwritten.
    """
    from coach.flow.exporting import kept_log
    from coach.journal.sqlite import SqliteJournal

    if target.exists() and (target.is_file() or any(target.iterdir())):
        raise InputError(f"{target} is there already. Choose another name, or move it away.")
    journal = SqliteJournal(load_settings().journal_file)
    kept = kept_log(journal)
    try:
        exporters()[kind].write(kept, target)
    except OSError as exc:
        raise InputError(f"{target} cannot be written: {exc.strerror}. Choose another place, or make room.") from exc
    click.echo(f"{len(kept)} entries are in {target}.")
