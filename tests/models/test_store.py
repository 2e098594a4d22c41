import hashlib
import os
from pathlib import Path

import pytest

from coach.errors import ModelBroken, ModelMissing
from coach.models.catalogue import Model
from coach.models.store import Store, sha256_of
from coach.settings import Settings


class Seen:
    """A progress that counts its calls: a file that is not read makes none."""

    def __init__(self) -> None:
        self.calls: list[tuple[int, int]] = []

    def __call__(self, done: int, total: int) -> None:
        self.calls.append((done, total))


@pytest.fixture
def store(settings: Settings) -> Store:
    return Store(settings)


def put(store: Store, model: Model, data: bytes) -> Path:
    store.folder.mkdir(parents=True, exist_ok=True)
    path = store.path(model)
    path.write_bytes(data)
    return path


def hash_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_a_model_that_is_not_here_says_how_to_fetch_it(store: Store, tiny: Model) -> None:
    with pytest.raises(ModelMissing, match="`coach model pull`"):
        store.file(tiny)


def test_the_right_file_is_given_with_its_hash(store: Store, tiny: Model, parts: tuple[bytes, ...]) -> None:
    path = put(store, tiny, b"".join(parts))
    assert store.file(tiny) == (path, tiny.sha256)


def test_another_file_under_the_models_name_is_not_given(store: Store, tiny: Model) -> None:
    path = put(store, tiny, b"an error page")
    with pytest.raises(ModelBroken) as caught:
        store.file(tiny)
    assert str(path) in str(caught.value)
    assert "`coach model pull`" in str(caught.value)


def test_a_file_is_hashed_once_and_remembered_by_the_next_run(store: Store, settings: Settings, tiny: Model) -> None:
    path, first, second = put(store, tiny, b"some bytes"), Seen(), Seen()
    assert store.sha256(path, first) == hash_of(b"some bytes")
    assert Store(settings).sha256(path, second) == hash_of(b"some bytes")
    assert first.calls == [(10, 10)]
    assert second.calls == []


def test_a_touched_file_is_hashed_again(store: Store, tiny: Model) -> None:
    path = put(store, tiny, b"some bytes")
    store.sha256(path)
    path.write_bytes(b"same size!")
    os.utime(path, ns=(0, 1_700_000_000_000_000_000))
    assert store.sha256(path) == hash_of(b"same size!")


def test_a_file_that_has_grown_is_hashed_again(store: Store, tiny: Model) -> None:
    path = put(store, tiny, b"some bytes")
    store.sha256(path)
    stat = path.stat()
    path.write_bytes(b"some bytes and more")
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert store.sha256(path) == hash_of(b"some bytes and more")


def test_a_hash_can_be_asked_for_anew(store: Store, tiny: Model) -> None:
    path = put(store, tiny, b"some bytes")
    store.sha256(path)
    stat = path.stat()
    path.write_bytes(b"bit rotted")
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert store.sha256(path) == hash_of(b"some bytes"), "what is remembered is believed"
    assert store.sha256(path, anew=True) == hash_of(b"bit rotted")
    assert store.sha256(path) == hash_of(b"bit rotted")


@pytest.mark.parametrize("notes", ["", "{", "[]", '"text"', '{"/elsewhere": {"mark": [1, 2], "sha256": "0"}}'])
def test_damaged_notes_only_cost_time(store: Store, tiny: Model, notes: str) -> None:
    path = put(store, tiny, b"some bytes")
    (store.folder / "checked.json").write_text(notes, encoding="utf-8")
    assert store.sha256(path) == hash_of(b"some bytes")
    assert store.sha256(path, unread := Seen()) == hash_of(b"some bytes")
    assert unread.calls == []


def test_notes_that_cannot_be_written_only_cost_time(store: Store, tiny: Model) -> None:
    path = put(store, tiny, b"some bytes")
    (store.folder / "checked.json").mkdir()
    assert store.sha256(path) == hash_of(b"some bytes")


def test_progress_ends_at_the_whole(tmp_path: Path) -> None:
    path, seen = tmp_path / "file", Seen()
    path.write_bytes(bytes((1 << 22) + 5))
    assert sha256_of(path, seen) == hash_of(bytes((1 << 22) + 5))
    assert seen.calls == [(1 << 22, (1 << 22) + 5), ((1 << 22) + 5, (1 << 22) + 5)]


def test_without_coach_model_the_catalogues_is_wanted(store: Store) -> None:
    with pytest.raises(ModelMissing, match="The chat model is not here yet"):
        store.chat_file()


def test_ones_own_model_is_used_wherever_it_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "own.gguf"
    own.write_bytes(b"my own")
    monkeypatch.setenv("COACH_MODEL", str(own))
    assert Store(Settings()).chat_file() == (own, hash_of(b"my own"))


@pytest.mark.parametrize("name", ["no-such.gguf", "."])
def test_a_coach_model_that_is_no_file_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("COACH_MODEL", str(tmp_path / name))
    with pytest.raises(ModelMissing) as caught:
        Store(Settings()).chat_file()
    assert f"COACH_MODEL names {tmp_path / name}, which is not a file" in str(caught.value)


def test_a_file_that_may_not_be_read_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(path: Path, progress: object) -> str:
        raise PermissionError(13, "Permission denied")

    own = tmp_path / "own.gguf"
    own.write_bytes(b"my own")
    monkeypatch.setattr("coach.models.store.sha256_of", refused)
    monkeypatch.setenv("COACH_MODEL", str(own))
    with pytest.raises(ModelBroken, match=r"own\.gguf cannot be read \(Permission denied\)"):
        Store(Settings()).chat_file()
