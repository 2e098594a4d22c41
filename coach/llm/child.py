"""One child process that holds models, and the line to it."""

import contextlib
import os
import pickle
import socket
import struct
import subprocess
import sys
import threading
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any


class Broken(Exception):
    """The child is gone, or did not answer in time. ``slow`` tells which."""

    def __init__(self, *, slow: bool = False) -> None:
        self.slow = slow


class Child:
    """A process that runs ``coach.llm.worker``.

    Not ``multiprocessing``'s own start of a process: that would import the server's main module once more.

    Args:
        memory: the most bytes of address space that it may use; 0 for no limit.
        stall: seconds that a message may stand still half-way before the child counts as gone.
    """

    def __init__(self, memory: int, stall: float) -> None:
        ours, theirs = socket.socketpair()
        patience = struct.pack("ll", int(stall), int(stall % 1 * 1e6))
        for option in (socket.SO_SNDTIMEO, socket.SO_RCVTIMEO):
            ours.setsockopt(socket.SOL_SOCKET, option, patience)
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "coach.llm.worker", str(theirs.fileno()), str(memory)],
                pass_fds=[theirs.fileno()],
                env={**os.environ, "PYTHONPATH": os.pathsep.join(path or str(Path.cwd()) for path in sys.path)},  # the same coach
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,  # llama.cpp may print a prompt
                stderr=subprocess.DEVNULL,
            )
        self._line: Connection[Any, Any] = Connection(ours.detach())
        self._sending = threading.Lock()
        self.holds: set[str] = set()

    def send(self, message: Any) -> None:
        """Say something, from any thread. Raises Broken."""
        data = pickle.dumps(message)
        try:
            with self._sending:
                self._line.send_bytes(data)
        except OSError as exc:
            raise Broken(slow=isinstance(exc, BlockingIOError)) from exc

    def receive(self, seconds: float) -> Any:
        """What the child says next. Raises Broken, at once where it is gone."""
        try:
            if not self._line.poll(seconds):
                raise Broken(slow=True)
            return self._line.recv()
        except (OSError, EOFError, pickle.UnpicklingError) as exc:
            raise Broken(slow=isinstance(exc, BlockingIOError)) from exc

    def kill(self) -> None:
        """End it, from any thread; whoever waits for it is told at once."""
        self.process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(5)

    def end(self) -> int | None:
        """End it and let go of the line, where nobody else uses it. The answer is its exit status, negative for a signal."""
        self.kill()
        self._line.close()
        return self.process.returncode
