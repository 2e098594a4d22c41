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
from pathlib import Path

from coach.errors import InputError, JournalError, JournalLocked
from coach.journal import engine
from coach.journal.backup import PART, RECODING, RESTORED, backup_folder, backups, overwrite, recode, zero
from coach.journal.key import FEWEST_CHARACTERS, Key, is_encrypted, new_key

_BESIDE = ".recoded"


def key_from(passphrase: str, again: str) -> Key:
    """A new key of a passphrase that was given twice. Raises InputError."""
    if len(passphrase) < FEWEST_CHARACTERS:
        raise InputError(f"The passphrase needs at least {FEWEST_CHARACTERS} characters. Four or five words are good.")
    if passphrase != again:
        raise InputError("The two passphrases differ. Give the same one twice.")
    return new_key(passphrase)


def turn(journal: Path, old: Key | None, new: Key | None) -> None:
    """Put a journal and its copies under another key, or none. Nothing else may have it open.

    Raises JournalError, where nothing was changed, and JournalLocked where ``old`` is not the key of one of them.
    """
    tidy(journal, old)
    with engine.opening(journal), engine.alone(journal, old):
        files = [journal, *backups(journal)]
        try:
            for path in files:
                recode(path, _beside(path), old, new)
        except BaseException:
            for path in reversed(files):  # the journal's last: while it lies there, nothing has been changed
                overwrite(_beside(path))
            raise
        _take_the_place(journal)
        for path in files[1:]:
            with contextlib.suppress(OSError):  # ``tidy`` finishes at the next start
                _take_the_place(path)


def tidy(journal: Path, key: Key | None) -> list[str]:
    """Finish or forget what a killed process had begun; see that no copy is plain where the journal is not.

    Returns a line for each copy that this could not be done for. Raises JournalLocked where ``key`` is not the journal's.
    """
    if not journal.exists():
        return []
    if not opens(journal, key):  # leftovers are not judged by a key that is not the journal's
        if key is None:
            return []  # encrypted, or damaged: whoever opens it says so
        raise JournalLocked("This is not the passphrase of this journal. Try again.")
    folder = backup_folder(journal)
    for left in [*journal.parent.glob(f"{journal.name}{RESTORED}*"), *journal.parent.glob(f"*{RECODING}*")]:
        overwrite(left)
    for left in [*folder.glob(f".*{PART}*"), *folder.glob(f"*{PART}"), *folder.glob(f"*{RECODING}*"), *folder.glob("*-journal")]:
        overwrite(left)
    undone = _beside(journal).exists()  # it is the first to be put in its place
    for beside in folder.glob(f"*{_BESIDE}"):
        path = beside.with_name(beside.name.removesuffix(_BESIDE))
        if not undone and opens(beside, key):
            _take_the_place(path)
        else:
            overwrite(beside)
    overwrite(_beside(journal))
    return [line for path in backups(journal) if key and not is_encrypted(path) for line in _encrypted_now(path, key)]


def _encrypted_now(copy: Path, key: Key) -> list[str]:
    """Encrypt a copy that is still plain; a line where it cannot be done."""
    try:
        recode(copy, _beside(copy), None, key)
        _take_the_place(copy)
    except (JournalError, OSError):
        return [f"{copy} is not encrypted, and cannot be. Delete it, or move it where nobody reads it."]
    return []


def protection(journal: Path, *, encrypted: bool) -> str:
    """What protects a journal, in words for the person."""
    if encrypted:
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
    """Overwrite the files of a folder of one's own and delete it; a link is let alone, and nothing is followed."""
    try:
        found = folder.lstat()
    except OSError:
        return
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        return
    for place, _, names in os.walk(folder):  # does not follow links
        for name in names:
            overwrite(Path(place) / name)
    shutil.rmtree(folder, ignore_errors=True)


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
            zero(handle)
