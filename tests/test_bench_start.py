"""The benchmark of a start, on a stand-in for the app: what is waited for, and that nothing stays behind."""

import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from coach.bench_start import Starter, settled, start_once
from coach.errors import CoachError
from coach.settings import Settings

APP = """
import http.server, os, pathlib, sys
pathlib.Path(sys.argv[1]).write_text(str(os.getpid()))
class Page(http.server.BaseHTTPRequestHandler):
    asked = 0
    def do_GET(self):
        Page.asked += 1
        known = "let=in" in self.headers.get("Cookie", "")
        self.send_response(503 if Page.asked < 3 else 200 if known else 303 if "token=t" in self.path else 403)
        self.send_header("Location", "/")
        self.send_header("Set-Cookie", "let=in; Path=/; HttpOnly; SameSite=Lax")
        self.end_headers()
    def log_message(self, *told): pass
server = http.server.HTTPServer(("127.0.0.1", 0), Page)
print("Starting.", flush=True)
print(f"Coach is open at http://127.0.0.1:{server.server_port}/?token=t (only here).", flush=True)
server.serve_forever()
"""

NEVER_ANSWERED = """
from coach import bench_start
from coach.settings import Settings
bench_start._answers = lambda opener, address: print(address, flush=True)
bench_start.start_once(Settings(), with_model=False)
"""
"""A benchmark that waits for ever for the page of a true app."""


def waiting(waits: list[float]) -> Callable[[float], None]:
    """Does not wait, and notes it."""
    return waits.append


def starter(folder: Path, code: str, waits: list[float]) -> Starter:
    ticks = itertools.count(0.0, 1.0)
    return Starter([sys.executable, "-c", code, str(folder / "pid")], {}, lambda: next(ticks), waiting(waits))


def ended(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_a_start_is_timed_to_its_page_and_ended(tmp_path: Path) -> None:
    waits = list[float]()
    one = starter(tmp_path, APP, waits).start(with_model=False)
    assert one.page_seconds == 1.0
    assert len(waits) == 2, "it was not ready at the first two looks"
    assert one.model_mb is None
    assert one.app_mb is None or one.app_mb > 5
    assert ended(int((tmp_path / "pid").read_text()))


@pytest.mark.parametrize("code", ["print('no')", "import sys; sys.exit(1)", "print('http://127.0.0.1:9/?token=t')"])
def test_an_app_that_does_not_come_up_is_said(tmp_path: Path, code: str) -> None:
    with pytest.raises(CoachError, match="Run `coach run`, which says why"):
        Starter([sys.executable, "-c", code], {}, wait=lambda seconds: None).start(with_model=False)


def test_what_the_model_holds_is_looked_at_once_it_has_settled() -> None:
    waits, held = list[float](), itertools.chain([0.0, 0.0, 80.0, 900.0], itertools.cycle([1700.0, 1701.0]))
    assert settled(lambda: next(held), waiting(waits)) == 1701.0
    assert len(waits) < 12


@pytest.mark.parametrize("look", [lambda: 0.0, lambda: None])
def test_where_there_is_nothing_to_see_it_does_not_wait_for_ever(look: Callable[[], float | None]) -> None:
    waits = list[float]()
    assert settled(look, waiting(waits)) is None
    assert sum(waits) <= 60


@pytest.mark.real
def test_the_app_itself_comes_up_and_ends_with_whoever_started_it(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COACH_ADAPTERS", "fake")
    monkeypatch.setenv("TMPDIR", str(tmp_path))  # who is killed leaves a folder behind
    one = start_once(settings, with_model=False)
    assert one.page_seconds > 0
    bench = subprocess.Popen([sys.executable, "-c", NEVER_ANSWERED], stdout=subprocess.PIPE, text=True)
    assert bench.stdout
    assert "token=" in bench.stdout.readline()
    children = Path(f"/proc/{bench.pid}/task/{bench.pid}/children").read_text().split()
    bench.send_signal(signal.SIGKILL)
    bench.communicate()
    end = time.monotonic() + 10
    while not all(ended(int(child)) for child in children):
        assert time.monotonic() < end
        time.sleep(0.01)
