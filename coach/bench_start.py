"""Benchmarks of a start: from ``coach run`` to the page, and what the app and the model hold in memory once they are loaded.

The app is started as a person starts it, in a process of its own, on an empty journal. Nobody opens the page in a browser, so that
what a session needs beside it (the index, the pages' own modules) is not in the figures of memory.
"""

import contextlib
import http.client
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.request import HTTPCookieProcessor, OpenerDirector, ProxyHandler, build_opener

from coach.errors import CoachError
from coach.settings import Settings

LIMIT = 180.0  # seconds after which a start counts as hanging
_LOOK = 0.5  # seconds between two looks at what the model's process holds
_STILL, _MOST_LOOKS = 6, 120
_GROWS = 1.01

_RUN = """
import os, sys, threading
threading.Thread(target=lambda: (sys.stdin.buffer.read(), os._exit(0)), daemon=True).start()
from coach.cli import main
main()
"""
"""``coach run``, which ends with whoever started it: a benchmark that is killed leaves no app behind."""

Wait = Callable[[float], object]


@dataclass(frozen=True)
class Start:
    """One start: seconds to the page; resident memory in MB of the app and of the model's process, None where it is not told."""

    page_seconds: float
    app_mb: float | None
    model_mb: float | None


@dataclass(frozen=True)
class Starter:
    """Starts the app and looks at it.

    ``command``: what is run; ``environment``: beside this process's own; ``wait`` waits some seconds.
    """

    command: Sequence[str]
    environment: dict[str, str]
    clock: Callable[[], float] = time.perf_counter
    wait: Wait = time.sleep

    def start(self, *, with_model: bool) -> Start:
        """Start the app and end it again; wait for its model where there is one. Raises CoachError where no page comes."""
        begun = self.clock()
        with _running(self.command, {**os.environ, **self.environment}) as process:
            opener, address = build_opener(ProxyHandler({}), HTTPCookieProcessor()), _address(process)
            while not _answers(opener, address):
                if process.poll() is not None:
                    raise _no_page()
                self.wait(0.02)
            seconds = self.clock() - begun
            models = settled(lambda: _resident(_children(process.pid)), self.wait) if with_model else None
            return Start(seconds, _resident([process.pid]), models)


def start_once(settings: Settings, *, with_model: bool) -> Start:
    """Start ``coach run`` on an empty journal, with the models that are fetched. Raises CoachError where no page comes."""
    with tempfile.TemporaryDirectory(prefix="coach-bench-") as folder:
        own = {"COACH_DATA": folder, "COACH_CACHE": str(settings.cache), "COACH_HOST": "127.0.0.1"}
        own["PYTHONPATH"] = os.pathsep.join(path or str(Path.cwd()) for path in sys.path)  # the same coach
        command = [sys.executable, "-P", "-c", _RUN, "run", "--no-browser", "--port", str(_free_port())]
        return Starter(command, own).start(with_model=with_model)


def settled(look: Callable[[], float | None], wait: Wait) -> float | None:
    """What is held once it has not grown by a hundredth for three seconds, or after a minute; None where that cannot be seen.

    >>> held = iter([0.0, 10.0, 500.0, *[600.0] * 9])
    >>> settled(lambda: next(held), lambda seconds: None)
    600.0
    """
    most, still = 0.0, 0
    for _ in range(_MOST_LOOKS):
        now = look()
        if now is None:
            return None
        grown = now > most * _GROWS
        most, still = max(most, now), 0 if grown or not now else still + 1
        if still == _STILL:
            break
        wait(_LOOK)
    return most or None


@contextlib.contextmanager
def _running(command: Sequence[str], environment: dict[str, str]) -> Iterator["subprocess.Popen[str]"]:
    """A process that is ended in any case."""
    pipe, quiet = subprocess.PIPE, subprocess.DEVNULL
    process = subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, stderr=quiet, text=True)
    too_long = threading.Timer(LIMIT, process.kill)
    too_long.start()
    try:
        yield process
    finally:
        too_long.cancel()
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
        process.communicate()


def _address(process: "subprocess.Popen[str]") -> str:
    """The address that it prints, with its token."""
    for line in process.stdout or ():
        found = re.search(r"http://\S+", line)
        if found:
            return found.group()
    raise _no_page()


def _answers(opener: OpenerDirector, address: str) -> bool:
    """Whether the page is there: the first answer gives a cookie and sends on to the page itself."""
    try:
        with opener.open(address, timeout=5) as answer:
            return bool(answer.status == 200)
    except (OSError, http.client.HTTPException):
        return False


def _no_page() -> CoachError:
    return CoachError("The app did not come up. Run `coach run`, which says why.")


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _resident(processes: Sequence[int]) -> float | None:
    """Resident memory in MB, as Linux tells it; None elsewhere."""
    if not Path("/proc/self/status").is_file():
        return None
    return sum(int(_status(one).get("VmRSS", "0 kB").split()[0]) for one in processes) / 1024


def _children(process: int) -> list[int]:
    found = [int(path.name) for path in Path("/proc").glob("[0-9]*")]
    return [one for one in found if _status(one).get("PPid") == str(process)]


def _status(process: int) -> dict[str, str]:
    """What Linux tells about a process; nothing where it has ended."""
    with contextlib.suppress(OSError):
        lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8", errors="replace").splitlines()
        return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return {}
