"""The vault: encryption on, off, another passphrase, and no byte of what was written in the folder."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from coach.errors import InputError, JournalError, JournalLocked
from coach.journal import engine, key, vault
from coach.journal.backup import backups, copied, daily_backup, restore
from coach.journal.file import VERSION
from coach.journal.key import Key, is_encrypted, key_of, new_key
from coach.journal.sqlite import SqliteJournal
from coach.schema import Entry, Record, ReviewHead
from coach.settings import Settings

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)
PLANTED = "zanzibar"
VECTOR = np.linspace(-0.7, 0.9, 384, dtype=np.float32)


def head(id: str) -> ReviewHead:
    return ReviewHead(id=id, title="The late proposal", status="open", stage="why", started_at=NOW, updated_at=NOW)


def record(seq: int, text: str) -> Record:
    return Record(seq=seq, at=NOW, type="answered", data={"slot": "happened", "text": text})


def entry(id: str, lesson: str, review_id: str = "r1") -> Entry:
    texts = {"title": "The proposal", "situation": "It came late.", "root_cause": "Nobody owned it.", "change": "I name an owner."}
    return Entry(id=id, review_id=review_id, happened_on=NOW.date(), lesson=lesson, closed_at=NOW, **texts)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The true cost of a key is half a second; one test pays it."""
    monkeypatch.setattr(key, "_COST", 1 << 4)


@pytest.fixture
def path(settings: Settings) -> Path:
    """A plain journal with planted words everywhere, a vector and a copy."""
    journal = SqliteJournal(settings.journal_file)
    written = entry("e1", lesson=f"Never trust the {PLANTED} schedule.")
    journal.append(head("r1"), 0, [record(1, text=f"It was the {PLANTED}.")], written)
    journal.save_draft("r1", "next", f"Ask about the {PLANTED}", NOW)
    journal.save_vectors("situation", "hash", {"e1": VECTOR})
    daily_backup(settings.journal_file, NOW.date())
    journal.close()
    return settings.journal_file


def all_bytes(folder: Path) -> bytes:
    return b"".join(one.read_bytes() for one in sorted(folder.rglob("*")) if one.is_file())


def holds_it(folder: Path) -> bool:
    found = all_bytes(folder)
    pieces = [PLANTED.encode(), VECTOR.tobytes()[40:72], VECTOR.astype("<f8").tobytes()[40:72]]
    return any(piece in found for piece in pieces)


def reads(path: Path, key: Key | None) -> bool:
    """Whether all of it is there under a key."""
    journal = SqliteJournal(path, key)
    try:
        same = np.array_equal(journal.vectors("situation", "hash")["e1"], VECTOR)
        return same and journal.search_words(PLANTED, 5)[-1:] == ["e1"] and PLANTED in journal.drafts("r1")["next"]
    finally:
        journal.close()


def test_no_byte_of_the_words_or_the_vectors_is_in_the_folder(path: Path) -> None:
    assert holds_it(path.parent), "else this test looks for the wrong bytes"
    made = new_key("four or five words")
    vault.turn(path, None, made)
    journal = SqliteJournal(path, made)
    journal.append(head("r2"), 0, [record(1, text=f"Again the {PLANTED}.")], entry("e2", review_id="r2", lesson=PLANTED))
    journal.save_vectors("situation", "hash", {"e2": VECTOR})
    assert not holds_it(path.parent), "while it is open, its write-ahead log included"
    copied(path, path.parent / "backups" / "asked-1.db", made)
    journal.close()
    assert not holds_it(path.parent)
    assert reads(path, made)


def test_what_was_plain_is_overwritten_before_it_is_let_go(path: Path) -> None:
    kept_open = path.open("rb")
    vault.turn(path, None, new_key("four or five words"))
    assert set(kept_open.read()) == {0}


def test_the_copies_are_encrypted_with_it(path: Path) -> None:
    made = new_key("four or five words")
    vault.turn(path, None, made)
    (copy,) = backups(path)
    assert is_encrypted(copy)
    assert reads(copy, made)


def test_the_passphrase_makes_the_key_again(path: Path) -> None:
    vault.turn(path, None, new_key("four or five words"))
    assert reads(path, key_of(path, "four or five words"))
    with pytest.raises(JournalLocked, match="not the passphrase"):
        SqliteJournal(path, key_of(path, "four or six words"))
    with pytest.raises(JournalLocked, match="passphrase is needed"):
        SqliteJournal(path)


def test_letters_with_marks_make_one_key_however_a_keyboard_sends_them(path: Path) -> None:
    vault.turn(path, None, new_key("caf\u00e9 au lait"))
    assert reads(path, key_of(path, "cafe\u0301 au lait"))


def test_a_key_costs_memory_and_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert key._COST * key._BLOCK * 128 == 128 << 20
    began = time.process_time()
    new_key("four or five words")
    assert time.process_time() - began > 0.1


def test_a_key_has_no_printed_form() -> None:
    made = new_key("four or five words")
    assert made.secret.hex() not in f"{made!r} {made!s}"


def test_another_passphrase_shuts_out_the_first_one(path: Path) -> None:
    first, second = new_key("the first passphrase"), new_key("the second passphrase")
    vault.turn(path, None, first)
    vault.turn(path, first, second)
    for file in (path, *backups(path)):
        assert reads(file, second)
        with pytest.raises(JournalLocked):
            SqliteJournal(file, key_of(file, "the first passphrase"))


def test_off_again_it_is_a_plain_journal(path: Path) -> None:
    made = new_key("four or five words")
    vault.turn(path, None, made)
    vault.turn(path, made, None)
    assert reads(path, None)
    assert all(reads(copy, None) for copy in backups(path))


def test_a_journal_that_is_open_elsewhere_is_left_alone(path: Path) -> None:
    other = SqliteJournal(path)
    with pytest.raises(JournalError, match="in use"):
        vault.turn(path, None, new_key("four or five words"))
    other.close()
    assert reads(path, None)
    assert not list(path.parent.rglob("*.recoded"))


def test_nobody_gets_in_while_it_is_being_encrypted(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process opens the journal just before the files change places: it waits, and then finds an encrypted one."""
    said = list[str]()
    take = vault._take_the_place

    def meanwhile(place: Path) -> None:
        code = (
            "import sys; from pathlib import Path; from coach.journal.sqlite import SqliteJournal; SqliteJournal(Path(sys.argv[1]))"
        )
        other = subprocess.Popen([sys.executable, "-c", code, str(path)], stderr=subprocess.PIPE, text=True)
        with pytest.raises(subprocess.TimeoutExpired):
            other.wait(1.5)
        others.append(other)
        monkeypatch.setattr(vault, "_take_the_place", take)
        take(place)

    others = list[subprocess.Popen[str]]()
    monkeypatch.setattr(vault, "_take_the_place", meanwhile)
    made = new_key("four or five words")
    vault.turn(path, None, made)
    said.append(others[0].communicate(timeout=20)[1])
    assert "JournalLocked" in said[0]
    assert reads(path, made)


def test_looking_at_a_journal_does_not_let_others_into_it(path: Path) -> None:
    """Closing a file lets go of a process's locks on it, so that nothing may open the journal beside SQLite."""
    made = new_key("four or five words")
    with engine.alone(path, None):
        engine.connect(path).close()
        vault.recode(path, path.with_name("x.recoded"), None, made)
        code = (
            "import sys; from sqlcipher3 import dbapi2 as d\ndb = d.connect(sys.argv[1], timeout=0.1, isolation_level=None)\n"
            "try: db.execute('BEGIN IMMEDIATE'); print('in')\nexcept d.OperationalError: print('out')"
        )
        done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    assert done.stdout == "out\n"


@pytest.mark.parametrize("case", ["on", "change", "off"])
def test_a_half_written_copy_never_takes_the_place_of_a_whole_one(path: Path, keys: tuple[Key, Key], case: str) -> None:
    old, new = {"on": (None, keys[0]), "change": keys, "off": (keys[0], None)}[case]
    if old:
        vault.turn(path, None, old)
    (copy,) = backups(path)
    vault.recode(path, path.with_name(f"{path.name}.recoded"), old, new)
    for name in (f"{copy.name}.recoded", f"{copy.name}.recoded.recoding", f".{copy.name}.1.part", f"{copy.name}.part"):
        (copy.parent / name).write_bytes(b"")
    path.with_name("journal.db.restored").write_text(PLANTED, encoding="utf-8")
    for _ in range(2):
        assert vault.tidy(path, old) == []
        assert reads(path, old)
        assert reads(copy, old)
    assert {one.name for one in copy.parent.iterdir()} == {copy.name, "opening.lock"}
    assert not path.with_name("journal.db.restored").exists()


def test_leftovers_are_not_judged_by_a_key_that_is_not_the_journals(path: Path) -> None:
    made = new_key("four or five words")
    vault.turn(path, None, made)
    left = path.parent / "backups" / "day-2026-03-15.db.recoded"
    left.write_bytes(b"whatever it is")
    with pytest.raises(JournalLocked):
        vault.tidy(path, new_key("something else"))
    assert vault.tidy(path, None) == []
    assert left.exists()


def test_one_odd_copy_shuts_nobody_out(path: Path) -> None:
    made = new_key("four or five words")
    vault.turn(path, None, made)
    odd = path.parent / "backups" / "day-2026-01-01.db"
    odd.write_bytes(b"SQLite format 3\0" + b"x" * 100)
    (line,) = vault.tidy(path, made)
    assert str(odd) in line
    journal = SqliteJournal(path, made)
    with pytest.raises(JournalError, match="day-2026-01-01"):
        journal.erase("e1")
    assert journal.entry_ids() == set()
    journal.close()
    odd.unlink()
    assert all(SqliteJournal(copy, made).entry_ids() == set() for copy in backups(path)), "erased from all the others"


def test_a_copy_under_another_passphrase_is_named(path: Path) -> None:
    first, second = new_key("the first passphrase"), new_key("the second passphrase")
    vault.turn(path, None, first)
    foreign = path.parent / "backups" / "asked-2026.db"
    vault.recode(path, foreign, first, second)
    with pytest.raises(JournalLocked, match=r"asked-2026\.db opens with another passphrase"):
        vault.turn(path, first, None)
    assert reads(path, first)


def test_links_are_not_followed_where_files_are_overwritten(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "letter").write_text("dear", encoding="utf-8")
    (tmp_path / "coach-1").symlink_to(mine)
    vault.shred(tmp_path / "coach-1")
    folder = tmp_path / "coach-2"
    folder.mkdir()
    (folder / "link").symlink_to(mine / "letter")
    os.link(mine / "letter", folder / "name")
    vault.shred(folder)
    assert (mine / "letter").read_text(encoding="utf-8") == "dear"
    assert not folder.exists()


def test_a_restore_waits_for_nobody_who_has_the_journal_open(path: Path, tmp_path: Path) -> None:
    copy = copied(path, tmp_path / "copy.db")
    other = SqliteJournal(path)
    with pytest.raises(JournalError, match="in use"):
        restore(copy, path, VERSION, NOW)
    other.save_draft("r1", "next", f"still {PLANTED}", NOW)
    other.close()
    assert reads(path, None)


def test_a_wrong_key_changes_nothing(path: Path) -> None:
    made = new_key("four or five words")
    vault.turn(path, None, made)
    with pytest.raises(JournalLocked):
        vault.turn(path, new_key("something else"), None)
    assert reads(path, made)


def test_a_full_disk_changes_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(place: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(engine, "made_private", full)
    with pytest.raises(JournalError, match="could not be rewritten"):
        vault.turn(path, None, new_key("four or five words"))
    monkeypatch.undo()
    assert reads(path, None)
    assert not list(path.parent.rglob("*.recoded"))


def test_who_writes_on_into_a_journal_that_was_replaced_is_told(path: Path, tmp_path: Path) -> None:
    other = SqliteJournal(path)
    path.rename(tmp_path / "away")
    SqliteJournal(path).close()
    with pytest.raises(JournalError, match="replaced meanwhile"):
        other.save_draft("r1", "next", "words", NOW)


def test_erasing_reaches_into_encrypted_copies(path: Path) -> None:
    made = new_key("four or five words")
    vault.turn(path, None, made)
    journal = SqliteJournal(path, made)
    journal.erase("e1")
    journal.close()
    for file in (path, *backups(path)):
        opened = SqliteJournal(file, made)
        assert opened.entry_ids() == set()
        opened.close()


def test_a_plain_copy_put_back_does_not_open_the_vault(path: Path, tmp_path: Path) -> None:
    plain = copied(path, tmp_path / "plain.db")
    made = new_key("four or five words")
    vault.turn(path, None, made)
    restore(plain, path, VERSION, NOW, made)
    assert is_encrypted(path)
    assert reads(path, made)


def test_an_encrypted_copy_can_be_put_where_nothing_is(path: Path, tmp_path: Path) -> None:
    made = new_key("four or five words")
    vault.turn(path, None, made)
    copy = copied(path, tmp_path / "elsewhere" / "copy.db", made)
    there = tmp_path / "new" / "journal.db"
    restore(copy, there, VERSION, NOW, None, key_of(copy, "four or five words"))
    assert reads(there, made)


@pytest.mark.parametrize(("given", "again", "said"), [("short", "short", "at least 8"), ("long enough", "long enouhg", "differ")])
def test_a_passphrase_is_given_twice_and_long_enough(given: str, again: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        vault.key_from(given, again)


def test_copies_that_are_still_plain_are_encrypted_at_the_next_opening(path: Path) -> None:
    made = new_key("four or five words")
    vault.turn(path, None, made)
    (copy,) = backups(path)
    vault.recode(copy, copy.with_name("day-2026-01-01.db"), made, None)
    vault.tidy(path, made)
    assert all(is_encrypted(one) for one in backups(path))
    assert len(backups(path)) == 2


@pytest.fixture
def keys() -> tuple[Key, Key]:
    return new_key("the first passphrase"), new_key("the second passphrase")


@pytest.mark.parametrize("case", ["on", "change", "off"])
def test_killed_at_any_moment_it_opens_with_one_of_the_two_and_the_rest_follows(
    path: Path, keys: tuple[Key, Key], case: str
) -> None:
    old, new = {"on": (None, keys[0]), "change": keys, "off": (keys[0], None)}[case]
    if old:
        vault.turn(path, None, old)
    chance, seen = random.Random(case), set[str]()
    for _ in range(12):
        child = os.fork()
        if child == 0:
            vault.turn(path, old, new)
            os._exit(0)
        time.sleep(chance.uniform(0, 0.06))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        now = new if opens(path, new) else old
        vault.tidy(path, now)
        assert all(reads(file, now) for file in (path, *backups(path)))
        assert not list(path.parent.rglob("*.recoded"))
        assert len(backups(path)) == 1
        if now:
            assert not holds_it(path.parent)
        seen.add("new" if now is new else "old")
        if now is new:
            vault.turn(path, new, old)
    assert "old" in seen


def opens(path: Path, key: Key | None) -> bool:
    try:
        SqliteJournal(path, key).close()
    except JournalLocked:
        return False
    return True


def test_the_daily_copy_is_still_made(path: Path) -> None:
    made = new_key("four or five words")
    vault.turn(path, None, made)
    tomorrow = NOW.date() + timedelta(days=1)
    copy = daily_backup(path, tomorrow, made)
    assert copy
    assert is_encrypted(copy)


def test_text_of_every_kind_comes_back_from_it(path: Path) -> None:
    made = new_key("four or five words")
    vault.turn(path, None, made)
    journal = SqliteJournal(path, made)
    odd = "nul \0 lone \ud800 end"
    journal.append(head("r9"), 0, [record(1, text=odd)])
    assert json.loads(json.dumps(journal.records("r9")[0].data))["text"] == odd
    assert isinstance(journal.records("r9")[0].at, datetime)
    journal.close()
