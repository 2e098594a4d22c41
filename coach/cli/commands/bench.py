"""``coach bench``: how fast the coach is, against the bare model, a plain chat and plain search. Run nothing else beside it."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import click

from coach.cli.bench_lines import lines
from coach.cli.progress import count_bar
from coach.errors import CoachError, InputError
from coach.settings import load_settings

PARTS = ("start", "judge", "ask", "chat", "embed", "search")
_MOST_REPORTS = 1000


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON, at the end.")
@click.option("--runs", type=click.IntRange(1, 100), default=5, show_default=True, help="Counted runs over all texts.")
@click.option("--growth", is_flag=True, help="Also how asking grows with words and rounds, and searching with entries.")
@click.option(
    "--keep", type=click.Path(path_type=Path, dir_okay=False), help="Write what is measured so far into this file after each part."
)
@click.option("--entries", type=click.IntRange(20), multiple=True, default=(1000, 10_000, 100_000), help="Sizes of the log.")
@click.option("--reports", type=click.IntRange(20), default=_MOST_REPORTS, show_default=True, help="Reports to embed.")
@click.argument("parts", nargs=-1, type=click.Choice(PARTS), metavar="[PART]...")
def command(
    as_json: bool, runs: int, growth: bool, keep: Path | None, entries: tuple[int, ...], reports: int, parts: tuple[str, ...]
) -> None:
    """Time the coach on this machine: all of it, or the parts that are named.

    Run nothing else beside it.

    \b
    start   from `coach run` to the page, loading the model, memory
    judge   all findings of an answer, over the bare model's reading
    ask     a push-back, over a plain call and over bare evaluations
    chat    a push-back against a plain chat with the same model
    embed   importing, over the bare embedder
    search  the log's search, over exact search and SQLite alone

    A line is printed as soon as it is measured. What cannot be measured is said, and the rest goes on; the exit status is 1 then.
    """
    from coach.bench_parts import Effort, Workbench

    if keep and not os.access(keep.absolute().parent, os.W_OK):
        raise InputError(f"{keep} cannot be written: its folder is not there, or not yours. Name another file.")
    data, failed = dict[str, dict[str, Any]](), False
    chosen = [part for part in PARTS if part in parts or not parts]
    with Workbench(load_settings(), Effort(runs, entries, reports), count_bar) as bench:
        for part, measure in bench.steps(chosen, growth=growth):
            try:
                figures = measure()
            except CoachError as exc:
                click.echo(f"coach: {part} was not measured: {exc}", err=True)
                failed = True
                continue
            data.setdefault(part, {}).update(figures)
            _tell(part, figures, data, keep, as_json=as_json)
    if as_json:
        click.echo(json.dumps(data, indent=1))
    if failed:
        sys.exit(1)


def _tell(part: str, figures: dict[str, Any], data: dict[str, dict[str, Any]], keep: Path | None, *, as_json: bool) -> None:
    """Say what was measured and keep what there is so far."""
    for line in () if as_json else lines(part, figures):
        click.echo(line)
    if keep:
        _write(keep, json.dumps(data, indent=1) + "\n")


def _write(path: Path, text: str) -> None:
    """Put a whole file in the place of the last one: whoever is killed meanwhile has the one or the other."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    except OSError as exc:
        beside.unlink(missing_ok=True)
        raise InputError(f"{path} cannot be written: {exc.strerror}. Name another file.") from exc
