"""Questions prepared with the true model, once: a later call loads none. Marked ``real``."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from coach import prepared
from coach.cli import cli
from coach.compose import Parts, load_model
from coach.llm.base import Prompt
from coach.llm.prefixes import MARK
from coach.settings import Settings, load_settings

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]


def test_what_pull_has_prepared_a_second_call_sees_without_a_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    models, loads = load_settings().models_folder, list[Settings]()
    some = [Prompt("You ask back.", ()), Prompt("You sum up.", ())]  # short ones, to be quick
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "models").symlink_to(models)

    def load(settings: Settings, parts: Parts) -> None:
        loads.append(settings)
        load_model(settings, parts)

    monkeypatch.setenv("COACH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(prepared, "all_prompts", lambda: some)
    monkeypatch.setattr(prepared, "load_model", load)
    first = CliRunner().invoke(cli, ["model", "pull", "--quiet"])
    assert (first.exit_code, first.stdout, len(loads)) == (0, "", 1), first.output
    folder = load_settings().prefix_folder
    kept = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert sorted(path.suffix for path in kept) == ["", ".state", ".state", ".state"], "the words in front of an entry too"
    again = CliRunner().invoke(cli, ["model", "pull", "--quiet"])
    assert (again.exit_code, again.output, len(loads)) == (0, "", 1)
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == kept
    (folder / MARK).unlink()
    third = CliRunner().invoke(cli, ["model", "pull", "--quiet"])
    assert (third.exit_code, len(loads)) == (0, 2)
    assert set(folder.iterdir()) == set(kept), "only looked at, and marked again"
