"""Prompt files and kinds of review that were written by anybody: a mistake is told with the file, and nothing hangs."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coach.errors import PromptError
from coach.prompts import MOST_BYTES, read_judgement, read_judgements, read_template, read_tendencies
from coach.resources import shipped
from coach.reviews.kinds import FIRST, load_kinds, read_kind
from tests.hostile.test_files import YAML_TRAPS
from tests.hostile.texts import SHORT, hostile

FEW = settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])

SHAME = (shipped("prompts") / "judgements" / "shame_identity.md").read_text(encoding="utf-8")
REVIEW = (shipped("prompts") / "reviews" / "pre_mortem.yaml").read_text(encoding="utf-8")


def refused(path: Path, *readers: Callable[[Path], object]) -> None:
    """Each reader takes the file or says which file is broken, in a few lines."""
    for read in readers or (read_judgement, read_template, read_tendencies, read_kind):
        said = ""
        try:
            read(path)
        except PromptError as exc:
            said = str(exc)
        assert not said or str(path) in said
        assert len(said) < 1000 + len(str(path))


def written(path: Path, text: str) -> Path:
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    return path


@pytest.mark.parametrize("name", YAML_TRAPS)
def test_a_trap_in_yaml_is_told_with_the_file(tmp_path: Path, name: str) -> None:
    refused(written(tmp_path / "a.md", f"---\n{YAML_TRAPS[name]}\n---\nbody\n"))
    refused(written(tmp_path / "a.md", SHAME.replace("kind: shame_identity", YAML_TRAPS[name])))
    refused(written(tmp_path / "a.yaml", YAML_TRAPS[name]))
    refused(written(tmp_path / "b.yaml", f"{REVIEW}\n{YAML_TRAPS[name]}"))


@pytest.mark.parametrize("name", SHORT)
def test_a_hostile_text_in_a_prompt_is_taken_or_told(tmp_path: Path, name: str) -> None:
    quoted = yaml.safe_dump(SHORT[name]).strip().removesuffix("\n...")
    refused(written(tmp_path / "a.md", SHAME.replace("name: Shame", f"name: {quoted}")))
    refused(written(tmp_path / "a.md", SHORT[name]), read_judgement, read_template)
    refused(written(tmp_path / "a.yaml", REVIEW.replace("name: Pre-mortem", f"name: {quoted}")), read_kind)


@pytest.mark.parametrize("pattern", ["(", "a{99999999999}", "(?P<a", "[", "(?<=a*)b", "(" * 3000 + ")" * 3000, "*", "\\"])
def test_a_pattern_that_cannot_be_used_is_told_with_its_field(tmp_path: Path, pattern: str) -> None:
    fields, body = SHAME.split("---\n", 2)[1:]
    changed = {**yaml.safe_load(fields), "rules": {"cues": [pattern]}}
    path = written(tmp_path / "a.md", f"---\n{yaml.safe_dump(changed)}---\n{body}")
    with pytest.raises(PromptError, match=r"a\.md: field 'rules\.cues\.0': .*not a regular expression"):
        read_judgement(path)


def test_a_pipe_a_folder_and_a_giant_among_ones_own_kinds_are_reported_and_the_app_opens(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "folder.yaml").mkdir()
    (tmp_path / "zero.yaml").symlink_to("/dev/zero")
    (tmp_path / "gone.yaml").symlink_to(tmp_path / "nowhere")
    written(tmp_path / "giant.yaml", "# " + "x" * MOST_BYTES)
    written(tmp_path / "bytes.yaml", "\ud800")
    written(tmp_path / "marked.yaml", f"\ufeff{REVIEW}")
    kinds = load_kinds(tmp_path)
    told = ("pipe.yaml", "folder.yaml", "zero.yaml", "gone.yaml", "giant.yaml", "bytes.yaml")
    assert all(any(name in problem for problem in kinds.problems) for name in told)
    assert len(kinds.problems) == len(told)
    assert {FIRST, "marked"} <= set(kinds.by_id)


def test_a_folder_of_judgements_names_the_broken_one(tmp_path: Path) -> None:
    written(tmp_path / "a.md", SHAME)
    os.mkfifo(tmp_path / "b.md")
    with pytest.raises(PromptError, match=r"b\.md"):
        read_judgements(tmp_path)


_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | hostile(most=40),
    lambda inside: (
        st.lists(inside, max_size=3) | st.dictionaries(st.sampled_from(["name", "ask", "slot", "steps"]), inside, max_size=3)
    ),
    max_leaves=6,
)


@FEW
@given(st.sampled_from(sorted(yaml.safe_load(REVIEW))), _ANYTHING)
def test_a_kind_with_anything_in_a_field_is_taken_or_told(tmp_path: Path, field: str, value: object) -> None:
    changed = {**yaml.safe_load(REVIEW), field: value}
    refused(written(tmp_path / "own.yaml", yaml.safe_dump(changed)), read_kind)


@FEW
@given(hostile(surrogates=True))
def test_any_text_as_a_file_is_taken_or_told(tmp_path: Path, text: str) -> None:
    refused(written(tmp_path / "a.yaml", text))
    refused(written(tmp_path / "a.md", f"---\n{text}\n---\n{text}"), read_judgement, read_template)
