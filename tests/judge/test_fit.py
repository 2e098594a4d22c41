import numpy as np
import pytest

from coach.errors import InputError
from coach.judge.fit import OTHERS, OTHERS_WEAK, fit_findings, fit_heads, lesson_for, read_all, rows_for
from coach.judge.heads import Heads, load_heads, save_heads
from coach.judge.judge import Judge
from coach.judge.reading import reader
from coach.judge.rows import Row
from coach.llm.fake import FakeLanguageModel
from coach.prompts import judgements

READ = reader(FakeLanguageModel())


@pytest.mark.parametrize("kind", list(judgements()))
def test_each_head_learns_its_own_weakness(judge: Judge, kind: str) -> None:
    step = judgements()[kind].steps[0]
    others = [other for other in judgements() if other != kind]
    weak = judge.judge(step, f"I saw that the boat stopped zz{kind} zz{kind} today.", leave_out=others)
    good = judge.judge(step, "I saw that the boat stopped and left today.", leave_out=others)
    assert [finding.kind for finding in weak.findings] == [kind]
    assert good.findings == ()


def test_the_sentence_that_carries_the_weakness_is_quoted(judge: Judge) -> None:
    text = "We met on Monday. I saw zzhindsight zzhindsight there. She left early."
    others = [other for other in judgements() if other != "hindsight"]
    found = judge.judge("why", text, leave_out=others).findings
    assert [finding.quote for finding in found] == ["I saw zzhindsight zzhindsight there."]


def test_control_and_danger_are_learned_too(judge: Judge) -> None:
    control = judge.judge("factor", "zzpartial the pump").control
    assert control
    assert max(control, key=lambda name: control[name]) == "partial"
    assert judge.judge("why", "I saw zzself_harm zzself_harm.").danger
    assert not judge.judge("why", "I saw that the boat stopped and left today.").danger


def test_good_answers_are_accused_seldom(rows: list[Row], heads: Heads) -> None:
    read = read_all(rows, READ)
    for kind, head in heads.findings.items():
        good = [head.probability(one.features) for one in lesson_for(kind, read).read if one.row.label == 0]
        assert np.mean(np.array(good) >= head.threshold) <= 0.05


def test_one_finding_is_fitted_alone_as_it_is_with_the_others(rows: list[Row], heads: Heads) -> None:
    taught = rows_for(["hindsight"], rows)
    assert 0 < len(taught) < len(rows)
    alone = fit_findings(["hindsight"], read_all(taught, READ))["hindsight"]
    together = heads.findings["hindsight"]
    assert np.allclose(alone.answer.weights, together.answer.weights, atol=1e-3)
    assert abs(alone.threshold - together.threshold) < 1e-6


def test_good_answers_to_a_question_teach_the_findings_of_that_question_alone(rows: list[Row]) -> None:
    good = Row(task="none", question="intended", text="Deliver by May", label=0)
    read = read_all([*rows, good], READ)
    assert good in [one.row for one in lesson_for("vague_goal", read).read]
    assert good not in [one.row for one in lesson_for("vague_commitment", read).read]


def test_rows_of_other_tasks_count_less_and_those_that_overlap_only_where_they_are_good(rows: list[Row]) -> None:
    lesson = lesson_for("hindsight", read_all(rows, READ))
    others = [one for one in zip(lesson.read, lesson.labels, lesson.weights, strict=True) if one[0].row.task != "hindsight"]
    assert {label for _, label, _ in others} == {0}
    assert {weight for read, _, weight in others if read.row.label == 0} == {OTHERS}
    assert {weight for read, _, weight in others if read.row.label == 1} == {OTHERS_WEAK}
    assert not {read.row.task for read, _, _ in others if read.row.label == 1} & set(judgements()["hindsight"].overlaps)


def test_both_labels_count_the_same_in_all(rows: list[Row]) -> None:
    lesson = lesson_for("hindsight", read_all(rows, READ))
    assert lesson.weights[lesson.labels == 1].sum() == pytest.approx(lesson.weights[lesson.labels == 0].sum())


def test_too_few_rows_are_named(rows: list[Row]) -> None:
    read = read_all([row for row in rows if row.task != "hindsight" or row.id < "hindsight-13"], READ)
    with pytest.raises(InputError, match="hindsight"):
        fit_heads(read, "model")


def test_progress_counts_every_row(rows: list[Row]) -> None:
    seen: list[tuple[int, int]] = []
    read_all(rows[:3], READ, lambda done, total: seen.append((done, total)))
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_heads_decide_the_same_after_they_were_kept(tmp_path, rows: list[Row], heads: Heads) -> None:
    read = read_all(rows, READ)
    save_heads(heads, tmp_path)
    again = load_heads([tmp_path], "model")
    for kind, head in heads.findings.items():
        before = [head.probability(one.features) for one in read]
        after = [again.findings[kind].probability(one.features) for one in read]
        np.testing.assert_allclose(after, before, atol=0.02)
