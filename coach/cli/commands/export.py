"""``coach export``: the Failure Log as files that one keeps."""

from pathlib import Path

import click

from coach.cli.passphrase import key_for
from coach.errors import InputError
from coach.exporters import exporters
from coach.settings import load_settings


@click.command()
@click.option("--as", "kind", type=click.Choice(list(exporters())), default="markdown", show_default=True, help="The format.")
@click.argument("target", type=click.Path(path_type=Path))
def command(kind: str, target: Path) -> None:
    """Export the Failure Log to TARGET.

    Markdown and JSON can be imported again and give the same log; JSON alone holds the whole reviews, with every answer. The page
    is for printing. Nothing is overwritten.
    """
    from coach.compose import open_journal
    from coach.flow.exporting import whole_log

    if target.exists() and (target.is_file() or any(target.iterdir())):
        raise InputError(f"{target} is there already. Choose another name, or move it away.")
    settings = load_settings()
    with open_journal(settings, key_for(settings)) as journal:
        log = whole_log(journal)
    try:
        exporters()[kind].write(log, target)
    except OSError as exc:
        raise InputError(f"{target} cannot be written: {exc.strerror}. Choose another place, or make room.") from exc
    count = len(log.period_reviews)
    click.echo(f"{len(log.kept)} entries{f' and {count} reviews of a period' if count else ''} are in {target}.")
