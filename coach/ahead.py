"""Does what will probably be asked for while a person types or reads, so that it is there when they act.

Work is made of steps: a reading, a question. A step has a key, and whoever acts asks for it under the same key: it gets what is
kept, waits for what is being done, or does it. One piece of work is expected at a time, by a thread of its own behind the page. It
is given up at once where something else is asked for, and stands back while anybody else needs the model. What was done is kept in
memory alone.
"""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, TypeVar

from coach.errors import CoachError, GivenUp

_KEPT = 32  # readings of some 40 kB, and questions
_INSIST = 0.02  # seconds
_STAND_BACK = 0.05  # seconds

GiveUp = Callable[[int], None]
"""Has what a thread, named by its identity, asked of the model given up."""

T = TypeVar("T")


@dataclass
class _Work:
    """Work under way: its thread while it may ask the model, and the step that it is at, with what will come of it."""

    what: Hashable
    thread: int | None = None
    unwanted: bool = False
    step: Hashable = None
    made: "Future[tuple[Any, ...]]" = field(default_factory=Future)


class Ahead:
    """What was done ahead.

    Args:
        give_up: stops a thread's request to the model.
        behind: what such work runs within; others then have the model first.
    """

    def __init__(self, give_up: GiveUp, behind: Callable[[], AbstractContextManager[None]] = nullcontext) -> None:
        self._give_up, self._behind = give_up, behind
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()
        self._forgotten = 0  # how often: what was begun before the last time is not kept
        self._under_way: _Work | None = None
        self._waiting, self._left = set[int](), set[int]()
        self._lock, self._mine = threading.Lock(), threading.local()  # of the threads behind the page each has its work

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """What a step makes, which is hashable by ``key``. Raises what ``make`` raises; GivenUp where this thread was ``left``."""
        work: _Work | None = getattr(self._mine, "work", None)
        if work is not None:
            return self._step(work, key, make)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                found: T = self._kept[key]
                return found
            made, forgotten = self._claimed(key), self._forgotten
        done = self._awaited(made) if made else ()
        return done[0] if done else self._keep(key, make(), forgotten)

    def expect(self, what: Hashable, work: Callable[[], object]) -> None:
        """Begin work that will probably be wanted; what was expected before is given up, unless it is the same."""
        with self._lock:
            if self._under_way and self._under_way.what == what:
                return
            self._stop()
            begun = self._under_way = _Work(what)
            threading.Thread(target=self._run, args=(begun, work), name="coach-ahead", daemon=True).start()

    def expect_no_more(self, what: Hashable) -> None:
        """The person has left what this was for; whoever waits for it still gets it."""
        with self._lock:
            if self._under_way and self._under_way.what == what and not self._waiting:
                self._stop()

    def leave(self, thread: int) -> None:
        """Nobody wants any more what this thread waits for."""
        with self._lock:
            if thread in self._waiting:
                self._left.add(thread)
                self._stop()

    def forget(self) -> None:
        """Forget all: the journal was locked."""
        with self._lock:
            self._stop()
            self._kept.clear()
            self._forgotten += 1

    # -- whoever acts ------------------------------------------------------------------------------------------------

    def _claimed(self, key: Hashable) -> "Future[tuple[Any, ...]] | None":
        """What will come of the step that is under way, if it is this one; any other work ends. Called with the lock held."""
        if self._under_way and self._under_way.step == key and not self._under_way.made.done():
            self._waiting.add(threading.get_ident())
            return self._under_way.made
        self._stop()
        return None

    def _awaited(self, made: "Future[tuple[Any, ...]]") -> tuple[Any, ...]:
        """What came of a step; nothing where it failed or was given up for something else. Raises GivenUp."""
        me = threading.get_ident()
        done = made.result()
        with self._lock:
            self._waiting.discard(me)
            if me in self._left:
                self._left.discard(me)
                raise GivenUp
        return done

    # -- the work ----------------------------------------------------------------------------------------------------

    def _run(self, begun: _Work, work: Callable[[], object]) -> None:
        begun.thread, self._mine.work = threading.get_ident(), begun
        try:
            with self._behind():
                while not begun.unwanted and not self._done(work):
                    time.sleep(_STAND_BACK)  # somebody else needed the model: from the last step on
        except CoachError:
            pass  # whoever asks for it will be told
        except Exception as exc:  # its text may hold what a person wrote
            logging.getLogger("coach").error("%s while something was done ahead", type(exc).__name__)
        finally:
            begun.thread = None
            with self._lock:
                if self._under_way is begun:
                    self._under_way = None

    def _done(self, work: Callable[[], object]) -> bool:
        try:
            work()
        except GivenUp:
            return False
        return True

    def _step(self, work: _Work, key: Hashable, make: Callable[[], T]) -> T:
        """Make, for the work under way, what is not kept yet."""
        with self._lock:
            if work.unwanted:
                raise GivenUp
            if key in self._kept:
                found: T = self._kept[key]
                return found
            work.step, work.made, forgotten = key, Future(), self._forgotten
        done: tuple[Any, ...] = ()
        try:
            found = self._keep(key, make(), forgotten)
            done = (found,)
        finally:
            with self._lock:
                work.step = None
            work.made.set_result(done)
        return found

    def _keep(self, key: Hashable, found: T, forgotten: int) -> T:
        with self._lock:
            if forgotten != self._forgotten:
                return found
            self._kept[key] = found
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return found

    def _stop(self) -> None:
        """Have what is under way given up; called with the lock held."""
        if self._under_way:
            work, self._under_way = self._under_way, None
            work.unwanted = True
            threading.Thread(target=self._insist, args=(work,), name="coach-give-up", daemon=True).start()

    def _insist(self, work: _Work) -> None:
        """Say it until it has ended: a thread that is just about to ask the model cannot be told yet."""
        while (thread := work.thread) is not None:
            self._give_up(thread)
            time.sleep(_INSIST)
