import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from coach.cli import cli
from coach.errors import InputError

WEAK = '{"id": "1", "task": "vague_commitment", "question": "next", "text": "I\'ll be more careful", "label": 1, "hard": false}'
GOOD = (
    WEAK.replace('"1"', '"2"')
    .replace("I'll be more careful", "Label every tray before 9 on Mondays")
    .replace('"label": 1', '"label": 0')
)
PAIR = '{"id": "3", "task": "same_pattern", "a": "The van was late.", "b": "The van was late again.", "label": 1, "hard": true}'


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join([WEAK, GOOD, PAIR]), encoding="utf-8")
    return str(path)


def test_eval_prints_the_figures_as_json(file: str) -> None:
    result = CliRunner().invoke(cli, ["eval", file, "--json"])
    assert result.exit_code == 0, result.output
    figures = json.loads(result.stdout)
    assert set(figures) == {"tasks", "macro_f1", "false_alarms"}
    assert figures["tasks"]["vague_commitment"]["f1"] == 1.0
    assert set(figures["tasks"]["same_pattern"]) >= {"n", "auc", "f1", "hard_accuracy"}
    assert figures["false_alarms"] == 0.0


def test_eval_prints_a_table_for_a_person(file: str) -> None:
    result = CliRunner().invoke(cli, ["eval", file])
    assert "macro F1 over the findings: 1.000" in result.stdout
    assert "vague_commitment" in result.stdout


def test_one_fold_is_a_wrong_call(file: str) -> None:
    result = CliRunner().invoke(cli, ["eval", file, "--folds", "1"])
    assert result.exit_code == 2


def test_a_file_that_is_not_there_is_a_wrong_call() -> None:
    assert CliRunner().invoke(cli, ["eval", "nothing.jsonl"]).exit_code == 2


def test_push_backs_are_evaluated_and_written_out_for_rating(tmp_path: Path) -> None:
    rows = tmp_path / "talks.jsonl"
    versions = ["be more careful", "be much more careful", "Every Monday at 9 I will count the 12 boxes with Ana."]
    rows.write_text(json.dumps({"id": "t-1", "task": "vague_commitment", "question": "next", "versions": versions}) + "\n")
    out = tmp_path / "talks.md"
    result = CliRunner().invoke(cli, ["eval", "pushback", str(rows), "--json", "--transcripts", str(out)])
    assert result.exit_code == 0, result.output
    figures = json.loads(result.stdout)
    assert figures["answers"] == 1
    assert figures["shown_that_fail_a_check"] == 0
    assert set(figures["checks"]) >= {"one_question", "no_advice", "all"}
    assert "be much more careful" in out.read_text(encoding="utf-8")


def test_push_backs_of_a_file_without_weak_answers_are_refused(tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text(json.dumps({"task": "vague_goal", "text": "By May", "label": 0}) + "\n")
    result = CliRunner().invoke(cli, ["eval", "pushback", str(rows)])
    assert isinstance(result.exception, InputError)
