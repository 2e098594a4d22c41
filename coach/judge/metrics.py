"""Figures of merit, and the two baselines that show what is given away by length and by single words.

With ``fit``, the only user of scikit-learn.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int_]

FOLDS = 5


@dataclass(frozen=True)
class Binary:
    """How well a weakness is told from its absence. Every figure lies in 0 to 1; None where it is not defined."""

    n: int
    precision: float
    recall: float
    f1: float
    auc: float | None
    accuracy: float
    hard_accuracy: float | None


def binary(labels: Labels, found: npt.NDArray[np.bool_], scores: Numbers, hard: npt.NDArray[np.bool_]) -> Binary:
    """Figures for labels 0/1, what was found, the probabilities behind it, and which rows are hard."""
    from sklearn.metrics import f1_score, precision_score, recall_score

    return Binary(
        n=len(labels),
        precision=float(precision_score(labels, found, zero_division=0.0)),
        recall=float(recall_score(labels, found, zero_division=0.0)),
        f1=float(f1_score(labels, found, zero_division=0.0)),
        auc=auc(labels, scores),
        accuracy=float((labels == found).mean()),
        hard_accuracy=share(labels == found, hard),
    )


def auc(labels: Labels, scores: Numbers) -> float | None:
    """Area under the ROC curve; None where there is one class only."""
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(labels, scores)) if len(set(labels.tolist())) == 2 else None


def macro_f1(labels: Sequence[str], found: Sequence[str]) -> float:
    """The mean of the classes' F1."""
    from sklearn.metrics import f1_score

    return float(f1_score(labels, found, average="macro", zero_division=0.0))


def share(right: npt.NDArray[np.bool_], among: npt.NDArray[np.bool_]) -> float | None:
    """The share of ``right`` among some rows; None for no rows."""
    return float(right[among].mean()) if among.any() else None


def length_f1(texts: Sequence[str], labels: Labels) -> float | None:
    """F1 of a classifier that sees the number of words alone, cross-validated over these rows."""
    from sklearn.linear_model import LogisticRegression

    lengths = np.log1p([[len(text.split())] for text in texts])
    return _crossed_f1(LogisticRegression(class_weight="balanced"), lengths, labels)


def words_f1(texts: Sequence[str], labels: Labels) -> float | None:
    """F1 of a classifier that sees single words and pairs of words, cross-validated over these rows."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    model = make_pipeline(TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), LogisticRegression(C=10, class_weight="balanced"))
    return _crossed_f1(model, np.array(texts, dtype=object), labels)


def _crossed_f1(model: object, features: npt.NDArray[np.generic], labels: Labels) -> float | None:
    """None where a class has too few rows to be split."""
    from sklearn.metrics import f1_score
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from threadpoolctl import threadpool_limits

    if min(np.bincount(labels, minlength=2)) < FOLDS:
        return None
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    with threadpool_limits(limits=1):
        return float(f1_score(labels, cross_val_predict(model, features, labels, cv=folds)))
