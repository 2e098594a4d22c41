"""The passphrase on the screens: set, asked for, wrong, locked, changed and taken off."""

import pytest

from coach.journal import key
from coach.journal.key import is_encrypted
from coach.settings import load_settings
from coach.ui import state

WORDS = "four or five words"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key, "_COST", 1 << 4)


def fill(window, name: str, *given: str) -> None:
    for number, words in enumerate(given):
        window.at.text_input(key=f"vault-{name}-{number}").set_value(words)
    submit(window, {"set": "Encrypt the journal", "change": "Encrypt it anew", "off": "Make it plain"}[name])


def submit(window, label: str) -> None:
    next(button for button in window.at.button if button.label == label).click().run()
    assert not window.at.exception


def unlock(window, words: str) -> None:
    window.at.text_input(key="passphrase").set_value(words)
    submit(window, "Open it")


def test_without_one_the_page_says_what_protects_the_journal(screen) -> None:
    assert "Your account on this machine" in screen().visit("data").text


def test_from_plain_to_locked_and_back(screen) -> None:
    window = screen().begin("The late proposal")
    window.visit("data")
    assert "cannot be got back" in window.text, "said before it is set"
    fill(window, "set", WORDS, WORDS)
    assert is_encrypted(load_settings().journal_file)
    assert "Your passphrase" in window.text
    window.click("lock-now")
    assert window.heading == "The journal is locked"
    assert "The late proposal" not in window.text
    unlock(window, "something else")
    assert "not the passphrase" in window.text
    unlock(window, WORDS)
    assert window.heading != "The journal is locked"
    window.visit("data")
    fill(window, "change", WORDS, "another passphrase", "another passphrase")
    window.click("lock-now")
    unlock(window, WORDS)
    assert window.heading == "The journal is locked"
    unlock(window, "another passphrase")
    window.visit("data")
    fill(window, "off", "another passphrase")
    assert not is_encrypted(load_settings().journal_file)
    assert "The late proposal" in screen().text


def test_two_that_differ_change_nothing(screen) -> None:
    window = screen().visit("data")
    fill(window, "set", WORDS, WORDS + "!")
    assert "differ" in window.text
    assert not is_encrypted(load_settings().journal_file)


def test_a_locked_journal_shows_nothing_on_any_page(screen) -> None:
    window = screen().begin("The late proposal")
    window.visit("data")
    fill(window, "set", WORDS, WORDS)
    state.door().lock()
    for page in ("", "log", "data", "review", "entry", "search", "growth", "patterns", "quarterly", "share"):
        other = screen().visit(page)
        assert other.heading == "The journal is locked"
        assert "The late proposal" not in other.text
        assert {button.label for button in other.at.button} == {"Open it"}


def test_what_was_typed_is_there_after_it_was_locked(screen) -> None:
    window = screen().begin("The late proposal")
    review = window.review_id
    window.type("intended", "Deliver it by Monday.")
    window.visit("data")
    fill(window, "set", WORDS, WORDS)
    window.click("lock-now")
    unlock(window, WORDS)
    window.visit("review", review=review)
    assert window.box("intended").value == "Deliver it by Monday."


def test_open_to_others_each_window_gives_the_passphrase(screen, monkeypatch: pytest.MonkeyPatch) -> None:
    window = screen().visit("data")
    fill(window, "set", WORDS, WORDS)
    monkeypatch.setattr(type(load_settings()), "is_open_to_others", True)
    other = screen()
    assert other.heading == "The journal is locked"
    unlock(other, "something else")
    assert other.heading == "The journal is locked"
    unlock(other, WORDS)
    assert other.heading != "The journal is locked"
    assert window.visit("data").heading != "The journal is locked"
