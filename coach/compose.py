"""The composition root's workshop: chooses the adapters by the settings and puts the program together.

Used by ``app.py`` and the command line, by nothing else. The journal is there at once; the models and the index are
loaded by a thread behind the page, and whoever needs them waits for it. Whatever cannot be loaded is left out, said in one
line, and the program works without it.
"""

import threading
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

from coach.clock.system import SystemClock
from coach.errors import CoachError, HeadsMissing, IndexUnavailable, ModelError
from coach.flow.coach import Coach
from coach.index.base import VectorIndex
from coach.journal.sqlite import SqliteJournal
from coach.judge.heads import Heads, load_heads
from coach.judge.judge import Judge
from coach.judge.reading import KeptNumbers, KeptReadings, Reader, reader
from coach.judge.rows import Row, rows_in
from coach.llm.base import Embedder, LanguageModel
from coach.models.catalogue import embedding_model
from coach.models.store import Store
from coach.prompts import judgements
from coach.pushback.ask import Asker, all_prompts
from coach.pushback.score import Asking, Rated, asking, kept, rated_questions, rater
from coach.recall import Recall
from coach.resources import shipped
from coach.settings import Settings


@dataclass
class Parts:
    """What could be loaded; ``notes`` say in a line each what could not, and what to do."""

    model: LanguageModel | None = None
    heads: Heads | None = None
    embedder: Embedder | None = None
    index: VectorIndex | None = None
    notes: list[str] = field(default_factory=list)


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
    from coach.llm.llama import LlamaLanguageModel

    try:
        path, sha256 = Store(settings).chat_file()
        parts.model = LlamaLanguageModel(path, sha256, settings.prefix_folder)
        parts.heads = load_heads(head_folders(settings), sha256)
    except (ModelError, HeadsMissing) as exc:
        parts.notes.append(str(exc))


def load_embedder(settings: Settings, parts: Parts) -> None:
    """The embedding model."""
    if settings.adapters == "fake":
        from coach.llm.fake import FakeEmbedder

        parts.embedder = FakeEmbedder()
        return
    from coach.llm.llama import LlamaEmbedder

    try:
        path, sha256 = Store(settings).file(embedding_model())
        parts.embedder = LlamaEmbedder(path, sha256)
    except ModelError as exc:
        parts.notes.append(str(exc))


def load_index(settings: Settings, parts: Parts) -> None:
    """Chroma; an exact index in memory where another process holds it or it fails."""
    from coach.index.memory import MemoryIndex

    if parts.embedder is None:
        return
    if settings.adapters == "fake":
        parts.index = MemoryIndex()
        return
    from coach.index.chroma import ChromaIndex

    try:
        parts.index = ChromaIndex(settings.index_folder)
    except CoachError as exc:
        parts.notes.append(f"{exc} Search works from the journal meanwhile.")
        parts.index = MemoryIndex()


class Workshop:
    """Everything a page or a command needs, for one journal."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.clock = SystemClock()
        self.journal = SqliteJournal(settings.journal_file)
        self._loaded: Future[tuple[Coach, Parts]] = Future()
        threading.Thread(target=self._load, name="coach-load", daemon=True).start()

    @property
    def ready(self) -> bool:
        """Whether the models are loaded, so that nobody has to wait."""
        return self._loaded.done()

    @property
    def coach(self) -> Coach:
        """The coach; waits until it is loaded."""
        return self._loaded.result()[0]

    @property
    def notes(self) -> list[str]:
        """What could not be loaded and what to do; waits until it is known."""
        return self._loaded.result()[1].notes

    def _load(self) -> None:
        try:
            parts = self._parts()
            self._loaded.set_result((self._coach(parts), parts))
        except BaseException as exc:  # handed on to whoever waits
            self._loaded.set_exception(exc)
            return
        self._warm(parts)

    def _parts(self) -> Parts:
        parts = Parts()
        for load in (load_model, load_embedder, load_index):
            load(self.settings, parts)
        return parts

    def _coach(self, parts: Parts) -> Coach:
        judge = _judge(parts)
        return Coach(self.journal, judge, self._recall(parts), self.clock, new_id, judgements(), _asker(parts))

    def _recall(self, parts: Parts) -> Recall:
        """Past entries by meaning; by words alone where the embedder or the index fails."""
        recall = Recall(self.journal, parts.embedder, parts.index)
        try:
            recall.catch_up()
        except (ModelError, IndexUnavailable) as exc:
            parts.notes.append(f"{exc} Past entries are found by their words meanwhile.")
            return Recall(self.journal, None, None)
        return recall

    def _warm(self, parts: Parts) -> None:
        """Evaluate each prompt's fixed part, so that no first question is slow; kept on disk for later starts."""
        try:
            for prompt in all_prompts() if parts.model else ():
                assert parts.model is not None
                parts.model.prepare(prompt)
        except ModelError as exc:
            parts.notes.append(str(exc))


def load_judge(settings: Settings) -> tuple[Judge, list[str]]:
    """A judge alone, for the command line, and what it has to do without."""
    parts = Parts()
    load_model(settings, parts)
    return _judge(parts), parts.notes


def load_asking(settings: Settings) -> tuple[Judge, Asker | None, list[str]]:
    """The judge and what asks back, for evaluating the questions."""
    parts = Parts()
    load_model(settings, parts)
    return _judge(parts), _asker(parts), parts.notes


def _asker(parts: Parts) -> Asker | None:
    if parts.model is None:
        return None
    rating = parts.heads.rating if parts.heads else None
    return Asker(parts.model, rater(parts.model, rating) if rating else None)


def _judge(parts: Parts) -> Judge:
    return Judge(judgements(), reader(parts.model) if parts.model else None, parts.heads)


@dataclass(frozen=True)
class Laboratory:
    """What fitting and evaluating need: the judge of the app, and a reader that keeps what it has read.

    ``read`` and ``ask`` are None where there is no chat model; ``training_rows`` are those that the heads are fitted on, ``rated``
    the questions that teach what a good one is.
    """

    judge: Judge
    read: Reader | None
    ask: Asking | None
    sha256: str
    embedder: Embedder | None
    training_rows: tuple[Row, ...]
    rated: tuple[Rated, ...]
    notes: list[str]

    def similarities(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """How near the two texts of each pair are to the app; 0 where there is no embedding model."""
        if self.embedder is None:
            return [0.0] * len(pairs)
        both = [self.embedder.embed([one, other]) for one, other in pairs]
        return [float(vectors[0] @ vectors[1]) for vectors in both]


def load_laboratory(settings: Settings) -> Laboratory:
    """The judge and its data, for ``coach eval`` and ``coach judge fit``."""
    parts = Parts()
    load_model(settings, parts)
    load_embedder(settings, parts)
    rated = rated_questions(shipped("data") / "questions")
    rows, model = rows_in([shipped("data") / "judgement", shipped("data") / "training"]).answers, parts.model
    if model is None:
        return Laboratory(_judge(parts), None, None, "", parts.embedder, rows, rated, parts.notes)
    numbers = KeptNumbers(settings.cache / "readings.db", model.sha256)
    read, ask = KeptReadings(numbers, reader(model)), kept(asking(model), numbers)
    return Laboratory(Judge(judgements(), read, parts.heads), read, ask, model.sha256, parts.embedder, rows, rated, parts.notes)


def load_bench(settings: Settings) -> tuple[Judge, Callable[[str], None] | None, tuple[Row, ...]]:
    """The app's judge, the bare model reading a text (None without a model), and texts to time them on."""
    parts = Parts()
    load_model(settings, parts)
    bare = getattr(parts.model, "evaluate", None)
    return _judge(parts), bare, rows_in([shipped("data") / "judgement"]).answers


def load_recall(settings: Settings) -> tuple[Recall, list[str]]:
    """Search alone, for the command line: from the journal's own vectors, so that an open app is not disturbed."""
    from coach.index.memory import MemoryIndex

    parts = Parts(index=MemoryIndex())
    load_embedder(settings, parts)
    recall = Recall(SqliteJournal(settings.journal_file), parts.embedder, parts.index)
    recall.catch_up()
    return recall, parts.notes
