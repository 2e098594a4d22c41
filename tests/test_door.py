"""Who gets in: locked and unlocked, slowed down, locked again when nobody is there."""

import stat
import time
from pathlib import Path

import pytest

from coach.clock.fake import FakeClock
from coach.door import Door
from coach.errors import InputError, JournalError, JournalLocked
from coach.flow.coach import Fields
from coach.journal import key
from coach.schema import Context
from coach.settings import Settings

WORDS = "four or five words"
PLANTED = "zanzibar"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key, "_COST", 1 << 4)


class Hours:
    """Time that a test moves, and how long was waited."""

    def __init__(self) -> None:
        self.now, self.waited = 0.0, list[float]()

    def sleep(self, seconds: float) -> None:
        self.waited.append(seconds)


@pytest.fixture
def hours() -> Hours:
    return Hours()


@pytest.fixture
def door(settings: Settings, hours: Hours) -> Door:
    return Door(settings, lambda: hours.now, hours.sleep)


def written(door: Door) -> str:
    """A finished review with planted words; the entry's id."""
    coach = door.workshop.coach
    review = coach.start(Context(happened_on=FakeClock().now().date(), title=f"The {PLANTED}"))
    review = coach.answer(review, "intended", f"Be in {PLANTED} by six.")
    entry = coach.close(review, Fields(f"It was {PLANTED}.", "No clock.", f"Ask {PLANTED}.", "I set a clock.", None))
    return entry.id


def settled(door: Door) -> None:
    """Wait until what works behind the page has ended."""
    for _ in range(500):
        if door.workshop.ready and door.workshop.catching_up is None:
            return
        time.sleep(0.01)
    raise AssertionError("still at work")


def test_without_a_passphrase_everybody_at_the_machine_is_let_in(door: Door) -> None:
    assert not door.encrypted
    assert not door.locked
    assert written(door) in door.workshop.journal.entry_ids()


def test_the_folder_and_its_files_are_the_persons_alone(door: Door, settings: Settings) -> None:
    written(door)
    settled(door)
    assert stat.S_IMODE(settings.data.stat().st_mode) == 0o700
    for path in settings.data.rglob("*"):
        wanted = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) & ~wanted == 0, path


def test_a_passphrase_encrypts_and_the_work_goes_on(door: Door, settings: Settings) -> None:
    id = written(door)
    door.protect(WORDS, WORDS)
    assert door.encrypted
    assert not door.locked, "who has just set it is in"
    assert door.workshop.coach.recall.search(PLANTED, 5)[0].entry.id == id
    assert written(door) in door.workshop.journal.entry_ids()


def test_no_byte_of_it_is_in_the_folder_or_among_the_temporary_files(
    door: Door, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", None)
    written(door)
    settled(door)
    door.protect(WORDS, WORDS)
    written(door)
    settled(door)
    door.workshop.copy_now()
    vector = next(iter(door.workshop.coach.recall.vectors("situation").values())).tobytes()
    with door.workshop.passing() as folder:
        (folder / "upload.md").write_text(PLANTED, encoding="utf-8")
        found = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert PLANTED.encode() not in found
    assert vector[:32] not in found
    door.lock()
    found = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert PLANTED.encode() not in found


def test_locked_it_opens_with_the_passphrase_alone(door: Door, hours: Hours) -> None:
    id = written(door)
    door.protect(WORDS, WORDS)
    shop = door.workshop
    door.lock()
    assert door.locked
    with pytest.raises(JournalLocked):
        door.workshop  # noqa: B018
    with pytest.raises(JournalLocked):
        shop.journal.entries()
    with pytest.raises(JournalLocked):
        door.unlock("something else")
    assert door.locked
    door.unlock(WORDS)
    assert id in door.workshop.journal.entry_ids()


def test_a_new_start_is_locked(door: Door, settings: Settings) -> None:
    id = written(door)
    door.protect(WORDS, WORDS)
    door.lock()
    again = Door(settings)
    assert again.locked
    again.unlock(WORDS)
    assert id in again.workshop.journal.entry_ids()


def test_each_wrong_passphrase_makes_the_next_one_wait_longer(door: Door, hours: Hours) -> None:
    written(door)
    door.protect(WORDS, WORDS)
    door.lock()
    for _ in range(8):
        with pytest.raises(JournalLocked):
            door.unlock("something else")
    assert hours.waited == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]
    door.unlock(WORDS)
    door.lock()
    door.unlock(WORDS)
    assert hours.waited[-1] == 30.0
    assert len(hours.waited) == 8, "the right one takes the wait away"


def test_it_locks_itself_when_nobody_is_there(door: Door, hours: Hours) -> None:
    written(door)
    door.protect(WORDS, WORDS)
    hours.now = 14 * 60
    assert not door.locked
    door.touch()
    hours.now = 28 * 60
    assert not door.locked
    hours.now = 29 * 60 + 1
    assert door.locked


def test_a_plain_journal_is_never_locked(door: Door, hours: Hours) -> None:
    written(door)
    hours.now = 1e6
    assert not door.locked


def test_it_locks_itself_without_a_page_that_looks(settings: Settings) -> None:
    quick = settings.model_copy(update={"lock_after": 0.001})
    door = Door(quick)
    written(door)
    door.protect(WORDS, WORDS)
    for _ in range(500):
        try:
            door.workshop.journal.entry_ids()  # neither looks whether it is time to lock
        except JournalLocked:
            return
        time.sleep(0.01)
    raise AssertionError("still open")


def test_another_passphrase_needs_the_present_one(door: Door) -> None:
    id = written(door)
    door.protect(WORDS, WORDS)
    with pytest.raises(JournalLocked):
        door.change_passphrase("something else", "another passphrase", "another passphrase")
    with pytest.raises(InputError):
        door.change_passphrase(WORDS, "another passphrase", "another passphrasd")
    door.change_passphrase(WORDS, "another passphrase", "another passphrase")
    door.lock()
    with pytest.raises(JournalLocked):
        door.unlock(WORDS)
    door.unlock("another passphrase")
    assert id in door.workshop.journal.entry_ids()


def test_it_can_be_taken_off(door: Door) -> None:
    id = written(door)
    door.protect(WORDS, WORDS)
    with pytest.raises(JournalLocked):
        door.unprotect("something else")
    door.unprotect(WORDS)
    assert not door.encrypted
    assert id in door.workshop.journal.entry_ids()


def test_the_plain_index_is_gone_with_it(door: Door, settings: Settings) -> None:
    settings.index_folder.mkdir(parents=True)
    (settings.index_folder / "vectors").write_bytes(b"plain")
    written(door)
    door.protect(WORDS, WORDS)
    assert not settings.index_folder.exists()


def test_a_second_process_does_not_change_what_protects_it(door: Door, settings: Settings) -> None:
    id = written(door)
    second = Door(settings)
    with pytest.raises(JournalError, match="Another Coach"):
        second.protect(WORDS, WORDS)
    assert not door.encrypted
    assert id in second.workshop.journal.entry_ids(), "it may read and write beside the first"


def test_where_it_cannot_be_encrypted_the_work_goes_on_in_plain(
    door: Door, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = written(door)

    def full(source: Path, into: Path, old: object, new: object) -> None:
        raise JournalError("Make room; it stays as it is.")

    monkeypatch.setattr("coach.journal.vault.recode", full)
    with pytest.raises(JournalError, match="Make room"):
        door.protect(WORDS, WORDS)
    assert not door.encrypted
    assert id in door.workshop.journal.entry_ids()


def test_a_door_that_nobody_has_any_more_is_closed(settings: Settings) -> None:
    Door(settings).workshop.journal.entries()
    for _ in range(300):
        second = Door(settings)
        if second._owner is not None:
            return
        del second
        time.sleep(0.02)
    raise AssertionError("the folder is still owned")


def test_open_to_others_a_plain_journal_is_not_opened(settings: Settings) -> None:
    Door(settings).workshop.journal.entries()
    open_to_all = Door(settings.model_copy(update={"host": "0.0.0.0"}))
    with pytest.raises(JournalError, match="no passphrase"):
        open_to_all.workshop  # noqa: B018
    with pytest.raises(JournalError, match="stays"):
        open_to_all.unprotect(WORDS)


def test_an_encrypted_journal_gets_no_second_passphrase_from_a_page_that_is_not_so_any_more(door: Door) -> None:
    written(door)
    door.protect(WORDS, WORDS)
    with pytest.raises(JournalError, match="already"):
        door.protect("another passphrase", "another passphrase")


def test_a_file_that_passes_through_is_overwritten(door: Door) -> None:
    with door.workshop.passing() as folder:
        path = folder / "upload"
        path.write_text(PLANTED, encoding="utf-8")
        kept_open = path.open("rb")
    assert set(kept_open.read()) == {0}
    assert not folder.exists()
