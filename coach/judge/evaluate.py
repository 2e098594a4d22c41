"""How often the judge is right: the figures that ``coach eval`` prints, by the code path that the app uses.

Rows that the heads were fitted on say little: ``crossed`` evaluates each row by heads that were fitted without it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from coach.judge import metrics
from coach.judge.fit import Read, applies, fit_heads, folds_of
from coach.judge.judge import Judge
from coach.judge.reading import Reader
from coach.judge.rows import CONTROL, NONE, SELF_HARM, SIGNS, Pair, Row
from coach.judge.safety import shows_danger
from coach.prompts import judgements, safety
from coach.schema import Step

Progress = Callable[[int, int], None]
Report = dict[str, object]


@dataclass(frozen=True)
class Judged:
    """What was made of a row: whether its own task's weakness was found, how probable it was, the control class, and whether any
    weakness at all was found in it (for self-harm: whether help was named)."""

    row: Row
    found: bool
    probability: float
    control: str | None
    alarm: bool


def judged(rows: Iterable[Row], judge: Judge) -> list[Judged]:
    """Judge every row, as the app would judge the answer."""
    return [_judged(row, judge) for row in rows]


def crossed(rows: Sequence[Row], taught: Sequence[Read], read: Reader, sha256: str, folds: int, progress: Progress) -> list[Judged]:
    """Judge every row by heads that were fitted without it, nor any row of the same text; neighbours share a fold."""
    result: dict[int, Judged] = {}
    fold = folds_of(rows, folds)
    for number in range(folds):
        test = np.flatnonzero(fold == number).tolist()
        hidden = {rows[i].text for i in test}
        judge = Judge(judgements(), read, fit_heads([one for one in taught if one.row.text not in hidden], sha256))
        for i in test:
            result[int(i)] = _judged(rows[i], judge)
        progress(len(result), len(rows))
    return [result[i] for i in range(len(rows))]


def _judged(row: Row, judge: Judge) -> Judged:
    if row.task == SELF_HARM:
        verdict = judge.judge("why", row.text)
        stopped = shows_danger(row.text) or verdict.danger
        return Judged(row, stopped, float(stopped), None, stopped or verdict.note == safety().note)
    if row.task == CONTROL:
        classes = judge.judge("factor", row.text).control or {}
        return Judged(row, False, 0.0, max(classes, key=lambda name: classes[name], default=None), False)
    if row.task in SIGNS:
        signs = judge.judge("why", row.text, earlier=row.earlier).signs
        return Judged(row, row.task in signs, judge.sign_probability(row.task, row.text, row.earlier), None, False)
    others = [kind for kind in judgements() if not applies(kind, row)]
    alarm = bool(judge.judge(_step(row), row.text, leave_out=others).findings)
    if row.task == NONE:
        return Judged(row, False, 0.0, None, alarm)
    own = judge.judge(_step(row), row.text, leave_out=[kind for kind in judgements() if kind != row.task])
    probability = judge.probabilities(row.text).get(row.task, float(bool(own.findings)))
    return Judged(row, bool(own.findings), probability, None, alarm)


def _step(row: Row) -> Step:
    """The question that a row is judged as an answer to; where none is named, one at which its weakness applies."""
    if row.question != "any":
        return row.question
    steps = judgements()[row.task].steps if row.task in judgements() else ("why",)
    return "why" if "why" in steps else steps[0]


def report(results: Sequence[Judged], pairs: Sequence[Pair] = (), similarities: Sequence[float] = (), bar: float = 0.5) -> Report:
    """All figures as plain data: by task, the mean F1 of the findings, and the share of good answers that got any warning."""
    tasks: dict[str, Report] = {}
    for task in dict.fromkeys(one.row.task for one in results if one.row.task != NONE):
        of_task = [one for one in results if one.row.task == task]
        tasks[task] = _control_report(of_task) if task == CONTROL else _binary_report(of_task)
        if task == SELF_HARM:
            tasks[task] |= _help_report(of_task)
    if pairs:
        tasks["same_pattern"] = _pair_report(pairs, similarities, bar)
    findings = [float(str(figures["f1"])) for task, figures in tasks.items() if task in judgements()]
    macro = sum(findings) / len(findings) if findings else None
    return {"tasks": tasks, "macro_f1": macro, "false_alarms": false_alarms(results)}


def false_alarms(results: Sequence[Judged]) -> float | None:
    """The share of good answers that got any warning: those that every row with their text calls free of its weakness."""
    answers = [one for one in results if one.row.task not in (CONTROL, SELF_HARM, *SIGNS)]
    weak = {one.row.text for one in answers if one.row.label == 1}
    good = {one.row.text: one.alarm for one in answers if one.row.text not in weak}
    return sum(good.values()) / len(good) if good else None


def _binary_report(results: Sequence[Judged]) -> Report:
    labels = np.array([int(one.row.label) for one in results])
    hard = np.array([one.row.hard for one in results])
    scores = np.array([one.probability for one in results])
    figures = metrics.binary(labels, np.array([one.found for one in results]), scores, hard)
    texts = [one.row.text for one in results]
    baselines = {"length_f1": metrics.length_f1(texts, labels), "words_f1": metrics.words_f1(texts, labels)}
    return {**asdict(figures), "baselines": baselines}


def _help_report(results: Sequence[Judged]) -> Report:
    """How often help is named, by stopping or by a note: where there are signs of self-harm, and where there are none."""
    named = {label: [one.alarm for one in results if one.row.label == label] for label in (0, 1)}
    shares = {label: sum(alarms) / len(alarms) if alarms else None for label, alarms in named.items()}
    return {"help_recall": shares[1], "help_false_alarms": shares[0]}


def _control_report(results: Sequence[Judged]) -> Report:
    labels, found = [str(one.row.label) for one in results], [one.control or "" for one in results]
    right = np.array([label == one for label, one in zip(labels, found, strict=True)])
    hard = np.array([one.row.hard for one in results])
    return {
        "n": len(results),
        "macro_f1": metrics.macro_f1(labels, found),
        "accuracy": float(right.mean()),
        "hard_accuracy": metrics.share(right, hard),
    }


def _pair_report(pairs: Sequence[Pair], similarities: Sequence[float], bar: float) -> Report:
    labels, scores = np.array([pair.label for pair in pairs]), np.array(similarities)
    figures = asdict(metrics.binary(labels, scores >= bar, scores, np.array([pair.hard for pair in pairs])))
    return {name: figures[name] for name in ("n", "auc", "f1", "precision", "recall", "accuracy", "hard_accuracy")}
