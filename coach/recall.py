"""Brings past entries to mind: keeps the index in step with the journal and finds similar entries.

The journal is the text of record and also keeps each entry's vector; the index is a copy made for speed. Whenever the two
differ (the index was deleted or damaged, or another embedding model is in use) the index is built again, without
asking.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from coach.index.base import VectorIndex
from coach.journal.base import Journal
from coach.llm.base import Embedder
from coach.schema import Entry

VIEW = "situation"
BAR = 0.30
"""Cosine similarity from which a past entry is worth showing. On all-MiniLM-L6-v2 unrelated entries lie below 0.2;
`tests/test_recall_real.py` holds related and unrelated pairs to it."""

MOST_SHOWN = 3
_RRF = 60  # the constant of reciprocal rank fusion, as in Cormack, Clarke and Buettcher (2009)

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Similar:
    """A past entry and how near it is; ``similarity`` is None where it was found by its words alone."""

    entry: Entry
    similarity: float | None


def situation_text(entry: Entry) -> str:
    """What an entry was about: the text that its vector is made from."""
    return "\n".join(part for part in (entry.title, " ".join(entry.tags), entry.situation, entry.root_cause) if part)


class Recall:
    """Similar entries, by meaning where there is an embedder and an index, else by words."""

    def __init__(self, journal: Journal, embedder: Embedder | None, index: VectorIndex | None) -> None:
        self._journal = journal
        self._embedder: Embedder | None = embedder if index is not None else None
        self._index: VectorIndex | None = index if embedder is not None else None

    @property
    def by_meaning(self) -> bool:
        """Whether meaning is searched, not words alone."""
        return self._embedder is not None

    def remember(self, entry: Entry) -> None:
        """Embed a finished entry, keep its vector in the journal and put it into the index."""
        if not (self._embedder and self._index):
            return
        vector = self._embedder.embed([situation_text(entry)])[0]
        self._journal.save_vector(entry.id, VIEW, self._embedder.sha256, vector)
        if vector.any():
            self._index.add({entry.id: vector})

    def catch_up(self, progress: Progress = lambda done, total: None) -> int:
        """Make the index hold what the journal holds; returns how many entries had to be embedded anew."""
        if not (self._embedder and self._index):
            return 0
        known = dict(self._journal.vectors(VIEW, self._embedder.sha256))
        missing = [entry for entry in self._journal.entries() if entry.id not in known]
        for done, entry in enumerate(missing, 1):
            vector = self._embedder.embed([situation_text(entry)])[0]
            self._journal.save_vector(entry.id, VIEW, self._embedder.sha256, vector)
            known[entry.id] = vector
            progress(done, len(missing))
        held = {id: vector for id, vector in known.items() if vector.any()}
        if self._index.stamp() != self._embedder.sha256 or self._index.ids() != set(held):
            self._index.reset(self._embedder.sha256)
            self._index.add(held)
        return len(missing)

    def similar(self, text: str, *, leave_out: Sequence[str] = (), most: int = MOST_SHOWN, bar: float = BAR) -> list[Similar]:
        """Past entries near a text, the nearest first; none where nothing is near."""
        if not (self._embedder and self._index):
            return self._by_words(text, leave_out, most)
        vector = self._embedder.embed([text])[0]
        if not vector.any():
            return []
        near = self._index.nearest(vector, most, leave_out)
        return [Similar(self._journal.entry(one.id), one.similarity) for one in near if one.similarity >= bar]

    def search(self, query: str, most: int = 20) -> list[Similar]:
        """Entries for a query, by words and meaning, fused by reciprocal rank."""
        by_words = [one.entry.id for one in self._by_words(query, (), most)]
        by_meaning = {one.entry.id: one for one in self.similar(query, most=most, bar=0.15)} if self.by_meaning else {}
        scores: dict[str, float] = {}
        for ranking in (by_words, list(by_meaning)):
            for rank, id in enumerate(ranking, 1):
                scores[id] = scores.get(id, 0.0) + 1.0 / (_RRF + rank)
        order = sorted(scores, key=lambda id: -scores[id])[:most]
        return [by_meaning.get(id) or Similar(self._journal.entry(id), None) for id in order]

    def _by_words(self, text: str, leave_out: Sequence[str], most: int) -> list[Similar]:
        ids = [id for id in self._journal.search_words(text, most + len(leave_out)) if id not in set(leave_out)]
        return [Similar(self._journal.entry(id), None) for id in ids[:most]]
