"""The process that the models run in, so that a crash in llama.cpp is the end of this process alone.

Started by ``coach.llm.child`` as ``python -m coach.llm.worker FD MEMORY``: the number of an open socket, and the most bytes of
address space it may use (0: no limit). Its main thread does what is asked, in order. A second thread receives: it notes "stop" at
once, and ends the process when the other side is gone, in the middle of an evaluation too.
"""

import contextlib
import importlib
import os
import queue
import resource
import signal
import sys
import threading
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from coach.errors import CoachError, GivenUp
from coach.llm.base import Prompt, Token, Vector
from coach.llm.messages import Call, Done, Failed, GoesOn, Load, Loading, Prepare, Step, Stop, Write

NO_MEMORY = "There is too little memory for the model. Close other programs, or use a smaller model."
_TELL = 0.1  # seconds between two words on how far a load is: more than a page shows


class Desk:
    """Does what is asked over a connection.

    Args:
        line: the connection; only the main thread sends.
    """

    def __init__(self, line: "Connection[Any, Any]") -> None:
        self._line = line
        self._inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._models: dict[str, Any] = {}
        self._current = self._stopped = 0
        self._told = -_TELL

    def receive(self) -> None:
        """Take in messages until the other side is gone; then the process ends."""
        try:
            while True:
                message = self._line.recv()
                if isinstance(message, Stop):
                    self._stopped = message.number
                self._inbox.put(message)
        finally:
            os._exit(0)

    def serve(self) -> None:
        """Carry out one request after the other."""
        while True:
            message = self._inbox.get()
            if not isinstance(message, GoesOn | Stop):  # these came too late: what they are about is over
                self._line.send(self._reply(message))

    def stopped(self) -> bool:
        """Whether the request under way is to end."""
        return 0 < self._current <= self._stopped

    def _reply(self, message: Any) -> Done | Failed:
        self._current = getattr(message, "number", 0)
        try:
            if self.stopped():
                raise GivenUp
            return Done(self._carried_out(message))
        except (CoachError, GivenUp) as exc:
            return Failed(type(exc).__name__, str(exc))
        except MemoryError:
            return Failed("ModelError", NO_MEMORY)
        except Exception as exc:  # its text may hold what a person wrote
            return Failed("ModelError", f"The model failed unexpectedly ({type(exc).__name__}). Try it once more.")
        finally:
            self._current = 0

    def _carried_out(self, message: Any) -> Any:
        match message:
            case Load(role, maker, arguments):
                return self._load(role, maker, arguments)
            case Call(role, _, method, arguments):
                return getattr(self._models[role], method)(*arguments)
            case Prepare(role, _, prompt):
                return self._prepare(self._models[role], prompt)
            case Write():
                return self._write(message)
        raise TypeError

    def _load(self, role: str, maker: str, arguments: tuple[Any, ...]) -> int:
        """Make a model; the answer is its width."""
        module, _, name = maker.partition(":")
        self._models.pop(role, None)
        model = getattr(importlib.import_module(module), name)(*arguments, progress=self._tell)
        if hasattr(model, "stop_when"):
            model.stop_when(self.stopped)
        self._models[role] = model
        return int(model.width)

    def _tell(self, fraction: float) -> None:
        """Say how far the load under way is, unless that was just said: llama.cpp tells of each of hundreds of tensors."""
        now = time.monotonic()
        if now - self._told >= _TELL:
            self._told = now
            self._line.send(Loading(fraction))

    def _prepare(self, model: Any, prompt: Prompt) -> bool:
        if hasattr(model, "prepare_piece"):
            return bool(model.prepare_piece(prompt))
        model.prepare(prompt)
        return True

    def _write(self, wanted: Write) -> tuple[tuple[Token, ...], tuple[Vector, ...]]:
        waiting, ended = list[Token](), set[int]()

        def go_on(number: int, text: str) -> bool:
            if waiting:  # the first that is asked about in this step: all of the step is asked in one message
                self._line.send(Step(tuple(waiting)))
                waiting.clear()
                ended.update(self._answer(wanted.number))
            return number not in ended

        with contextlib.closing(self._models[wanted.role].write(wanted.prompt, wanted.samplings, go_on)) as tokens:
            while True:
                try:
                    token = next(tokens)
                except StopIteration as end:
                    return tuple(waiting), end.value
                if self.stopped():
                    raise GivenUp
                waiting.append(token)

    def _answer(self, number: int) -> frozenset[int]:
        """Wait for the answer to a step."""
        while True:
            message = self._inbox.get()
            if self.stopped():
                raise GivenUp
            if isinstance(message, GoesOn) and message.number == number:
                return message.ended


def _settle(memory: int) -> None:
    """What this process is to its machine: Ctrl+C is for the app to handle, and it leaves no trace of what it was reading."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if memory:
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    with contextlib.suppress(OSError):  # Linux alone has it: where memory runs out this process goes, not the app
        Path("/proc/self/oom_score_adj").write_text("500")


def main(arguments: list[str]) -> None:
    """Serve until the other side is gone."""
    descriptor, memory = (int(argument) for argument in arguments)
    _settle(memory)
    desk = Desk(Connection(descriptor))
    threading.Thread(target=desk.receive, daemon=True).start()
    try:
        desk.serve()
    finally:
        os._exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
