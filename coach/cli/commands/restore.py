"""``coach restore``: put a copy in the journal's place."""

from datetime import datetime
from pathlib import Path

import click

from coach.settings import load_settings


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def command(file: Path) -> None:
    """Put the copy FILE in the journal's place.

    The journal as it is now is kept as a copy of its own. Close the app first: it would go on writing to the old one.
    """
    from coach.errors import IndexUnavailable, InputError
    from coach.index.lock import held
    from coach.journal.backup import restore
    from coach.journal.file import VERSION

    settings = load_settings()
    try:
        with held(settings.index_folder / "situation"):
            before = restore(file, settings.journal_file, VERSION, datetime.now())
    except IndexUnavailable as exc:
        raise InputError("Coach is open. Close it first (Ctrl+C where it runs), then restore.") from exc
    click.echo(f"{file} is the journal now." + (f" What was there before is in {before}." if before else ""))
