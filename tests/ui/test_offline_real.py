"""A whole review, search and export without any network, and pages that ask nobody but their own address. Marked ``real``."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.namespaces import NO_NETWORK, run_in
from tests.ui.browser import CHANGE, FACTS, LESSON, Server, Window, a_whole_review, browser_page

pytestmark = [pytest.mark.real, pytest.mark.timeout(900)]

INSIDE = "COACH_TEST_INSIDE"
IMAGE = "https://pictures.example/seen.png"
PLANTED = f'![seen]({IMAGE}) <img src="{IMAGE}"> <script src="{IMAGE}"></script> [x]({IMAGE}) :material/{IMAGE}: {IMAGE}'


@pytest.mark.skipif(INSIDE in os.environ, reason="runs the test below, in a namespace")
def test_it_all_works_where_there_is_no_network_at_all() -> None:
    inside = f"{__file__}::test_inside_the_namespace"
    command = [sys.executable, "-m", "pytest", "-q", "-m", "real", "-p", "no:cacheprovider", "--timeout", "800", inside]
    done = run_in("n", NO_NETWORK, command, **{INSIDE: "1"})
    assert done.returncode == 0, done.stdout[-3000:]
    assert "1 passed" in done.stdout


@pytest.mark.skipif(INSIDE not in os.environ, reason="is run by the test above, in a namespace")
def test_inside_the_namespace(tmp_path: Path) -> None:
    assert [name for _, name in socket.if_nameindex()] == ["lo"], "no interface but loopback"
    server = Server(tmp_path / "journal")
    with browser_page() as page:
        window = Window(page, server)
        window.open()
        a_whole_review(window, "The late client proposal")
        for words in (FACTS, LESSON, CHANGE):
            window.text(words)
    server.stop()
    assert_own_requests(window)
    environment = {**os.environ, "COACH_DATA": str(tmp_path / "journal")}
    assert "The late client proposal" in called(environment, "search", "a proposal that came too late")
    called(environment, "export", "--as", "json", str(tmp_path / "log.json"))
    assert LESSON in json.loads((tmp_path / "log.json").read_text(encoding="utf-8"))["entries"][0]["entry"]["lesson"]


def called(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "coach.cli", *arguments], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def assert_own_requests(window: Window) -> None:
    asked = window.asked_for
    assert len(asked) > 10
    foreign = {address for address in asked if not address.startswith((f"{window.server.address}/", "data:", "blob:"))}
    assert not foreign


def violations(page: Page) -> list[str]:
    """What the page tried to load and the browser refused, by the policy of the answers."""
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if "Content Security Policy" in message.text else None)
    return refused


KIND = f"""
name: "A look back {IMAGE}"
about: "{IMAGE} ![x]({IMAGE})"
steps:
  - name: seen
    does: question
    number: 1
    ask: "What was it? ![x]({IMAGE})"
    hint: '<img src="{IMAGE}">'
fields:
  situation: {{ask: What happened, starts_with: [seen]}}
  lesson: {{ask: The lesson}}
"""


def test_a_picture_planted_in_an_answer_a_title_an_import_or_a_file_loads_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "journal"
    notes = tmp_path / "notes"
    notes.mkdir()
    (notes / "planted.md").write_text(f"# {PLANTED}\n\n{PLANTED}\n\n#tag{IMAGE}\n", encoding="utf-8")
    (folder / "reviews").mkdir(parents=True)
    (folder / "reviews" / "planted.yaml").write_text(KIND, encoding="utf-8")
    environment = {**os.environ, "COACH_DATA": str(folder), "COACH_ADAPTERS": "fake"}
    called(environment, "import", "--yes", str(notes))
    server = Server(folder, COACH_ADAPTERS="fake")
    with browser_page() as page:
        refused = violations(page)
        window = Window(page, server)
        window.open()
        for place in ("log", "search", "patterns", "growth", "quarterly", "data"):
            page.goto(f"{server.address}/{place}")
            page.wait_for_load_state("networkidle")
        window.open()
        window.begin(PLANTED[:190])
        window.send("intended", PLANTED)
        window.text("seen.png")
        page.goto(f"{server.address}/log")
        page.wait_for_load_state("networkidle")
        assert (
            page.locator('img[src*="pictures.example"], script[src*="pictures.example"], a[href*="pictures.example"]').count() == 0
        )
    server.stop()
    assert_own_requests(window)
    assert not refused, "nothing even tried to load it"


def test_the_browser_itself_would_refuse_a_foreign_picture(tmp_path: Path) -> None:
    server = Server(tmp_path / "journal", COACH_ADAPTERS="fake")
    with browser_page() as page:
        refused = violations(page)
        window = Window(page, server)
        window.open()
        page.evaluate(f"document.body.insertAdjacentHTML('beforeend', '<img src={IMAGE}>')")
        page.evaluate(f"fetch('{IMAGE}').catch(() => 0)")
        page.wait_for_timeout(500)
    server.stop()
    assert len(refused) >= 2
