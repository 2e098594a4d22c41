"""Brings past entries to mind: keeps the index in step with the journal and finds similar entries.

An entry is seen in two views, which are kept apart: its *situation* (what it was about) and its *tendency* (the habit behind
root cause and lesson). The journal is the text of record and also keeps each entry's vectors; an index is a copy made for
speed. Whenever the two differ (the index was deleted or damaged, or another model is in use) the index is built again,
without asking.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, get_args

from coach.errors import IndexUnavailable, ModelError
from coach.index.base import VectorIndex
from coach.journal.base import Journal
from coach.llm.base import Embedder, Vector
from coach.schema import ALL_ENTRIES, NO_FILTERS, Entry, Filters

View = Literal["situation", "tendency"]
VIEWS: tuple[View, ...] = get_args(View)
SITUATION, TENDENCY = VIEWS

MOST_SHOWN = 3
SEARCH_BAR = 0.15
"""Cosine similarity below which an entry is no answer to a search: lower than what is shown unasked, since here one asked."""

_MOST_SITUATION = 600  # characters: causes stand behind it, and the reader of habits takes 1,200 in all
_RRF = 60  # the constant of reciprocal rank fusion, as in Cormack, Clarke and Buettcher (2009)
_AT_ONCE = 16  # entries whose vectors are kept in one transaction: some seconds of work that a crash could lose
_PUT_BACK_AT_ONCE = 1000

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Similar:
    """A past entry and how near it is; ``similarity`` is None where it was found by its words alone."""

    entry: Entry
    similarity: float | None


@dataclass(frozen=True)
class Seen:
    """One view's machinery: what makes its vectors, what finds near ones, and the cosine similarity from which a past entry is
    worth showing."""

    embedder: Embedder
    index: VectorIndex
    bar: float


def situation_text(entry: Entry) -> str:
    """What an entry was about."""
    return "\n".join(part for part in (entry.title, " ".join(entry.tags), entry.situation, entry.root_cause) if part)


def tendency_text(entry: Entry) -> str:
    """What shows the habit: what was done, root cause and lesson. The cause alone says too little (``docs/patterns.md``)."""
    return habit_text(entry.situation, entry.root_cause, entry.lesson)


def habit_text(situation: str, *causes: str) -> str:
    """What happened, of a long report its beginning, and what was behind it.

    >>> habit_text("It came late.", "", "Nobody owned it.")
    'It came late. Nobody owned it.'
    """
    return " ".join(part for part in (situation[:_MOST_SITUATION], *causes) if part)


TEXTS: Mapping[View, Callable[[Entry], str]] = {"situation": situation_text, "tendency": tendency_text}


@dataclass
class Recall:
    """Similar entries, by meaning where a view can be seen, else by words."""

    journal: Journal
    views: dict[View, Seen] = field(default_factory=dict)

    def by_meaning(self, view: View = SITUATION) -> bool:
        """Whether this view is searched by meaning."""
        return view in self.views

    # -- keeping in step -------------------------------------------------------------------------------------

    def remember(self, entry: Entry) -> None:
        """Embed a finished entry in each view, keep its vectors in the journal and put them into the index."""
        for view, seen in self.views.items():
            self._embed(view, seen, [entry], _quiet)

    def missing(self) -> int:
        """How many vectors ``catch_up`` would have to make."""
        ids = self.journal.entry_ids(ALL_ENTRIES)
        return sum(len(ids - self._read(view)) for view in self.views)

    def catch_up(self, progress: Progress = lambda done, total: None) -> int:
        """Make every index hold what the journal holds; returns how many vectors had to be made.

        ``progress`` is told about vectors that are put back into an index, then about those that are made. What was made is
        kept, so that an interrupted run goes on where it was.
        """
        for view, seen in self.views.items():
            self._bring_into_step(seen, _with_meaning(self.vectors(view)), progress)
        total, done = self.missing(), 0
        for view, seen in self.views.items():
            missing = sorted(self.journal.entry_ids(ALL_ENTRIES) - self._read(view))
            for at in range(0, len(missing), _AT_ONCE):
                before = done
                entries = self.journal.entries_of(missing[at : at + _AT_ONCE])
                self._embed(view, seen, entries, lambda made, before=before: progress(before + made, total))  # type: ignore[misc]
                done += len(entries)
        return total

    def forget(self) -> None:
        """Build every index anew from the journal: one that an entry was merely taken out of would still hold its traces."""
        for view, seen in self.views.items():
            self._put_back(seen, _with_meaning(self.vectors(view)), lambda done, total: None)

    def vectors(self, view: View, ids: Sequence[str] | None = None) -> Mapping[str, Vector]:
        """The vectors of a view by entry id, of all entries or of some; nothing where it cannot be seen."""
        seen = self.views.get(view)
        return self.journal.vectors(view, seen.embedder.sha256, ids) if seen else {}

    def _read(self, view: View) -> set[str]:
        """The ids of the entries that have a vector in a view."""
        return self.journal.vector_ids(view, self.views[view].embedder.sha256)

    def vector(self, text: str, view: View) -> Vector | None:
        """The vector of a text; None where the view cannot be seen. Raises ModelError."""
        seen = self.views.get(view)
        return seen.embedder.embed([text])[0] if seen else None

    def _embed(self, view: View, seen: Seen, entries: Sequence[Entry], made_so_far: Callable[[int], None]) -> None:
        vectors: dict[str, Vector] = {}
        try:
            for entry in entries:
                vectors[entry.id] = seen.embedder.embed([TEXTS[view](entry)])[0]
                made_so_far(len(vectors))
        finally:  # what was made before an interruption is kept
            if vectors:
                self.journal.save_vectors(view, seen.embedder.sha256, vectors)
                seen.index.add(_with_meaning(vectors))

    def _bring_into_step(self, seen: Seen, held: Mapping[str, Vector], progress: Progress) -> None:
        if seen.index.stamp() != seen.embedder.sha256 or seen.index.ids() != set(held):
            self._put_back(seen, held, progress)

    def _put_back(self, seen: Seen, held: Mapping[str, Vector], progress: Progress) -> None:
        seen.index.reset(seen.embedder.sha256)
        ids = list(held)
        for at in range(0, len(ids), _PUT_BACK_AT_ONCE):
            part = ids[at : at + _PUT_BACK_AT_ONCE]
            seen.index.add({id: held[id] for id in part})
            progress(at + len(part), len(ids))

    # -- finding ---------------------------------------------------------------------------------------------

    def similar(
        self, text: str, view: View = SITUATION, *, leave_out: Sequence[str] = (), most: int = MOST_SHOWN, bar: float | None = None
    ) -> list[Similar]:
        """Past entries near a text in a view, the nearest first; none where nothing is near.

        Situations are found by their words where the view cannot be seen; a tendency is not in the words.
        """
        seen, leave_out = self.views.get(view), [*leave_out, *self.journal.archived()]
        if seen is None:
            return self._by_words(text, leave_out, most) if view == SITUATION else []
        return self._near(seen, text, most, seen.bar if bar is None else bar, leave_out)

    def search(self, query: str, most: int = 20, filters: Filters = NO_FILTERS, today: date = date.max) -> list[Similar]:
        """Entries for a query among those that the filters let through, by words and meaning, fused by reciprocal rank.

        Without words in the query: all that the filters let through, the newest first.
        """
        if not query.strip():
            if filters == NO_FILTERS:
                return []
            return [Similar(entry, None) for entry in self.journal.entries(filters, today)[:most]]
        words = self.journal.search_words(query, most, filters, today)
        near = {one.entry.id: one for one in self._by_meaning(query, most, filters, today)}
        order = fused([words, list(near)])[:most]
        found = {entry.id: entry for entry in self.journal.entries_of(order)}
        return [near.get(id) or Similar(found[id], None) for id in order if id in found]

    def _by_meaning(self, query: str, most: int, filters: Filters, today: date) -> list[Similar]:
        seen = self.views.get(SITUATION)
        if seen is None:
            return []
        among = None if filters == NO_FILTERS else self.journal.entry_ids(filters, today)
        try:
            return self._near(seen, query, most, SEARCH_BAR, sorted(self.journal.archived()) if among is None else (), among)
        except (IndexUnavailable, ModelError):  # the words still find what they can
            return []

    def _near(
        self, seen: Seen, text: str, most: int, bar: float, leave_out: Sequence[str] = (), among: Collection[str] | None = None
    ) -> list[Similar]:
        vector = seen.embedder.embed([text])[0]
        near = seen.index.nearest(vector, most, leave_out, among) if vector.any() else []
        similarity = {one.id: one.similarity for one in near if one.similarity >= bar}
        return [Similar(entry, similarity[entry.id]) for entry in self.journal.entries_of(list(similarity))]

    def _by_words(self, text: str, leave_out: Sequence[str], most: int) -> list[Similar]:
        out = set(leave_out)
        ids = [id for id in self.journal.search_words(text, most + len(out)) if id not in out]
        return [Similar(entry, None) for entry in self.journal.entries_of(ids[:most])]


def _quiet(made: int) -> None:
    """Tells nobody."""


def _with_meaning(vectors: Mapping[str, Vector]) -> dict[str, Vector]:
    """Without the vectors of texts that have no words."""
    return {id: vector for id, vector in vectors.items() if vector.any()}


def fused(rankings: Iterable[Sequence[str]]) -> list[str]:
    """One ranking out of several, by the sum of reciprocal ranks.

    >>> fused([["a", "b"], ["b", "c"]])
    ['b', 'a', 'c']
    """
    scores: dict[str, float] = {}
    for ranking in rankings:
        for rank, id in enumerate(ranking, 1):
            scores[id] = scores.get(id, 0.0) + 1.0 / (_RRF + rank)
    return sorted(scores, key=lambda id: -scores[id])
