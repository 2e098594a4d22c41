"""Every test gets folders of its own, no network, and the fakes; only tests marked ``real`` may load a true model."""

import itertools
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from coach.clock.fake import FakeClock
from coach.compose import FAKE_BAR, SITUATION_BAR
from coach.flow.coach import Coach
from coach.index.memory import MemoryIndex
from coach.journal.sqlite import SqliteJournal
from coach.judge.judge import Judge
from coach.llm.fake import FakeEmbedder, FakeLanguageModel
from coach.patterns.book import PatternBook
from coach.prompts import judgements
from coach.pushback.ask import Asker
from coach.recall import SITUATION, TENDENCY, Recall, Seen
from coach.settings import Settings


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """A test never touches the journal of whoever runs it."""
    monkeypatch.setenv("COACH_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("COACH_MODEL", raising=False)
    if not request.node.get_closest_marker("real"):
        monkeypatch.setenv("COACH_CACHE", str(tmp_path / "cache"))
        monkeypatch.setenv("COACH_ADAPTERS", "fake")


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection to anywhere but this machine is a failure."""
    connect = socket.socket.connect

    def only_here(self: socket.socket, address: object) -> None:
        host = address[0] if isinstance(address, tuple) else "local"
        assert host in ("127.0.0.1", "localhost", "::1", "local"), f"a test tried to reach {host}"
        connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", only_here)


@pytest.fixture
def settings() -> Settings:
    return Settings()


@pytest.fixture
def journal(settings: Settings) -> Iterator[SqliteJournal]:
    opened = SqliteJournal(settings.journal_file)
    yield opened
    opened.close()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def model() -> FakeLanguageModel:
    return FakeLanguageModel()


@pytest.fixture
def coach(journal: SqliteJournal, clock: FakeClock, model: FakeLanguageModel) -> Coach:
    """A whole coach on fakes: the rules judge, the fake model asks."""
    ids = (f"id{number}" for number in itertools.count(1))
    recall = Recall(
        journal,
        {SITUATION: Seen(FakeEmbedder(), MemoryIndex(), SITUATION_BAR), TENDENCY: Seen(FakeEmbedder(), MemoryIndex(), FAKE_BAR)},
    )
    book = PatternBook(journal, recall, lambda: next(ids), FAKE_BAR)
    return Coach(journal, Judge(judgements()), recall, clock, lambda: next(ids), judgements(), book, Asker(model))
