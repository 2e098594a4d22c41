"""``coach bench``: how fast the coach is, against the bare model and plain search on this machine. Run nothing else beside it."""

import json
import tempfile
from dataclasses import asdict
from pathlib import Path

import click
from click_default_group import DefaultGroup

from coach.cli.progress import count_bar
from coach.errors import ModelMissing
from coach.settings import load_settings

_TEXTS = 12
_WORDS = (10, 120)
_MOST_REPORTS = 1000


@click.group(cls=DefaultGroup, default="judge", default_if_no_args=True)
def command() -> None:
    """Time the coach against the bare model and plain search on this machine."""


@command.command("judge")  # type: ignore[untyped-decorator]  # the default-group package has no types
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--runs", type=click.IntRange(1, 100), default=5, show_default=True, help="Counted runs over all texts.")
def judge_command(as_json: bool, runs: int) -> None:
    """Time the judge (the default).

    All findings of an answer, over the model's own time to read the same tokens.
    """
    from coach.bench import as_data, ratio
    from coach.laboratory import load_bench

    judge, bare, rows = load_bench(load_settings())
    if bare is None:
        raise ModelMissing("The chat model is not here yet. Fetch it with `coach model pull`.")
    texts = [row.text for row in rows if _WORDS[0] <= len(row.text.split()) <= _WORDS[1] and row.question == "why"]
    figures = {"judge": ratio(lambda text: judge.judge("why", text), bare, texts[:: max(1, len(texts) // _TEXTS)][:_TEXTS], runs)}
    if as_json:
        click.echo(json.dumps(as_data(figures), indent=2))
        return
    for name, figure in figures.items():
        times = f"{figure.ours_seconds:.3f} s against {figure.bare_seconds:.3f} s"
        click.echo(f"{name:10} {figure.ratio:.2f} times the bare model ({times}; {figure.texts} texts, {figure.runs} runs)")


@command.command("search")  # type: ignore[untyped-decorator]
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--entries", type=click.IntRange(20), multiple=True, default=(1000, 10_000, 100_000), help="Sizes of the log.")
@click.option("--reports", type=click.IntRange(20), default=_MOST_REPORTS, show_default=True, help="Reports to embed.")
def search_command(as_json: bool, entries: tuple[int, ...], reports: int) -> None:
    """Time importing against the bare embedder, and searching against exact search and SQLite alone."""
    from coach.laboratory import load_search_bench

    with tempfile.TemporaryDirectory(prefix="coach-bench-") as folder:
        bench = load_search_bench(load_settings(), Path(folder), reports)
        bare, ours = bench.rates()
        with count_bar("Filling and searching", "logs") as progress:
            sizes = bench.sizes(entries, progress)
    if as_json:
        figures = {"embed": ours / bare, "bare_a_second": bare, "imported_a_second": ours, "sizes": [asdict(one) for one in sizes]}
        click.echo(json.dumps(figures, indent=2))
        return
    click.echo(f"embed      {ours / bare:.2f} of the bare embedder's rate ({ours:.1f} entries a second against {bare:.1f})")
    for one in sizes:
        times = ", ".join(
            f"{name} {1000 * kind.p50:.2f} / {1000 * kind.p95:.2f}"
            for name, kind in (("index", one.index), ("exact", one.exact), ("SQLite", one.sqlite))
        )
        click.echo(
            f"{one.entries:7,} entries: p50 / p95 in ms: {times}; index over exact {one.index_over_exact:.2f};"
            f" recall@10 {one.recall_at_10:.3f}; built in {one.build_seconds:.1f} s; {one.memory_mb:.0f} MB"
        )
