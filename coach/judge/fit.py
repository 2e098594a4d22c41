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
from coach.judge.heads import ControlHead, DangerHead, Head, Heads, Linear, sigmoid
from coach.judge.reading import Features, Reader
from coach.judge.rows import CONTROL, LOOP, NONE, SELF_HARM, SIGNS, Row
from coach.llm.base import Vector
from coach.prompts import judgements
from coach.schema import CONTROLS

PENALTY = 0.01
"""Inverse strength of the L2 penalty; 0.003 to 0.1 differ by less than a point in cross-validation."""

FOLDS = 5
PRICE = 3.2
"""How many misses a false alarm is worth, in shares of weak and of good answers: "a false alarm costs more trust than a miss"."""

MOST_FALSE_ALARMS = 0.03
"""The most that one finding may accuse among good answers, out of fold, whatever that costs in misses."""

MOST_FALSE_SIGNS = 0.1
"""The most, in the same way, for a sign in a why: it changes what the coach proposes next and accuses nobody."""

LEAST_THRESHOLD = 0.3
"""No finding is made below this probability, however few good answers would be accused."""

FALSE_STOPS, FALSE_NOTES = 0.02, 0.04
"""The shares of ordinary answers at which the coaching may stop, and which may get a note about help, out of fold. Fewer stops
mean more misses; ``docs/judge.md`` has the figures for other shares."""

OTHERS, OTHERS_WEAK = 0.5, 0.25
"""What an answer of another task counts for as free of this weakness, where that task calls it good and where it calls it weak:
its author did not look for this one."""

RIDGE = 1000.0
"""Strength of the L2 penalty for the rating of questions; ``docs/pushback.md`` has the correlations for others."""

FEWEST_ROWS = 2 * FOLDS
Progress = Callable[[int, int], None]
Labels = npt.NDArray[np.int_]
Scores = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Read:
    """A row and the features of its text."""

    row: Row
    features: Features


@dataclass(frozen=True)
class Lesson:
    """What one head is taught: texts, whether each shows the weakness, and what each counts for."""

    read: Sequence[Read]
    labels: Labels
    weights: Scores

    def part(self, indices: npt.NDArray[np.intp]) -> "Lesson":
        """Some of it."""
        return Lesson([self.read[i] for i in indices], self.labels[indices], self.weights[indices])


def read_all(rows: Sequence[Row], read: Reader, progress: Progress = lambda done, total: None) -> list[Read]:
    """Read every row."""
    done = []
    for row in rows:
        done.append(Read(row, read(row.read_as)))
        progress(len(done), len(rows))
    return done


def fit_heads(read: Sequence[Read], model_sha256: str) -> Heads:
    """All heads from rows that were read. Raises InputError when a task has too few of them."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):  # matrices this small are slowed down tenfold by threads that wait for each other
        findings = {kind: _fit_finding(kind, read) for kind in judgements()}
        control = _fit_control([one for one in read if one.row.task == CONTROL])
        signs = {name: _fit_sign(name, read) for name in SIGNS}
        return Heads(model_sha256, findings, control, _fit_danger(read), signs)


def fit_findings(kinds: Sequence[str], read: Sequence[Read]) -> dict[str, Head]:
    """The heads of some findings alone, for a judgement that is new or has new rows. Raises InputError."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        return {kind: _fit_finding(kind, read) for kind in kinds}


def rows_for(kinds: Sequence[str], rows: Sequence[Row]) -> list[Row]:
    """The rows that teach some findings anything."""
    return [row for row in rows if any(_counts(kind, row) for kind in kinds)]


def fit_rating(features: Vector, ratings: Sequence[float]) -> Linear:
    """A ridge regression from the features of questions, shape (questions, features), to their ratings."""
    from sklearn.linear_model import Ridge

    mean, scale = features.mean(axis=0), features.std(axis=0) + 1e-6
    model = Ridge(alpha=RIDGE).fit((features - mean) / scale, np.array(ratings))
    weights = np.asarray(model.coef_ / scale, np.float32)
    return Linear(weights, float(model.intercept_ - weights @ mean))


def lesson_for(kind: str, read: Sequence[Read]) -> Lesson:
    """The rows that teach a finding: its own, good answers to the questions where it applies, and those of other tasks."""
    taught = [(one, _counts(kind, one.row)) for one in read]
    taught = [(one, weight) for one, weight in taught if weight]
    labels = np.array([int(one.row.label == 1 and one.row.task == kind) for one, _ in taught])
    _check_enough(kind, labels)
    return Lesson([one for one, _ in taught], labels, _balanced(labels, np.array([weight for _, weight in taught])))


def _counts(kind: str, row: Row) -> float:
    """What a row counts for when this finding is taught; 0 for one that says nothing about it."""
    if row.task == kind:
        return 1.0
    if row.task not in (NONE, *judgements()) or not applies(kind, row):
        return 0.0
    if row.label == 0:
        return 1.0 if row.task == NONE else OTHERS
    return 0.0 if row.task in judgements()[kind].overlaps else OTHERS_WEAK


def applies(kind: str, row: Row) -> bool:
    """Whether a weakness can be asked of a row: at its question, or, where none is named, if it shows at several."""
    steps = judgements()[kind].steps
    return len(steps) > 1 if row.question == "any" else row.question in steps


def _balanced(labels: Labels, weights: Scores) -> Scores:
    """Weights that make both labels count the same in all."""
    return np.where(labels == 1, weights * weights[labels == 0].sum() / weights[labels == 1].sum(), weights)


def _fit_finding(kind: str, read: Sequence[Read]) -> Head:
    lesson = lesson_for(kind, read)
    scores = _out_of_fold(lesson)
    join = _joined(scores, lesson)
    good = np.array([one.row.label == 0 for one in lesson.read])
    probabilities = _join(join, scores)
    return Head(*_two_heads(lesson), join, chosen_threshold(probabilities[lesson.labels == 1], probabilities[good]))


def chosen_threshold(weak: Scores, good: Scores, most: float = MOST_FALSE_ALARMS) -> float:
    """The threshold with the least misses plus ``PRICE`` times false alarms, with at most a share ``most`` of these.

    >>> chosen_threshold(np.array([0.4, 0.8, 0.9]), np.array([0.1, 0.2, 0.3, 0.35]))
    0.375
    """
    edges = np.unique(np.concatenate([weak, good, [LEAST_THRESHOLD, 1.0]]))
    candidates = [t for t in (edges[:-1] + edges[1:]) / 2 if t >= LEAST_THRESHOLD]
    allowed = [t for t in candidates if (good >= t).mean() <= most] or candidates[-1:]
    return float(min(allowed, key=lambda t: (weak < t).mean() + PRICE * (good >= t).mean()))


def _fit_sign(name: str, read: Sequence[Read]) -> Head:
    """A sign in an answer to a why, from its own rows alone and from whole answers alone: no one sentence carries it."""
    own = [one for one in read if one.row.task == name]
    labels = np.array([int(one.row.label) for one in own])
    _check_enough(name, labels)
    features, ones = np.vstack([one.features.answer for one in own]), np.ones(len(own))
    scores, fold = np.zeros((len(own), 2)), folds_of([one.row for one in own], FOLDS)
    for number in range(FOLDS):
        taught = fold != number
        scores[~taught, 0] = _fitted(features[taught], labels[taught], ones[taught])(features[~taught])
    join = _joined(scores, Lesson(own, labels, ones))
    probabilities = _join(join, scores)
    threshold = chosen_threshold(probabilities[labels == 1], probabilities[labels == 0], MOST_FALSE_SIGNS)
    silent = Linear(np.zeros(own[0].features.sentences.shape[1], np.float32), 0.0)
    return Head(_fitted(features, labels, ones), silent, join, threshold)


def _fit_danger(read: Sequence[Read]) -> DangerHead:
    """Signs of self-harm against rows written to be mistaken for them, and against answers that are good or merely weak."""
    own = [one for one in read if one.row.task == SELF_HARM]
    others = [one for one in read if one.row.task not in (SELF_HARM, CONTROL, LOOP)]
    labels = np.array([int(one.row.label) for one in own] + [0] * len(others))
    _check_enough(SELF_HARM, labels)
    lesson = Lesson([*own, *others], labels, _balanced(labels, np.array([1.0] * len(own) + [OTHERS] * len(others))))
    scores = _out_of_fold(lesson)
    join = _joined(scores, lesson)
    ordinary = _join(join, scores)[len(own) :]
    stop, note = (float(np.quantile(ordinary, 1 - share)) for share in (FALSE_STOPS, FALSE_NOTES))
    return DangerHead(*_two_heads(lesson), join, stop, note=note)


def folds_of(rows: Sequence[Row], folds: int) -> Labels:
    """A fold for each row, 0 to ``folds`` - 1, every task and label spread over all of them.

    Folds are runs of neighbouring rows: a row and its mirror image stand next to each other in the files.
    """
    places: dict[tuple[str, object], list[int]] = {}
    for i, row in enumerate(rows):
        places.setdefault((row.task, row.label), []).append(i)
    result = np.zeros(len(rows), np.int_)
    for among in places.values():
        result[among] = np.arange(len(among)) * folds // len(among)
    return result


def _check_enough(task: str, labels: Labels) -> None:
    if min(np.bincount(labels, minlength=2)) < FEWEST_ROWS:
        raise InputError(f"'{task}' has fewer than {FEWEST_ROWS} rows of one of its labels. Add rows, or use those that ship.")


def _two_heads(lesson: Lesson) -> tuple[Linear, Linear]:
    answers = np.vstack([one.features.answer for one in lesson.read])
    return _fitted(answers, lesson.labels, lesson.weights), _fitted(*_sentence_rows(lesson))


def _out_of_fold(lesson: Lesson) -> Scores:
    """For each row, the log-odds of the answer and of its strongest sentence (rows, 2), by heads that were fitted without it."""
    scores = np.zeros((len(lesson.labels), 2))
    fold = folds_of([one.row for one in lesson.read], FOLDS)
    for number in range(FOLDS):
        answer, sentence = _two_heads(lesson.part(np.flatnonzero(fold != number)))
        for i in np.flatnonzero(fold == number).tolist():
            features = lesson.read[i].features
            scores[i] = answer(features.answer), sentence(features.sentences).max()
    return scores


def _sentence_rows(lesson: Lesson) -> tuple[Vector, Labels, Scores]:
    """Every sentence of a good answer; of a weak one the sentence that carries it, where that is known."""
    features, labels, weights = [], [], []
    for one, label, weight in zip(lesson.read, lesson.labels, lesson.weights, strict=True):
        kept = _carrying(one) if label else range(len(one.features.spans))
        features += [one.features.sentences[i] for i in kept]
        labels += [label] * len(kept)
        weights += [weight] * len(kept)
    return np.vstack(features), np.array(labels), np.array(weights)


def _carrying(one: Read) -> Sequence[int]:
    """The sentences that overlap the row's quote; a lone sentence; none where it is not known which."""
    spans, start = one.features.spans, one.row.text.find(one.row.quote) if one.row.quote else -1
    if one.row.quote and start >= 0:
        return [i for i, span in enumerate(spans) if span[0] < start + len(one.row.quote) and span[1] > start]
    return [0] if len(spans) == 1 else []


def _joined(scores: Scores, lesson: Lesson) -> tuple[float, float, float]:
    """Weights for the two scores and a bias, that make them one calibrated log-odds."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression().fit(scores, lesson.labels, sample_weight=lesson.weights)
    return float(model.coef_[0][0]), float(model.coef_[0][1]), float(model.intercept_[0])


def _join(join: tuple[float, float, float], scores: Scores) -> Scores:
    return sigmoid(scores @ np.array(join[:2]) + join[2])


def _fit_control(read: Sequence[Read]) -> ControlHead:
    if not read:
        raise InputError("There are no rows for 'control'. Add rows, or use those that ship.")
    labels = np.array([CONTROLS.index(str(one.row.label)) for one in read])
    weights, bias = _regression(np.vstack([one.features.answer for one in read]), labels, np.ones(len(labels)))
    return ControlHead(CONTROLS, weights, bias)


def _fitted(features: Vector, labels: Labels, counts: Scores) -> Linear:
    weights, bias = _regression(features, labels, counts)
    return Linear(weights[0], float(bias[0]))


def _regression(features: Vector, labels: Labels, counts: Scores) -> tuple[Vector, Vector]:
    """Weights (classes or 1, features) and bias of a logistic regression, for raw features."""
    from sklearn.linear_model import LogisticRegression

    mean, scale = features.mean(axis=0), features.std(axis=0) + 1e-6
    model = LogisticRegression(C=PENALTY, max_iter=2000).fit((features - mean) / scale, labels, sample_weight=counts)
    weights = np.asarray(model.coef_ / scale, np.float32)
    return weights, np.asarray(model.intercept_ - weights @ mean, np.float32)
