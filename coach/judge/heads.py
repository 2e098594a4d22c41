"""Linear heads over a model's hidden states: one calibrated logistic regression per finding, three for control.

Every head decides from the same reading (see ``reading``). A finding has two scores: one of the whole answer, and one of its
strongest sentence, which also is its quote; a second, tiny regression joins them into one probability. Heads belong to one
model file and are stored under its hash; ``fit`` makes them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from coach.errors import HeadsMissing
from coach.judge.reading import FORMAT, Features
from coach.judge.rows import SIGNS
from coach.judge.sentences import Span
from coach.llm.base import Vector


def sigmoid(x: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """The logistic function, safe for large arguments."""
    return 1.0 / (1.0 + np.exp(-np.clip(np.asarray(x, np.float64), -40, 40)))


def logit(p: float) -> float:
    """The inverse of ``sigmoid``, for 0 and 1 too."""
    inside = min(max(p, 1e-9), 1 - 1e-9)
    return float(np.log(inside / (1 - inside)))


@dataclass(frozen=True)
class Linear:
    """A logistic regression: weights, shape (features,), that act on raw features, and a bias."""

    weights: Vector
    bias: float

    def __call__(self, features: Vector) -> npt.NDArray[np.float64]:
        """Log-odds, for features of shape (features,) or (rows, features)."""
        return np.asarray(features @ self.weights, np.float64) + self.bias


@dataclass(frozen=True)
class Head:
    """One finding's head.

    ``join`` weighs the log-odds of the whole answer and of its strongest sentence, and adds a bias. ``threshold`` is the
    probability from which the finding is made; chosen at fitting, for few false alarms.
    """

    answer: Linear
    sentence: Linear
    join: tuple[float, float, float]
    threshold: float

    def probability(self, features: Features) -> float:
        """Calibrated probability that the answer shows the finding."""
        whole, strongest, bias = self.join
        score = whole * self.answer(features.answer) + strongest * self.sentence(features.sentences).max() + bias
        return float(sigmoid(score))

    def carrier(self, features: Features) -> Span:
        """The sentence that carries the finding most."""
        return features.spans[int(np.argmax(self.sentence(features.sentences)))]


@dataclass(frozen=True)
class DangerHead(Head):
    """Signs of self-harm: from ``threshold`` the coaching stops, from the lower ``note`` on the person is told where help is."""

    note: float


@dataclass(frozen=True)
class ControlHead:
    """Three classes by softmax, in the order of ``classes``; ``weights`` has shape (classes, features)."""

    classes: tuple[str, ...]
    weights: Vector
    bias: Vector

    def probabilities(self, features: Features) -> dict[str, float]:
        """The classes' probabilities; they sum to 1."""
        scores = np.asarray(self.weights @ features.answer + self.bias, np.float64)
        raised = np.exp(scores - scores.max())
        return dict(zip(self.classes, (raised / raised.sum()).tolist(), strict=True))


@dataclass(frozen=True)
class Heads:
    """All heads of one model; ``danger`` notices signs of self-harm that no rule foresees, ``signs`` say where a why
    leads, and ``rating`` how good a hand-written question is for some words. ``written`` rates what the model has written, beside
    what questions written by hand were rated: ``by_hand``, of which "" stands for one that nobody rated."""

    model_sha256: str
    findings: dict[str, Head]
    control: ControlHead
    danger: DangerHead
    signs: dict[str, Head]
    rating: Linear | None = None
    written: Linear | None = None
    by_hand: Mapping[str, float] = field(default_factory=dict)


_DANGER, _RATING, _WRITTEN, _BY_HAND = "danger", "rating", "written", "by_hand"


def heads_file(folder: Path, model_sha256: str) -> Path:
    """Where the heads of a model are kept."""
    return folder / f"{model_sha256[:16]}.npz"


def save_heads(heads: Heads, folder: Path) -> Path:
    """Write the heads beside and rename; some hundred kB, the weights as float16."""
    folder.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, npt.NDArray[np.generic]] = {
        "format": np.array(FORMAT),
        "model": np.array(heads.model_sha256),
        "control/classes": np.array(heads.control.classes),
        "control/weights": heads.control.weights.astype(np.float16),
        "control/bias": heads.control.bias.astype(np.float32),
    }
    arrays[f"{_DANGER}/note"] = np.array(heads.danger.note)
    for kind, head in {**heads.findings, **heads.signs, _DANGER: heads.danger}.items():
        arrays[f"{kind}/answer"] = head.answer.weights.astype(np.float16)
        arrays[f"{kind}/sentence"] = head.sentence.weights.astype(np.float16)
        arrays[f"{kind}/numbers"] = np.array([head.answer.bias, head.sentence.bias, *head.join, head.threshold])
    for name, linear in ((_RATING, heads.rating), (_WRITTEN, heads.written)):
        if linear:
            arrays[f"{name}/weights"] = linear.weights.astype(np.float16)
            arrays[f"{name}/bias"] = np.array(linear.bias)
    arrays[f"{_BY_HAND}/questions"] = np.array(list(heads.by_hand), dtype=np.str_)
    arrays[f"{_BY_HAND}/ratings"] = np.array(list(heads.by_hand.values()), np.float32)
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
            every = {kind: _head(arrays, kind) for kind in kinds}
            classes = tuple(str(name) for name in arrays["control/classes"])
            control = ControlHead(classes, arrays["control/weights"].astype(np.float32), arrays["control/bias"])
            danger = DangerHead(**vars(every.pop(_DANGER)), note=float(arrays[f"{_DANGER}/note"]))
            signs = {name: every.pop(name) for name in SIGNS}
            rating, written = _linear(arrays, _RATING), _linear(arrays, _WRITTEN)
            by_hand = _by_hand(arrays)
    except (OSError, EOFError, KeyError, ValueError) as exc:
        raise HeadsMissing(f"{path} is damaged. Delete it and run `coach judge fit`.") from exc
    return Heads(model_sha256, every, control, danger, signs, rating, written, by_hand)


def _linear(arrays: "np.lib.npyio.NpzFile", name: str) -> Linear | None:
    """What rates questions; None in heads that were fitted without rated questions."""
    if f"{name}/weights" not in arrays.files:
        return None
    return Linear(arrays[f"{name}/weights"].astype(np.float32), float(arrays[f"{name}/bias"]))


def _by_hand(arrays: "np.lib.npyio.NpzFile") -> dict[str, float]:
    if f"{_BY_HAND}/questions" not in arrays.files:
        return {}
    return {
        str(question): float(one)
        for question, one in zip(arrays[f"{_BY_HAND}/questions"], arrays[f"{_BY_HAND}/ratings"], strict=True)
    }


def _head(arrays: "np.lib.npyio.NpzFile", kind: str) -> Head:
    answer_bias, sentence_bias, whole, strongest, bias, threshold = (float(number) for number in arrays[f"{kind}/numbers"])
    return Head(
        Linear(arrays[f"{kind}/answer"].astype(np.float32), answer_bias),
        Linear(arrays[f"{kind}/sentence"].astype(np.float32), sentence_bias),
        (whole, strongest, bias),
        threshold,
    )
