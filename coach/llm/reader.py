"""Reads texts as deep as a middle layer: what ``LlamaLanguageModel`` reads answers with.

A text is read again and again while it is typed, each time some words longer, and an answer comes back behind those before it.
So the last few texts stay evaluated, each in a sequence of its own, and of a new one only what is new is read. They lie in the
context's memory alone: nothing of them is ever stored.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from coach.llm.base import Vector
from coach.llm.native import BATCH_TOKENS, MOST_BRANCHES, Live, Tap, Weights
from coach.llm.prefixes import PrefixStore

READ_TOKENS = 1024
"""The most that is read in one go: the frame's words, the text and an ending."""

_CELLS = 3 * READ_TOKENS
_MOST_FRAMES = 4
_MOST_TEXTS = 3  # the answer, the answer behind those before it, and the words that questions are about
_WORTH_FORKING = 8  # tokens in common from which a text is taken to be another version of one that is held
_WORTH_STORING = 64  # tokens: about a second
_PIECE = 128  # tokens: what is given up in the middle is lost; smaller ones take longer for each token


@dataclass
class _Text:
    """A text that is held: its sequence behind a frame's words, and the states of its tokens; ``used`` tells how recently."""

    live: Live
    before: tuple[int, ...] = ()
    states: list[Vector] = field(default_factory=list)
    used: int = 0

    @property
    def tokens(self) -> list[int]:
        """The text's own."""
        return self.live.held[len(self.before) :]


class Reader:
    """Reads at one depth.

    Args:
        weights: the model.
        depth: how deep, as a share of its layers.
        store: where the evaluated words of a long frame are kept.
    """

    def __init__(self, weights: Weights, depth: float, store: PrefixStore | None) -> None:
        self._tap, self._depth, self._store = Tap(weights.lib, round(depth * weights.layers), weights.width), depth, store
        sequences = _MOST_FRAMES + _MOST_TEXTS + MOST_BRANCHES
        context = weights.context(n_ctx=_CELLS, n_seq_max=sequences, kv_unified=True, cb_eval=self._tap.callback)
        self._lives = [Live(weights, context, number) for number in range(_MOST_FRAMES + _MOST_TEXTS)]
        self._frames: dict[tuple[int, ...], Live] = {}
        self._texts = [_Text(live) for live in self._lives[_MOST_FRAMES:]]
        self._count = 0

    def stop_when(self, stopped: Callable[[], bool]) -> None:
        """Have every evaluation end with ``GivenUp`` once ``stopped`` says so."""
        self._lives[0].stop_when(stopped)

    def read(self, words: str, before: Sequence[int], text: Sequence[int], after: Sequence[int]) -> tuple[Vector, Vector]:
        """The states of a text's tokens, shape (tokens, width), and of the tokens behind it; ``words`` are those of ``before``.

        Raises ModelError; GivenUp, and what was read by then stays read.
        """
        held = self._held(words, tuple(before), text)
        behind = self._read_on(held, text[len(held.tokens) :], after)
        return _joined(held.states, self._tap.width), behind

    def read_endings(
        self, words: str, before: Sequence[int], text: Sequence[int], endings: Sequence[Sequence[int]]
    ) -> list[Vector]:
        """For each ending, the states of its tokens behind a text, which is read once; several are read side by side."""
        held = self._held(words, tuple(before), text)
        self._read_on(held, text[len(held.tokens) :], ())
        return [states for some in _together(endings) for states in self._side_by_side(held.live, some)]

    def forget(self) -> None:
        """Hold no text any more; the frames' words stay."""
        for one in self._texts:
            one.live.keep(0)
            one.states, one.before = [], ()

    # -- what is held ------------------------------------------------------------------------------------------------

    def _held(self, words: str, before: tuple[int, ...], text: Sequence[int]) -> _Text:
        """A sequence that holds the frame's words and as much of the text as has been read before, and no more."""
        self._count += 1
        likest = max((one for one in self._texts if one.before == before), key=lambda one: _shared(one.tokens, text), default=None)
        if likest is None or not self._is_version(likest, text):
            likest = self._begun(words, before)
        count = _shared(likest.tokens, text)
        likest.live.keep(len(before) + count)
        del likest.states[count:]
        likest.used = self._count
        return likest

    def _is_version(self, held: _Text, text: Sequence[int]) -> bool:
        return _shared(held.tokens, text) >= min(_WORTH_FORKING, max(1, len(held.tokens)))

    def _begun(self, words: str, before: tuple[int, ...]) -> _Text:
        """The sequence that was used longest ago, emptied, behind the frame's words."""
        oldest = min(self._texts, key=lambda one: one.used)
        oldest.live.keep(0)
        oldest.states, oldest.before = [], ()
        oldest.live.fork(self._frame(words, before))
        oldest.before = before
        return oldest

    def _frame(self, words: str, before: tuple[int, ...]) -> Live:
        """The sequence that holds a frame's words alone; those of a long frame are kept on disk for later starts."""
        if before not in self._frames and len(self._frames) == _MOST_FRAMES:
            self._frames.pop(next(iter(self._frames)))  # the one that was made first
        live = self._frames.get(before)
        if live is None:
            live = next(one for one in self._lives[:_MOST_FRAMES] if one not in self._frames.values())
            self._fill(live, words, before)
            self._frames[before] = live
        return live

    def _fill(self, live: Live, words: str, before: tuple[int, ...]) -> None:
        stored = self._store if len(before) >= _WORTH_STORING else None
        key = f"{self._depth}:{words}"
        if stored and stored.load(live, key, before):
            return
        live.keep(0)
        live.extend(before)
        if stored:
            stored.save(live, key, before)

    # -- reading -----------------------------------------------------------------------------------------------------

    def _read_on(self, held: _Text, more: Sequence[int], after: Sequence[int]) -> Vector:
        """Read more of a text; the states of the tokens behind it, which are not held."""
        behind = list[Vector]()
        try:
            for at in range(0, len(more) + len(after), _PIECE):
                states = self._states(held.live, [*more, *after][at : at + _PIECE])
                own = max(0, min(len(states), len(more) - at))
                held.states += list(states[:own])
                behind.append(states[own:])
        finally:
            held.live.keep(len(held.before) + len(held.states))
        return np.vstack(behind) if behind else np.zeros((0, self._tap.width), np.float32)

    def _states(self, live: Live, tokens: Sequence[int]) -> Vector:
        self._tap.clear()  # what a frame's words or an evaluation that was given up have left in it
        live.extend(tokens)
        return self._tap.take()

    def _side_by_side(self, live: Live, endings: Sequence[Sequence[int]]) -> list[Vector]:
        """The states of some endings that fit into one batch."""
        start, first = len(live.held), len(self._lives)
        tokens = [((first + i,), start + place, token) for i, ending in enumerate(endings) for place, token in enumerate(ending)]
        self._tap.clear()
        with live.branches(len(endings), first):
            live.grow(tokens, outputs=())
        return np.split(self._tap.take(), np.cumsum([len(ending) for ending in endings])[:-1])


def _shared(one: Sequence[int], other: Sequence[int]) -> int:
    """How many tokens two texts have in common at their beginning.

    >>> _shared([1, 2, 3], [1, 2, 4, 5])
    2
    """
    return next((place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _together(endings: Sequence[Sequence[int]]) -> Iterator[list[Sequence[int]]]:
    """Endings in groups, each of which fits into one batch.

    >>> [len(group) for group in _together([[1] * 200] * 3 + [[1]] * 6)]
    [2, 4, 3]
    """
    group = list[Sequence[int]]()
    for ending in endings:
        if len(group) == MOST_BRANCHES or sum(map(len, group)) + len(ending) > BATCH_TOKENS:
            yield group
            group = []
        group.append(ending)
    if group:
        yield group


def _joined(states: Sequence[Vector], width: int) -> Vector:
    return np.vstack(states) if states else np.zeros((0, width), np.float32)
