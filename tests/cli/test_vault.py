"""The vault from a shell, and every command that reads the journal once it is encrypted."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from coach.cli import cli
from coach.errors import InputError, JournalError, JournalLocked
from coach.journal import key
from coach.journal.key import is_encrypted
from coach.journal.owner import alone
from coach.journal.sqlite import SqliteJournal
from coach.schema import Entry, ReviewHead
from coach.settings import Settings

AT = datetime(2026, 3, 15, 12, tzinfo=UTC)
WORDS = "four or five words"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key, "_COST", 1 << 4)


@pytest.fixture(autouse=True)
def _log() -> None:
    """One entry in the log."""
    texts = {"title": "The tender", "situation": "Late.", "root_cause": "No owner.", "lesson": "Name an owner.", "change": "I do."}
    journal = SqliteJournal(Settings().journal_file)
    head = ReviewHead(id="r1", title="The tender", status="closed", stage="close", started_at=AT, updated_at=AT)
    journal.append(head, 0, [], Entry(id="e1", review_id="r1", happened_on=date(2026, 3, 10), closed_at=AT, **texts))
    journal.close()


def run(*arguments: str, input: str = "") -> Result:
    return CliRunner().invoke(cli, arguments, input=input, prog_name="coach")


def done(*arguments: str, input: str = "") -> str:
    result = run(*arguments, input=input)
    assert result.exit_code == 0, (result.output, result.exception)
    return result.stdout


def refused(kind: type[Exception], *arguments: str, input: str = "") -> str:
    result = run(*arguments, input=input)
    assert isinstance(result.exception, kind), result.output
    return str(result.exception)


def test_on_change_and_off() -> None:
    assert "administrator" in done("vault")
    assert "Encrypted" in done("vault", "on", input=f"{WORDS}\n")
    assert is_encrypted(Settings().journal_file)
    assert json.loads(done("vault", "status", "--json"))["encrypted"]
    assert "Encrypted with the new" in done("vault", "change", input=f"{WORDS}\nanother passphrase\n")
    assert "not the passphrase" in refused(JournalLocked, "vault", "off", input=f"{WORDS}\n")
    assert "plain files again" in done("vault", "off", input="another passphrase\n")
    assert not is_encrypted(Settings().journal_file)


def test_that_a_lost_one_is_lost_is_said_before_it_is_set() -> None:
    assert "cannot be got back" in run("vault", "on", input="short\n").stderr
    assert not is_encrypted(Settings().journal_file)


def test_a_file_gives_the_passphrase_to_scripts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done("vault", "on", input=f"{WORDS}\n")
    (tmp_path / "words").write_text(f"{WORDS}\n", encoding="utf-8")
    monkeypatch.setenv("COACH_PASSPHRASE_FILE", str(tmp_path / "words"))
    assert "The tender" in done("search", "tender")
    monkeypatch.setenv("COACH_PASSPHRASE_FILE", str(tmp_path / "nothing"))
    assert "holds no passphrase" in refused(InputError, "search", "tender")


def test_every_command_that_reads_the_journal_asks(tmp_path: Path) -> None:
    done("vault", "on", input=f"{WORDS}\n")
    given = f"{WORDS}\n"
    assert "The tender" in done("search", "tender", input=given)
    assert "1 entries" in done("export", "--as", "json", str(tmp_path / "log.json"), input=given)
    assert "1 there before" in done("import", "--preview", str(tmp_path / "log.json"), input=given)
    assert "encrypted" in run("doctor").output
    done("backup", str(tmp_path / "copy.db"), input=given)
    assert is_encrypted(tmp_path / "copy.db")
    assert "is the journal now" in done("restore", str(tmp_path / "copy.db"), input=given)
    assert is_encrypted(Settings().journal_file)
    for call in (["search", "x"], ["export", str(tmp_path / "x")], ["backup", str(tmp_path / "y")], ["import", str(tmp_path)]):
        assert "nobody can be asked" in refused(InputError, *call)
        assert "not the passphrase" in refused(JournalLocked, *call, input="something else\n")


def test_an_encrypted_copy_is_put_back_with_its_own_passphrase(tmp_path: Path) -> None:
    done("vault", "on", input=f"{WORDS}\n")
    done("backup", str(tmp_path / "copy.db"), input=f"{WORDS}\n")
    done("vault", "change", input=f"{WORDS}\nanother passphrase\n")
    done("restore", str(tmp_path / "copy.db"), input=f"another passphrase\n{WORDS}\n")
    assert "The tender" in done("search", "tender", input="another passphrase\n"), "the journal keeps its own passphrase"


def test_while_the_app_is_open_nothing_is_changed() -> None:
    with alone(Settings().data):
        assert "Coach is open" in refused(JournalError, "vault", "on", input=f"{WORDS}\n")
    assert not is_encrypted(Settings().journal_file)


def test_what_is_not_so_is_said() -> None:
    assert "not encrypted" in refused(InputError, "vault", "off")
    done("vault", "on", input=f"{WORDS}\n")
    assert "encrypted already" in refused(InputError, "vault", "on", input=f"{WORDS}\n")
    Settings().journal_file.unlink()
    assert "no journal yet" in refused(InputError, "vault", "on", input=f"{WORDS}\n")
