"""``coach doctor``: what is installed, found and missing, and what to do about it."""

import json
import platform
import sys
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

import click

from coach.cli.progress import count_bar
from coach.compose import head_folders, this_machine
from coach.errors import CoachError, SettingsError
from coach.journal.key import is_encrypted
from coach.journal.sqlite import SqliteJournal
from coach.judge.heads import load_heads
from coach.llm.tuning import Kept, load_kept
from coach.models.catalogue import embedding_model
from coach.models.store import Store
from coach.patterns.tendency import load_projection
from coach.prompts import judgements, safety, template, tendencies, tendency_frame
from coach.reviews.kinds import load_kinds
from coach.settings import Settings, load_settings

_PACKAGES = ("llama-cpp-python", "chromadb", "streamlit", "pydantic")


class Line(NamedTuple):
    """One thing looked at."""

    what: str
    fine: bool
    detail: str


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option(
    "--tune",
    "tunes",
    is_flag=True,
    help="Measure first how the model runs quickest here, and keep that; some minutes. Run nothing else.",
)
def command(as_json: bool, tunes: bool) -> None:
    """Say what is installed, found and missing, and what to do."""
    if tunes:
        _tune(load_settings())
    lines = list(_look(load_settings()))
    if as_json:
        click.echo(json.dumps([line._asdict() for line in lines], indent=2))
    for line in () if as_json else lines:
        click.echo(f"{'ok     ' if line.fine else 'MISSING'}  {line.what:18} {line.detail}")
    if not all(line.fine for line in lines):
        sys.exit(1)


def _look(settings: Settings) -> Iterator[Line]:
    yield Line("Python", sys.version_info >= (3, 11), platform.python_version())
    for name in _PACKAGES:
        yield _tried(name, lambda name=name: metadata.version(name))  # type: ignore[misc]
    store = Store(settings)
    yield _tried("chat model", lambda: str(store.chat_file()[0]))
    yield _tried("judge's heads", lambda: f"{len(_heads(settings, store))} findings")
    yield _tried("tendency view", lambda: f"{len(_habits(settings, store))} labelled habits")
    yield _tried("tuning", lambda: _tuning(settings, store))
    yield _tried("embedding model", lambda: str(store.file(embedding_model())[0]))
    yield _tried("prompts", _prompts)
    yield _kinds(settings)
    yield _tried("journal", lambda: _journal(settings.journal_file))
    yield Line("data folder", True, str(settings.data))
    yield Line("cache folder", True, str(settings.cache))


def _tried(what: str, look: Callable[[], str]) -> Line:
    try:
        return Line(what, True, look())
    except metadata.PackageNotFoundError:
        return Line(what, False, "Not installed. Run `make run`; it installs everything.")
    except CoachError as exc:
        return Line(what, False, str(exc))


def _heads(settings: Settings, store: Store) -> dict[str, object]:
    return dict(load_heads(head_folders(settings), store.chat_file()[1]).findings)


def _habits(settings: Settings, store: Store) -> dict[str, object]:
    return dict(load_projection(head_folders(settings), store.chat_file()[1]).centres)


def _tune(settings: Settings) -> None:
    """Measure, keep and explain. Raises ModelError."""
    from coach.llm.tune import tune

    path, sha256 = Store(settings).chat_file()
    with count_bar("Measuring", "ways") as progress:
        tuning, lines = tune(path, progress)
    kept = Kept(machine=this_machine(sha256), tuning=tuning, explained=lines)
    try:
        settings.cache.mkdir(parents=True, exist_ok=True)
        settings.tuning_file.write_text(kept.model_dump_json(indent=1), encoding="utf-8")
    except OSError as exc:
        raise SettingsError(f"{settings.tuning_file} cannot be written: {exc.strerror}. Make room, or mend its rights.") from exc


def _tuning(settings: Settings, store: Store) -> str:
    kept = load_kept(settings.tuning_file)
    if kept is None or kept.machine != this_machine(store.chat_file()[1]):
        return "the usual one; measure this machine with: coach doctor --tune"
    told = ", ".join(f"{name} {value}" for name, value in kept.tuning.model_dump().items())
    return " ".join([f"{told} (threads 0: all cores).", *kept.explained])


def _prompts() -> str:
    template("pushback"), template("whys/next_why"), safety(), tendencies(), tendency_frame()
    return f"{len(judgements())} judgements"


def _kinds(settings: Settings) -> Line:
    kinds = load_kinds(settings.kinds_folder)
    names = ", ".join(kind.name for kind in kinds.by_id.values())
    return Line(
        "kinds of review", not kinds.problems, " ".join(kinds.problems) or f"{names} (your own go into {settings.kinds_folder})"
    )


def _journal(path: Path) -> str:
    if not path.exists():
        return f"{path} (made with the first review)"
    if is_encrypted(path):
        return f"{path}, encrypted with a passphrase"
    journal = SqliteJournal(path)
    try:
        return f"{path}, {len(journal.entries())} entries"
    finally:
        journal.close()
