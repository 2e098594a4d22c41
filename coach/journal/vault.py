"""The vault: turning encryption on and off, and changing its passphrase, of a journal with all its copies.

Every file is written anew beside the old one, and only when all are there do they take the old ones' places, the journal first. So
a process that is killed at any moment leaves a journal that opens with the old passphrase or with the new one, and ``tidy``, at
the next opening, finishes what was begun or forgets it. What was plain is overwritten before it is let go (a disk may keep old
blocks anyway: SECURITY.md).
"""

import contextlib
import os
import shutil
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from coach.errors import InputError, JournalError, JournalLocked
from coach.journal import engine
from coach.journal.backup import backups, recode
from coach.journal.key import FEWEST_CHARACTERS, Key, is_encrypted, new_key

_BESIDE = ".recoded"
_BLOCK = 1 << 20


def key_from(passphrase: str, again: str) -> Key:
    """A new key of a passphrase that was given twice. Raises InputError."""
    if len(passphrase) < FEWEST_CHARACTERS:
        raise InputError(f"The passphrase needs at least {FEWEST_CHARACTERS} characters. Four or five words are good.")
    if passphrase != again:
        raise InputError("The two passphrases differ. Give the same one twice.")
    return new_key(passphrase)


def turn(journal: Path, old: Key | None, new: Key | None) -> None:
    """Put a journal and its copies under another key, or none. Nothing else may have it open.

    Raises JournalError, where nothing was changed, and JournalLocked where ``old`` is not its key.
    """
    tidy(journal, old)
    with _alone(journal, old):
        files = [journal, *backups(journal)]
        try:
            for path in files:
                recode(path, _beside(path), old, new)
        except BaseException:
            for path in files:
                _beside(path).unlink(missing_ok=True)
            raise
        for path in files:
            _take_the_place(path)


def tidy(journal: Path, key: Key | None) -> None:
    """Finish or forget what a killed process had begun; see that no copy is plain where the journal is not. Raises JournalError."""
    for beside in [*journal.parent.glob(f"{journal.name}{_BESIDE}"), *(journal.parent / "backups").glob(f"*{_BESIDE}")]:
        path = beside.with_name(beside.name.removesuffix(_BESIDE))
        if path != journal and opens(beside, key):
            _take_the_place(path)
        else:  # the journal is the first to be put in its place: where it still lies beside, nothing had been changed
            _overwrite(beside)
    for path in backups(journal) if key else ():
        if not is_encrypted(path):
            recode(path, _beside(path), None, key)
            _take_the_place(path)


def protection(journal: Path) -> str:
    """What protects a journal, in words for the person."""
    if is_encrypted(journal):
        return (
            "Your passphrase: the journal and its copies are encrypted (AES-256; the key is made by scrypt), and what is made of"
            " them is kept in memory alone. While it is open, whoever sits at this machine, or is its administrator, can read it."
        )
    others = journal.parent.is_dir() and stat.S_IMODE(journal.parent.stat().st_mode) & 0o077
    account = f"Nothing but the rights of its files: {journal.parent} may be opened by others too. Mend it with: chmod 700"
    return (account if others else "Your account on this machine: no other account may open its folder or its files.") + (
        " Whoever is administrator here, or holds the disk, can read them. A passphrase encrypts them."
    )


def opens(path: Path, key: Key | None) -> bool:
    """Whether a file is a journal that opens with this key, or without one."""
    try:
        engine.connect(path, key).close()
    except (JournalLocked, engine.Error):
        return False
    return True


def shred(folder: Path) -> None:
    """Overwrite the files of a folder and delete it."""
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            _overwrite(path)
    shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _alone(journal: Path, key: Key | None) -> Iterator[None]:
    """Keep every other process out of the journal. Raises JournalError where one has it open."""
    try:
        db = engine.connect(journal, key, wait=1)
        try:
            db.execute("PRAGMA journal_mode = DELETE")  # can be had by the only connection there is
            db.execute("BEGIN IMMEDIATE")
            yield
        finally:
            db.close()
    except engine.OperationalError as exc:
        raise JournalError(f"The journal is in use ({engine.reason(exc)}). Close every other Coach, then try again.") from None
    except (OSError, engine.Error) as exc:
        raise JournalError(f"{journal} could not be rewritten ({type(exc).__name__}). It stays as it is.") from None


def _beside(path: Path) -> Path:
    return path.with_name(path.name + _BESIDE)


def _take_the_place(path: Path) -> None:
    """Rename, then overwrite what was there before."""
    with contextlib.ExitStack() as stack:
        handle = None
        if path.exists():
            handle = os.open(path, os.O_RDWR)
            stack.callback(os.close, handle)
        _beside(path).replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        stack.callback(os.close, folder)
        os.fsync(folder)
        if handle is not None:
            _zero(handle)


def _overwrite(path: Path) -> None:
    with contextlib.suppress(OSError):
        handle = os.open(path, os.O_RDWR)
        try:
            _zero(handle)
        finally:
            os.close(handle)
    path.unlink(missing_ok=True)


def _zero(handle: int) -> None:
    """Overwrite an open file with zeros; a disk that is full or failing keeps what it has."""
    with contextlib.suppress(OSError):
        for at in _blocks(os.fstat(handle).st_size):
            os.pwrite(handle, bytes(at[1]), at[0])
        os.fsync(handle)


def _blocks(size: int) -> Iterable[tuple[int, int]]:
    """(start, length) of each block."""
    return ((at, min(_BLOCK, size - at)) for at in range(0, size, _BLOCK))
