"""The lock on an index folder: one process owns it, for two writers corrupt it; it also tells whether the app is open."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import filelock

from coach.errors import IndexUnavailable


def locked(folder: Path) -> filelock.BaseFileLock:
    """Take the folder's lock, making the folder. Raises IndexUnavailable when another process has it."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = filelock.FileLock(folder.with_suffix(".lock"), timeout=0)
        lock.acquire()
        return lock
    except filelock.Timeout as exc:
        raise IndexUnavailable("Coach is open in another window or process, which holds the index.") from exc
    except OSError as exc:
        raise IndexUnavailable(f"{folder} cannot be written: {exc.strerror}. Mend its rights or make room.") from exc


@contextlib.contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold the folder's lock for a while. Raises IndexUnavailable."""
    lock = locked(folder)
    try:
        yield
    finally:
        lock.release()
