"""Laws that every kind of review keeps, and what becomes of a file with a mistake."""

from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from coach.errors import PromptError
from coach.prompts import judgements
from coach.resources import shipped
from coach.reviews.kinds import FIRST, ReviewKind, load_kinds, read_kind, shipped_kinds
from coach.schema import SECTIONS

KINDS = list(shipped_kinds().by_id.values())
SMALL = {
    "name": "Near miss",
    "about": "Nothing happened, but it could have.",
    "steps": [{"name": "nearly", "ask": "What nearly happened?", "judged": "happened"}, {"name": "then", "ask": "What now?"}],
    "fields": {
        name: {"name": heading, "ask": heading, "starts_with": ["nearly"], "may_be_empty": True}
        for name, heading in SECTIONS.items()
    },
}


def written(folder: Path, file: str, /, **changes: object) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / file
    path.write_text(yaml.safe_dump({**SMALL, **changes}), encoding="utf-8")
    return path


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.id)
def test_a_kind_says_what_it_is_for_and_asks_questions(kind: ReviewKind) -> None:
    assert kind.about.endswith(".")
    for one in kind.asked():
        assert one.ask[0].isupper()
        assert kind.question(one.slot) == one
        assert kind.step_of(one.slot) is not None
    for step in kind.steps:
        assert step.ask.count("?") == 1, "one question at a time"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.id)
def test_a_kind_ends_in_four_fields_which_its_own_steps_fill(kind: ReviewKind) -> None:
    assert list(kind.fields) == list(SECTIONS)
    assert all(kind.step(name) for one in kind.fields.values() for name in one.starts_with)
    assert set(kind.judgements) <= set(judgements())
    assert all(set(one.leave_out) <= set(judgements()) for one in kind.asked())
    assert not kind.becomes or kind.becomes in shipped_kinds().by_id


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.id)
def test_every_step_leads_on_to_the_closing(kind: ReviewKind) -> None:
    stage, seen = "context", ["context"]
    while kind.after(stage) != stage:
        stage = kind.after(stage)
        seen.append(stage)
    assert seen == list(kind.stages)
    assert kind.after("a step that is gone") == kind.stages[1]


def test_the_first_kind_is_the_after_action_review() -> None:
    assert KINDS[0].id == FIRST
    assert shipped_kinds().of("gone").id == FIRST


def test_no_page_and_no_part_of_the_engine_knows_a_kind_by_name() -> None:
    names = {kind.id for kind in KINDS} - {FIRST}
    root = shipped("prompts").parent / "coach"
    for folder in ("flow", "ui", "journal", "growth", "patterns", "exporters"):
        for path in (root / folder).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            assert not [name for name in names if name in text], path
            assert '"after_action"' not in text, path


def test_a_persons_own_kind_stands_beside_those_that_ship(tmp_path: Path) -> None:
    written(tmp_path, "near_miss.yaml", order=5)
    kinds = load_kinds(tmp_path)
    assert list(kinds.by_id)[:2] == [FIRST, "near_miss"]
    assert kinds.of("near_miss").stages == ("context", "nearly", "then", "close")
    assert kinds.problems == ()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": ""}, "field 'name'"),
        ({"colour": "red"}, "field 'colour'"),
        ({"steps": []}, "field 'steps'"),
        ({"steps": [{"name": "Nearly", "ask": "x?"}]}, r"field 'steps\.0\.name'"),
        ({"steps": [{"name": "nearly", "ask": "x?", "does": "dance"}]}, r"field 'steps\.0\.does'"),
        ({"steps": [{"name": "nearly", "ask": "x?"}] * 2}, "the step 'nearly' is there twice"),
        ({"steps": [{"name": "nearly", "ask": "x?", "columns": [{"name": "a", "label": "A"}]}]}, "for a step that takes rows"),
        ({"steps": [{"name": "other", "ask": "x?"}]}, "there is no step 'nearly'"),
        ({"fields": {"lesson": SMALL["fields"]["lesson"]}}, "an entry has the fields"),
        ({"outcomes": {"kept": "Yes"}}, "outcomes are kept"),
        ({"parts": ["gone"]}, "there is no step 'gone'"),
        ({"judgements": ["blam"]}, "there is no finding 'blam'"),
    ],
)
def test_a_mistake_is_told_with_the_file_and_the_field(tmp_path: Path, changes: dict[str, object], said: str) -> None:
    path = written(tmp_path, "near_miss.yaml", **changes)
    with pytest.raises(PromptError, match=said) as told:
        read_kind(path)
    assert str(path) in str(told.value)
    kinds = load_kinds(tmp_path)
    assert list(kinds.by_id) == [kind.id for kind in KINDS], "the rest works"
    assert len(kinds.problems) == 1


def test_a_kind_that_becomes_one_that_is_not_there_is_told(tmp_path: Path) -> None:
    written(tmp_path, "near_miss.yaml", becomes="nowhere")
    kinds = load_kinds(tmp_path)
    assert "near_miss" not in kinds.by_id
    assert "there is no kind 'nowhere'" in kinds.problems[0]


def test_a_file_that_takes_the_name_of_another_kind_is_told(tmp_path: Path) -> None:
    written(tmp_path, f"{FIRST}.yaml")
    assert "there is a kind 'after_action' already" in load_kinds(tmp_path).problems[0]


@pytest.mark.parametrize("text", ["", "[1", "- a\n- b", "name: [\n", "\0", "a: &a [*a]", "closing: 2026-02-30"])
def test_a_file_that_is_no_kind_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.yaml").write_text(text, encoding="utf-8")
    assert len(load_kinds(tmp_path).problems) == 1


@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_any_file_is_read_or_told(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.yaml").write_bytes(data)
    kinds = load_kinds(tmp_path)
    assert len(kinds.by_id) - len(KINDS) + len(kinds.problems) == 1
