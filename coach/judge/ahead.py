"""Reads an answer while it is still being typed, so that the reading is there when it is sent.

What was typed last is read behind the page by a thread of its own, and given up at once where it is not what comes: somebody who
asks for another text never waits for it. The last few readings are kept in memory, so that no answer is read twice.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from coach.errors import GivenUp, ModelError
from coach.judge.reading import MOST_CHARACTERS, Features, Reader

_KEPT = 16  # readings of some 40 kB
_FEWEST_CHARACTERS = 12
_MOST_AHEAD = 2500  # characters: some 400 words, five seconds on two cores; longer texts are read when they are sent

_INSIST = 0.02  # seconds

GiveUp = Callable[[int], None]
"""Has what a thread, named by its identity, asked of the model given up."""


class ReadAhead:
    """A reader that has often read already what it is asked for.

    Args:
        read: reads with the model.
        give_up: stops it.
    """

    def __init__(self, read: Reader, give_up: GiveUp) -> None:
        self._read, self._give_up = read, give_up
        self._kept: OrderedDict[str, Features] = OrderedDict()
        self._under_way: tuple[str, Future[Features | None], _Reading] | None = None
        self._waiting, self._left = set[int](), set[int]()
        self._lock = threading.Lock()

    def __call__(self, text: str) -> Features:
        """The features of a text. Raises ModelError, and GivenUp where the thread that asks was ``left``."""
        expected = self._claimed(text)
        found = self._awaited(expected) if expected else None
        if found is None:
            with self._lock:
                found = self._kept.get(text)
        return found if found is not None else self._keep(text, self._read(text))

    def expect(self, text: str) -> None:
        """Begin to read what will probably be asked for; what was expected before is given up, unless it is the same."""
        text = text[:MOST_CHARACTERS]
        if not _FEWEST_CHARACTERS <= len(text) <= _MOST_AHEAD:
            return
        with self._lock:
            if text in self._kept or (self._under_way and self._under_way[0] == text):
                return
            self._stop()
            begun: Future[Features | None] = Future()
            reading = _Reading()
            self._under_way = text, begun, reading
            threading.Thread(target=self._run, args=(text, begun, reading), name="coach-ahead", daemon=True).start()

    def expect_no_more(self, text: str) -> None:
        """The person has left the box that this text stands in; whoever waits for it still gets it."""
        with self._lock:
            if self._under_way and self._under_way[0] == text[:MOST_CHARACTERS] and not self._waiting:
                self._stop()

    def leave(self, thread: int) -> None:
        """Nobody wants any more what this thread waits for."""
        with self._lock:
            if thread in self._waiting:
                self._left.add(thread)
                self._stop()

    def forget(self) -> None:
        """Forget every reading: the journal was locked."""
        with self._lock:
            self._stop()
            self._kept.clear()

    def _claimed(self, text: str) -> "Future[Features | None] | None":
        """The reading of this text that is under way; of any other one, its end."""
        with self._lock:
            if self._under_way and self._under_way[0] == text:
                return self._under_way[1]
            self._stop()
        return None

    def _awaited(self, expected: "Future[Features | None]") -> Features | None:
        """A reading that is under way; None where it failed or was given up for another text. Raises GivenUp."""
        me = threading.get_ident()
        self._waiting.add(me)
        try:
            found = expected.result()
        finally:
            self._waiting.discard(me)
        with self._lock:
            if me in self._left:
                self._left.discard(me)
                raise GivenUp
        return found

    def _run(self, text: str, begun: "Future[Features | None]", reading: "_Reading") -> None:
        found = None
        try:
            reading.thread = threading.get_ident()
            if not reading.unwanted:
                found = self._keep(text, self._read(text))
        except (GivenUp, ModelError):
            pass
        finally:
            reading.thread = None
            with self._lock:
                if self._under_way and self._under_way[1] is begun:
                    self._under_way = None
            begun.set_result(found)

    def _keep(self, text: str, found: Features) -> Features:
        with self._lock:
            self._kept[text] = found
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return found

    def _stop(self) -> None:
        """Have what is under way given up; called with the lock held."""
        if self._under_way:
            reading = self._under_way[2]
            self._under_way = None
            reading.unwanted = True
            threading.Thread(target=self._insist, args=(reading,), name="coach-give-up", daemon=True).start()

    def _insist(self, reading: "_Reading") -> None:
        """Say it until it has ended: a thread that is just about to ask the model cannot be told yet."""
        while (thread := reading.thread) is not None:
            self._give_up(thread)
            time.sleep(_INSIST)


@dataclass
class _Reading:
    """A reading under way: its thread while it reads, and whether it is not wanted any more."""

    thread: int | None = None
    unwanted: bool = False
