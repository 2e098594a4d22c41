"""``coach search``: find entries by words and meaning."""

import json

import click

from coach.settings import load_settings


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--most", type=click.IntRange(1, 1000), default=10, show_default=True, help="How many entries at the most.")
@click.argument("query")
def command(as_json: bool, most: int, query: str) -> None:
    """Search the Failure Log."""
    from coach.compose import load_recall

    recall, notes = load_recall(load_settings())
    for note in notes:
        click.echo(f"coach: {note}", err=True)
    found = recall.search(query, most)
    if as_json:
        rows = [{"similarity": one.similarity, **one.entry.model_dump(mode="json")} for one in found]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for one in found:
        entry, near = one.entry, f"{one.similarity:.2f}" if one.similarity is not None else "words"
        click.echo(f"{entry.happened_on}  {entry.title}  ({near})\n  Lesson: {entry.lesson}\n  Change: {entry.change}")
    if not found:
        click.echo("Nothing in the log is near that.")
