"""What is prepared once, and how a later start knows of it without a model."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from coach import prepared
from coach.compose import Parts
from coach.errors import ModelError
from coach.llm.base import Frame, Prompt, Reading
from coach.llm.fake import FakeLanguageModel
from coach.llm.prefixes import MARK
from coach.llm.tuning import Kept, Tuning, machine_of
from coach.models.store import sha256_of
from coach.patterns.tendency import frame
from coach.prepared import is_prepared, prepare, prepare_prompts
from coach.pushback.ask import all_prompts
from coach.settings import Settings

TOTAL = len(all_prompts())


class Keeping(FakeLanguageModel):
    """Keeps a prompt as a file, as long as there is a folder; fails at the prompt of a number."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.folder, self.prepared, self.read_with = settings.prefix_folder, list[Prompt](), list[Frame]()
        self.fails_at, self.failure = -1, BaseException()

    def path(self, prompt: Prompt) -> Path:
        return self.folder / f"{hashlib.sha256(repr(prompt).encode()).hexdigest()[:32]}.state"

    def read(self, frame: Frame, text: str) -> Reading:
        self.read_with.append(frame)
        return super().read(frame, text)

    def keeps(self, prompt: Prompt) -> bool:
        return self.path(prompt).is_file()

    def prepare(self, prompt: Prompt) -> None:
        if len(self.prepared) == self.fails_at:
            raise self.failure
        self.prepared.append(prompt)
        if self.folder.is_dir():
            self.path(prompt).touch()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """With a chat model of one's own."""
    own = tmp_path / "own.gguf"
    own.write_bytes(b"GGUF")
    made = Settings(adapters="real", model=own, cache=tmp_path / "cache")
    made.prefix_folder.mkdir(parents=True)
    return made


@pytest.fixture
def model(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Keeping:
    """What is loaded, each time; the tendency view is fitted to it."""
    assert settings.model
    made = Keeping(settings)
    made.sha256 = sha256_of(settings.model)

    def load(settings: Settings, parts: Parts) -> None:
        parts.model, parts.projection = made, object()  # type: ignore[assignment]

    monkeypatch.setattr(prepared, "load_model", load)
    return made


def quiet(done: int, total: int) -> None:
    assert done <= total == TOTAL


def test_all_prompts_and_the_words_in_front_of_an_entry_are_prepared_and_told(settings: Settings, model: Keeping) -> None:
    told: list[tuple[int, int]] = []
    assert not is_prepared(settings)
    prepare_prompts(settings, lambda done, total: told.append((done, total)))
    assert told == [(done, TOTAL) for done in range(TOTAL + 1)]
    assert model.prepared == all_prompts()
    assert model.read_with == [frame()]
    assert is_prepared(settings)


def test_what_is_kept_is_not_evaluated_again(settings: Settings, model: Keeping) -> None:
    told: list[tuple[int, int]] = []
    for prompt in all_prompts()[:4]:
        model.path(prompt).touch()
    prepare_prompts(settings, lambda done, total: told.append((done, total)))
    assert told == [(done, TOTAL) for done in range(4, TOTAL + 1)]
    assert model.prepared == all_prompts()[4:]


def another_model(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings.model
    settings.model.write_bytes(b"GGUF, another one")


def another_library(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coach.prepared.metadata.version", lambda name: "0.0.1")


def another_form(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepared, "tuning_of", lambda settings, sha256: Tuning(kv="q8_0"))


def other_words(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = [Prompt("Ask something else.", ()), *all_prompts()[1:]]
    monkeypatch.setattr(prepared, "all_prompts", lambda: changed)


def a_state_that_is_gone(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    next(settings.prefix_folder.glob("*.state")).unlink()


def a_mark_that_is_broken(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    (settings.prefix_folder / MARK).write_bytes(b"\xff")


@pytest.mark.parametrize(
    "change", [another_model, another_library, another_form, other_words, a_state_that_is_gone, a_mark_that_is_broken]
)
def test_what_no_longer_holds_is_seen(
    settings: Settings, model: Keeping, monkeypatch: pytest.MonkeyPatch, change: Callable[[Settings, pytest.MonkeyPatch], None]
) -> None:
    prepare_prompts(settings, quiet)
    change(settings, monkeypatch)
    assert not is_prepared(settings)


def test_a_tuning_that_changes_no_state_leaves_them_prepared(settings: Settings, model: Keeping) -> None:
    prepare_prompts(settings, quiet)
    kept = Kept(machine=machine_of(model.sha256, "0.3", 2), tuning=Tuning(threads=1, batch=128), explained=[])
    settings.tuning_file.write_text(kept.model_dump_json(), encoding="utf-8")
    assert is_prepared(settings)


def test_an_interrupt_keeps_what_was_done_and_the_next_call_goes_on(settings: Settings, model: Keeping) -> None:
    model.fails_at, model.failure = 2, KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        prepare_prompts(settings, quiet)
    assert not is_prepared(settings)
    model.fails_at = -1
    prepare_prompts(settings, quiet)
    assert model.prepared == all_prompts()
    assert is_prepared(settings)


def test_where_nothing_can_be_kept_it_is_said_after_the_first(settings: Settings, model: Keeping) -> None:
    settings.prefix_folder.rmdir()
    with pytest.raises(ModelError, match=f"cannot be kept in {settings.prefix_folder}"):
        prepare_prompts(settings, quiet)
    assert len(model.prepared) == 1
    assert not is_prepared(settings)


def test_a_model_that_cannot_be_loaded_is_told(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepared, "load_model", lambda settings, parts: parts.notes.append("There is too little memory."))
    with pytest.raises(ModelError, match=r"^There is too little memory\.$"):
        prepare_prompts(settings, quiet)


def test_the_app_marks_what_it_has_prepared_and_ends_when_it_is_not_wanted(settings: Settings, model: Keeping) -> None:
    prepare(settings, Parts(model=model), quiet, lambda: len(model.prepared) == 3)
    assert len(model.prepared) == 3
    assert not is_prepared(settings)
    prepare(settings, Parts(model=model), quiet)
    assert is_prepared(settings)
    assert model.read_with == [], "without the tendency view its words are not needed"


def test_without_a_model_nothing_is_prepared(settings: Settings) -> None:
    prepare(settings, Parts(), quiet)
    assert list(settings.prefix_folder.iterdir()) == []


def test_the_fakes_have_nothing_to_prepare(settings: Settings) -> None:
    fake = settings.model_copy(update={"adapters": "fake"})
    assert is_prepared(fake)
    prepare(fake, Parts(model=FakeLanguageModel()), quiet)
    assert list(settings.prefix_folder.iterdir()) == []
