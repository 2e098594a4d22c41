"""Fetches a model: from the hub, else from the package registry's carriers; resumes, checks, and renames at the end.

Whichever source, the file grows front to back beside its place, so that either can go on where the other stopped. It takes
its name only when its SHA-256 is right; a wrong one is thrown away.
"""

import errno
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import filelock

from coach.errors import FetchError
from coach.models.carriers import CarrierSource
from coach.models.catalogue import Download, Model
from coach.models.hub import HubSource
from coach.models.minilm import write_minilm
from coach.models.sources import Progress, SourceFailed
from coach.models.store import Store, sha256_of

_SPARE = 64 << 20  # room left on the disk beside the file itself


class Source(Protocol):
    """Somewhere a file can be had."""

    name: str

    def fetch(self, wanted: Download, part: Path, progress: Progress) -> None:
        """Append to ``part`` until the file is whole. Raises SourceFailed, leaving what it got."""
        ...


def sources() -> list[Source]:
    """The sources in the order they are tried."""
    return [HubSource(), CarrierSource()]


def pull(
    model: Model,
    store: Store,
    tell: Callable[[str], None],
    progress: Progress,
    tried: Sequence[Source] | None = None,
) -> Path:
    """Fetch a model and everything it is made from. Raises FetchError with one clear message."""
    folder = store.folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(folder / "pull.lock", timeout=1):
            _fetch_all(model, store, tell, progress, list(sources() if tried is None else tried))
    except filelock.Timeout as exc:
        raise FetchError("Another `coach model pull` is at work. Wait for it, then try again.") from exc
    except OSError as exc:
        raise FetchError(_disk_message(exc, folder)) from exc
    return store.path(model)


def _fetch_all(model: Model, store: Store, tell: Callable[[str], None], progress: Progress, tried: list[Source]) -> None:
    target = store.path(model)
    if not model.convert:
        _fetch(model.downloads[0], target, tell, progress, tried)
    else:
        inputs = {wanted.file: store.folder / f"{model.name}.{wanted.file}" for wanted in model.inputs}
        for wanted in model.inputs:
            _fetch(wanted, inputs[wanted.file], tell, progress, tried)
        tell(f"Making {model.file}")
        beside = target.with_suffix(".part")
        write_minilm(inputs["model.safetensors"], inputs["vocab.txt"], beside)
        _take_on(beside, target, model.sha256, model.name)
        for path in inputs.values():
            path.unlink(missing_ok=True)
    store.sha256(target, anew=True)


def _fetch(wanted: Download, target: Path, tell: Callable[[str], None], progress: Progress, tried: list[Source]) -> None:
    """Fetch one file from the first source that gives it."""
    if target.is_file() and sha256_of(target) == wanted.sha256:
        return
    part = target.with_name(target.name + ".part")
    _check_room(wanted, part)
    failed: list[str] = []
    for source in tried:
        tell(f"{wanted.file} from {source.name}")
        try:
            source.fetch(wanted, part, progress)
            _take_on(part, target, wanted.sha256, wanted.file)
            return
        except (SourceFailed, FetchError) as exc:
            failed.append(f"{source.name}: {exc}")
            tell(failed[-1])
    raise FetchError(
        f"{wanted.file} could not be fetched ({'; '.join(failed)}). Check the network and run `coach model pull` again: it"
        " goes on where it stopped. A file one already has can be used with COACH_MODEL=/path/to/model.gguf."
    )


def _take_on(part: Path, target: Path, sha256: str, name: str) -> None:
    """Rename a whole file into place. Raises FetchError, and throws it away, when it is another one than meant."""
    if sha256_of(part) != sha256:
        part.unlink()
        raise FetchError(f"what came as {name} has the wrong SHA-256 and was thrown away")
    part.replace(target)


def _check_room(wanted: Download, part: Path) -> None:
    have = part.stat().st_size if part.exists() else 0
    free = shutil.disk_usage(part.parent).free
    if free < wanted.size - have + _SPARE:
        need = (wanted.size - have + _SPARE) / 1e9
        raise FetchError(f"{part.parent} has {free / 1e9:.1f} GB free and {need:.1f} GB are needed. Make room, then try again.")


def _disk_message(exc: OSError, folder: Path) -> str:
    if exc.errno == errno.ENOSPC:
        return f"The disk with {folder} is full. Make room and run `coach model pull` again: it goes on where it stopped."
    return f"{folder} cannot be written: {exc.strerror}. Mend its rights, or set COACH_CACHE to another folder."
