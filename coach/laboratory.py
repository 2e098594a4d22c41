"""What fitting, evaluating and timing need beside the app: labelled data, and readings that are kept.

Like ``compose`` it chooses adapters by the settings; used by the command line alone.
"""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from coach.bench_ask import AskBench
from coach.bench_search import FOUND, EmbedFigures, Size, grown, measured
from coach.clock.system import SystemClock
from coach.compose import SITUATION_BAR, Parts, asker_of, in_memory, judge_of, load_embedder, load_model, load_views
from coach.errors import InputError, ModelMissing
from coach.flow.importing import bring_in, entry_of, planned
from coach.importers import importer_for
from coach.importers.base import Draft
from coach.index.chroma import ChromaIndex
from coach.journal.sqlite import SqliteJournal
from coach.judge.judge import Judge
from coach.judge.reading import KeptNumbers, KeptReadings, Reader, reader
from coach.judge.rows import Row, rows_in
from coach.llm.base import Embedder, Prompt, Vector
from coach.llm.process import ModelProcess
from coach.llm.remote import RemoteLanguageModel, RemotePlainChat
from coach.models.store import Store
from coach.patterns.evaluate import neighbours_report
from coach.patterns.groups import Label
from coach.patterns.habits import Habits
from coach.patterns.rows import TendencyRow, tendency_rows
from coach.patterns.tendency import FORMAT, TendencyEmbedder, frame, state_of
from coach.prompts import judgements, tendencies
from coach.pushback.ask import Asker, all_prompts
from coach.pushback.lesson import Reads, reading
from coach.pushback.score import Asking, Rated, asking, kept, rated_questions
from coach.recall import SITUATION, TENDENCY, Recall, Seen, situation_text
from coach.resources import shipped
from coach.settings import Settings

Progress = Callable[[int, int], None]
_OWN_LENGTH = 400  # characters of what happened, as in an entry of one's own; reports have pages


@dataclass(frozen=True)
class Laboratory:
    """The judge of the app, and readers that keep what they have read.

    ``read``, ``ask`` and ``state`` are None where there is no chat model; ``training_rows`` are those that the heads are fitted on,
    ``rated`` the questions that teach what a good one is, ``tendencies`` the entries that teach the tendency view.
    """

    judge: Judge
    training_rows: tuple[Row, ...]
    rated: tuple[Rated, ...]
    tendencies: tuple[TendencyRow, ...]
    parts: Parts
    read: Reader | None = None
    ask: Asking | None = None
    written: Reads | None = None
    state: Callable[[str], Vector] | None = None
    sha256: str = ""

    @property
    def notes(self) -> list[str]:
        """What could not be loaded and what to do."""
        return self.parts.notes

    @property
    def bar(self) -> float:
        """The similarity from which two entries have the same habit for the app, at even odds."""
        return self.parts.projection.bar if self.parts.projection else 1.0

    def similarities(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """How near the two texts of each pair are in the app's tendency view; 0 where it cannot be seen."""
        embed = self.tendency_of
        return [float(embed(one) @ embed(other)) if embed else 0.0 for one, other in pairs]

    @property
    def tendency_of(self) -> Callable[[str], Vector] | None:
        """Makes a text's vector in the tendency view; None where it cannot be seen."""
        if self.state is None or self.parts.projection is None:
            return None
        embedder = TendencyEmbedder(self.state, self.parts.projection)
        return lambda text: np.asarray(embedder.embed([text])[0], np.float32)

    @property
    def label(self) -> Label:
        """The labelled habit that some vectors have in common, as the app sees it."""
        projection = self.parts.projection
        return Habits(projection.centres, tendencies(), projection.show_bar).label if projection else lambda vectors: ""

    def neighbours(self, reports: Path, most: int, progress: Progress) -> dict[str, dict[str, float]]:
        """For each view: whether the nearest of some reports have the same factors ticked. Raises InputError."""
        lines = [json.loads(line) for line in reports.read_text(encoding="utf-8").splitlines()]
        ticked = [one for one in lines if one.get("human_factors")]
        ticked = ticked[:: max(1, len(ticked) // most)][:most]
        embedder, embed = self.parts.embedder, self.tendency_of
        if not ticked or embedder is None or embed is None:
            raise InputError(f"{reports} has no reports with human_factors, or a model is missing.")
        plain, tendency = [], []
        for done, one in enumerate(ticked, 1):
            plain.append(embedder.embed([one["text"]])[0])
            tendency.append(embed(one["text"]))
            progress(done, len(ticked))
        factors = [frozenset(one["human_factors"]) for one in ticked]
        return {SITUATION: neighbours_report(np.vstack(plain), factors), TENDENCY: neighbours_report(np.vstack(tendency), factors)}


def load_laboratory(settings: Settings) -> Laboratory:
    """The judge and its data, for ``coach eval`` and ``coach judge fit``."""
    parts = Parts()
    load_model(settings, parts)
    load_embedder(settings, parts)
    load_views(settings, parts, in_memory)
    data = shipped("data")
    rows = rows_in([data / "judgement", data / "training"]).answers
    rated, labelled, model = rated_questions(data / "questions"), tendency_rows(data / "tendencies"), parts.model
    if model is None:
        return Laboratory(judge_of(parts), rows, rated, labelled, parts)
    numbers = KeptNumbers(settings.cache / "readings.db", model.sha256)
    read, ask = KeptReadings(numbers, reader(model)), kept(asking(model), numbers)
    judge = Judge(judgements(), read, parts.heads)
    states, written = kept_states(numbers, state_of(model)), reading(model, numbers)
    return Laboratory(judge, rows, rated, labelled, parts, read, ask, written, states, model.sha256)


def kept_states(numbers: KeptNumbers, state: Callable[[str], Vector]) -> Callable[[str], Vector]:
    """Reads the habit behind a text once, and keeps the state."""

    def read(text: str) -> Vector:
        what = f"tendency:{FORMAT}:{frame()}:{text}"
        found = numbers.get(what)
        if found:
            return found[1]
        made = state(text)
        numbers.put(what, 1, made)
        return made.astype(np.float16).astype(np.float32)  # as it will be read the next time

    return read


@dataclass(frozen=True)
class Bench:
    """The app's judge and asker, the model under them, and labelled answers to time them on: nothing is read ahead."""

    judge: Judge
    asker: Asker
    model: RemoteLanguageModel
    rows: tuple[Row, ...]
    path: Path
    process: ModelProcess
    load_seconds: float

    def asking(self) -> AskBench:
        """What push-backs are timed with: every prompt prepared, and the model as a plain chat beside it. Raises ModelError."""
        for prompt in all_prompts():
            self.model.prepare(prompt)
        plain = RemotePlainChat(self.process, self.path)
        plain.first(Prompt("You help.", (), "Good morning."))  # the first call is slower than the others
        return AskBench(self.judge, self.asker, self.model, plain)


def load_bench(settings: Settings) -> Bench:
    """The model, and what it is timed on. Raises ModelMissing."""
    parts, begun = Parts(), time.perf_counter()
    load_model(settings, parts)
    seconds = time.perf_counter() - begun
    model, asker = parts.model, asker_of(parts)
    if not isinstance(model, RemoteLanguageModel) or asker is None:
        raise ModelMissing(" ".join(parts.notes) or "The true model is needed for this: COACH_ADAPTERS is fake.")
    rows, path = rows_in([shipped("data") / "judgement"]).answers, Store(settings).chat_file()[0]
    return Bench(judge_of(parts), asker, model, rows, path, parts.process, seconds)


@dataclass(frozen=True)
class SearchBench:
    """Reports, and a log in a folder of its own that is thrown away."""

    drafts: list[Draft]
    embedder: Embedder
    process: ModelProcess
    clock: SystemClock
    folder: Path

    def rates(self) -> EmbedFigures:
        """How fast reports are imported."""
        texts = [situation_text(entry_of(str(i), draft, self.clock)) for i, draft in enumerate(self.drafts)]
        self.embedder.embed(texts[:3])
        start = time.perf_counter()
        for text in texts:
            self.embedder.embed([text])
        bare = time.perf_counter() - start
        journal, index = SqliteJournal(self.folder / "rate" / "journal.db"), ChromaIndex(self.folder / "rate" / "index")
        start = time.perf_counter()
        bring_in(journal, self.clock, planned(journal, "bench", self.drafts))
        Recall(journal, {SITUATION: Seen(self.embedder, index, SITUATION_BAR)}).catch_up()
        ours = time.perf_counter() - start
        index.close()
        return EmbedFigures(bare / ours, len(texts) / ours, len(texts) / bare, len(texts))

    def sizes(self, counts: Sequence[int], progress: Progress) -> list[Size]:
        """What searching costs in logs of several sizes."""
        texts = [draft.situation for draft in self.drafts]
        vectors, found = np.vstack([self.embedder.embed([text])[0] for text in texts]), list[Size]()
        for number, count in enumerate(counts, 1):
            folder = self.folder / str(count)
            journal, index = SqliteJournal(folder / "journal.db"), ChromaIndex(folder / "index")
            short = [replace(draft, situation=draft.situation[:_OWN_LENGTH], change="") for draft in self.drafts]
            drafts = [replace(short[i % len(short)], key=str(i)) for i in range(count)]
            bring_in(journal, self.clock, planned(journal, "bench", drafts))
            queries = [draft.title for draft in self.drafts]
            found.append(measured(grown(vectors, count), index, partial(journal.search_words, most=FOUND), queries))
            index.close()
            journal.close()
            progress(number, len(counts))
        return found


def load_search_bench(settings: Settings, folder: Path, most: int) -> SearchBench:
    """The reports that ship, the app's embedder, and a folder for logs. Raises ModelMissing."""
    parts = Parts()
    load_embedder(settings, parts)
    if parts.embedder is None:
        raise ModelMissing(" ".join(parts.notes))
    drafts = [one for path in sorted((shipped("data") / "real").glob("*.jsonl")) for one in importer_for(path).read(path)]
    drafts = [one for one in drafts if isinstance(one, Draft)]
    return SearchBench(drafts[:: max(1, len(drafts) // most)][:most], parts.embedder, parts.process, SystemClock(), folder)
