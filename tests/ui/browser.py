"""The app as a person has it, for tests: `coach run` in a process of its own, and a page of Chromium in front of it."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

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

    def __init__(self, folder: Path, **environment: str) -> None:
        self._environment = {**os.environ, "COACH_DATA": str(folder), "COACH_PORT": "8750", **environment}
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


@contextmanager
def browser_page() -> Iterator[Page]:
    """A page of Chromium."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert chromium, "Chromium is needed for this test. On Debian: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser.new_page()
        browser.close()


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
