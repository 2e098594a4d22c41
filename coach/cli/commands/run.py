"""``coach run``: opens the app."""

import click

from coach.resources import shipped
from coach.settings import load_settings


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help="The port on 127.0.0.1; the next free one if it is taken.")
@click.option("--browser/--no-browser", default=True, help="Whether to open a browser window.")
def command(port: int | None = None, browser: bool = True) -> None:
    """Open the app in the browser, on this machine only."""
    from coach.ui.server import serve

    settings = load_settings()
    serve(shipped("app.py"), port or settings.port, lambda line: click.echo(line), open_browser=browser)
