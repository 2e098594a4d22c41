"""The app as a person has it: `coach run`, Chromium, the true model. Marked ``real``."""

import http.client
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

pytestmark = [pytest.mark.real, pytest.mark.timeout(900)]

WAIT = 120_000  # milliseconds: a question may have to wait for prompts that are being evaluated for the first time
GOAL = "I intended to deliver the client proposal by March 15 with a budget under $200K and buy-in from all three stakeholders."
FACTS = (
    "The proposal was delivered March 22, the budget came in at $247K, and one stakeholder raised concerns about the timeline that"
    " we hadn't addressed."
)
ROOT = (
    "The client added requirements after the kickoff meeting, and I assumed the initial scope would hold and didn't build in a"
    " protocol for changes."
)
CHANGE = (
    "I'll include a formal scope change process in every project kickoff document, with a clause that any additions beyond the"
    " original brief trigger a timeline and budget review before work continues."
)
LESSON = "A scope holds only if there is a protocol for changing it."


class Server:
    """`coach run` in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self._environment = {**os.environ, "COACH_DATA": str(folder), "COACH_PORT": "8750"}
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "coach.cli", "run", "--no-browser"]
        self.process = subprocess.Popen(command, env=self._environment, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        self.entry = self.process.stdout.readline().split(" at ")[1].split()[0]
        self.address = self.entry.split("/?token=")[0]

    def kill(self) -> None:
        """As a crash would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    running = Server(tmp_path / "journal")
    yield running
    running.stop()


class Window:
    """A page, and every address it asked for."""

    def __init__(self, page: Page, server: Server) -> None:
        self.page, self.server, self.asked_for = page, server, set[str]()
        page.on("request", lambda request: self.asked_for.add(request.url))
        page.on("websocket", lambda socket: self.asked_for.add(socket.url.replace("ws://", "http://")))
        page.set_default_timeout(WAIT)

    def open(self) -> None:
        self.page.goto(self.server.entry)
        self.heading("What do you want to look at?")

    def heading(self, words: str) -> None:
        expect(self.page.get_by_role("heading", name=words)).to_be_visible(timeout=WAIT)

    def text(self, words: str) -> None:
        expect(self.page.get_by_text(words).first).to_be_visible(timeout=WAIT)

    def key(self, name: str):
        return self.page.locator(f'[class*="st-key-{name.replace(".", "-")}"]')  # Streamlit keeps letters, digits, - and _

    def click(self, name: str) -> None:
        self.key(name).get_by_role("button").first.click()

    def begin(self, title: str) -> None:
        self.page.get_by_label("A short title").fill(title)
        self.click("begin")
        self.heading("What was the intended outcome?")

    def send(self, slot: str, answer: str) -> None:
        self.key(f"box-area-{slot}").get_by_role("textbox").fill(answer)
        self.click(f"send-{slot}")


@pytest.fixture
def window(server: Server) -> Iterator[Window]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert chromium, "Chromium is needed for this test. On Debian: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield Window(browser.new_page(), server)
        browser.close()


def a_whole_review(window: Window, title: str) -> None:
    """From the first page to the saved entry, with a weak answer before each good one."""
    window.begin(title)
    window.send("intended", "I wanted the project to go well")
    window.text("You wrote “I wanted the project to go well”.")
    window.send("intended", GOAL)
    window.heading("What actually happened?")
    window.send("happened", "Everything fell apart because the team dropped the ball")
    window.text("You wrote “Everything fell apart")
    window.send("happened", FACTS)
    window.heading("Why did the gap exist?")
    window.send("why.1.1", "The proposal was late.")
    window.text("You wrote “The proposal was late”.")
    window.click("keep-why.1.1")
    window.click("next-why")
    expect(window.key("send-why.1.2")).to_be_visible(timeout=WAIT)
    window.send("why.1.2", ROOT)
    window.heading("There are two causes in this")
    window.page.locator(".st-key-root button").click()
    window.heading("Which of this was in your control?")
    window.text("The coach would say:")
    window.key("sort-").get_by_text("Fully mine").last.click()
    window.text("You decided.")
    window.click("on-control")
    window.heading("What will you do differently next time?")
    window.send("next", "I'll be more careful")
    window.text("You wrote “I'll be more careful”.")
    window.send("next", CHANGE)
    window.heading("What is the lesson")
    window.send("lesson", LESSON)
    window.heading("What you take from this")
    window.click("save-entry")
    window.text("The whole review")


def test_a_whole_review_and_the_next_ones_side_panel(window: Window) -> None:
    window.open()
    a_whole_review(window, "The late client proposal")
    for words in (FACTS, ROOT, LESSON, CHANGE):
        window.text(words)
    window.open()
    window.begin("The slow offer")
    window.send("intended", "Send the offer for the new kitchen to the Millers by Friday, under 30,000, with Ana's agreement.")
    window.heading("What actually happened?")
    window.send("happened", "The offer went out on Tuesday, four days late, because the client had asked for two more rooms.")
    window.text("From your log")
    window.text(LESSON)
    assert all(address.startswith((window.server.address, "data:", "blob:")) for address in window.asked_for)


def test_a_reload_and_a_kill_lose_nothing(window: Window) -> None:
    window.open()
    window.begin("The failed exam")
    window.send("intended", "Pass the statistics exam on 3 June with at least 70 points.")
    window.heading("What actually happened?")
    window.page.reload()
    window.heading("What actually happened?")
    window.key("box-area-happened").get_by_role("textbox").fill("I scored 48 points.")
    window.key("box-area-happened").get_by_role("textbox").blur()
    window.page.wait_for_timeout(1000)
    window.server.kill()
    window.server.start()
    window.open()
    window.text("The failed exam")
    window.click("resume-")
    window.heading("What actually happened?")
    expect(window.key("box-area-happened").get_by_role("textbox")).to_have_value("I scored 48 points.")


def test_what_stands_in_the_box_survives_a_kill_and_is_sent_by_the_next_click(window: Window) -> None:
    window.open()
    window.begin("The failed exam")
    window.key("box-area-intended").get_by_role("textbox").fill("Pass the statistics exam on 3 June with at least 70 points.")
    window.server.kill()
    window.server.start()
    window.page.wait_for_timeout(12_000)  # Streamlit's page tries to reach its server again after some seconds
    window.click("send-intended")
    window.heading("What actually happened?")
    window.text("Pass the statistics exam on 3 June")


def test_what_is_being_typed_is_kept_two_seconds_behind(window: Window) -> None:
    window.open()
    window.begin("The failed exam")
    box = window.key("box-area-intended").get_by_role("textbox")
    box.click()
    words = "Pass the statistics exam on 3 June with at least 70 points."
    window.page.keyboard.type(words, delay=40)
    window.page.wait_for_timeout(2_500)
    assert window.page.evaluate("document.activeElement.tagName") == "TEXTAREA", "the box keeps the focus"
    expect(box).to_have_value(words)
    window.server.kill()
    window.server.start()
    window.page.goto(window.server.address)  # the browser is known still
    window.page.get_by_role("button", name="Go on with it").click()
    expect(window.key("box-area-intended").get_by_role("textbox")).to_have_value(words, timeout=WAIT)


def test_nobody_is_answered_without_the_token(server: Server) -> None:
    port = int(server.address.rsplit(":", 1)[1])
    entry = server.entry.removeprefix(server.address)
    for host, path, status in (
        (f"127.0.0.1:{port}", "/", 403),
        (f"127.0.0.1:{port}", "/_stcore/health", 403),
        (f"127.0.0.1:{port}", "/?token=guessed", 403),
        (f"127.0.0.1:{port}", entry, 303),
        ("attacker.example", entry, 403),
    ):
        asked = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        asked.request("GET", path, headers={"Host": host})
        assert asked.getresponse().status == status


def test_a_review_by_keyboard_alone(window: Window) -> None:
    window.open()
    keys = window.page.keyboard
    window.page.wait_for_function("document.activeElement.tagName === 'INPUT'")
    keys.type("The missed train")
    keys.press("Control+Enter")
    window.heading("What was the intended outcome?")
    window.page.wait_for_function("document.activeElement.tagName === 'TEXTAREA'")
    keys.type("Be on the 7:40 train to Leeds on Monday 2 March.")
    keys.press("Control+Enter")
    window.heading("What actually happened?")
    window.page.wait_for_function("document.activeElement.tagName === 'TEXTAREA'")


def test_what_not_so_here_has_taught_is_shown_in_the_log_and_can_be_forgotten(window: Window) -> None:
    window.open()
    window.begin("The launch")
    window.send("intended", "I wanted the project to go well")
    window.text("You wrote “I wanted the project to go well”.")
    window.click("dismiss-intended-vague_goal")
    window.heading("What actually happened?")
    window.page.goto(f"{window.server.address}/log")
    window.page.get_by_text("What you have taught the coach").click()
    window.text("Vague goal: once.")
    window.click("unlearn-vague_goal")
    expect(window.page.get_by_text("What you have taught the coach")).to_have_count(0, timeout=WAIT)


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_wider_than_the_screen(window: Window, width: int) -> None:
    window.page.set_viewport_size({"width": width, "height": 900})
    window.open()
    window.begin("W" * 200)
    window.send("intended", "x" * 3000)
    expect(window.key("change-intended").or_(window.key("keep-intended")).first).to_be_visible(timeout=WAIT)
    assert window.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
