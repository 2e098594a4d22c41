"""The laws of a vector index: the exact one in memory and, marked ``real``, Chroma on disk obey the same."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest

from coach.errors import IndexUnavailable
from coach.index.base import VectorIndex
from coach.index.chroma import ChromaIndex, ChromaInMemory
from coach.index.meanwhile import Meanwhile
from coach.index.memory import MemoryIndex
from coach.journal.sqlite import SqliteJournal
from coach.llm.base import Vector
from coach.llm.fake import FakeEmbedder
from coach.recall import SITUATION, Recall, Seen
from coach.schema import Entry, ReviewHead

Open = Callable[[], ChromaIndex]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "index"


@pytest.fixture
def chroma(folder: Path) -> Iterator[Open]:
    """Opens Chroma on the same folder each time; whatever is open at the end is closed."""
    opened: list[ChromaIndex] = []

    def open_it() -> ChromaIndex:
        opened.append(ChromaIndex(folder))
        return opened[-1]

    yield open_it
    for index in opened:
        index.close()


@pytest.fixture(
    params=[
        "memory",
        "meanwhile",
        pytest.param("chroma", marks=pytest.mark.real),
        pytest.param("chroma in memory", marks=pytest.mark.real),
        pytest.param("chroma, meanwhile", marks=pytest.mark.real),
    ]
)
def index(request: pytest.FixtureRequest) -> Iterator[VectorIndex]:
    made: dict[str, Callable[[], VectorIndex]] = {
        "memory": MemoryIndex,
        "chroma": lambda: request.getfixturevalue("chroma")(),
        "chroma in memory": ChromaInMemory,
        "meanwhile": lambda: Meanwhile(MemoryIndex()),
        "chroma, meanwhile": lambda: Meanwhile(ChromaInMemory()),
    }
    opened = made[request.param]()
    yield opened
    opened.close()


def at(degrees: float) -> Vector:
    """A unit vector in that direction."""
    return np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))], np.float32)


def many(count: int, width: int = 32) -> dict[str, Vector]:
    rows = np.random.default_rng(1).standard_normal((count, width)).astype(np.float32)
    return {f"e{n}": row / np.linalg.norm(row) for n, row in enumerate(rows)}


def nearest(index: VectorIndex, vector: Vector, most: int = 10, leave_out: tuple[str, ...] = ()) -> list[str]:
    return [near.id for near in index.nearest(vector, most, leave_out)]


def test_the_nearest_come_first_with_their_cosine(index: VectorIndex) -> None:
    index.add({"far": at(120), "near": at(10), "same": at(0), "opposite": at(180)})
    found = index.nearest(at(0), 10)
    assert [near.id for near in found] == ["same", "near", "far", "opposite"]
    assert [near.similarity for near in found] == pytest.approx([1, np.cos(np.radians(10)), -0.5, -1], abs=1e-5)


def test_no_more_come_than_are_asked_for(index: VectorIndex) -> None:
    index.add({"a": at(0), "b": at(10), "c": at(20)})
    assert nearest(index, at(0), 2) == ["a", "b"]
    assert nearest(index, at(0), 0) == []


def test_an_empty_index_finds_nothing(index: VectorIndex) -> None:
    assert index.nearest(at(0), 3) == []
    assert index.ids() == set()


def test_what_is_left_out_takes_no_place(index: VectorIndex) -> None:
    index.add({"a": at(0), "b": at(10), "c": at(20), "d": at(30)})
    assert nearest(index, at(0), 2, ("a", "c", "not there")) == ["b", "d"]
    assert nearest(index, at(0), 2, ("a", "b", "c", "d")) == []


def test_many_may_be_left_out(index: VectorIndex) -> None:
    index.add(many(300))
    kept = nearest(index, many(300)["e7"], 300)
    assert nearest(index, many(300)["e7"], 3, tuple(kept[:250])) == kept[250:253]


def test_of_some_entries_only_these_are_found(index: VectorIndex) -> None:
    index.add({"a": at(0), "b": at(10), "c": at(20), "d": at(30)})
    assert [near.id for near in index.nearest(at(0), 2, among={"b", "d", "not there"})] == ["b", "d"]
    assert [near.id for near in index.nearest(at(0), 2, ("b",), among={"b", "d"})] == ["d"]
    assert index.nearest(at(0), 2, among=set()) == []


def test_a_vector_added_again_replaces_the_old_one(index: VectorIndex) -> None:
    index.add({"moves": at(0), "stays": at(40)})
    index.add({"moves": at(90)})
    assert nearest(index, at(0)) == ["stays", "moves"]
    assert index.ids() == {"moves", "stays"}


def test_adding_nothing_changes_nothing(index: VectorIndex) -> None:
    index.add({"a": at(0)})
    index.add({})
    assert index.ids() == {"a"}


def test_ids_are_all_it_holds(index: VectorIndex) -> None:
    index.add(many(40))
    index.add({"e40": many(41)["e40"]})
    assert index.ids() == set(many(41))


def test_the_nearest_are_those_of_exact_arithmetic(index: VectorIndex) -> None:
    vectors = many(200)
    index.add(vectors)
    wanted = np.random.default_rng(2).standard_normal(32).astype(np.float32)
    wanted /= np.linalg.norm(wanted)
    exact = sorted(vectors, key=lambda id: -float(vectors[id] @ wanted))[:5]
    assert nearest(index, wanted, 5) == exact


def test_a_new_index_has_no_stamp(index: VectorIndex) -> None:
    assert index.stamp() is None
    index.add({"a": at(0)})
    assert index.stamp() is None


def test_reset_forgets_everything_and_takes_on_the_stamp(index: VectorIndex) -> None:
    index.reset("old model")
    index.add({"a": at(0), "b": at(10)})
    index.reset("new model")
    assert index.stamp() == "new model"
    assert index.ids() == set()
    assert index.nearest(at(0), 3) == []


def test_after_a_reset_vectors_may_have_another_width(index: VectorIndex) -> None:
    index.reset("narrow")
    index.add({"a": at(0)})
    index.reset("wide")
    index.add(many(3))
    assert nearest(index, many(3)["e1"], 1) == ["e1"]


# -- Chroma alone -------------------------------------------------------------------------------------------------


@pytest.mark.real
def test_chroma_keeps_vectors_and_stamp_when_it_is_opened_again(chroma: Open) -> None:
    first = chroma()
    first.reset("a model")
    first.add({"a": at(0), "b": at(90)})
    first.close()
    again = chroma()
    assert again.stamp() == "a model"
    assert again.ids() == {"a", "b"}
    assert nearest(again, at(80), 1) == ["b"]


class Gate(MemoryIndex):
    """Takes nothing in before it is opened, or fails."""

    def __init__(self) -> None:
        super().__init__()
        self.opened, self.fails = threading.Event(), False

    def add(self, vectors) -> None:
        self.opened.wait(10)
        if self.fails:
            raise IndexUnavailable("no")
        super().add(vectors)


@pytest.mark.parametrize("fails", [False, True])
def test_what_the_slow_index_has_not_taken_in_is_found_all_the_same(fails: bool) -> None:
    slow, vectors = Gate(), many(1200)
    slow.fails = fails
    index, wanted = Meanwhile(slow), MemoryIndex()
    index.add(vectors)
    wanted.add(vectors)
    assert slow.ids() == set()
    assert index.ids() == set(vectors)
    before = index.nearest(vectors["e7"], 5, ("e7",), set(list(vectors)[:600]))
    assert before == wanted.nearest(vectors["e7"], 5, ("e7",), set(list(vectors)[:600]))
    slow.opened.set()
    index.settle()
    assert slow.ids() == (set() if fails else set(vectors))
    assert index.nearest(vectors["e7"], 5) == wanted.nearest(vectors["e7"], 5)


def test_what_is_replaced_while_it_is_handed_over_is_not_lost() -> None:
    slow = Gate()
    index = Meanwhile(slow)
    index.add({"a": at(0)})
    index.add({"a": at(90)})
    slow.opened.set()
    index.settle()
    assert index.nearest(at(90), 1)[0].similarity == pytest.approx(1)


@pytest.mark.real
def test_two_collections_in_memory_do_not_know_of_each_other() -> None:
    first, second = ChromaInMemory(), ChromaInMemory()
    first.add({"a": at(0)})
    assert second.ids() == set()
    second.close()
    assert nearest(first, at(0)) == ["a"]
    first.close()


@pytest.mark.real
def test_chromas_folder_holds_ids_but_no_text(chroma: Open, folder: Path, journal: SqliteJournal) -> None:
    moment = datetime(2026, 3, 15, 12, tzinfo=UTC)
    words = {name: f"{name} Zyxwvut" for name in ("title", "situation", "root_cause", "lesson", "change")}
    entry = Entry(id="the-entrys-id", review_id="r1", happened_on=date(2026, 3, 1), tags=("Zyxwvut",), closed_at=moment, **words)
    head = ReviewHead(id="r1", title=entry.title, status="closed", stage="close", started_at=moment, updated_at=moment)
    journal.append(head, 0, [], entry)
    index = chroma()
    recall = Recall(journal, {SITUATION: Seen(FakeEmbedder(), index, 0.3)})
    recall.catch_up()
    recall.remember(entry)
    assert recall.similar("situation Zyxwvut", bar=-1)[0].entry == entry
    index.close()
    held = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert b"the-entrys-id" in held
    assert b"zyxwvut" not in held.lower()


def overwrite(path: Path) -> None:
    path.write_bytes(b"not a database " * 500)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.real
@pytest.mark.parametrize("damage", [overwrite, cut])
def test_a_damaged_chroma_is_thrown_away_and_works(chroma: Open, folder: Path, damage: Callable[[Path], None]) -> None:
    first = chroma()
    first.reset("a model")
    first.add({"a": at(0)})
    first.close()
    damage(folder / "chroma.sqlite3")
    again = chroma()
    assert again.stamp() is None, "so that it is built again from the journal"
    assert again.ids() == set()
    again.reset("a model")
    again.add({"b": at(0)})
    assert nearest(again, at(0)) == ["b"]


@pytest.mark.real
@pytest.mark.parametrize("stamp", [b"", b"{", b"[]", b"\xff"])
def test_a_damaged_stamp_is_no_stamp(chroma: Open, folder: Path, stamp: bytes) -> None:
    index = chroma()
    index.reset("a model")
    (folder / "stamp.json").write_bytes(stamp)
    assert index.stamp() is None


def test_a_second_instance_is_refused_while_the_first_is_open(chroma: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    without_chroma(monkeypatch)
    first = chroma()
    with pytest.raises(IndexUnavailable, match="open in another window or process"):
        chroma()
    first.close()
    chroma()


def test_a_second_process_is_refused_while_the_first_is_open(chroma: Open, folder: Path, monkeypatch) -> None:
    without_chroma(monkeypatch)
    chroma()
    code = "import sys, pathlib; from coach.index.chroma import ChromaIndex; ChromaIndex(pathlib.Path(sys.argv[1]))"
    result = subprocess.run([sys.executable, "-c", code, str(folder)], capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 1
    assert "IndexUnavailable: Coach is open in another window or process" in result.stderr


def test_a_folder_that_cannot_be_made_is_one_clear_message(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    with pytest.raises(IndexUnavailable, match="cannot be written"):
        ChromaIndex(tmp_path / "file" / "index")


def without_chroma(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lock alone: Chroma takes seconds to load and has no part in it."""

    class Client:
        def get_or_create_collection(self, *names: object, **options: object) -> None:
            """Nothing to get."""

        def close(self) -> None:
            """Nothing to close."""

        def clear_system_cache(self) -> None:
            """Nothing to clear."""

    monkeypatch.setattr("coach.index.chroma._client", lambda folder: Client())
