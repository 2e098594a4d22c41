"""``coach run``: opens the app."""

import os

import click

from coach.errors import InputError
from coach.resources import shipped
from coach.settings import Settings, load_settings

_MEANS = (
    "Other machines can reach Coach now. What goes over the network is not encrypted: whoever can listen there can read what you"
    " write, and your passphrase. Each browser needs the address with its token, in which this machine's own name or number"
    " belongs, and the passphrase. Safer: leave it closed, and come in by ssh -L 8501:127.0.0.1:8501 from the other machine."
)


@click.command()
@click.option("--host", help="The address to answer on. Any but this machine's own opens Coach to others and needs a passphrase.")
@click.option("--port", type=click.IntRange(1, 65535), help="The port; the next free one if it is taken.")
@click.option("--browser/--no-browser", default=True, help="Whether to open a browser window.")
def command(host: str | None = None, port: int | None = None, browser: bool = True) -> None:
    """Open the app in the browser, on this machine only."""
    from coach.ui.server import serve

    if host is not None:
        os.environ["COACH_HOST"] = host  # for the pages, which read the settings themselves
    settings = load_settings()
    if settings.is_open_to_others:
        _demand_passphrase(settings)
        click.echo(_MEANS, err=True)
    serve(shipped("app.py"), settings, port or settings.port, lambda line: click.echo(line), open_browser=browser)


def _demand_passphrase(settings: Settings) -> None:
    from coach.journal.key import is_encrypted

    if not is_encrypted(settings.journal_file):
        raise InputError(f"Opened to {settings.host}, anybody near could read the journal. Set a passphrase first: coach vault on")
