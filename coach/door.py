"""Who gets in: the journal as it lies there, or, where it is encrypted, whoever knows its passphrase.

The models are loaded once for a process, before anybody is let in, since they hold nothing of a person. The journal is opened by
the passphrase, and closed again when nobody has done anything for a while; wrong passphrases are slowed down. One process owns the
data folder; a second one may read and write a plain journal beside it, but not change what protects it.
"""

import logging
import threading
import time
import weakref
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress

from coach.compose import Parts, load_models
from coach.errors import GivenUp, JournalError, JournalLocked
from coach.journal.key import Key, is_encrypted, key_of, key_with
from coach.journal.owner import owned
from coach.journal.vault import key_from, opens, shred, turn
from coach.settings import Settings
from coach.workshop import Workshop

_LONGEST_WAIT = 30.0  # seconds before the next passphrase is looked at
_LOOK = 1.0  # seconds between two looks at whether somebody is there

Sleep = Callable[[float], object]
Now = Callable[[], float]


def awake_or_not() -> float:
    """Seconds that pass while the machine sleeps too: a closed lid is no sign of a person."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.time()


class Door:
    """The way to the workshop of one data folder.

    ``now`` gives seconds that only grow; ``sleep`` waits some. Both are given by tests. ``times_locked`` counts up.
    """

    def __init__(self, settings: Settings, now: Now = awake_or_not, sleep: Sleep = time.sleep) -> None:
        self.settings, self._now, self._sleep = settings, now, sleep
        self.times_locked = 0
        self._workshop: Workshop | None = None
        self._mutex, self._trying = threading.RLock(), threading.Lock()
        self._failures, self._touched = 0, now()
        self._owner = owned(settings.data)
        self._parts, self._models = Parts(), Future[Parts]()  # what they will be, which tells how far it is; and that they are
        threading.Thread(target=self._load, name="coach-models", daemon=True).start()
        threading.Thread(target=_watch, args=(weakref.ref(self),), name="coach-idle", daemon=True).start()

    # -- in and out --------------------------------------------------------------------------------------------

    @property
    def encrypted(self) -> bool:
        """Whether the journal has a passphrase."""
        with self._mutex:
            return self._workshop.encrypted if self._workshop else is_encrypted(self.settings.journal_file)

    @property
    def locked(self) -> bool:
        """Whether a passphrase has to be given first."""
        with self._mutex:
            self._lock_if_idle()
            return self._workshop is None and is_encrypted(self.settings.journal_file)

    @property
    def loading(self) -> float | None:
        """How far the chat model is on its way into memory, 0 to 1; None while it is not being loaded."""
        return self._parts.loading

    @property
    def workshop(self) -> Workshop:
        """Everything for the open journal. Raises JournalLocked, or JournalError where it cannot be opened."""
        with self._mutex:
            if self._workshop is None:
                if is_encrypted(self.settings.journal_file):
                    raise JournalLocked("The journal is locked. Reload the page and give its passphrase.")
                if self.settings.is_open_to_others:
                    raise JournalError(
                        "Other machines can reach Coach, and the journal has no passphrase. Start it without --host."
                    )
                self._workshop = self._opened(None)
            return self._workshop

    def touch(self) -> None:
        """Note that somebody is there."""
        self._touched = self._now()

    def unlock(self, passphrase: str) -> None:
        """Open the journal, or, where it is open, only see whether the passphrase is right. Raises JournalLocked, JournalError.

        One attempt at a time; each wrong one doubles the wait before the next.
        """
        with self._trying:
            if self._failures:
                self._sleep(min(2.0 ** (self._failures - 1), _LONGEST_WAIT))
            key = self._key(passphrase)
            if not opens(self.settings.journal_file, key):
                self._failures += 1
                raise JournalLocked("This is not the passphrase of this journal. Each further attempt takes longer.")
            self._failures = 0
            with self._mutex:
                if self._workshop is None:
                    self._workshop = self._opened(key)

    def leave(self, thread: int) -> None:
        """Have the models stop what a thread asked for; it waits for nobody."""
        if self._models.done() and not self._models.exception():
            self._models.result().leave(thread)

    def lock(self) -> None:
        """Close an encrypted journal until its passphrase is given again."""
        with self._mutex:
            if self._workshop is not None and self._workshop.encrypted:
                closing, self._workshop = self._workshop, None
                self.times_locked += 1
                closing.close()
                threading.Thread(target=self._forget, name="coach-forget", daemon=True).start()

    # -- what protects it --------------------------------------------------------------------------------------

    def protect(self, passphrase: str, again: str) -> None:
        """Encrypt the journal and its copies. Raises InputError, JournalError."""
        if self.encrypted:
            raise JournalError("The journal has a passphrase already. Reload the page.")
        self._turn(None, key_from(passphrase, again))

    def change_passphrase(self, old: str, passphrase: str, again: str) -> None:
        """Encrypt it all anew. Raises InputError, JournalLocked, JournalError."""
        now = self._checked(old)
        self._turn(now, key_from(passphrase, again))

    def unprotect(self, passphrase: str) -> None:
        """Make it a plain journal again. Raises JournalLocked, JournalError."""
        if self.settings.is_open_to_others:
            raise JournalError("Other machines can reach Coach now, so the passphrase stays. Start it without --host first.")
        self._turn(self._checked(passphrase), None)

    def _checked(self, passphrase: str) -> Key:
        self.unlock(passphrase)
        return self._key(passphrase)

    def _key(self, passphrase: str) -> Key:
        """The key that a passphrase makes; the file is not touched while it is open here."""
        with self._mutex:
            salt = self._workshop.salt if self._workshop else None
        return key_with(passphrase, salt) if salt else key_of(self.settings.journal_file, passphrase)

    def _turn(self, old: Key | None, new: Key | None) -> None:
        with self._mutex:
            self._owner = self._owner or owned(self.settings.data)
            if self._owner is None:
                raise JournalError("Another Coach has this journal open. Close it first; nothing was changed.")
            if self._workshop is not None:
                self._workshop.close()
                self._workshop = None
            shred(self.settings.index_folder)  # it is made anew of the journal, and is no place for vectors beside an encrypted one
            try:
                turn(self.settings.journal_file, old, new)
            finally:
                self._workshop = self._opened(new if opens(self.settings.journal_file, new) else old)

    # -- behind it ---------------------------------------------------------------------------------------------

    def _opened(self, key: Key | None) -> Workshop:
        opened = Workshop(self.settings, self._models, key, alone=self._owner is not None)
        self.touch()
        return opened

    def _load(self) -> None:
        try:
            load_models(self.settings, self._parts)
            self._models.set_result(self._parts)
        except BaseException as exc:  # handed on to whoever waits
            self._models.set_exception(exc)

    def _forget(self) -> None:
        """Forget readings, and have the models' process end: they hold what the last answers were."""
        if self._models.done() and not self._models.exception():
            parts = self._models.result()
            if parts.ahead:
                parts.ahead.forget()
            with suppress(GivenUp):
                parts.process.forget()

    def _lock_if_idle(self) -> None:
        if self._now() - self._touched > 60 * self.settings.lock_after:
            self.lock()


def _watch(door: "weakref.ref[Door]") -> None:
    """Look again and again whether somebody is there, for as long as there is a door."""
    while True:
        time.sleep(_LOOK)
        one = door()
        if one is None:
            return
        try:
            one._lock_if_idle()
        except Exception as exc:  # the next look must come
            logging.getLogger("coach").error("%s while the journal was locked", type(exc).__name__)
        del one
