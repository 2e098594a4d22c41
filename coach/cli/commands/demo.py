"""``coach demo``: opens the app on a sample journal of two years."""

import os
import shutil

import click

from coach.resources import shipped
from coach.settings import load_settings

_PORT = 8601


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=_PORT, show_default=True, help="The port on 127.0.0.1.")
@click.option("--browser/--no-browser", default=True, help="Whether to open a browser window.")
@click.option("--fresh", is_flag=True, help="Make the sample anew, without what was done in it.")
def command(port: int, browser: bool, fresh: bool) -> None:
    """Open the app on a sample journal: an invented person's two years.

    It is kept apart from your own journal, in the cache folder, and can be written in freely.
    """
    from coach.compose import load_sample
    from coach.ui.server import serve

    settings = load_settings()
    folder = settings.cache / "demo"
    if fresh:
        shutil.rmtree(folder, ignore_errors=True)
    os.environ |= {"COACH_DATA": str(folder), "COACH_SAMPLE": "true"}  # for the pages, which read the settings themselves
    os.environ.pop("COACH_HOST", None)  # the sample has no passphrase
    settings = load_settings()
    load_sample(settings)
    serve(shipped("app.py"), settings, port, lambda line: click.echo(line), open_browser=browser)
