"""``coach backup``: copy the journal now, or list the copies there are."""

from datetime import datetime
from pathlib import Path

import click

from coach.cli.passphrase import key_for
from coach.errors import InputError
from coach.settings import load_settings


@click.command()
@click.option("--list", "listed", is_flag=True, help="List the copies, the oldest first.")
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
def command(listed: bool, file: Path | None) -> None:
    """Copy the journal into FILE, or beside the daily copies.

    The app makes one copy a day on use and one before each change of the journal's format, and keeps seven of each.
    """
    from coach.journal.backup import backup_folder, backups, copied

    journal = load_settings().journal_file
    if listed:
        for path in backups(journal):
            click.echo(
                f"{datetime.fromtimestamp(path.stat().st_mtime):%Y-%m-%d %H:%M}  {path.stat().st_size / 1000:,.0f} kB  {path}"
            )
        return
    if not journal.exists():
        raise InputError(f"There is no journal yet ({journal}). It is made with the first review.")
    if file is not None and file.exists():
        raise InputError(f"{file} is there already. Choose another name, or move it away.")
    into = file or backup_folder(journal) / f"asked-{datetime.now():%Y-%m-%dT%H%M%S}.db"
    click.echo(f"Copied to {copied(journal, into, key_for(load_settings()))}.")
