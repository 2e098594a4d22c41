"""The command line: ``coach``. Each file in ``commands`` is one command, found by its name; there is no list to keep.

Exit status: 0 done, 1 an error with a message that says what to do, 2 the call itself was wrong (click's own).
"""

import contextlib
import importlib
import pkgutil
import sys
import traceback
from pathlib import Path

import click

from coach import __version__
from coach.cli import commands
from coach.errors import CoachError


class _Folder(click.Group):
    """A group whose commands are the modules of a package; each is imported when it is called for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands' names."""
        return sorted(module.name for module in pkgutil.iter_modules(commands.__path__))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = importlib.import_module(f"{commands.__name__}.{cmd_name}").command
        return command


@click.group(cls=_Folder, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="coach")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Coach: a private, offline reflection coach. Without a command it opens the app in the browser."""
    if ctx.invoked_subcommand is None:
        run = cli.get_command(ctx, "run")
        assert run is not None
        ctx.invoke(run)


def main() -> None:
    """The entry point: our own errors become one line on standard error."""
    with contextlib.suppress(ImportError, OSError, ValueError):  # a core dump would hold the journal, and its key
        resource = importlib.import_module("resource")
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        cli(prog_name="coach")
    except CoachError as exc:
        click.echo(f"coach: {exc}", err=True)
        sys.exit(1)
    except Exception as exc:  # the last line of defence; its text may hold what a person wrote, so it is not shown
        last = traceback.extract_tb(exc.__traceback__)[-1]
        click.echo(
            f"coach: Something went wrong that should not have ({type(exc).__name__}, {Path(last.filename).name}:{last.lineno}).",
            err=True,
        )
        sys.exit(1)
