"""How the model is run: measured, kept for the machine it was measured on, and explained."""

from pathlib import Path

import pytest

from coach.llm.prefixes import PrefixStore
from coach.llm.tune import CLEARLY, tuned
from coach.llm.tuning import DEFAULT, Kept, Tuning, load_tuning, machine_of


def quickest(**wanted: object):
    """A machine on which just these settings halve the time."""

    def measured(best: Tuning, other: Tuning) -> float:
        def time(tuning: Tuning) -> float:
            return 0.5 ** sum(getattr(tuning, name) == value for name, value in wanted.items())

        return time(other) / time(best)

    return measured


def quiet(done: int, total: int) -> None:
    assert done <= total


def test_what_is_clearly_quicker_is_taken_and_told() -> None:
    found, lines = tuned(quickest(batch=128, flash_attention=False), 4, quiet)
    assert found == Tuning(batch=128, flash_attention=False)
    assert "batch 128: 0.50 of the time of what was best before; taken." in lines
    assert len([line for line in lines if line.endswith("taken.")]) == 2


def test_what_is_not_clearly_quicker_is_not_taken() -> None:
    assert tuned(lambda best, other: CLEARLY, 4, quiet)[0] == DEFAULT
    assert tuned(lambda best, other: float("inf"), 4, quiet)[0] == DEFAULT


def test_fewer_and_more_threads_are_tried_than_there_are_cores() -> None:
    _, lines = tuned(lambda best, other: 1.0, 8, quiet)
    assert [line.split(":")[0] for line in lines if "threads" in line] == ["threads 4", "threads 7", "threads 9"]


def test_a_tuning_holds_for_the_machine_that_it_was_measured_on(tmp_path: Path) -> None:
    path, here = tmp_path / "tuning.json", machine_of("a" * 64, "0.3", 2)
    kept = Kept(machine=here, tuning=Tuning(batch=128), explained=[])
    path.write_text(kept.model_dump_json(), encoding="utf-8")
    assert load_tuning(path, here) == Tuning(batch=128)
    for other in (machine_of("b" * 64, "0.3", 2), machine_of("a" * 64, "0.4", 2), machine_of("a" * 64, "0.3", 4)):
        assert load_tuning(path, other) == DEFAULT


@pytest.mark.parametrize("text", ["", "{", '{"machine": "x", "tuning": {"batch": 100000}, "explained": []}', "\udcff"])
def test_a_broken_file_is_no_tuning(tmp_path: Path, text: str) -> None:
    (tmp_path / "tuning.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    assert load_tuning(tmp_path / "tuning.json", "x") == DEFAULT
    assert load_tuning(tmp_path / "nothing.json", "x") == DEFAULT


def test_prefixes_of_another_form_are_not_mixed_up(tmp_path: Path) -> None:
    usual, quick = PrefixStore(tmp_path, "sha", "0.3"), PrefixStore(tmp_path, "sha", "0.3", Tuning(batch=128))
    other = PrefixStore(tmp_path, "sha", "0.3", Tuning(kv="q8_0"))
    assert usual.path("text") == quick.path("text") != other.path("text")
