"""What follows on an answer is done while it is typed, in a browser, with the true model. Marked ``real``."""

import time
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.ui.browser import WAIT, Server, Window, browser_page
from tests.ui.test_stopping_real import model_process, settled, worked

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]


def type_and_rest(window: Window, title: str, answer: str) -> int:
    """Type an answer, and wait until the model has done all that it does ahead; its process."""
    window.open()
    window.begin(title)
    pid = model_process(window.server)
    settled(pid)
    before = worked(pid)
    box = window.key("box-area-intended").get_by_role("textbox")
    box.click()
    box.press_sequentially(answer)
    while worked(pid) - before < 0.5:  # it begins two seconds behind the last letter
        time.sleep(0.1)
    settled(pid)
    return pid


def test_a_question_that_was_made_while_the_answer_was_typed_needs_no_model_when_it_is_sent(tmp_path: Path) -> None:
    server = Server(tmp_path)
    try:
        with browser_page() as page:
            window = Window(page, server)
            pid = type_and_rest(window, "Typed", "I wanted the whole trip to be a success")
            before = worked(pid)
            window.click("send-intended")
            expect(page.get_by_role("button", name="Keep it as it is")).to_be_visible(timeout=WAIT)
            window.text("You wrote “I wanted the whole trip to be a success”.")
            done = worked(pid) - before
            assert done < 0.4, f"{done:.1f} s of work for what was there already"
    finally:
        server.stop()


def test_typing_on_gives_up_what_was_begun_and_the_question_is_about_what_was_sent(tmp_path: Path) -> None:
    server = Server(tmp_path)
    try:
        with browser_page() as page:
            window = Window(page, server)
            type_and_rest(window, "Typed on", "I wanted the whole trip")
            window.key("box-area-intended").get_by_role("textbox").press_sequentially(" to be a success for the children")
            window.click("send-intended")
            window.text("You wrote “I wanted the whole trip to be a success for the children”.")
            expect(page.get_by_role("button", name="Keep it as it is")).to_be_visible(timeout=WAIT)
    finally:
        server.stop()
