"""``coach bench``: how fast the coach is, against the bare model on this machine. Run nothing else beside it."""

import json

import click

from coach.errors import ModelMissing
from coach.settings import load_settings

_TEXTS = 12
_WORDS = (10, 120)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--runs", type=click.IntRange(1, 100), default=5, show_default=True, help="Counted runs over all texts.")
def command(as_json: bool, runs: int) -> None:
    """Time the judge against the bare model on this machine.

    All findings of an answer, over the model's own time to read the same tokens.
    """
    from coach.bench import as_data, ratio
    from coach.compose import load_bench

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
