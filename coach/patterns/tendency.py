"""The tendency view: reads the habit behind an entry with the chat model and turns it into a vector.

Vectors of sentence models lie near each other when texts share a topic, so that the late proposal and the late kitchen are far
apart. The habit has to be asked for: the entry stands behind examples of entries and their habits (``prompts/tendency.md``), and
the model's state at the point where it would name the habit is what counts. A projection, fitted on labelled entries in which
topic and habit are crossed, keeps what tells habits apart and drops what tells topics apart (``fit``). It was not taught what a
habit is called, so that one that nobody listed gets a place of its own.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from coach.errors import HeadsMissing
from coach.llm.base import Frame, LanguageModel, Vector
from coach.prompts import tendency_frame

FORMAT = 1
"""Counts the changes that make earlier projections and kept readings worthless."""

DEPTH = 0.71
"""How deep into the model the habit is read, as a share of its layers; ``docs/patterns.md`` has the figures of others."""

TEMPERATURE = 6.0
"""How much flatter the probabilities of labelled habits are taken than the fit alone would have them."""

MOST_CHARACTERS = 1200
"""Of an entry's text, from its beginning: the habit shows there, and a report of many pages would take a minute to read."""

_KEPT = 16  # the newest vectors, in memory only: the panel, the reason and the journal ask for the same text


@dataclass(frozen=True)
class Projection:
    """From the model's state to the tendency view.

    A vector has two halves, each of length one before they are joined: where the state lies among the directions that tell habits
    apart, and how probable each labelled habit is (its square root, so that the product of two is their overlap, Bhattacharyya's
    coefficient). The first one knows habits that nobody listed, the second one is the surer about those that are.

    ``mean``: shape (width,); ``weights``: (width, dimensions), after which the scatter within a habit is one in every direction;
    ``reliability``: (dimensions,), 0 to 1; ``habits``: the labelled ones, and ``means``: (habits, dimensions), where they lie.
    ``bar``: cosine similarity from which two entries have the same habit at even odds; ``show_bar``: the one for a log, where most
    entries have another; ``group_bar``: mean similarity from which an entry belongs to a group.
    """

    model_sha256: str
    mean: Vector
    weights: Vector
    reliability: Vector
    habits: tuple[str, ...]
    means: Vector
    bar: float = 0.0
    show_bar: float = 0.0
    group_bar: float = 0.0

    def __call__(self, state: Vector) -> Vector:
        """The unit vector of a state, shape (dimensions + habits,); of states (rows, width), one a row."""
        places = np.asarray((np.atleast_2d(state) - self.mean) @ self.weights, np.float32)
        halves = [_unit(places * self.reliability), np.sqrt(self.probabilities(places))]
        return np.asarray(np.hstack(halves).reshape(*state.shape[:-1], -1) / np.sqrt(2), np.float32)

    def probabilities(self, places: Vector) -> Vector:
        """How probable each labelled habit is for projected states, shape (rows, habits); they sum to one in each row."""
        distances = (places**2).sum(axis=1)[:, None] - 2 * places @ self.means.T + (self.means**2).sum(axis=1)
        scores = -distances / (2 * TEMPERATURE)
        raised = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(raised / raised.sum(axis=1, keepdims=True), np.float32)

    @property
    def width(self) -> int:
        """Numbers in a vector."""
        return len(self.reliability) + len(self.habits)

    @property
    def centres(self) -> dict[str, Vector]:
        """A labelled habit's own direction, by its name."""
        places = _unit(self.means)
        own = np.hstack([places, np.sqrt(self.probabilities(self.means))]) / np.sqrt(2)
        return {habit: np.asarray(vector, np.float32) for habit, vector in zip(self.habits, own, strict=True)}

    @property
    def sha256(self) -> str:
        """Names the vectors that it makes: another model, prompt or fit makes others."""
        arrays = (self.mean, self.weights, self.reliability, self.means)
        parts = (self.model_sha256.encode(), repr(frame()).encode(), *(array.tobytes() for array in arrays))
        return hashlib.sha256(b"|".join(parts)).hexdigest()


def _unit(rows: Vector) -> Vector:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-9), np.float32)


def frame() -> Frame:
    """The words around an entry."""
    before, after = tendency_frame()
    return Frame(before, after, DEPTH)


State = Callable[[str], Vector]
"""The model's state where it would name the habit behind a text, shape (width,). Raises ModelError."""


def state_of(model: LanguageModel) -> State:
    """Reads with a model."""
    return lambda text: model.read(frame(), " ".join(text[:MOST_CHARACTERS].split())).closing


class TendencyEmbedder:
    """Makes the vectors of the tendency view; an ``Embedder`` like that of the situation view."""

    def __init__(self, state: State, projection: Projection) -> None:
        self._state, self._projection = state, projection
        self.sha256, self.width = projection.sha256, projection.width
        self._newest: OrderedDict[str, Vector] = OrderedDict()

    def embed(self, texts: Sequence[str]) -> Vector:
        """One unit vector a text; zeros for a text without words. Raises ModelError."""
        return np.vstack([self._one(text) for text in texts]) if texts else np.zeros((0, self.width), np.float32)

    def _one(self, text: str) -> Vector:
        if not any(char.isalpha() for char in text):
            return np.zeros(self.width, np.float32)
        if text not in self._newest:
            self._newest[text] = self._projection(self._state(text))
        self._newest.move_to_end(text)
        while len(self._newest) > _KEPT:
            self._newest.popitem(last=False)
        return self._newest.get(text, np.zeros(self.width, np.float32))


_ARRAYS = ("mean", "weights", "reliability", "means")


def projection_file(folder: Path, model_sha256: str) -> Path:
    """Where the projection of a model is kept."""
    return folder / f"{model_sha256[:16]}-tendency.npz"


def save_projection(projection: Projection, folder: Path) -> Path:
    """Write a projection beside and rename; the weights as float16."""
    folder.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, npt.NDArray[np.generic]] = {
        "format": np.array(FORMAT),
        "model": np.array(projection.model_sha256),
        "mean": projection.mean.astype(np.float16),
        "weights": projection.weights.astype(np.float16),
        "reliability": projection.reliability.astype(np.float32),
        "habits": np.array(projection.habits),
        "means": projection.means.astype(np.float16),
        "bars": np.array([projection.bar, projection.show_bar, projection.group_bar]),
    }
    path = projection_file(folder, projection.model_sha256)
    beside = path.with_suffix(".part")
    with beside.open("wb") as file:
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]  # numpy types its own keyword here
    beside.replace(path)
    return path


def load_projection(folders: Sequence[Path], model_sha256: str) -> Projection:
    """The projection of a model, from the first folder that has it. Raises HeadsMissing."""
    for folder in folders:
        path = projection_file(folder, model_sha256)
        if path.is_file():
            return _read(path, model_sha256)
    raise HeadsMissing("The tendency view is not fitted to this model; patterns are not shown. Run `coach judge fit`.")


def _read(path: Path, model_sha256: str) -> Projection:
    try:
        with np.load(path, allow_pickle=False) as arrays:
            if int(arrays["format"]) != FORMAT or str(arrays["model"]) != model_sha256:
                raise HeadsMissing(f"{path} is for another version or model. Run `coach judge fit`.")
            mean, weights, reliability, means = (arrays[name].astype(np.float32) for name in _ARRAYS)
            habits = tuple(str(name) for name in arrays["habits"])
            bars = [float(number) for number in arrays["bars"]]
            return Projection(model_sha256, mean, weights, reliability, habits, means, bars[0], bars[1], bars[2])
    except (OSError, EOFError, KeyError, ValueError) as exc:
        raise HeadsMissing(f"{path} is damaged. Delete it and run `coach judge fit`.") from exc
