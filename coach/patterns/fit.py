"""Fits the projection of the tendency view from labelled entries.

Linear discriminant analysis with shrinkage (Friedman, "Regularized Discriminant Analysis", 1989): directions in which entries of
one habit lie close together and habits lie apart. Every habit was written in every walk of life, so that what tells topics apart is
scatter within a habit, and is suppressed. Each direction counts by how reliably it tells habits apart, as in probabilistic
linear discriminant analysis (Ioffe, 2006).

The bars are calibrated on habits that the projection was fitted without, and on pairs by two different hands: a hand has its
own way of writing, which would pass for a habit.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from coach.errors import InputError
from coach.llm.base import Vector
from coach.patterns.rows import TendencyRow
from coach.patterns.tendency import Projection

DIMENSIONS = 150
SHRINKAGE = 0.5
"""How far the scatter within habits is drawn towards a sphere; ``docs/patterns.md`` has the figures for others."""

EVEN, RARE = 1.0, 1 / 12
"""Odds that two entries have the same habit: even ones, as in labelled pairs, and those in a log of a dozen habits."""

GROUP_SHARE = 0.82
"""The bar for groups as a share of the one for showing an entry: a mean over members is steadier than one similarity. Chosen on
two logs with planted habits (``docs/patterns.md``)."""

FOLDS = 4
FEWEST_HABITS = 20
_STEPS = 50
_NEITHER, _SAME, _BESIDE, _FOREIGN = range(4)
"""Kinds of pairs: beside each other in one scene of one hand, or by two hands."""

_Numbers = npt.NDArray[np.float64]
_Labels = npt.NDArray[np.int_]

Progress = Callable[[int, int], None]


def fit_projection(rows: Sequence[TendencyRow], states: Vector, model_sha256: str) -> Projection:
    """The projection for labelled entries and the model's states of them, shape (rows, width). Raises InputError."""
    habits = [row.tendency for row in rows]
    if len(set(habits)) < FEWEST_HABITS:
        raise InputError(f"There are fewer than {FEWEST_HABITS} habits among the rows. Add some, or use those that ship.")
    slope, offset = _calibrated(_pairs(rows, states))
    even, rare = (float((-np.log(odds) - offset) / slope) for odds in (EVEN, RARE))
    bare = discriminant(states, habits, model_sha256)
    return replace(bare, bar=even, show_bar=rare, group_bar=rare * GROUP_SHARE)


def discriminant(states: Vector, habits: Sequence[str], model_sha256: str = "") -> Projection:
    """The directions that tell habits apart, and where each habit lies; without bars."""
    names, labels = np.unique(np.array(habits), return_inverse=True)
    mean, scale = states.mean(axis=0), states.std(axis=0) + 1e-3
    centred, counts = (states - mean) / scale, np.bincount(labels).astype(np.float32)
    means = np.zeros((len(counts), states.shape[1]), np.float32)
    np.add.at(means, labels, centred)
    means /= counts[:, None]
    whitening = _whitening(centred - means[labels], len(labels) - len(counts))
    _, strengths, directions = np.linalg.svd((means @ whitening) * np.sqrt(counts)[:, None], full_matrices=False)
    kept = min(DIMENSIONS, len(strengths))
    between = np.maximum(strengths[:kept] ** 2 / len(counts) - 1, 1e-3) / counts.mean()
    reliability, weights = between / (between + 1), whitening @ directions[:kept].T
    return Projection(
        model_sha256=model_sha256,
        mean=mean.astype(np.float32),
        weights=(weights / scale[:, None]).astype(np.float32),
        reliability=reliability.astype(np.float32),
        habits=tuple(str(name) for name in names),
        means=(means @ weights * reliability).astype(np.float32),
    )


def _whitening(inside: Vector, freedom: int) -> Vector:
    """What makes the scatter within habits, drawn towards a sphere, one in every direction; shape (width, width)."""
    scatter = inside.T @ inside / max(freedom, 1)
    width = len(scatter)
    shrunk = (1 - SHRINKAGE) * scatter + SHRINKAGE * np.trace(scatter) / width * np.eye(width, dtype=np.float32)
    return np.asarray(np.linalg.inv(np.linalg.cholesky(shrunk)).T, np.float32)


@dataclass(frozen=True)
class _Pairs:
    """Pairs of entries of which neither habit was fitted on: similarity, whether the habit is the same, what each counts for."""

    similarity: _Numbers
    same: npt.NDArray[np.bool_]
    counts: _Numbers


def _pairs(rows: Sequence[TendencyRow], states: Vector) -> _Pairs:
    """Pairs with the same habit by two hands; and as many, by weight, of two habits: half by two hands, half in one scene."""
    labels, hands = _numbered([row.tendency for row in rows]), _numbered([row.hand for row in rows])
    scenes = _numbered([f"{row.hand} {row.domain}" for row in rows])
    similarities, kinds = [], []
    for fold in range(FOLDS):
        held = labels % FOLDS == fold
        vectors = discriminant(states[~held], [str(label) for label in labels[~held]])(states[held])
        one, other = np.triu_indices(len(vectors), 1)
        same, at_home = (of[held][one] == of[held][other] for of in (labels, hands))
        beside = scenes[held][one] == scenes[held][other]
        kinds.append(np.select([same & ~at_home, ~same & beside, ~same & ~at_home], [_SAME, _BESIDE, _FOREIGN], _NEITHER))
        similarities.append((vectors[one] * vectors[other]).sum(axis=1))
    kind = np.concatenate(kinds)
    if not (kind == _SAME).any():
        raise InputError("No habit was written by two hands, so that no bar can be set. Add rows, or use those that ship.")
    number = np.bincount(kind, minlength=4)
    counts = np.select([kind == _SAME, kind == _NEITHER], [0.5 / number[_SAME], 0.0], 0.25 / np.maximum(number[kind], 1))
    return _Pairs(np.concatenate(similarities).astype(np.float64), kind == _SAME, counts)


def _calibrated(pairs: _Pairs) -> tuple[float, float]:
    """Slope and offset of the log-odds that two entries have the same habit, at even odds: logistic regression, by Newton."""
    design, found = np.stack([pairs.similarity, np.ones_like(pairs.similarity)], axis=1), np.zeros(2)
    for _ in range(_STEPS):
        probability = 1 / (1 + np.exp(-np.clip(design @ found, -30, 30)))
        slope = design.T @ (pairs.counts * (pairs.same - probability))
        curve = (design * (pairs.counts * probability * (1 - probability))[:, None]).T @ design
        found += np.linalg.solve(curve + 1e-9 * np.eye(2), slope)
    return float(found[0]), float(found[1])


def _numbered(names: Sequence[object]) -> _Labels:
    """Numbers from 0 for names, the same for the same name."""
    return np.unique(np.array([str(name) for name in names]), return_inverse=True)[1].astype(np.int_)
