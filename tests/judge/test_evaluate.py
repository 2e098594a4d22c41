import pytest

from coach.judge.evaluate import Judged, crossed, false_alarms, judged, report
from coach.judge.fit import read_all
from coach.judge.judge import Judge
from coach.judge.reading import reader
from coach.judge.rows import Pair, Row
from coach.llm.fake import FakeLanguageModel
from coach.prompts import judgements

READ = reader(FakeLanguageModel())


def row(text: str, label: object, task: str = "hindsight", hard: bool = False) -> Row:
    return Row(task=task, question="why", text=text, label=label, hard=hard)


def one(text: str, label: object, found: bool, alarm: bool = False, task: str = "hindsight", hard: bool = False) -> Judged:
    return Judged(row(text, label, task, hard), found, float(found), None, alarm)


def test_the_figures_of_a_small_case_by_hand() -> None:
    results = [one("a", 1, True), one("b", 1, False, hard=True), one("c", 0, True), one("d", 0, False, hard=True)]
    figures = report(results)["tasks"]["hindsight"]  # type: ignore[index]
    assert figures["n"] == 4
    assert figures["precision"] == figures["recall"] == figures["f1"] == 0.5
    assert figures["accuracy"] == 0.5
    assert figures["hard_accuracy"] == 0.5
    assert figures["auc"] == 0.5
    assert set(figures["baselines"]) == {"length_f1", "words_f1"}


def test_a_false_alarm_is_any_warning_on_a_text_that_every_row_calls_good() -> None:
    results = [
        one("good", 0, False, alarm=True),
        one("fine", 0, False),
        one("good for one, weak for another", 0, False, alarm=True),
        one("good for one, weak for another", 1, True, alarm=True, task="avoidance"),
        one("none of it", 0, False, task="none"),
    ]
    assert false_alarms(results) == pytest.approx(1 / 3)


def test_there_are_no_false_alarms_where_there_are_no_good_answers() -> None:
    assert false_alarms([one("weak", 1, True, alarm=True)]) is None


def of_hindsight(rows: list[Row]) -> list[Row]:
    return [one for one in rows if one.task == "hindsight"]


@pytest.mark.real  # for its length
def test_cross_validation_judges_each_row_by_heads_that_have_not_seen_it(rows: list[Row]) -> None:
    results = crossed(of_hindsight(rows), read_all(rows, READ), READ, "model", 3, lambda done, total: None)
    assert [one.row for one in results] == of_hindsight(rows)
    assert report(results)["macro_f1"] > 0.9  # type: ignore[operator]


@pytest.mark.real  # for its length
def test_cross_validation_shows_that_nothing_was_learned_where_labels_are_chance(rows: list[Row]) -> None:
    chance = [one.model_copy(update={"text": f"thing{i} went {i * 7919 % 997}"}) for i, one in enumerate(of_hindsight(rows))]
    taught = [*(one for one in rows if one.task != "hindsight"), *chance]
    results = crossed(chance, read_all(taught, READ), READ, "model", 3, lambda done, total: None)
    assert report(results)["macro_f1"] < 0.75  # type: ignore[operator]


def test_rows_are_judged_by_the_apps_own_judge(rows: list[Row], judge: Judge) -> None:
    for result in judged(of_hindsight(rows), judge):
        others = [kind for kind in judgements() if kind != "hindsight"]
        assert result.found == bool(judge.judge("happened", result.row.text, leave_out=others).findings)


def test_pairs_and_control_have_figures_of_their_own(rows: list[Row], judge: Judge) -> None:
    pairs = [Pair(task="same_pattern", a="x", b="y", label=1), Pair(task="same_pattern", a="x", b="z", label=0)]
    tasks = report(judged([one for one in rows if one.task == "control"], judge), pairs, [0.9, 0.1], 0.5)["tasks"]
    assert tasks["control"]["macro_f1"] > 0.9  # type: ignore[index]
    assert tasks["same_pattern"]["auc"] == tasks["same_pattern"]["f1"] == 1.0  # type: ignore[index]
