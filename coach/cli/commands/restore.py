"""``coach restore``: put a copy in the journal's place."""

from datetime import datetime
from pathlib import Path

import click

from coach.cli.passphrase import key_for
from coach.journal.key import is_encrypted
from coach.journal.vault import opens
from coach.settings import load_settings


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def command(file: Path) -> None:
    """Put the copy FILE in the journal's place.

    The journal as it is now is kept as a copy of its own. Close the app first: it would go on writing to the old one.
    """
    from coach.journal.backup import restore
    from coach.journal.file import VERSION
    from coach.journal.owner import alone

    settings = load_settings()
    with alone(settings.data):
        key, copy_key = key_for(settings), None
        if is_encrypted(file):
            copy_key = key if key and opens(file, key) else key_for(settings, file)
        before = restore(file, settings.journal_file, VERSION, datetime.now(), key, copy_key)
    click.echo(f"{file} is the journal now." + (f" What was there before is in {before}." if before else ""))
