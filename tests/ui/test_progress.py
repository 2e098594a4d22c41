"""What the page says while the start goes on behind it."""

import threading
from collections.abc import Iterator

import pytest

from coach.compose import Parts, load_models
from coach.settings import Settings
from coach.ui import waiting


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


def test_once_it_is_there_nothing_is_said_of_it(screen) -> None:
    window = screen().begin()
    assert bars(window) == []
    assert "getting ready" not in window.text
