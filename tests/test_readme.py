"""What the README tells a person to type works, and the files it points to are there."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from coach.cli import cli
from coach.reviews.kinds import load_kinds

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [line.split("#")[0].strip() for line in re.findall(r"^    coach (.+)$", README, re.MULTILINE)]


def _arguments(command: str) -> list[str]:
    return [part.strip('"') for part in re.findall(r'"[^"]*"|\S+', command)]


def test_the_readme_has_commands() -> None:
    assert len(COMMANDS) >= 4


def _marked(command: str) -> object:
    """The import of hundreds of reports takes its time."""
    return pytest.param(command, marks=pytest.mark.real) if command.startswith("import data/real") else command


RUN = [_marked(command) for command in COMMANDS if "|" not in command and command not in ("doctor", "demo")]


@pytest.mark.parametrize("command", RUN)
def test_a_command_of_the_readme_runs(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COACH_DATA", str(tmp_path / "mine"))
    monkeypatch.setenv("COACH_ADAPTERS", "fake")
    (tmp_path / "data").symlink_to(ROOT / "data")
    if command.startswith(("backup", "export")):  # there must be something to copy
        (tmp_path / "note.md").write_text("# The late tender\n\nIt came two days late.", encoding="utf-8")
        CliRunner().invoke(cli, ["import", str(tmp_path / "note.md")])
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(cli, _arguments(command))
    assert result.exit_code == 0, result.output


def test_the_kind_of_review_that_the_readme_shows_is_one(tmp_path: Path) -> None:
    (shown,) = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    (tmp_path / "near_miss.yaml").write_text(shown, encoding="utf-8")
    kinds = load_kinds(tmp_path)
    assert kinds.problems == ()
    assert kinds.of("near_miss").stages == ("context", "nearly", "why", "guards", "close")


@pytest.mark.parametrize("name", ["list", "pull", "verify"])
def test_the_model_commands_of_the_readme_are_there(name: str) -> None:
    line = next(command for command in COMMANDS if command.startswith("model "))
    assert name in line.replace("|", " ").split()
    assert CliRunner().invoke(cli, ["model", name, "--help"]).exit_code == 0


def test_make_has_every_target_that_the_readme_names() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"make ([a-z-]+)(?=`|\s{2,}|,)", README))
    assert {"run", "test"} <= named
    assert named - {"and"} <= targets


def test_every_file_that_the_readme_points_to_is_there() -> None:
    for name in re.findall(r"`((?:docs|data|models|prompts)/[\w./-]+)`|\]\(([\w./-]+)\)", README):
        path = next(part for part in name if part)
        assert (ROOT / path).exists(), path
