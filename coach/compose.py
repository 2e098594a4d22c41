"""The composition root: chooses the adapters by the settings and puts the program together.

Used by the app (``coach.door``, ``coach.workshop``) and the command line, by nothing else. Whatever cannot be loaded is left out,
said in one line, and the program works without it.
"""

import os
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib import metadata
from pathlib import Path

from coach.ahead import Ahead
from coach.clock.system import SystemClock
from coach.errors import CoachError, HeadsMissing, ModelError
from coach.flow.coach import Coach
from coach.index.base import VectorIndex
from coach.journal.key import Key
from coach.journal.sqlite import SqliteJournal
from coach.judge.heads import Heads, load_heads
from coach.judge.judge import Judge
from coach.judge.reading import read_once, reader
from coach.llm.base import Embedder, LanguageModel
from coach.llm.process import ModelProcess
from coach.llm.remote import RemoteEmbedder, RemoteLanguageModel
from coach.llm.tuning import Tuning, load_tuning, machine_of
from coach.models.catalogue import embedding_model
from coach.models.store import Store
from coach.patterns.book import PatternBook
from coach.patterns.habits import Habits
from coach.patterns.naming import namer
from coach.patterns.tendency import Projection, TendencyEmbedder, load_projection, state_of
from coach.prompts import judgements, tendencies
from coach.pushback.ask import Asker, anew
from coach.pushback.score import rater, score_of
from coach.recall import SITUATION, TENDENCY, VIEWS, Recall, Seen, View
from coach.resources import shipped
from coach.reviews.kinds import Kinds
from coach.sample import fill, look_back
from coach.schema import ALL_ENTRIES
from coach.settings import Settings

SITUATION_BAR = 0.30
"""Cosine similarity from which a similar situation is worth showing. On all-MiniLM-L6-v2 unrelated entries lie below 0.2;
`tests/test_recall_real.py` holds related and unrelated pairs to it."""

FAKE_BAR = 0.5
"""The bar of the fakes' tendency view, which knows shared words."""


@dataclass
class Parts:
    """What could be loaded; ``notes`` say in a line each what could not, and what to do."""

    model: LanguageModel | None = None
    heads: Heads | None = None
    embedder: Embedder | None = None
    projection: Projection | None = None
    views: dict[View, Seen] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    process: ModelProcess = field(default_factory=ModelProcess)
    ahead: Ahead | None = None

    @property
    def loading(self) -> float | None:
        """How far the chat model is on its way into memory, 0 to 1; None while it is not being loaded.

        The embedding model, a twentieth of its size, is left out: it is there in a moment, and a second bar would only puzzle.
        """
        return self.process.loading("chat")

    def leave(self, thread: int) -> None:
        """Stop what a thread has the models do: whoever it was for has acted or gone. The thread gets GivenUp."""
        self.process.stop(thread)
        if self.ahead:
            self.ahead.leave(thread)


def new_id() -> str:
    """A fresh id."""
    return uuid.uuid4().hex


def head_folders(settings: Settings) -> list[Path]:
    """Where fitted heads are looked for: one's own first, then those that ship."""
    return [settings.cache / "heads", shipped("models") / "heads"]


def load_model(settings: Settings, parts: Parts) -> None:
    """The chat model and its heads."""
    if settings.adapters == "fake":
        from coach.llm.fake import FakeLanguageModel

        parts.model = FakeLanguageModel()
        return
    try:
        path, sha256 = Store(settings).chat_file()
        parts.model = RemoteLanguageModel(parts.process, path, sha256, settings.prefix_folder, tuning_of(settings, sha256))
        parts.heads = load_heads(head_folders(settings), sha256)
        parts.projection = load_projection(head_folders(settings), sha256)
    except (ModelError, HeadsMissing) as exc:
        parts.notes.append(str(exc))


def load_models(settings: Settings, parts: Parts) -> None:
    """Both models and what was fitted for them, for a person who types."""
    for load in (load_model, load_embedder):
        load(settings, parts)
    if parts.model and parts.heads:
        parts.ahead = Ahead(parts.process.stop, parts.process.behind)


def tuning_of(settings: Settings, sha256: str) -> Tuning:
    """How a model is run on this machine."""
    return load_tuning(settings.tuning_file, this_machine(sha256))


def this_machine(sha256: str) -> str:
    """What a tuning of a model is measured for."""
    return machine_of(sha256, metadata.version("llama-cpp-python"), os.cpu_count() or 1)


def load_embedder(settings: Settings, parts: Parts) -> None:
    """The embedding model."""
    if settings.adapters == "fake":
        from coach.llm.fake import FakeEmbedder

        parts.embedder = FakeEmbedder()
        return
    try:
        path, sha256 = Store(settings).file(embedding_model())
        parts.embedder = RemoteEmbedder(parts.process, path, sha256)
    except ModelError as exc:
        parts.notes.append(str(exc))


Opens = Callable[[View], VectorIndex]
"""Opens the index of a view."""


def load_views(settings: Settings, parts: Parts, open_index: Opens | None = None) -> None:
    """Both views of an entry: those whose model is there, each with its index."""
    if open_index is None:
        open_index = in_memory if settings.adapters == "fake" else partial(_on_disk, settings, parts)
    if parts.embedder:
        parts.views[SITUATION] = Seen(parts.embedder, open_index(SITUATION), SITUATION_BAR)
    if settings.adapters == "fake" and parts.embedder:
        parts.views[TENDENCY] = Seen(parts.embedder, open_index(TENDENCY), FAKE_BAR)
    elif parts.model and parts.projection:
        embedder = TendencyEmbedder(state_of(parts.model), parts.projection)
        parts.views[TENDENCY] = Seen(embedder, open_index(TENDENCY), parts.projection.show_bar)


def in_memory(view: View) -> VectorIndex:
    """An exact index that leaves no trace on disk."""
    from coach.index.memory import MemoryIndex

    return MemoryIndex()


def chroma_in_memory(view: View) -> VectorIndex:
    """Chroma without a file, beside an encrypted journal."""
    from coach.index.chroma import ChromaInMemory
    from coach.index.meanwhile import Meanwhile

    return Meanwhile(ChromaInMemory())


def _on_disk(settings: Settings, parts: Parts, view: View) -> VectorIndex:
    """Chroma; an exact index in memory where another process holds it or it fails."""
    from coach.index.chroma import ChromaIndex, forget_first_layout

    forget_first_layout(settings.index_folder)
    try:
        return ChromaIndex(settings.index_folder / view)
    except CoachError as exc:
        note = f"{exc} Search works from the journal meanwhile."
        parts.notes += [note] if note not in parts.notes else []
        return in_memory(view)


def open_coach(journal: SqliteJournal, parts: Parts, kinds: Kinds) -> Coach:
    """The review engine on a journal."""
    recall = Recall(journal, parts.views)
    book, asker = _book(journal, recall, parts), asker_of(parts)
    return Coach(journal, judge_of(parts), recall, SystemClock(), new_id, judgements(), book, asker, kinds)


def load_sample(settings: Settings) -> None:
    """Fill the sample journal, unless it was filled before."""
    with open_journal(settings) as journal:
        if journal.entry_ids(ALL_ENTRIES) or journal.period_reviews():
            return
        recall, clock = Recall(journal, {}), SystemClock()
        fill(journal, clock)
        look_back(Coach(journal, Judge(judgements()), recall, clock, new_id, judgements(), PatternBook(journal, recall, new_id)))


@contextmanager
def open_journal(settings: Settings, key: Key | None = None) -> Iterator[SqliteJournal]:
    """The journal alone, for commands that need nothing else. Raises JournalError."""
    journal = SqliteJournal(settings.journal_file, key)
    try:
        yield journal
    finally:
        journal.close()


def load_judge(settings: Settings) -> tuple[Judge, list[str]]:
    """A judge alone, for the command line, and what it has to do without."""
    parts = Parts()
    load_model(settings, parts)
    return judge_of(parts), parts.notes


def load_asking(settings: Settings) -> tuple[Judge, Asker | None, list[str]]:
    """The judge and what asks back, for evaluating the questions."""
    parts = Parts()
    load_model(settings, parts)
    return judge_of(parts), asker_of(parts), parts.notes


def asker_of(parts: Parts) -> Asker | None:
    """What asks back; None without a model."""
    if parts.model is None:
        return None
    rate = rater(parts.model, parts.heads.rating) if parts.heads and parts.heads.rating else None
    return Asker(parts.model, rate, score_of(parts.heads) if parts.heads else None, parts.ahead.get if parts.ahead else anew)


def _book(journal: SqliteJournal, recall: Recall, parts: Parts) -> PatternBook:
    """The patterns, with the bars and the names of the habits that the projection was fitted on."""
    if parts.projection is None:
        return PatternBook(journal, recall, new_id, FAKE_BAR)
    habits = Habits(parts.projection.centres, tendencies(), parts.projection.show_bar)
    name = namer(parts.model) if parts.model else None
    return PatternBook(journal, recall, new_id, parts.projection.group_bar, habits, name)


def judge_of(parts: Parts) -> Judge:
    """The judge, by the model and its heads or by rules."""
    read = reader(parts.model) if parts.model else None
    return Judge(judgements(), read_once(read, parts.ahead.get) if read and parts.ahead else read, parts.heads)


@dataclass(frozen=True)
class Log:
    """The Failure Log for the command line, without a review's engine."""

    journal: SqliteJournal
    recall: Recall
    book: PatternBook
    clock: SystemClock
    notes: list[str]


def load_log(settings: Settings, key: Key | None = None, *, views: Sequence[View] = VIEWS, writes: bool = False) -> Log:
    """Search, or import where it ``writes``.

    Searching works from the journal's own vectors, so that an open app is not disturbed; importing takes the index, if it is free.
    """
    parts = Parts()
    if TENDENCY in views:
        load_model(settings, parts)
    load_embedder(settings, parts)
    load_views(settings, parts, None if writes and key is None else in_memory)
    journal = SqliteJournal(settings.journal_file, key)
    recall = Recall(journal, {view: seen for view, seen in parts.views.items() if view in views})
    return Log(journal, recall, _book(journal, recall, parts), SystemClock(), parts.notes)
