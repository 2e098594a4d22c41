"""Whatever is written is shown as text: no element, no attribute and no address of it reaches the page."""

import re
from collections.abc import Callable
from html import unescape

import pytest
import streamlit as st
from hypothesis import given, settings

from coach.ui import text as shown
from coach.ui.data import file_name
from tests.hostile.test_text_kept import Seen
from tests.hostile.texts import LONG, SHORT, hostile

FEW = settings(max_examples=80, deadline=None, derandomize=True)
_OWN = {"p", "h1", "h2", "mark"}
_ATTRIBUTES = {"class", "dir", "tabindex", "role", "aria-live", "aria-busy"}
_SHOWING: dict[str, Callable[[str], object]] = {"words": shown.words, "title": shown.title, "note": shown.note}

_ADDRESS = re.compile(r"(?:https?://|www(?=\.))[-.\w]+|[-.\w+]+@[-\w]+(?:\.[-\w]+)+", re.IGNORECASE)
_SMILEY = re.compile(r":\+1:|:-1:|:[\w-]+:")
_ARROWS = re.compile(r"<-|->|--|>=|<=|~=")
_ALIVE = re.compile(r"(?<!\\)(?:\\\\)*[`*_{}\[\]()<>#!|~$^&]")


def on_the_page(show: Callable[[str], object], text: str, monkeypatch: pytest.MonkeyPatch) -> str:
    bodies: list[str] = []
    monkeypatch.setattr(st, "html", bodies.append)
    show(text)
    return "".join(bodies)


def is_text_alone(body: str) -> bool:
    seen = Seen(body)
    return {tag for tag, _ in seen.elements} <= _OWN and {name for _, found in seen.elements for name in found} <= _ATTRIBUTES


@pytest.mark.parametrize("how", _SHOWING)
@pytest.mark.parametrize("name", SHORT)
def test_a_hostile_text_is_shown_as_it_stands(how: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    body = on_the_page(_SHOWING[how], SHORT[name], monkeypatch)
    assert is_text_alone(body)
    assert SHORT[name] in unescape(re.sub(r"</?(?:p|h1|mark)\b[^>]*>", "", body)) or "entities" in name
    assert body.count("<") == 2 == body.count(">")


@FEW
@given(hostile(surrogates=True))
def test_marks_change_no_letter_and_bring_no_element(text: str) -> None:
    marks = [(at, at + 3) for at in range(0, len(text), 7)] + [(0, 2), (1, 4)]
    body = shown.marked(text, marks)
    assert unescape(re.sub(r"</?mark>", "", body)) == text or "&" in text  # a person may have typed an entity
    assert {tag for tag, _ in Seen(body).elements} <= {"mark"}
    assert is_text_alone(shown.question(text))


@FEW
@given(hostile())
def test_a_label_says_what_was_written_and_nothing_in_it_is_read_as_markdown(text: str) -> None:
    label = shown.label(text)
    assert not _ALIVE.search(label)
    assert re.sub(r"\\(.)", r"\1", label.replace("\u2060", "")) == " ".join(text.replace("\u2060", "").split()) or "\u2060" in text
    assert "\n" not in label


@pytest.mark.parametrize("name", SHORT)
def test_a_label_makes_no_link_no_smiley_and_no_arrow_of_what_was_written(name: str) -> None:
    said = re.sub(r"\\(.)", r"\1", shown.label(SHORT[name]))  # as the page has it once backslashes have been read
    assert not _ADDRESS.search(said)
    assert not _SMILEY.search(said)
    assert not _ARROWS.search(said)


@pytest.mark.parametrize("name", LONG)
def test_of_a_million_characters_the_beginning_is_shown(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    body = on_the_page(shown.words, LONG[name], monkeypatch)
    assert len(unescape(body)) < 21_000
    assert "more characters, all kept." in body


@pytest.mark.parametrize("told", ["..", ".", "", "/", "a\0.md", "\ud800.md", "é" * 400 + ".md", "../../x.md", "x" * 300])
def test_an_upload_can_be_called_anything(told: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("upload")
    (folder / file_name(told)).write_bytes(b"x")
    assert [one.parent for one in folder.rglob("*")] == [folder]
    assert file_name("Ünï 2026 👩\u200d👧.md") == "Ünï 2026 👩\u200d👧.md"
