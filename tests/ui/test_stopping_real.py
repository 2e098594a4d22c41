"""The model stops within half a second of the person going back, pressing "stop" or closing the window. Marked ``real``."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.ui.browser import WAIT, Server, Window, browser_page

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]

HALF = 0.5  # seconds
LONG = (
    "Everything fell apart because the team dropped the ball, nobody cared, the client was impossible as always, and it was simply"
    " a disaster from the first day to the last one. "
) * 12


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("stopping"))
    yield running
    running.stop()


def model_process(server: Server) -> int:
    """The process of the models: the server's only child that is a worker."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if b"coach.llm.worker" in path.read_bytes() and parent(path.parent) == server.process.pid:
                return int(path.parent.name)
        except OSError:
            continue
    raise AssertionError("no process of the models")


def parent(process: Path) -> int:
    return int((process / "stat").read_text().rsplit(")", 1)[1].split()[1])


def worked(pid: int) -> float:
    """Seconds of processor time so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


def settled(pid: int) -> None:
    """Wait until the model has nothing to do."""
    for _ in range(600):
        before = worked(pid)
        time.sleep(0.5)
        if worked(pid) - before < 0.03:
            return
    raise AssertionError("the model never rests")


def while_it_works(window: Window, title: str, answer: str) -> int:
    """A review up to the moment when the model reads an answer; its process."""
    window.open()
    window.begin(title)
    window.send("intended", "Deliver the proposal by 15 March, under 200,000, with the consent of all three.")
    window.heading("What actually happened?")
    pid = model_process(window.server)
    settled(pid)
    window.send("happened", answer)
    window.text("Reading your answer…")
    before = worked(pid)
    while worked(pid) - before < 0.3:
        time.sleep(0.01)
    return pid


def rests_within(pid: int, seconds: float) -> bool:
    time.sleep(seconds)
    before = worked(pid)
    time.sleep(1.0)
    return worked(pid) - before < 0.15


@pytest.mark.parametrize("way", ["back", "close", "another page"])
def test_the_model_stops_reading(server: Server, way: str) -> None:
    with browser_page() as page:
        window = Window(page, server)
        pid = while_it_works(window, f"Left by {way}", LONG)
        if way == "back":
            page.get_by_role("button", name="← Back").click()
        elif way == "another page":
            page.get_by_role("link", name="Growth").click()
        else:
            page.close()
        assert rests_within(pid, HALF + 0.3), "half a second from the click, which takes a moment itself to arrive"


def test_stopped_while_it_writes_the_model_rests_and_the_question_is_a_plain_one(server: Server) -> None:
    with browser_page() as page:
        window = Window(page, server)
        window.open()
        window.begin("Stopped")
        window.send("intended", "I wanted the project to go well")
        window.key("stop").get_by_role("button").click(timeout=WAIT)
        pid = model_process(server)
        assert rests_within(pid, HALF + 0.3)
        expect(page.get_by_role("button", name="Keep it as it is")).to_be_visible(timeout=WAIT)
        window.text("You wrote “I wanted the project to go well”.")
