"""The tendency view: reads the habit behind an entry with the chat model and turns it into a vector.

Vectors of sentence models lie near each other when texts share a topic, so that the late proposal and the late kitchen are far
apart. The habit has to be asked for: the entry stands behind examples of entries and their habits (``prompts/tendency.md``), and
the model's state at the point where it would name the habit is what counts. A projection, fitted on labelled entries in which
topic and habit are crossed, keeps what tells habits apart and drops what tells topics apart (``fit``). It was not taught what a
habit is called, so that one that nobody listed gets a place of its own.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
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

MOST_CHARACTERS = 1200
"""Of an entry's text, from its beginning: the habit shows there, and a report of many pages would take a minute to read."""

_KEPT = 16  # the newest vectors, in memory only: the panel, the reason and the journal ask for the same text


@dataclass(frozen=True)
class Projection:
    """Linear, from the model's state to the tendency view.

    ``mean``: shape (width,); ``weights``: (width, dimensions). ``bar``: cosine similarity from which two entries have the same
    habit at even odds; ``show_bar``: the one for a log, where most entries have another; ``group_bar``: mean similarity from
    which an entry belongs to a group. ``centres``: for each labelled habit the direction of its entries, unit length.
    """

    model_sha256: str
    mean: Vector
    weights: Vector
    bar: float
    show_bar: float
    group_bar: float
    centres: Mapping[str, Vector]

    def __call__(self, state: Vector) -> Vector:
        """The unit vector of a state, shape (dimensions,); of states (rows, width), one a row."""
        projected = (state - self.mean) @ self.weights
        return np.asarray(projected / np.maximum(np.linalg.norm(projected, axis=-1, keepdims=True), 1e-9), np.float32)

    @property
    def sha256(self) -> str:
        """Names the vectors that it makes: another model, prompt or fit makes others."""
        parts = (self.model_sha256.encode(), repr(frame()).encode(), self.mean.tobytes(), self.weights.tobytes())
        return hashlib.sha256(b"|".join(parts)).hexdigest()


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
        self.sha256, self.width = projection.sha256, projection.weights.shape[1]
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


def projection_file(folder: Path, model_sha256: str) -> Path:
    """Where the projection of a model is kept."""
    return folder / f"{model_sha256[:16]}-tendency.npz"


def save_projection(projection: Projection, folder: Path) -> Path:
    """Write a projection beside and rename; the weights as float16."""
    folder.mkdir(parents=True, exist_ok=True)
    names = sorted(projection.centres)
    arrays: dict[str, npt.NDArray[np.generic]] = {
        "format": np.array(FORMAT),
        "model": np.array(projection.model_sha256),
        "mean": projection.mean.astype(np.float16),
        "weights": projection.weights.astype(np.float16),
        "bars": np.array([projection.bar, projection.show_bar, projection.group_bar]),
        "names": np.array(names),
        "centres": np.vstack([projection.centres[name] for name in names]).astype(np.float16),
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
            centres = dict(zip(map(str, arrays["names"]), arrays["centres"].astype(np.float32), strict=True))
            bar, show_bar, group_bar = (float(number) for number in arrays["bars"])
            mean, weights = arrays["mean"].astype(np.float32), arrays["weights"].astype(np.float32)
            return Projection(model_sha256, mean, weights, bar, show_bar, group_bar, centres)
    except (OSError, EOFError, KeyError, ValueError) as exc:
        raise HeadsMissing(f"{path} is damaged. Delete it and run `coach judge fit`.") from exc
