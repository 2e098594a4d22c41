"""What the page says while the start goes on behind it."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from coach.compose import Parts, load_models
from coach.llm.base import Prompt
from coach.llm.fake import FakeLanguageModel
from coach.pushback.ask import all_prompts
from coach.settings import Settings
from coach.ui import state, waiting
from coach.workshop import Workshop


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """The models are not loaded before this is set."""
    go_on = threading.Event()

    def load(settings: Settings, parts: Parts) -> None:
        assert go_on.wait(30)
        load_models(settings, parts)

    monkeypatch.setattr("coach.door.load_models", load)
    yield go_on
    go_on.set()


def bars(window) -> list[tuple[int, str]]:
    return [(bar.proto.value, bar.proto.text) for bar in window.at.get("progress")]


def test_the_page_is_there_before_the_model_and_says_how_far_it_is(screen, held, monkeypatch) -> None:
    window = screen()
    assert "getting ready" in window.text
    assert bars(window) == []
    monkeypatch.setattr(Parts, "loading", 0.4)
    window.at.run()
    assert bars(window) == [(40, "The model is being loaded: 40%. What is here can be used meanwhile.")]
    assert "getting ready" not in window.text
    assert "begin" in window.buttons, "it can be used meanwhile"


def test_a_page_that_cannot_go_on_without_it_says_so_in_the_same_place(screen, held, monkeypatch) -> None:
    window, draw, drawn = screen(), waiting._draw, list[tuple[float | None, str]]()
    place = waiting.DeltaGenerator

    def noted(place: place, loaded: float | None, more: str = "") -> None:
        drawn.append((loaded, more))
        draw(place, loaded, more)
        if loaded == 1.0:
            held.set()

    far = iter([0.2, 0.6, 1.0])
    monkeypatch.setattr(Parts, "loading", property(lambda self: next(far)))
    monkeypatch.setattr(waiting, "_draw", noted)
    assert window.visit("patterns").heading == "Patterns"
    assert [loaded for loaded, _ in drawn] == [0.2, 0.6, 1.0]
    assert [bool(more) for _, more in drawn] == [True, False, False], "that page cannot be used meanwhile"
    assert bars(window) == []


@pytest.fixture
def three(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Of the prompts all but three are kept; the second of those is not prepared before this is set."""
    go_on, missing, second = threading.Event(), all_prompts()[-3:], all_prompts()[-2]

    def prepare(self: FakeLanguageModel, prompt: Prompt) -> None:
        assert prompt != second or go_on.wait(30)
        missing.remove(prompt)

    monkeypatch.setattr(FakeLanguageModel, "keeps", lambda self, prompt: prompt not in missing)
    monkeypatch.setattr(FakeLanguageModel, "prepare", prepare)
    yield go_on
    go_on.set()


def until(seen: Callable[[], object]) -> None:
    """Wait for what a thread behind the page does."""
    end = time.monotonic() + 5
    while not seen():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.01)


def test_a_line_says_how_many_questions_are_prepared_and_goes_when_all_are(screen, three) -> None:
    window, total = screen(), len(all_prompts())
    until(lambda: state.workshop().preparing == (total - 2, total))
    window.at.run()
    assert f"{total - 2} of {total}. You can begin" in window.text
    assert window.begin().heading == "What was the intended outcome?", "it can be gone on with"
    three.set()
    until(lambda: state.workshop().preparing is None)
    window.at.run()
    assert "prepared" not in window.text


def test_where_all_are_kept_no_line_flashes(screen, monkeypatch) -> None:
    told = list[tuple[int, int]]()
    note = Workshop._note_prepared

    def noted(self: Workshop, done: int, total: int) -> None:
        note(self, done, total)
        told.append((done, total))
        assert self.preparing is None

    monkeypatch.setattr(Workshop, "_note_prepared", noted)
    window = screen()
    until(lambda: state.workshop().ready and state.workshop().preparing is None)
    window.at.run()
    assert told == [(len(all_prompts()), len(all_prompts()))]
    assert "prepared" not in window.text


def test_once_it_is_there_nothing_is_said_of_it(screen) -> None:
    window = screen().begin()
    assert bars(window) == []
    assert "getting ready" not in window.text
