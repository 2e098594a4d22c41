"""The language model and the embedder in a process of their own: what llama.cpp does there cannot take the app down.

``ModelProcess`` owns the process; the models of ``remote`` are what the rest of the program sees. Where the process ends on its own
or does not answer, the call under way raises ModelCrashed and the next one starts it anew. Any thread may have what another one has
asked for given up; that one gets GivenUp.
"""

import contextlib
import itertools
import logging
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from coach import errors
from coach.errors import CoachError, GivenUp, ModelCrashed, ModelError
from coach.llm.base import GoOn, Prompt, Sampling, Vector, Writing
from coach.llm.child import Broken, Child
from coach.llm.messages import Call, Done, Failed, GoesOn, Load, Loading, Prepare, Step, Stop, Write

MOST_CRASHES = 3
WITHIN = 600.0  # seconds

AGAIN = "The model stopped unexpectedly. It is started again at the next question."
WHILE_LOADING = (
    "The model stopped while it was loaded. Run `coach model verify`; if its file is whole, close other programs: "
    "it may need more memory than there is."
)
OFF = (
    "The model stopped unexpectedly several times, so it stays off until Coach is started again. Everything else works. "
    "If it happens again, run `coach model verify`."
)
CLOSED = "The model was closed, because Coach is ending."
BUSY = "The model is still writing for the same caller. Close what it writes first."

TURN = 0.01  # seconds for another thread to take its turn: the lock is not a fair one
TOGETHER = 16  # texts that are embedded in one go: less than a second, mostly
_MOST_SCALED = 6000  # bytes: a model reads no more than about so many of one text in one go


@dataclass(frozen=True)
class Bounds:
    """Seconds after which the process counts as hanging. Generous: a slow machine is no fault.

    ``load``: for the whole of a model. It does not begin anew when the model tells how far it is: on a slow disk most of the time
    goes by before the first word, so that the wait for one would have to be as long, and what creeps without end is to end too.
    ``per_byte``: more for each byte of text that is read, at two or three tokens a second; ``give_up``: from "stop" to the end.
    """

    load: float = 120.0
    step: float = 60.0
    per_byte: float = 0.1
    give_up: float = 10.0

    def reading(self, *texts: str) -> float:
        """For a request that reads these texts."""
        return self.step + self.per_byte * sum(min(len(text.encode("utf-8", "replace")), _MOST_SCALED) for text in texts)


class ModelProcess:
    """One child process for all models, started when the first one is loaded. Any thread may use it; one does at a time.

    Args:
        bounds: how long it may take.
        memory: the most bytes of address space for the child; 0 for no limit.
        clock: seconds, for counting crashes.
    """

    def __init__(self, bounds: Bounds = Bounds(), memory: int = 0, clock: Callable[[], float] = time.monotonic) -> None:
        self.bounds, self._memory, self._clock = bounds, memory, clock
        self._lock, self._owner = threading.Lock(), 0
        self._child: Child | None = None
        self._ends: weakref.finalize[[], ModelProcess] | None = None
        self._loads: dict[str, Load] = {}
        self._loading: tuple[str, float] | None = None
        self._crashes: deque[float] = deque(maxlen=MOST_CRASHES)
        self._numbers, self._under_way = itertools.count(1), 0
        self._waiting: dict[object, int] = {}  # a token for each request that waits for its turn, and whose it is
        self._unwanted, self._noting = set[object](), threading.Lock()
        self._behind = set[int]()  # threads whose requests give way to everybody else's
        self._off, self._closed = False, threading.Event()

    @property
    def pid(self) -> int | None:
        """The child's process id; None while there is no child."""
        return self._child.process.pid if self._child else None

    def loading(self, role: str) -> float | None:
        """How far the model of a role is on its way into memory, 0 to 1; None while it is not being loaded. From any thread."""
        under_way = self._loading
        return under_way[1] if under_way and under_way[0] == role else None

    def load(self, role: str, maker: str, *arguments: Any) -> int:
        """Make a model, kept under ``role``, by the callable "module:name"; its width. Raises ModelError."""
        wanted = Load(role, maker, arguments)
        with self._turn():
            width = int(self._loaded(wanted)[1])
            self._loads[role] = wanted
        return width

    def call(self, role: str, method: str, *arguments: Any, seconds: float) -> Any:
        """What a model's method gives. Raises ModelError."""
        return self._asked(Call(role, next(self._numbers), method, arguments), seconds)

    def prepare(self, role: str, prompt: Prompt) -> None:
        """Evaluate a prompt's fixed part, in pieces between which others have their turn. Raises ModelError."""
        seconds = self.bounds.reading(prompt.system, *itertools.chain(*prompt.examples))
        while not self._asked(Prepare(role, next(self._numbers), prompt), seconds):
            time.sleep(TURN)

    def write(self, role: str, prompt: Prompt, samplings: Sequence[Sampling], go_on: GoOn) -> Writing:
        """Stream continuations; closing the generator ends the model's work. Raises ModelError, GivenUp."""
        with self._turn():
            child = self._ready(role)
            wanted = Write(role, next(self._numbers), prompt, tuple(samplings))
            self._under_way = wanted.number
            try:
                return (yield from self._written(child, wanted, go_on))
            except Broken as exc:
                raise self._crashed(exc, AGAIN) from None
            finally:
                self._under_way = 0

    def stop(self, thread: int | None = None) -> None:
        """Have a request given up, from any thread: that of the thread with this identity, or all there are. It gets GivenUp."""
        with self._noting:
            self._unwanted |= {token for token, whose in self._waiting.items() if thread in (None, whose)}
            child, number, mine = self._child, self._under_way, thread in (None, self._owner)
        if child and number and mine:
            with contextlib.suppress(Broken):  # whoever waits for it learns of that
                child.send(Stop(number))

    @contextlib.contextmanager
    def behind(self) -> Iterator[None]:
        """What this thread asks for meanwhile is given up as soon as another thread wants something; it gets GivenUp."""
        me = threading.get_ident()
        self._behind.add(me)
        try:
            yield
        finally:
            self._behind.discard(me)

    def close(self) -> None:
        """End the child for good; a call under way raises ModelError. The end of the program does the same."""
        self._closed.set()
        if self._child:
            self._child.kill()

    def forget(self) -> None:
        """End the child, so that nothing that it was given stays in memory; the next request starts another."""
        with self._turn():
            if self._child:
                self._let_go(self._child)

    # -- a turn ----------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _turn(self) -> Iterator[None]:
        """Have the child to oneself. Raises GivenUp where it was not wanted any more before its turn came."""
        me = threading.get_ident()
        if self._owner == me:
            raise ModelError(BUSY)  # to wait for oneself would be for ever
        token = object()
        with self._noting:
            self._waiting[token] = me
            owner = self._owner
        if owner in self._behind and me not in self._behind:
            self.stop(owner)
        with self._lock:
            with self._noting:
                del self._waiting[token]
                unwanted = token in self._unwanted
                self._unwanted.discard(token)
                self._owner = 0 if unwanted else me
            if unwanted:
                raise GivenUp
            try:
                yield
            finally:
                self._owner = 0

    def _asked(self, message: Call | Prepare, seconds: float) -> Any:
        with self._turn():
            child = self._ready(message.role)
            self._under_way = message.number
            try:
                child.send(message)
                return _value(child.receive(seconds))
            except Broken as exc:
                raise self._crashed(exc, AGAIN) from None
            except BaseException as exc:
                self._give_up(exc, child)
                raise
            finally:
                self._under_way = 0

    def _give_up(self, exc: BaseException, child: Child) -> None:
        """After Ctrl+C in the middle of a request its answer is still to come; nobody could tell it from the next one's."""
        if not isinstance(exc, CoachError | GivenUp):
            self._let_go(child)

    def _ready(self, role: str) -> Child:
        """A child that holds the model. One that ended while nobody asked it anything is replaced without a word."""
        if self._child and self._child.process.poll() is not None:
            self._crashed(Broken(), AGAIN)
        if self._child and role in self._child.holds:
            return self._child
        return self._loaded(self._loads[role])[0]

    def _loaded(self, wanted: Load) -> tuple[Child, Any]:
        """A child, started if there is none, with a model made in it; and the model's width."""
        child = self._started()
        try:
            child.send(wanted)
            width = _value(self._made(child, wanted.role))
        except Broken as exc:
            raise self._crashed(exc, WHILE_LOADING) from None
        except BaseException as exc:
            self._give_up(exc, child)
            raise
        child.holds.add(wanted.role)
        return child, width

    def _made(self, child: Child, role: str) -> Done | Failed:
        """What comes of a load; meanwhile ``loading`` tells how far it is. Raises Broken."""
        end, self._loading = time.monotonic() + self.bounds.load, (role, 0.0)
        try:
            while isinstance(answer := child.receive(max(0.0, end - time.monotonic())), Loading):
                self._loading = role, answer.fraction
            over: Done | Failed = answer
            return over
        finally:
            self._loading = None

    def _started(self) -> Child:
        if self._closed.is_set() or self._off:
            raise ModelCrashed(CLOSED if self._closed.is_set() else OFF)
        if self._child is None:
            try:
                self._child = Child(self._memory, self.bounds.step)
            except OSError as exc:
                raise ModelError(f"The model's process cannot be started ({exc.strerror}). Close other programs.") from exc
            self._ends = weakref.finalize(self, self._child.kill)
            if self._closed.is_set():  # meanwhile
                self._child.kill()
        return self._child

    # -- writing ---------------------------------------------------------------------------------------------------

    def _written(self, child: Child, wanted: Write, go_on: GoOn) -> Writing:
        texts = [""] * len(wanted.samplings)
        turns = itertools.chain(*wanted.prompt.turns, *wanted.prompt.examples)
        seconds = self.bounds.reading(wanted.prompt.system, wanted.prompt.user, *turns)
        child.send(wanted)
        over, states = False, tuple[Vector, ...]()
        try:
            while not over:
                answer = child.receive(seconds)
                over = not isinstance(answer, Step)
                tokens, states = (answer.tokens, states) if isinstance(answer, Step) else _value(answer)
                for token in tokens:
                    texts[token.candidate] += token.text
                    yield token
                if not over:
                    asked = {token.candidate for token in tokens}
                    child.send(GoesOn(wanted.number, frozenset(one for one in asked if not go_on(one, texts[one]))))
                seconds = self.bounds.step
            return states
        except Broken:
            over = True
            raise
        finally:
            if not over:
                self._wind_up(child, wanted.number)

    def _wind_up(self, child: Child, number: int) -> None:
        """Stop what is being written and wait for its end, so that the next request gets its own answer."""
        try:
            child.send(Stop(number))
            while isinstance(child.receive(self.bounds.give_up), Step):
                pass
        except Broken as exc:
            self._crashed(exc, AGAIN)  # nobody waits for this text any more, so nobody is told
        except BaseException:
            self._let_go(child)
            raise

    # -- ends ------------------------------------------------------------------------------------------------------

    def _let_go(self, child: Child) -> int | None:
        """End a child; the next request starts another."""
        self._child = None
        if self._ends:
            self._ends.detach()
        return child.end()

    def _crashed(self, why: Broken, text: str) -> ModelError:
        """Reap the child and count its end; the error to be raised."""
        status = self._let_go(self._child) if self._child else None
        if self._closed.is_set():
            return ModelError(CLOSED)
        logging.getLogger("coach").error("The model's process %s", "did not answer" if why.slow else f"ended with {status}")
        now = self._clock()
        self._crashes.append(now)
        self._off = len(self._crashes) == MOST_CRASHES and now - self._crashes[0] <= WITHIN
        return ModelCrashed(OFF if self._off else text)


def _value(answer: Done | Failed) -> Any:
    """What a request gave. Raises the error that it ended with, or GivenUp."""
    if isinstance(answer, Done):
        return answer.value
    if answer.error == GivenUp.__name__:
        raise GivenUp
    kind = getattr(errors, answer.error, ModelError)
    raise kind(answer.text) if isinstance(kind, type) and issubclass(kind, CoachError) else ModelError(answer.text)
