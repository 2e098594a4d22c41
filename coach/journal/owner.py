"""Which process owns a data folder: the first one. The others may use a plain journal beside it, but not replace it."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import filelock

from coach.errors import JournalError


def owned(folder: Path) -> filelock.BaseFileLock | None:
    """Become the owner of a folder, which is made; None where another process is, or the folder cannot be written."""
    lock = filelock.FileLock(folder / "coach.lock", timeout=0, mode=0o600)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock.acquire()
    except (OSError, filelock.Timeout):
        return None
    return lock


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Own a folder for a while. Raises JournalError."""
    lock = owned(folder)
    if lock is None:
        raise JournalError(f"Coach is open. Close it first (Ctrl+C where it runs), then try again. Its folder is {folder}.")
    try:
        yield
    finally:
        lock.release()
