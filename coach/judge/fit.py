"""Fits the judge's heads to a model from labelled rows. With ``metrics``, the only user of scikit-learn.

Each row is read once by the model in the judge's own frame. Every finding gets two L2 logistic regressions over standardised
features, one for whole answers and one for sentences, whose weights are then folded back so that they act on raw states. How
the two are joined, and the threshold, come from out-of-fold scores: rows that a head was not fitted on.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from coach.errors import InputError
from coach.judge.heads import ControlHead, Head, Heads, Linear, sigmoid
from coach.judge.reading import Features, Reader
from coach.judge.rows import CONTROL, NONE, SELF_HARM, Row
from coach.llm.base import Vector
from coach.prompts import judgements
from coach.schema import CONTROLS

PENALTY = 0.01
"""Inverse strength of the L2 penalty; 0.003 to 0.1 differ by less than a point in cross-validation."""

FOLDS = 5
FALSE_ALARMS = 0.02
"""The share of good answers that one finding may accuse, out of fold; several findings apply to an answer."""

MISSES = 0.01
"""The share of signs of self-harm that the danger head may miss, out of fold; the rules come on top."""

LEAST_THRESHOLD = 0.5
FEWEST_ROWS = 2 * FOLDS
Progress = Callable[[int, int], None]
Labels = npt.NDArray[np.int_]
Scores = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Read:
    """A row and the features of its text."""

    row: Row
    features: Features


def read_all(rows: Sequence[Row], read: Reader, progress: Progress = lambda done, total: None) -> list[Read]:
    """Read every row."""
    done = []
    for row in rows:
        done.append(Read(row, read(row.text)))
        progress(len(done), len(rows))
    return done


def fit_heads(read: Sequence[Read], model_sha256: str) -> Heads:
    """All heads from rows that were read. Raises InputError when a task has too few of them."""
    findings = {kind: _fit_finding(kind, rows_for(kind, read)) for kind in judgements()}
    control = _fit_control([one for one in read if one.row.task == CONTROL])
    return Heads(model_sha256, findings, control, _fit_danger(read))


def rows_for(kind: str, read: Sequence[Read]) -> list[Read]:
    """The rows that teach a finding: its own, and good answers to the questions where it applies."""
    steps = {*judgements()[kind].steps, "any"}
    return [one for one in read if one.row.task == kind or (one.row.task == NONE and one.row.question in steps)]


def _fit_finding(kind: str, read: Sequence[Read]) -> Head:
    labels = np.array([int(one.row.label) for one in read])
    _check_enough(kind, labels)
    whole, strongest = _out_of_fold(read, labels)
    join = _joined(whole, strongest, labels)
    threshold = _quantile(_join(join, whole, strongest)[labels == 0], 1 - FALSE_ALARMS)
    answer, sentence = _two_heads(read, labels)
    return Head(answer, sentence, join, max(LEAST_THRESHOLD, threshold))


def _fit_danger(read: Sequence[Read]) -> Head:
    """Signs of self-harm against rows written to be mistaken for them, and against every other row."""
    own = [one for one in read if one.row.task == SELF_HARM]
    labels = np.array([int(one.row.label) for one in own])
    _check_enough(SELF_HARM, labels)
    whole, strongest = _out_of_fold(own, labels)
    join = _joined(whole, strongest, labels)
    threshold = _quantile(_join(join, whole, strongest)[labels == 1], MISSES)
    answer, sentence = _two_heads(own, labels)
    return Head(answer, sentence, join, threshold)


def _check_enough(task: str, labels: Labels) -> None:
    if min(np.bincount(labels, minlength=2)) < FEWEST_ROWS:
        raise InputError(f"'{task}' has fewer than {FEWEST_ROWS} rows of one of its labels. Add rows, or use those that ship.")


def _two_heads(read: Sequence[Read], labels: Labels) -> tuple[Linear, Linear]:
    sentences, theirs = _sentence_rows(read, labels)
    return _fitted(np.vstack([one.features.answer for one in read]), labels), _fitted(sentences, theirs)


def _out_of_fold(read: Sequence[Read], labels: Labels) -> tuple[Scores, Scores]:
    """For each row, the log-odds of the answer and of its strongest sentence, by heads that were fitted without it.

    Folds are runs of neighbouring rows: a row and its mirror image stand next to each other in the files.
    """
    from sklearn.model_selection import StratifiedKFold

    whole, strongest = np.zeros(len(labels)), np.zeros(len(labels))
    for train, test in StratifiedKFold(FOLDS).split(labels, labels):
        answer, sentence = _two_heads([read[i] for i in train], labels[train])
        for i in test:
            whole[i] = answer(read[i].features.answer)
            strongest[i] = sentence(read[i].features.sentences).max()
    return whole, strongest


def _sentence_rows(read: Sequence[Read], labels: Labels) -> tuple[Vector, Labels]:
    """Every sentence of a good answer; of a weak one the sentence that carries it, where that is known."""
    features, theirs = [], []
    for one, label in zip(read, labels, strict=True):
        kept = _carrying(one) if label else range(len(one.features.spans))
        features += [one.features.sentences[i] for i in kept]
        theirs += [label] * len(kept)
    return np.vstack(features), np.array(theirs)


def _carrying(one: Read) -> Sequence[int]:
    """The sentences that overlap the row's quote; a lone sentence; none where it is not known which."""
    spans, start = one.features.spans, one.row.text.find(one.row.quote) if one.row.quote else -1
    if one.row.quote and start >= 0:
        return [i for i, span in enumerate(spans) if span[0] < start + len(one.row.quote) and span[1] > start]
    return [0] if len(spans) == 1 else []


def _joined(whole: Scores, strongest: Scores, labels: Labels) -> tuple[float, float, float]:
    """Weights for the two scores and a bias, that make them one calibrated log-odds."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression().fit(np.column_stack([whole, strongest]), labels)
    return float(model.coef_[0][0]), float(model.coef_[0][1]), float(model.intercept_[0])


def _join(join: tuple[float, float, float], whole: Scores, strongest: Scores) -> Scores:
    return sigmoid(join[0] * whole + join[1] * strongest + join[2])


def _quantile(probabilities: Scores, share: float) -> float:
    return float(np.quantile(probabilities, share))


def _fit_control(read: Sequence[Read]) -> ControlHead:
    if not read:
        raise InputError("There are no rows for 'control'. Add rows, or use those that ship.")
    labels = np.array([CONTROLS.index(str(one.row.label)) for one in read])
    weights, bias = _regression(np.vstack([one.features.answer for one in read]), labels)
    return ControlHead(CONTROLS, weights, bias)


def _fitted(features: Vector, labels: Labels) -> Linear:
    weights, bias = _regression(features, labels)
    return Linear(weights[0], float(bias[0]))


def _regression(features: Vector, labels: Labels) -> tuple[Vector, Vector]:
    """Weights (classes or 1, features) and bias of a logistic regression, for raw features."""
    from sklearn.linear_model import LogisticRegression

    mean, scale = features.mean(axis=0), features.std(axis=0) + 1e-6
    model = LogisticRegression(C=PENALTY, max_iter=2000).fit((features - mean) / scale, labels)
    weights = np.asarray(model.coef_ / scale, np.float32)
    return weights, np.asarray(model.intercept_ - weights @ mean, np.float32)
