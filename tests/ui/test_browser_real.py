"""The app as a person has it: `coach run`, Chromium, the true model. Marked ``real``."""

import http.client
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.ui.browser import CHANGE, FACTS, LESSON, ROOT, WAIT, Server, Window, a_whole_review, browser_page

pytestmark = [pytest.mark.real, pytest.mark.timeout(900)]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    running = Server(tmp_path / "journal")
    yield running
    running.stop()


@pytest.fixture
def window(server: Server) -> Iterator[Window]:
    with browser_page() as page:
        yield Window(page, server)


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
