"""``coach judge``: what the judge finds in an answer; ``coach judge fit``: fit its heads to a model."""

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click
import numpy as np
from click_default_group import DefaultGroup

from coach.errors import InputError, ModelMissing
from coach.judge.heads import Linear
from coach.pushback.score import Asking, Rated
from coach.schema import STEPS, Step, Verdict
from coach.settings import load_settings

if TYPE_CHECKING:
    from coach.judge.heads import Heads
    from coach.laboratory import Laboratory


@click.group(cls=DefaultGroup, default="text", default_if_no_args=True)
def command() -> None:
    """Judge an answer: coach judge --question why "The timing was bad."

    The answer is the text given, or standard input for "-".
    """


@command.command("text")  # type: ignore[untyped-decorator]  # the default-group package has no types
@click.option("--question", "step", type=click.Choice(STEPS), required=True, help="Which question the text answers.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.argument("text")
def judge_text(step: str, as_json: bool, text: str) -> None:
    """Judge one answer (the default)."""
    from coach.compose import load_judge

    judge, notes = load_judge(load_settings())
    for note in notes:
        click.echo(f"coach: {note}", err=True)
    answer = _standard_input() if text == "-" else _argument(text)
    verdict = judge.judge(cast(Step, step), answer)
    click.echo(_json(verdict) if as_json else _lines(verdict))


@command.command("fit")  # type: ignore[untyped-decorator]
@click.option("--data", type=click.Path(path_type=Path, exists=True, file_okay=False), help="Labelled rows; else those that ship.")
@click.option("--into", type=click.Path(path_type=Path, file_okay=False), help="Where to put the heads; else the cache folder.")
@click.option("--only", type=click.Choice(["judge", "score", "tendency"]), help="Fit one of the three alone.")
@click.option("--finding", "findings", multiple=True, help="Fit the head of this finding alone, into the heads that there are.")
def fit(data: Path | None, into: Path | None, only: str | None, findings: tuple[str, ...]) -> None:
    """Fit the judge, the score of questions and the tendency view to the chat model in use.

    An hour or more the first time; what was read is kept. The score is fitted with the judge.
    """
    from coach.laboratory import load_laboratory

    settings = load_settings()
    laboratory = load_laboratory(settings)
    if laboratory.read is None:
        raise ModelMissing(" ".join(laboratory.notes))
    folder = into or settings.cache / "heads"
    if findings:
        click.echo(f"The heads of {', '.join(findings)} for this model are in {_fit_some(laboratory, data, folder, findings)}.")
        return
    if only == "score":
        click.echo(f"The score of questions for this model is in {_fit_score(laboratory, folder)}.")
        return
    if only != "tendency":
        click.echo(f"The judge's heads for this model are in {_fit_judge(laboratory, data, folder)}.")
    if only != "judge":
        click.echo(f"The tendency view for this model is in {_fit_tendency(laboratory, folder)}.")


def _fit_judge(laboratory: "Laboratory", data: Path | None, folder: Path) -> Path:
    from coach.cli.progress import count_bar
    from coach.judge.fit import fit_heads, read_all
    from coach.judge.heads import save_heads
    from coach.judge.rows import rows_in

    assert laboratory.read is not None
    rows = rows_in([data]).answers if data else laboratory.training_rows
    with count_bar("Reading", "rows") as progress:
        read = read_all(rows, laboratory.read, progress)
    heads = fit_heads(read, laboratory.sha256)
    if laboratory.ask:
        heads = replace(heads, rating=_rating(laboratory.rated, laboratory.ask))
    return save_heads(_with_score(heads, laboratory), folder)


def _fit_score(laboratory: "Laboratory", folder: Path) -> Path:
    """What rates written questions anew, the other heads as they are."""
    from coach.judge.heads import save_heads

    if laboratory.parts.heads is None:
        raise InputError("There are no heads for this model yet. Fit all of them first: coach judge fit")
    return save_heads(_with_score(laboratory.parts.heads, laboratory), folder)


def _with_score(heads: "Heads", laboratory: "Laboratory") -> "Heads":
    from coach.cli.progress import count_bar
    from coach.judge.fit import fit_rating
    from coach.pushback.lesson import by_hand

    rated, features = sorted(laboratory.rated, key=lambda one: (one.source, one.words)), []
    if not rated or laboratory.written is None:
        return heads
    with count_bar("Reading questions as they are written", "questions") as progress:
        for one in rated:
            features.append(laboratory.written(one))
            progress(len(features), len(rated))
    means, usual = by_hand(rated)
    head = fit_rating(np.vstack(features), [one.rating for one in rated])
    return replace(heads, written=head, by_hand={**means, "": usual})


def _fit_some(laboratory: "Laboratory", data: Path | None, folder: Path, findings: tuple[str, ...]) -> Path:
    """Some heads anew, the others as they are."""
    from coach.cli.progress import count_bar
    from coach.judge.fit import fit_findings, read_all, rows_for
    from coach.judge.heads import save_heads
    from coach.judge.rows import rows_in
    from coach.prompts import judgements

    unknown = sorted(set(findings) - set(judgements()))
    if unknown:
        raise InputError(f"There is no finding {', '.join(unknown)}. There are: {', '.join(judgements())}.")
    assert laboratory.read is not None
    if laboratory.parts.heads is None:
        raise InputError("There are no heads for this model yet. Fit all of them first: coach judge fit")
    rows = rows_for(findings, rows_in([data]).answers if data else laboratory.training_rows)
    with count_bar("Reading", "rows") as progress:
        read = read_all(rows, laboratory.read, progress)
    heads = laboratory.parts.heads
    return save_heads(replace(heads, findings={**heads.findings, **fit_findings(findings, read)}), folder)


def _fit_tendency(laboratory: "Laboratory", folder: Path) -> Path:
    from coach.cli.progress import count_bar
    from coach.patterns.fit import fit_projection
    from coach.patterns.tendency import save_projection

    assert laboratory.state is not None
    states = []
    with count_bar("Reading entries", "entries") as progress:
        for row in laboratory.tendencies:
            states.append(laboratory.state(row.text))
            progress(len(states), len(laboratory.tendencies))
    return save_projection(fit_projection(laboratory.tendencies, np.vstack(states), laboratory.sha256), folder)


def _rating(rated: Sequence[Rated], ask: Asking) -> Linear | None:
    """The head that rates questions; None where there are no rated ones."""
    from coach.cli.progress import count_bar
    from coach.judge.fit import fit_rating

    features = []
    with count_bar("Reading questions", "questions") as progress:
        for one in rated:
            features += ask(one.words, [one.question])
            progress(len(features), len(rated))
    return fit_rating(np.vstack(features), [one.rating for one in rated]) if features else None


def _argument(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as exc:
        raise InputError("The text is not UTF-8. Convert it, or hand it over on standard input.") from exc
    return text


def _standard_input() -> str:
    try:
        return sys.stdin.buffer.read().decode("utf-8")
    except UnicodeDecodeError as exc:
        raise InputError("Standard input is not UTF-8 text. Convert it, e.g. with iconv, and try again.") from exc


def _json(verdict: Verdict) -> str:
    kept = verdict.model_dump(mode="json", include={"findings", "control"})
    return json.dumps(kept, ensure_ascii=False, indent=2)


def _lines(verdict: Verdict) -> str:
    lines = [f"{f.kind}  {f.probability:.2f}  “{f.quote}”\n  {f.why}\n  {f.question}" for f in verdict.findings]
    lines += [f"{name}  {p:.2f}" for name, p in (verdict.control or {}).items()]
    return "\n".join([*lines, *([verdict.note] if verdict.note else [])]) or "Nothing found."
