"""An index that answers at once: until a slow one has taken in what it is filled with, exact search answers.

Beside an encrypted journal the index is built anew at each unlocking; ten thousand entries take Chroma some twenty seconds, and a
question to it waits while it takes something in.
"""

import threading
from collections.abc import Collection, Mapping, Sequence

from coach.errors import IndexUnavailable
from coach.index.base import Near, VectorIndex
from coach.index.memory import MemoryIndex
from coach.llm.base import Vector

_AT_ONCE = 100  # vectors: a tenth of a second or two


class Meanwhile:
    """Answers for all that was added, whether ``slow``, which is empty at first, holds it yet or not. May be shared by threads."""

    def __init__(self, slow: VectorIndex) -> None:
        self._slow, self._waiting = slow, dict[str, Vector]()
        self._exact: MemoryIndex | None = MemoryIndex()  # holds everything, until the slow one does
        self._stamp: str | None = None
        self._lock, self._moving = threading.Lock(), threading.Lock()
        self._thread: threading.Thread | None = None

    def add(self, vectors: Mapping[str, Vector]) -> None:
        """Add vectors by id, or replace them; they are found from here on."""
        with self._lock:
            self._waiting.update(vectors)
            if self._exact is not None:
                self._exact.add(vectors)
            if self._thread is None and self._waiting:
                self._thread = threading.Thread(target=self._move, name="coach-index", daemon=True)
                self._thread.start()

    def nearest(self, vector: Vector, most: int, leave_out: Sequence[str] = (), among: Collection[str] | None = None) -> list[Near]:
        """The nearest, best first."""
        with self._lock:
            if self._exact is not None:
                return self._exact.nearest(vector, most, leave_out, among)
            waiting = dict(self._waiting)
        exact = MemoryIndex()
        exact.add(waiting)
        near = exact.nearest(vector, most, leave_out, among)
        near += [one for one in self._slow.nearest(vector, most + len(waiting), leave_out, among) if one.id not in waiting]
        return sorted(near, key=lambda one: -one.similarity)[:most]

    def ids(self) -> set[str]:
        """All ids it holds."""
        with self._lock:
            return self._exact.ids() if self._exact is not None else self._slow.ids() | set(self._waiting)

    def reset(self, stamp: str) -> None:
        """Forget everything and take on a stamp."""
        with self._moving, self._lock:
            self._waiting.clear()
            self._exact, self._stamp = MemoryIndex(), stamp
            self._slow.reset(stamp)

    def stamp(self) -> str | None:
        """The stamp of the last reset."""
        return self._stamp

    def close(self) -> None:
        """Forget what waits, and release the slow one."""
        with self._moving, self._lock:
            self._waiting.clear()
            self._exact = None
            self._slow.close()

    def settle(self) -> None:
        """Wait until the slow one holds everything."""
        thread = self._thread
        if thread is not None:
            thread.join()

    def _move(self) -> None:
        """Hand over part by part; where the slow one fails, what is left stays found exactly."""
        while True:
            with self._moving:
                with self._lock:
                    part = dict(list(self._waiting.items())[:_AT_ONCE])
                    if not part:
                        self._thread = self._exact = None
                        return
                try:
                    self._slow.add(part)
                except IndexUnavailable:
                    return
                with self._lock:
                    for id, vector in part.items():
                        if self._waiting.get(id) is vector:  # else it was replaced meanwhile, and waits again
                            del self._waiting[id]
