"""``coach bench``: how fast the coach is, against the bare model and plain search on this machine. Run nothing else beside it."""

import json
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click
from click_default_group import DefaultGroup

from coach.cli.progress import count_bar
from coach.schema import STEPS, Step
from coach.settings import load_settings

if TYPE_CHECKING:
    from coach.bench import Ratio
    from coach.bench_ask import AskFigures
    from coach.judge.rows import Row

T = TypeVar("T")

ASKED = STEPS[:4]
_TEXTS = 12
_ASKED_TEXTS = 3  # a plain call takes some ten seconds each
_WORDS = (10, 120)
_MOST_REPORTS = 1000


@click.group(cls=DefaultGroup, default="ask", default_if_no_args=True)
def command() -> None:
    """Time the coach against the bare model and plain search on this machine."""


@command.command("ask")  # type: ignore[untyped-decorator]  # the default-group package has no types
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--runs", type=click.IntRange(1, 100), default=5, show_default=True, help="Counted runs over all texts.")
@click.option("--growth", is_flag=True, help="Also how it grows with the length of an answer and the rounds of a review.")
def ask_command(as_json: bool, runs: int, growth: bool) -> None:
    """Time judging and asking (the default).

    All findings of an answer over the model's own time to read it; the first and the last word of a push-back over a plain call and
    over the bare evaluations; three candidates over one.
    """
    from coach.bench import ratio
    from coach.bench_ask import asked, by_length, by_round
    from coach.laboratory import load_bench

    bench = load_bench(load_settings())
    whys = _chosen([row.text for row in bench.rows if row.question == "why" and _is_usual(row.text)])
    judged = ratio(lambda text: bench.ask.judge.judge("why", text), bench.model.evaluate, whys, runs)
    weak = _chosen([(step, row.text) for row in bench.rows for step in ASKED if _is_weak(row, step)], _ASKED_TEXTS)
    with count_bar("Asking back", "answers") as progress:
        figures = asked(bench.ask, weak, runs, progress)
    data: dict[str, object] = {"judge": asdict(judged), "ask": asdict(figures), "load_seconds": bench.load_seconds}
    if growth:
        words = [text for step, text in weak if step == "happened"] or [text for _, text in weak]
        data["seconds_by_words"] = by_length(bench.ask, "happened", words, runs)
        data["seconds_by_round"] = by_round(bench.ask, weak[0][0], weak[0][1], runs)
    click.echo(json.dumps(data, indent=2) if as_json else "\n".join(_ask_lines(judged, figures, data)))


def _chosen(rows: Sequence[T], most: int = _TEXTS) -> Sequence[T]:
    """Some, spread over all."""
    return rows[:: max(1, len(rows) // most)][:most]


def _is_weak(row: "Row", step: Step) -> bool:
    return row.label == 1 and row.question == step and _is_usual(row.text)


def _is_usual(text: str) -> bool:
    return _WORDS[0] <= len(text.split()) <= _WORDS[1]


def _ask_lines(judged: "Ratio", figures: "AskFigures", data: dict[str, object]) -> list[str]:
    read = f"{judged.ours_seconds:.3f} s against {judged.bare_seconds:.3f} s"
    lines = [
        f"judge       {judged.ratio:.2f} times the bare model's reading ({read}; {judged.texts} texts, {judged.runs} runs)",
        f"first_word  {figures.first_word:.2f} of a plain call ({figures.first_seconds:.2f} s against {figures.cold_seconds:.2f} s;"
        f" {figures.texts} texts, {figures.runs} runs)",
        f"overhead    {figures.overhead:.2f} times the bare evaluations ({figures.last_seconds:.2f} s to the last word)",
        f"candidates  {figures.candidates:.2f}: three questions over one",
    ]
    for name, unit in (("seconds_by_words", "words"), ("seconds_by_round", "rounds")):
        grown = data.get(name)
        if isinstance(grown, dict):
            lines.append(f"{unit:11} " + ", ".join(f"{at}: {seconds:.2f} s" for at, seconds in grown.items()))
    return lines


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
