"""``coach model``: the models' files: list, pull, verify."""

import json

import click

from coach.cli.progress import bytes_bar, count_bar
from coach.errors import CoachError, ModelBroken, ModelError
from coach.models.catalogue import Model, by_name, catalogue, chat_model
from coach.models.store import Store
from coach.settings import Settings, load_settings


@click.group()
def command() -> None:
    """The models' files."""


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_models(as_json: bool) -> None:
    """Show which models there are and which are here."""
    store = Store(load_settings())
    rows = [
        {"name": m.name, "role": m.role, "bytes": m.size, "memory": m.memory, "licence": m.licence, "here": store.path(m).is_file()}
        for m in catalogue()
    ]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        here = "here" if row["here"] else "not here"
        click.echo(f"{row['name']:32} {row['role']:10} {int(str(row['bytes'])) / 1e6:7.0f} MB  {row['licence']:12} {here}")


@command.command()
@click.option("--quiet", is_flag=True, help="Say nothing about what is here already.")
@click.argument("names", nargs=-1)
def pull(names: tuple[str, ...], quiet: bool) -> None:
    """Fetch models (those the app needs, or the NAMES given), check them, and say what is here.

    Then the coach's questions are prepared for the chat model in use, which takes more than a minute and has to be done once.
    """
    from coach.models.fetch import pull as fetch

    settings = load_settings()
    store = Store(settings)
    for model in _wanted(names, own_chat_model=settings.model is not None):
        if _is_whole(store, model):
            click.echo("" if quiet else f"{model.name}: here and whole.\n", nl=False)
            continue
        with bytes_bar(model.name) as progress:
            fetch(model, store, lambda line: click.echo(f"  {line}", err=True), progress)
        click.echo(f"{model.name}: fetched and checked, {store.path(model)}.")
        if model.role == "chat" and not model.default:
            click.echo(f"Use it with COACH_MODEL={store.path(model)}, and run `coach judge fit` once to fit the judge to it.")
    if not names or (settings.model is None and chat_model().name in names):
        _prepare(settings)


@command.command()
def verify() -> None:
    """Hash the files that are here anew and compare."""
    store, wrong = Store(load_settings()), []
    for model in catalogue():
        path = store.path(model)
        if not path.is_file():
            click.echo(f"{model.name}: not here.")
            continue
        with bytes_bar(model.name) as progress:
            right = store.sha256(path, progress, anew=True) == model.sha256
        click.echo(f"{model.name}: {'whole' if right else 'not the file it should be'}.")
        wrong += [] if right else [model.name]
    if wrong:
        raise ModelBroken(f"Run `coach model pull {' '.join(wrong)}` to fetch anew.")


def _wanted(names: tuple[str, ...], *, own_chat_model: bool) -> list[Model]:
    """The models to fetch; one's own chat model makes the catalogue's needless."""
    if names:
        return [by_name(name) for name in names]
    return [model for model in catalogue() if model.default and not (own_chat_model and model.role == "chat")]


def _prepare(settings: Settings) -> None:
    """Prepare the questions, unless that was done; what goes wrong there is told, and is nothing that a model's file lacks."""
    from coach.prepared import is_prepared, prepare_prompts

    try:
        if not is_prepared(settings):
            with count_bar("Preparing the coach's questions", "questions") as progress:
                prepare_prompts(settings, progress)
    except CoachError as exc:
        click.echo(f"The coach's questions are not prepared: {exc} Coach tries it once more when it is opened.", err=True)
    except KeyboardInterrupt:  # the models are here, and what was prepared by then is kept
        click.echo("Coach prepares the rest of its questions when it is opened.", err=True)


def _is_whole(store: Store, model: Model) -> bool:
    try:
        store.file(model)
    except ModelError:
        return False
    return True
