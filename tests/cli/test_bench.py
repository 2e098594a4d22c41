"""``coach bench``: each part is said and kept as soon as it is measured, and one that cannot be does not stop the others."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from coach.bench_parts import Workbench
from coach.cli import cli
from coach.cli.commands.bench import PARTS
from coach.errors import ModelMissing

COUNTED = {"texts": 3, "runs": 1}
SECONDS = ("first", "last", "cold", "least", "ours_first", "ours_last", "chat_first", "chat_last", "ours", "bare")
SIZE = {
    "entries": 1000,
    "build_seconds": 0.3,
    **{name: {"p50": 0.002, "p95": 0.004} for name in ("index", "exact", "sqlite")},
    "index_over_exact": 7.0,
    "recall_at_10": 1.0,
    "memory_mb": 200.0,
}
FOUND: dict[str, dict[str, Any]] = {
    "start": {"page_seconds": 4.2, "model_seconds": 3.7, "app_mb": 210.0, "model_mb": 1700.0, "runs": 1},
    "judge": {"ratio": 0.8, "ours_seconds": 0.5, "bare_seconds": 0.7, **COUNTED},
    "ask": {
        **dict.fromkeys(("first_word", "overhead", "overhead_shown", "candidates", "candidates_bare"), 1.5),
        **{f"{name}_seconds": 2.5 for name in SECONDS},
        **COUNTED,
    },
    "chat": {
        "first": 0.3,
        "last": 0.9,
        "ours_words": 20,
        "chat_words": 40,
        **{f"{one}_seconds": 2.5 for one in SECONDS},
        **COUNTED,
    },
    "embed": {"ratio": 0.9, "imported_a_second": 9.0, "bare_a_second": 10.0, "entries": 40},
    "search": {"sizes": [SIZE]},
    "by_words": {"seconds_by_words": {10: 0.8}},
    "by_round": {"seconds_by_round": {1: 6.7}},
    "by_entries": {"seconds_by_entries": {1000: 0.002}},
}
GROWN = {"seconds_by_words": {"10": 0.8}, "seconds_by_round": {"1": 6.7}, "seconds_by_entries": {"1000": 0.002}}


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every part is measured at once; the parts in the order in which they were."""
    order = list[str]()
    for part in FOUND:
        monkeypatch.setattr(Workbench, part, giving(part, order.append))
    return order


def giving(part: str, note: Callable[[str], object]) -> Callable[[Workbench], dict[str, Any]]:
    def measure(bench: Workbench) -> dict[str, Any]:
        note(part)
        return FOUND[part]

    return measure


def missing(bench: Workbench) -> dict[str, Any]:
    raise ModelMissing("The chat model is not here yet.")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["bench", *arguments], prog_name="coach")


def test_all_parts_are_measured_in_order_and_said(seen: list[str]) -> None:
    result = run()
    assert result.exit_code == 0, result.output
    assert seen == list(PARTS)
    begun = [line.split()[0] for line in result.stdout.splitlines() if not line.startswith(" ")]
    assert begun == ["start", "judge", "first_word", "overhead", "candidates", "chat", "embed", "search"]


def test_named_parts_are_measured_alone_in_the_same_order(seen: list[str]) -> None:
    assert run("search", "judge", "search").exit_code == 0
    assert seen == ["judge", "search"]


def test_an_unknown_part_is_a_wrong_call(seen: list[str]) -> None:
    result = run("judge", "everything")
    assert result.exit_code == 2
    assert "'everything' is not one of" in result.stderr
    assert seen == []


def test_the_json_has_a_flat_name_for_each_part_and_for_what_grows(seen: list[str]) -> None:
    data = json.loads(run("--json", "--growth").stdout)
    assert list(data) == [*PARTS, "growth"]
    assert data["ask"] == FOUND["ask"]
    assert data["growth"] == GROWN


@pytest.mark.parametrize(("part", "grows"), [("ask", ["by_words", "by_round"]), ("search", ["by_entries"]), ("judge", [])])
def test_what_grows_belongs_to_the_parts_that_were_measured(seen: list[str], part: str, grows: list[str]) -> None:
    assert run(part, "--growth").exit_code == 0
    assert seen == [part, *grows]


def test_what_grows_is_said(seen: list[str]) -> None:
    assert run("--growth").stdout.splitlines()[-3:] == [
        "words       10: 0.80 s",
        "rounds      1: 6.70 s",
        "entries     1,000: 2.00 ms",
    ]


def test_what_is_measured_so_far_is_kept_after_each_part(seen: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tmp_path / "performance.json"

    def killed(bench: Workbench) -> dict[str, Any]:
        assert list(json.loads(kept.read_text(encoding="utf-8"))) == ["start", "judge"]
        raise KeyboardInterrupt

    monkeypatch.setattr(Workbench, "ask", killed)
    assert run("--keep", str(kept)).exit_code == 1
    assert json.loads(kept.read_text(encoding="utf-8")) == {part: FOUND[part] for part in ("start", "judge")}
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == [kept.name]


def test_the_kept_file_is_what_the_json_is(seen: list[str], tmp_path: Path) -> None:
    printed = run("--json", "--growth", "--keep", str(tmp_path / "kept.json")).stdout
    assert (tmp_path / "kept.json").read_text(encoding="utf-8") == printed


def test_a_file_that_cannot_be_written_is_said_before_anything_is_measured(seen: list[str], tmp_path: Path) -> None:
    result = run("--keep", str(tmp_path / "nowhere" / "kept.json"))
    assert "cannot be written" in str(result.exception)
    assert seen == []


def test_a_part_that_cannot_be_measured_is_said_and_the_others_go_on(
    seen: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Workbench, "ask", missing)
    result = run("--keep", str(tmp_path / "kept.json"))
    assert result.exit_code == 1
    assert "coach: ask was not measured: The chat model is not here yet.\n" in result.stderr
    assert list(json.loads((tmp_path / "kept.json").read_text(encoding="utf-8"))) == [part for part in PARTS if part != "ask"]


def test_without_a_model_what_needs_none_is_measured() -> None:
    """The fakes stand for no model here: nothing of theirs is worth timing."""
    result = run("judge", "ask", "chat", "--growth")
    assert result.exit_code == 1
    assert result.stdout == ""
    for part in ("judge", "ask", "chat", "growth"):
        assert f"coach: {part} was not measured: The true model is needed for this" in result.stderr


def test_a_start_without_a_model_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    bare = {"page_seconds": 4.2, "model_seconds": None, "app_mb": None, "model_mb": None, "runs": 1, "note": "Fetch it."}
    monkeypatch.setattr(Workbench, "start", lambda bench: bare)
    assert run("start").stdout.splitlines() == ["start       the page after 4.2 s (1 runs)", "            no model: Fetch it."]
