"""The book of patterns: which entries have the same habit behind them, kept in the journal so that a pattern stays itself.

Only entries that were not looked at before are placed; what the person did (a name, a merge, a split, an entry moved) stays as it
is while the log grows. The vectors come from the tendency view; without it the book shows what it holds and places nothing.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from coach.errors import InputError, NotFound
from coach.journal.base import Journal
from coach.patterns.groups import group
from coach.patterns.habits import Habits
from coach.patterns.trend import Trend, trend
from coach.recall import TENDENCY, Recall
from coach.schema import ALL_ENTRIES, CONTROLS, Control, Entry, PatternHead, Placing

MOST_NAME = 60
"""Characters of a name."""

SMALLEST = 2
"""Entries that a pattern must keep when the person takes it apart; a pattern that has fewer is not shown."""

Namer = Callable[[Sequence[Entry]], str]
"""Proposes a name of at most five words for entries. Raises ModelError."""


@dataclass(frozen=True)
class Pattern:
    """A recurring tendency as one looks at it: its entries (newest first), its history, where it shows and who controls it."""

    head: PatternHead
    entries: tuple[Entry, ...]
    trend: Trend
    areas: tuple[tuple[str, int], ...]
    controls: tuple[tuple[Control, int], ...]


class PatternBook:
    """Patterns over a whole journal.

    Args:
        bar: mean cosine similarity from which entries belong together, on the scale of the view's vectors.
        habits: what the labelled habits are called.
        namer: proposes a name where no labelled habit is near; None where no model is there.
    """

    def __init__(
        self,
        journal: Journal,
        recall: Recall,
        new_id: Callable[[], str],
        bar: float = 1.0,
        habits: Habits | None = None,
        namer: Namer | None = None,
    ) -> None:
        self._journal, self._recall, self._new_id = journal, recall, new_id
        self._bar, self._habits, self._namer = bar, habits, namer
        self._placing = threading.Lock()

    @property
    def can_look(self) -> bool:
        """Whether the habit behind a new entry can be seen."""
        return self._recall.by_meaning(TENDENCY)

    # -- looking ---------------------------------------------------------------------------------------------

    def patterns(self, today: date) -> list[Pattern]:
        """All patterns with at least two entries, the largest first; hidden ones too."""
        entries = {entry.id: entry for entry in self._journal.entries()}
        days, members = [entry.happened_on for entry in entries.values()], self._members()
        found = []
        for head in self._journal.patterns():
            mine = [entries[id] for id in entries if id in members.get(head.id, set())]
            if len(mine) >= SMALLEST:
                history = trend([entry.happened_on for entry in mine], days, today)
                found.append(Pattern(head, tuple(mine), history, _areas(mine), _controls(mine)))
        return sorted(found, key=lambda pattern: -len(pattern.entries))

    def pattern_of(self, entry_id: str) -> PatternHead | None:
        """The pattern that an entry belongs to; None for none, or for a hidden one."""
        heads = {head.id: head for head in self._journal.patterns() if not head.hidden}
        placed = {one.entry_id: one.pattern_id for one in self._journal.placings()}
        return heads.get(placed.get(entry_id) or "")

    def waiting(self) -> int:
        """How many entries have not been looked at yet."""
        return len(self._journal.entry_ids(ALL_ENTRIES)) - len(self._journal.placings())

    # -- growing ---------------------------------------------------------------------------------------------

    def update(self) -> int:
        """Place what is new; returns how many entries were looked at for the first time."""
        with self._placing:  # older entries are placed by a thread behind the page, a new one by whoever closes it
            return self._update()

    def _update(self) -> int:
        vectors = {id: vector for id, vector in self._recall.vectors(TENDENCY).items() if vector.any()}
        placed = {one.entry_id: one for one in self._journal.placings()}
        new = [id for id in vectors if id not in placed]
        if not new:
            return 0
        loose = {id: vectors[id] for id in vectors if id not in placed or _is_free(placed[id])}
        grouped = {one: [vectors[id] for id in ids if id in vectors] for one, ids in self._members().items()}
        made = group(grouped, loose, self._bar, self._habits.label if self._habits else lambda vectors: "")
        for members in made.formed:
            head = PatternHead(id=self._new_id())
            self._journal.save_pattern(head, [Placing(entry_id=id, pattern_id=head.id) for id in members])
        grouped_now = {id for members in made.formed for id in members}
        rest = [id for id in new if id not in grouped_now and id not in made.joined]
        joined = [Placing(entry_id=id, pattern_id=where) for id, where in made.joined.items()]
        self._journal.place([*joined, *(Placing(entry_id=id, pattern_id=None) for id in rest)])
        return len(new)

    def name(self, pattern_id: str) -> PatternHead:
        """The pattern's head, with the coach's proposal for a name where it has none yet. Raises ModelError, NotFound."""
        head = self._head(pattern_id)
        members = sorted(self._members().get(pattern_id, ()))
        proposed = head.name or self._labelled(members) or self._written(members)
        if proposed == head.name:
            return head
        named = head.model_copy(update={"name": proposed})
        self._journal.save_pattern(named)
        return named

    # -- what the person does --------------------------------------------------------------------------------

    def rename(self, pattern_id: str, name: str) -> None:
        """The person's own name; it says of the entries that the pattern has now that they belong together. Raises InputError."""
        clean = " ".join(name.split())
        if not clean or len(clean) > MOST_NAME:
            raise InputError(f"A name has between 1 and {MOST_NAME} characters. Shorten it, or write one.")
        named = self._head(pattern_id).model_copy(update={"name": clean, "named_by": "person"})
        self._journal.save_pattern(named, _by_person(self._members().get(pattern_id, ()), pattern_id))

    def hide(self, pattern_id: str, hidden: bool = True) -> None:
        """Put a pattern out of sight, or back."""
        self._journal.save_pattern(self._head(pattern_id).model_copy(update={"hidden": hidden}))

    def merge(self, into: str, other: str) -> None:
        """Make one pattern of two; it keeps the first one's name. Raises InputError for one and the same."""
        if into == other:
            raise InputError("These are the same pattern. Choose another one to merge it with.")
        self._head(into)
        members = self._members().get(self._head(other).id, set())
        self._journal.place(_by_person(members, into), drop_pattern=other)

    def split(self, pattern_id: str, entry_ids: Iterable[str]) -> str:
        """Make a pattern of its own of some entries; returns its id. Raises InputError when too few go or stay."""
        members, going = self._members().get(self._head(pattern_id).id, set()), set(entry_ids)
        going &= members
        if len(going) < SMALLEST or len(members - going) < SMALLEST:
            raise InputError(f"At least {SMALLEST} entries must go and {SMALLEST} stay. A single entry can be taken out instead.")
        head = PatternHead(id=self._new_id())
        self._journal.save_pattern(head, _by_person(going, head.id))
        return head.id

    def move(self, entry_id: str, pattern_id: str | None) -> None:
        """Put an entry into a pattern, or take it out of all."""
        if pattern_id is not None:
            self._head(pattern_id)
        self._journal.place(_by_person([entry_id], pattern_id))

    def reason(self, about: str, entry: Entry) -> str:
        """The habit that a text and a past entry share, in words: as the person named it, else as it is labelled, else as the coach
        named the entry's pattern; empty where there are no words for it. Raises ModelError."""
        head = self.pattern_of(entry.id)
        if head and head.name and head.named_by == "person":
            return head.name
        vectors = self._recall.vectors(TENDENCY, [entry.id])
        here = self._recall.vector(about, TENDENCY)
        labelled = self._habits.shared(here, vectors[entry.id]) if self._habits and here is not None and vectors else ""
        return labelled or (head.name if head else "")

    def most_typical(self, entries: Sequence[Entry], among: Sequence[Entry]) -> str:
        """The id of the one, among some entries of a pattern, whose habit is nearest to what all have in common; empty for none."""
        vectors = self._recall.vectors(TENDENCY, [entry.id for entry in entries])
        read = [entry.id for entry in among if entry.id in vectors]
        if not read:
            return among[0].id if among else ""
        middle = np.sum(list(vectors.values()), axis=0)
        return max(read, key=lambda id: float(vectors[id] @ middle))

    # -- inside ----------------------------------------------------------------------------------------------

    def _labelled(self, members: Sequence[str]) -> str:
        vectors = self._recall.vectors(TENDENCY, members)
        return self._habits.of(list(vectors.values())) if self._habits else ""

    def _written(self, members: Sequence[str]) -> str:
        return self._namer(self._journal.entries_of(members)) if self._namer and members else ""

    def _head(self, pattern_id: str) -> PatternHead:
        for head in self._journal.patterns():
            if head.id == pattern_id:
                return head
        raise NotFound("There is no such pattern any more. Reload the page.")

    def _members(self) -> Mapping[str, set[str]]:
        members: dict[str, set[str]] = {}
        for one in self._journal.placings():
            if one.pattern_id:
                members.setdefault(one.pattern_id, set()).add(one.entry_id)
        return members


def _is_free(placing: Placing) -> bool:
    """In no pattern, and not because the person said so."""
    return placing.pattern_id is None and placing.placed_by == "coach"


def _by_person(entry_ids: Iterable[str], pattern_id: str | None) -> list[Placing]:
    return [Placing(entry_id=id, pattern_id=pattern_id, placed_by="person") for id in sorted(entry_ids)]


def _areas(entries: Sequence[Entry]) -> tuple[tuple[str, int], ...]:
    return tuple(Counter(tag for entry in entries for tag in entry.tags).most_common())


def _controls(entries: Sequence[Entry]) -> tuple[tuple[Control, int], ...]:
    """How many contributing factors of these entries the person sorted into each class."""
    chosen = Counter(factor.chosen for entry in entries for factor in entry.factors if factor.chosen)
    return tuple((control, chosen[control]) for control in CONTROLS if chosen[control])
