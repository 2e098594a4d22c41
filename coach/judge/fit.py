"""Fits the judge's heads to a model from labelled rows: the one place where scikit-learn is used.

Each row is read once by the model in the judge's own frame. Every finding gets an L2 logistic regression over standardised
features, whose weights are then folded back so that a head acts on raw states. The threshold comes from out-of-fold
probabilities: at least one half, and high enough that few good answers are accused.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from coach.errors import InputError
from coach.judge.heads import FRAME, ControlHead, Head, Heads, answer_features, sentence_features
from coach.judge.sentences import Span
from coach.llm.base import LanguageModel, Reading, Vector
from coach.prompts import judgements
from coach.schema import CONTROLS

PENALTY = 0.01
"""Inverse strength of the L2 penalty; 0.003 to 0.03 differ by less than a point in cross-validation."""

FOLDS = 5
FALSE_ALARMS = 0.02
"""The share of good answers that one finding may accuse, out of fold; several findings apply to an answer."""

LEAST_THRESHOLD = 0.5
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Row:
    """A labelled answer. ``task`` is a finding, ``control`` or ``none`` (a good answer: no finding applies)."""

    id: str
    task: str
    question: str
    text: str
    label: int | str
    hard: bool = False
    quote: str | None = None


@dataclass(frozen=True)
class Read:
    """A row and the model's reading of it."""

    row: Row
    reading: Reading


def read_rows(folder: Path) -> list[Row]:
    """All rows of a folder's JSON Lines files but ``same_pattern``. Raises InputError naming file and line."""
    rows = []
    for path in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            try:
                fields = json.loads(line)
                if fields["task"] not in ("same_pattern", "self_harm"):
                    rows.append(Row(**fields))
            except (ValueError, KeyError, TypeError) as exc:
                raise InputError(f"{path}, line {number}: not a labelled row. See data/README.md for the fields.") from exc
    if not rows:
        raise InputError(f"{folder} holds no labelled rows (files *.jsonl).")
    return rows


def fit_heads(rows: Sequence[Row], model: LanguageModel, progress: Progress = lambda done, total: None) -> Heads:
    """Read every row and fit all heads."""
    read = []
    for done, row in enumerate(rows, 1):
        read.append(Read(row, model.read(FRAME, row.text)))
        progress(done, len(rows))
    findings = {kind: _fit_finding(kind, rows_for(kind, read)) for kind in judgements()}
    return Heads(model.sha256, findings, _fit_control([one for one in read if one.row.task == "control"]))


def rows_for(kind: str, read: Iterable[Read]) -> list[Read]:
    """The rows that teach a finding: its own, and good answers to the questions where it applies."""
    steps = {*judgements()[kind].steps, "any"}
    return [one for one in read if one.row.task == kind or (one.row.task == "none" and one.row.question in steps)]


def _fit_finding(kind: str, read: Sequence[Read]) -> Head:
    labels = np.array([int(one.row.label) for one in read])
    answers = np.vstack([answer_features(one.reading) for one in read])
    weights, bias = _fitted(answers, labels)
    sentences, their_labels = _sentence_rows(read)
    sentence_weights, sentence_bias = _fitted(sentences, their_labels)
    good = np.array([one.row.label == 0 for one in read])
    threshold = _threshold(out_of_fold(answers, labels)[good])
    return Head(weights[0], float(bias[0]), sentence_weights[0], float(sentence_bias[0]), threshold)


def _threshold(good: npt.NDArray[np.float64]) -> float:
    """The probability that only ``FALSE_ALARMS`` of the good answers reach."""
    return max(LEAST_THRESHOLD, float(np.quantile(good, 1 - FALSE_ALARMS)))


def _sentence_rows(read: Sequence[Read]) -> tuple[Vector, npt.NDArray[np.int_]]:
    """Single sentences: the quoted ones of weak answers, and whole answers where none is quoted."""
    features, labels = [], []
    for one in read:
        features.append(sentence_features(one.reading, _carrier(one.row)))
        labels.append(int(one.row.label))
    return np.vstack(features), np.array(labels)


def _carrier(row: Row) -> Span:
    """The range of the quoted sentence, or of the whole answer."""
    start = row.text.find(row.quote) if row.quote else -1
    return (start, start + len(row.quote)) if row.quote and start >= 0 else (0, len(row.text))


def _fit_control(read: Sequence[Read]) -> ControlHead:
    labels = np.array([CONTROLS.index(one.row.label) for one in read])
    weights, bias = _fitted(np.vstack([answer_features(one.reading) for one in read]), labels)
    return ControlHead(CONTROLS, weights, bias)


def _fitted(features: Vector, labels: npt.NDArray[np.int_]) -> tuple[Vector, Vector]:
    """Weights (classes or 1, features) and bias of a logistic regression, for raw features."""
    from sklearn.linear_model import LogisticRegression

    mean, scale = features.mean(axis=0), features.std(axis=0) + 1e-6
    model = LogisticRegression(C=PENALTY, max_iter=2000).fit((features - mean) / scale, labels)
    weights = np.asarray(model.coef_ / scale, np.float32)
    return weights, np.asarray(model.intercept_ - weights @ mean, np.float32)


def out_of_fold(features: Vector, labels: npt.NDArray[np.int_], folds: int = FOLDS) -> npt.NDArray[np.float64]:
    """For each row, the probability by a head that was fitted without it."""
    from sklearn.model_selection import StratifiedKFold

    result = np.zeros(len(labels))
    for train, test in StratifiedKFold(folds, shuffle=True, random_state=0).split(features, labels):
        weights, bias = _fitted(features[train], labels[train])
        result[test] = 1 / (1 + np.exp(-(features[test] @ weights[0] + bias[0])))
    return result
