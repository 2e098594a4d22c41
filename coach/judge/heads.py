"""Linear heads over a model's hidden states: one calibrated logistic regression per finding, three for control.

A head reads one reading of the answer. For the whole answer its features are the mean of the tokens' states, the
state of the last token, and the closing state of the frame, joined; for a single sentence, the mean of its tokens' states.
The second, smaller head exists to find the sentence that carries a finding. Heads belong to one model file and
are stored under its hash; ``fit`` makes them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from coach.errors import HeadsMissing
from coach.judge.sentences import Span
from coach.llm.base import Frame, Reading, Vector

FORMAT = 1

FRAME = Frame(
    "After-action review of a failure. A coach reads the answer critically.\nAnswer: ",
    "\nCoach's assessment: this answer is",
)
"""The words around every answer that is read; heads are fitted with these and hold for no others."""


def answer_features(reading: Reading) -> Vector:
    """Features of the whole answer, shape (3 * width,)."""
    return np.concatenate([reading.states.mean(axis=0), reading.states[-1], reading.closing]).astype(np.float32)


def sentence_features(reading: Reading, span: Span) -> Vector:
    """Features of one sentence, shape (width,); of the whole answer where no token falls inside."""
    inside = [i for i, (start, end) in enumerate(reading.spans) if start < span[1] and end > span[0]]
    states = reading.states[inside] if inside else reading.states
    return np.asarray(states.mean(axis=0), np.float32)


def sigmoid(x: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """The logistic function, safe for large arguments."""
    return 1.0 / (1.0 + np.exp(-np.clip(np.asarray(x, np.float64), -40, 40)))


@dataclass(frozen=True)
class Head:
    """One finding's head. Weights act on raw features: the standardisation is folded into them.

    ``threshold`` is the probability from which the finding is made; chosen at fitting, for few false alarms.
    """

    answer_weights: Vector
    answer_bias: float
    sentence_weights: Vector
    sentence_bias: float
    threshold: float

    def probability(self, reading: Reading) -> float:
        """Calibrated probability that the answer shows the finding."""
        return float(sigmoid(answer_features(reading) @ self.answer_weights + self.answer_bias))

    def carrier(self, reading: Reading, spans: Sequence[Span]) -> Span:
        """The sentence that carries the finding most."""
        return max(spans, key=lambda span: float(sentence_features(reading, span) @ self.sentence_weights))


@dataclass(frozen=True)
class ControlHead:
    """Three classes by softmax, in the order of ``classes``; ``weights`` has shape (classes, features)."""

    classes: tuple[str, ...]
    weights: Vector
    bias: Vector

    def probabilities(self, reading: Reading) -> dict[str, float]:
        """The classes' probabilities; they sum to 1."""
        scores = np.asarray(self.weights @ answer_features(reading) + self.bias, np.float64)
        raised = np.exp(scores - scores.max())
        return dict(zip(self.classes, (raised / raised.sum()).tolist(), strict=True))


@dataclass(frozen=True)
class Heads:
    """All heads of one model."""

    model_sha256: str
    findings: dict[str, Head]
    control: ControlHead


def heads_file(folder: Path, model_sha256: str) -> Path:
    """Where the heads of a model are kept."""
    return folder / f"{model_sha256[:16]}.npz"


def save_heads(heads: Heads, folder: Path) -> Path:
    """Write the heads beside and rename; a few hundred kB."""
    folder.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, npt.NDArray[np.generic]] = {
        "format": np.array(FORMAT),
        "model": np.array(heads.model_sha256),
        "control/classes": np.array(heads.control.classes),
        "control/weights": heads.control.weights.astype(np.float32),
        "control/bias": heads.control.bias.astype(np.float32),
    }
    for kind, head in heads.findings.items():
        arrays[f"{kind}/answer"] = head.answer_weights.astype(np.float32)
        arrays[f"{kind}/sentence"] = head.sentence_weights.astype(np.float32)
        arrays[f"{kind}/numbers"] = np.array([head.answer_bias, head.sentence_bias, head.threshold])
    path = heads_file(folder, heads.model_sha256)
    beside = path.with_suffix(".part")
    with beside.open("wb") as file:
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]  # numpy types its own keyword here
    beside.replace(path)
    return path


def load_heads(folders: Sequence[Path], model_sha256: str) -> Heads:
    """The heads of a model, from the first folder that has them. Raises HeadsMissing."""
    for folder in folders:
        path = heads_file(folder, model_sha256)
        if path.is_file():
            return _read(path, model_sha256)
    raise HeadsMissing("The judge is not fitted to this model; rules are used. Run `coach judge fit`.")


def _read(path: Path, model_sha256: str) -> Heads:
    try:
        with np.load(path, allow_pickle=False) as arrays:
            if int(arrays["format"]) != FORMAT or str(arrays["model"]) != model_sha256:
                raise HeadsMissing(f"{path} is for another version or model. Run `coach judge fit`.")
            kinds = sorted({name.split("/")[0] for name in arrays.files if name.endswith("/answer")})
            findings = {kind: _head(arrays, kind) for kind in kinds}
            classes = tuple(str(name) for name in arrays["control/classes"])
            control = ControlHead(classes, arrays["control/weights"], arrays["control/bias"])
    except (OSError, KeyError, ValueError) as exc:
        raise HeadsMissing(f"{path} is damaged. Delete it and run `coach judge fit`.") from exc
    return Heads(model_sha256, findings, control)


def _head(arrays: "np.lib.npyio.NpzFile", kind: str) -> Head:
    answer_bias, sentence_bias, threshold = (float(number) for number in arrays[f"{kind}/numbers"])
    return Head(arrays[f"{kind}/answer"], answer_bias, arrays[f"{kind}/sentence"], sentence_bias, threshold)
