"""Where the command line has a passphrase from: a file that the settings name, the person at the terminal, or the first line of the
input. Never from an argument, which every process of the machine can read."""

import sys
from pathlib import Path

import click

from coach.errors import InputError, JournalLocked
from coach.journal.key import Key, is_encrypted, key_of
from coach.journal.vault import opens
from coach.settings import Settings


def key_for(settings: Settings, journal: Path | None = None) -> Key | None:
    """The key of a journal, or of a copy; None where it is not encrypted. Raises JournalLocked, InputError."""
    path = journal or settings.journal_file
    if not is_encrypted(path):
        return None
    key = key_of(path, asked(f"Passphrase of {path.name}", settings.passphrase_file))
    if not opens(path, key):
        raise JournalLocked(f"This is not the passphrase of {path}. Try again.")
    return key


def asked(what: str, file: Path | None, *, twice: bool = False) -> str:
    """A passphrase. Raises InputError where there is none."""
    if file is not None:
        return _from_file(file)
    if sys.stdin.isatty():
        return str(click.prompt(what, hide_input=True, confirmation_prompt=twice, err=True))
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise InputError(f"{what}: nobody can be asked here. Set COACH_PASSPHRASE_FILE, or give it as a line of the input.")
    return line


def _from_file(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").splitlines()[0]
    except (OSError, UnicodeDecodeError, IndexError) as exc:
        raise InputError(f"{file} holds no passphrase ({type(exc).__name__}). Write it into its first line.") from None
