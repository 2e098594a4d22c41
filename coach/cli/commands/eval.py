"""``coach eval``: how often the judge is right, on labelled rows; ``coach eval pushback``: what the coach asks back."""

import json
import time
from pathlib import Path

import click
from click_default_group import DefaultGroup

from coach.cli.progress import count_bar
from coach.errors import InputError
from coach.settings import load_settings


@click.group(cls=DefaultGroup, default="rows", default_if_no_args=True)
def command() -> None:
    """How often the judge is right on labelled rows, and how good the questions are."""


@command.command("rows")  # type: ignore[untyped-decorator]  # the default-group package has no types
@click.option("--folds", type=click.IntRange(2, 20), help="Cross-validate: for rows that the heads were fitted on.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
def rows_command(files: tuple[Path, ...], folds: int | None, as_json: bool) -> None:
    """Evaluate the judge on FILES of labelled rows (the format of data/judgement).

    Readings are kept in the cache folder under a hash of each text, so that a run that was stopped goes on where it was.
    """
    from coach.judge.evaluate import crossed, judged, report
    from coach.judge.fit import read_all
    from coach.judge.rows import read_rows
    from coach.laboratory import load_laboratory
    from coach.prompts import judgements

    rows, left_out = read_rows(files).known(judgements())
    laboratory = load_laboratory(load_settings())
    for note in (*laboratory.notes, *(f"There is no judgement '{task}': its rows are left out." for task in left_out)):
        click.echo(f"coach: {note}", err=True)
    if folds and laboratory.read is None:
        raise InputError("Cross-validation needs the chat model. Fetch it with `coach model pull`.")
    if laboratory.read:
        taught = laboratory.training_rows if folds else ()
        with count_bar("Reading", "rows") as progress:
            read = read_all([*taught, *rows.answers], laboratory.read, progress)
    if folds and laboratory.read:
        with count_bar("Fitting and judging", "rows") as progress:
            results = crossed(rows.answers, read, laboratory.read, laboratory.sha256, folds, progress)
    else:
        results = judged(rows.answers, laboratory.judge)
    figures = report(results, rows.pairs, laboratory.similarities([(pair.a, pair.b) for pair in rows.pairs]), laboratory.bar)
    click.echo(json.dumps(figures, indent=2) if as_json else "\n".join(_lines(figures)))


@command.command("pushback")  # type: ignore[untyped-decorator]
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--most", type=click.IntRange(1), help="Ask about this many answers at most, spread over all.")
@click.option(
    "--transcripts", type=click.Path(path_type=Path, dir_okay=False), help="Write 30 conversations to this Markdown file."
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
def pushback_command(files: tuple[Path, ...], as_json: bool, most: int | None, transcripts: Path | None) -> None:
    """Ask about every weak answer in FILES and report on the questions.

    A row has a text, or versions of one: then the conversation goes on as a person's would.
    """
    from coach.compose import load_asking
    from coach.pushback import evaluate

    scripts = evaluate.read_scripts(files)
    scripts = scripts[:: max(1, len(scripts) // most)][:most] if most else scripts
    judge, asker, notes = load_asking(load_settings())
    for note in notes:
        click.echo(f"coach: {note}", err=True)
    with count_bar("Asking", "answers") as progress:
        talks = evaluate.played(scripts, judge, asker, time.perf_counter, progress)
    if transcripts:
        transcripts.write_text(evaluate.transcripts(talks), encoding="utf-8")
    figures = evaluate.report(talks)
    click.echo(json.dumps(figures, indent=2) if as_json else "\n".join(_outline(figures)))


@command.command("patterns")  # type: ignore[untyped-decorator]
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--reports", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Reports with factors ticked.")
@click.option("--most", type=click.IntRange(20), default=300, show_default=True, help="So many of the reports.")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False))
def patterns_command(files: tuple[Path, ...], as_json: bool, reports: Path | None, most: int) -> None:
    """How many habits planted in FILES are found, split or invented.

    With --reports: whether the nearest reports by tendency have the same factors ticked, against plain vectors.
    """
    from coach.laboratory import load_laboratory
    from coach.patterns.evaluate import planted_report, read_log

    laboratory = load_laboratory(load_settings())
    embed, projection = laboratory.tendency_of, laboratory.parts.projection
    if embed is None or projection is None:
        raise InputError(" ".join(laboratory.notes) or "The tendency view needs the chat model.")
    figures: dict[str, object] = {}
    for path in files:
        figures[path.stem] = planted_report(read_log(path), embed, projection.group_bar, laboratory.label)
    if reports:
        with count_bar("Reading", "reports") as progress:
            figures[reports.stem] = laboratory.neighbours(reports, most, progress)
    click.echo(json.dumps(figures, indent=2) if as_json else "\n".join(_outline(figures)))


def _outline(figures: dict[str, object], indent: str = "") -> list[str]:
    """Nested figures, one a line."""
    lines: list[str] = []
    for name, value in figures.items():
        if isinstance(value, dict):
            lines += [f"{indent}{name}:", *_outline(value, indent + "  ")]
        else:
            lines.append(f"{indent}{name.ljust(28 - len(indent))}{_cell(value)}")
    return lines


def _lines(figures: dict[str, object]) -> list[str]:
    """A table for a person."""
    tasks = figures["tasks"]
    assert isinstance(tasks, dict)
    columns = ("n", "f1", "macro_f1", "auc", "precision", "recall", "accuracy", "hard_accuracy")
    lines = ["task".ljust(22) + "".join(name.rjust(14) for name in columns) + "length_f1".rjust(14) + "words_f1".rjust(14)]
    for task, row in tasks.items():
        baselines = row.get("baselines", {})
        cells = [row.get(name) for name in columns] + [baselines.get("length_f1"), baselines.get("words_f1")]
        lines.append(task.ljust(22) + "".join(_cell(cell).rjust(14) for cell in cells))
        if "help_recall" in row:
            named = f"recall {_cell(row['help_recall'])}, false {_cell(row['help_false_alarms'])}"
            lines.append(f"  help named, by stopping or by a note: {named}")
    lines.append(f"macro F1 over the findings: {_cell(figures['macro_f1'])}")
    lines.append(f"good answers that got any warning: {_cell(figures['false_alarms'])}")
    return lines


def _cell(value: object) -> str:
    return "-" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)
