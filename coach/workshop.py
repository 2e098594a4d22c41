"""Everything a page or a command needs, for one open journal.

The journal is there at once; the index is opened by a thread behind the page as soon as the models are loaded, and whoever needs
them waits for it. Beside an encrypted journal nothing is put on the disk in plain: the index is in memory, made of the journal's
vectors.
"""

import hashlib
import os
import tempfile
import threading
import time
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from coach.clock.system import SystemClock
from coach.compose import Parts, chroma_in_memory, in_memory, load_views, open_coach
from coach.errors import CoachError, GivenUp, JournalError, JournalLocked, ModelError
from coach.flow.coach import Coach
from coach.journal.backup import backup_folder, backups, copied, daily_backup
from coach.journal.key import Key
from coach.journal.sqlite import SqliteJournal
from coach.journal.vault import shred, tidy
from coach.prepared import prepare
from coach.reviews.kinds import load_kinds
from coach.settings import Settings

_TURN = 0.01  # seconds for the page to take its turn with the model while older entries are read
_PASSING = "passing-"
_IN_MEMORY = ("/dev/shm",)  # folders that are memory, on Linux


class Workshop:
    """Everything for one open journal.

    ``kinds``: the kinds of review there are; nobody has to wait for them. ``catching_up``: how many readings of older entries
    are done and how many there are, while the index is brought up to the journal; ``preparing``: how many prompts are evaluated
    and how many there are, while that goes on. Raises JournalError where the journal cannot be opened.
    """

    def __init__(self, settings: Settings, models: "Future[Parts]", key: Key | None = None, *, alone: bool = True) -> None:
        self.settings, self.clock, self.kinds = settings, SystemClock(), load_kinds(settings.kinds_folder)
        self.encrypted = key is not None
        self.salt = key.salt if key else None
        self._models, self._key, self._closed = models, key, threading.Event()
        self._not_tidy = tidy(settings.journal_file, key) if alone else []
        self.journal = SqliteJournal(settings.journal_file, key)
        if alone:
            self._sweep()
        self._loaded: Future[tuple[Coach, Parts]] = Future()
        self.catching_up: tuple[int, int] | None = None
        self.preparing: tuple[int, int] | None = None
        threading.Thread(target=self._load, name="coach-load", daemon=True).start()

    @property
    def ready(self) -> bool:
        """Whether the models are loaded, so that nobody has to wait."""
        return self._loaded.done()

    def wait(self, seconds: float) -> bool:
        """Wait for that, so long at the most; whether it is so."""
        wait([self._loaded], seconds)
        return self.ready

    @property
    def coach(self) -> Coach:
        """The coach; waits until it is loaded."""
        return self._loaded.result()[0]

    @property
    def notes(self) -> list[str]:
        """What could not be loaded and what to do; waits until it is known."""
        return self._loaded.result()[1].notes

    def read_what_is_new(self) -> None:
        """Make entries that were just brought in findable, by a thread behind the page."""
        coach, parts = self._loaded.result()
        threading.Thread(target=self._catch_up, args=(coach, parts), name="coach-catch-up", daemon=True).start()

    def expect(self, what: Hashable, work: Callable[[Coach], object]) -> None:
        """Have work done ahead of its being asked for, where the models are there; ``what`` tells it from other work."""
        if self.ready and (ahead := self._loaded.result()[1].ahead):
            coach = self._loaded.result()[0]
            ahead.expect(what, lambda: work(coach))

    def expect_no_more(self, what: Hashable) -> None:
        """Give it up: the person has left what it was for."""
        if self.ready and (ahead := self._loaded.result()[1].ahead):
            ahead.expect_no_more(what)

    def copies(self) -> list[Path]:
        """The copies of the journal, the oldest first."""
        return backups(self.settings.journal_file)

    def copy_now(self) -> Path:
        """Copy the journal beside the daily copies. Raises JournalError."""
        journal = self.settings.journal_file
        return copied(journal, backup_folder(journal) / f"asked-{self.clock.now():%Y-%m-%dT%H%M%S}.db", self._key)

    @contextmanager
    def passing(self) -> Iterator[Path]:
        """A folder for a file that is only read or handed out: as private as the journal, and in memory where that is encrypted."""
        place, name = self._passing_place()
        folder = Path(tempfile.mkdtemp(dir=place, prefix=name))
        try:
            yield folder
        finally:
            shred(folder)

    def close(self) -> None:
        """Release the journal and the index; what is still at work behind the page ends at its next step."""
        self._closed.set()
        self.journal.close()
        if self._loaded.done() and not self._loaded.exception():
            self._close_views(self._loaded.result()[1])

    # -- opening -----------------------------------------------------------------------------------------------

    def _passing_place(self) -> tuple[Path, str]:
        """Where such folders are, and how their names begin."""
        data = self.settings.data
        for place in _IN_MEMORY if self.encrypted else ():
            if os.access(place, os.W_OK):
                return Path(place), f"coach-{hashlib.sha256(str(data).encode()).hexdigest()[:12]}-"
        return data, _PASSING

    def _sweep(self) -> None:
        """Take away what a process that was killed has left: it may hold what a person wrote."""
        place, name = self._passing_place()
        for left in {*self.settings.data.glob(f"{_PASSING}*"), *place.glob(f"{name}*")}:
            shred(left)
        if self.encrypted and self.settings.index_folder.exists():
            shred(self.settings.index_folder)

    def _load(self) -> None:
        try:
            parts = replace(self._models.result(), views={}, notes=[*self._models.result().notes, *self._not_tidy])
            if self._closed.is_set():
                raise JournalLocked("The journal is closed. Reload the page.")
            self._open_views(parts)
            self._back_up(parts)
            coach = open_coach(self.journal, parts, self.kinds)
            self.catching_up = self.preparing = (0, 0)  # not known yet; set before anybody sees that the rest is ready
            self._loaded.set_result((coach, parts))
            if self._closed.is_set():
                self._close_views(parts)
        except BaseException as exc:  # handed on to whoever waits
            self._loaded.set_exception(exc)
            return
        self._catch_up(coach, parts)
        self._warm(coach, parts)

    def _close_views(self, parts: Parts) -> None:
        for seen in parts.views.values():
            seen.index.close()

    def _open_views(self, parts: Parts) -> None:
        if not self.encrypted:
            load_views(self.settings, parts)
            return
        load_views(self.settings, parts, in_memory if self.settings.adapters == "fake" else chroma_in_memory)

    def _back_up(self, parts: Parts) -> None:
        """Today's copy of the journal."""
        if self._closed.is_set():
            return
        try:
            daily_backup(self.settings.journal_file, self.clock.now().date(), self._key)
        except JournalError as exc:
            parts.notes.append(str(exc))

    def _catch_up(self, coach: Coach, parts: Parts) -> None:
        """Bring the index up to the journal behind the page, then look for patterns in what is new."""
        try:
            coach.recall.catch_up(self._note_progress)
            coach.book.update()
        except GivenUp:
            pass  # the next start goes on
        except CoachError as exc:
            parts.notes += [] if self._closed.is_set() else [f"{exc} Past entries are found by their words meanwhile."]
        finally:
            self.catching_up = None

    def _note_progress(self, done: int, total: int) -> None:
        self.catching_up = (done, total)
        time.sleep(_TURN)

    def _warm(self, coach: Coach, parts: Parts) -> None:
        """Evaluate each prompt's fixed part, kept on disk for later starts, and rehearse, so that no first question is slow."""
        try:
            prepare(self.settings, parts, self._note_prepared, self._closed.is_set)
            with parts.process.behind():
                coach.rehearse()
        except GivenUp:
            pass  # a person was quicker: it is done at its first use
        except ModelError as exc:
            parts.notes.append(str(exc))
        finally:
            self.preparing = None

    def _note_prepared(self, done: int, total: int) -> None:
        self.preparing = (done, total) if done < total else None
