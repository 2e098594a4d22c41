"""``coach vault``: encrypt the journal with a passphrase, change it, or turn encryption off."""

import json
from pathlib import Path

import click
from click_default_group import DefaultGroup

from coach.cli.passphrase import asked, key_for
from coach.errors import InputError
from coach.journal.key import Key
from coach.settings import load_settings

_LOST = (
    "A passphrase that is lost cannot be got back, by nobody: the journal and its copies are lost with it. Write it down and"
    " keep it where you keep papers that matter."
)
_NEW = click.option("--new-file", type=click.Path(path_type=Path), help="A file whose first line is the new passphrase.")


@click.group(cls=DefaultGroup, default="status", default_if_no_args=True)
def command() -> None:
    """Encrypt the journal with a passphrase, or see what protects it (the default)."""


@command.command("status")  # type: ignore[untyped-decorator]  # the default-group package has no types
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def status(as_json: bool) -> None:
    """Say what protects the journal."""
    from coach.journal.key import is_encrypted
    from coach.journal.vault import protection

    journal = load_settings().journal_file
    encrypted = is_encrypted(journal)
    said = {"journal": str(journal), "encrypted": encrypted, "protection": protection(journal, encrypted=encrypted)}
    click.echo(json.dumps(said, indent=2) if as_json else said["protection"])


@command.command("on")  # type: ignore[untyped-decorator]
@_NEW
def on(new_file: Path | None) -> None:
    """Encrypt the journal, its copies and its index."""
    settings = load_settings()
    if not settings.journal_file.exists():
        raise InputError(f"There is no journal yet ({settings.journal_file}). It is made when the app is opened.")
    if key_for(settings) is not None:
        raise InputError("The journal is encrypted already. `coach vault change` sets another passphrase.")
    click.echo(_LOST, err=True)
    _turn(None, _new(new_file))
    click.echo("Encrypted. The app asks for the passphrase from now on.")


@command.command("change")  # type: ignore[untyped-decorator]
@_NEW
def change(new_file: Path | None) -> None:
    """Encrypt all of it anew with another passphrase."""
    old = _present()
    click.echo(_LOST, err=True)
    _turn(old, _new(new_file))
    click.echo("Encrypted with the new passphrase. The old one opens nothing any more.")


@command.command("off")  # type: ignore[untyped-decorator]
def off() -> None:
    """Make it a plain journal again."""
    _turn(_present(), None)
    click.echo("The journal and its copies are plain files again.")


def _present() -> Key:
    key = key_for(load_settings())
    if key is None:
        raise InputError("The journal is not encrypted. `coach vault on` encrypts it.")
    return key


def _new(file: Path | None) -> Key:
    from coach.journal.vault import key_from

    passphrase = asked("New passphrase", file, twice=True)
    return key_from(passphrase, passphrase)


def _turn(old: Key | None, new: Key | None) -> None:
    from coach.journal.owner import alone
    from coach.journal.vault import shred, turn

    settings = load_settings()
    with alone(settings.data):
        shred(settings.index_folder)  # it is made anew of the journal, and is no place for vectors beside an encrypted one
        turn(settings.journal_file, old, new)
