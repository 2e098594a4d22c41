"""How the model is run: measured, kept for the machine it was measured on, and explained."""

import itertools
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from coach.errors import ModelError
from coach.llm.native import Weights
from coach.llm.prefixes import PrefixStore
from coach.llm.tune import CLEARLY, MOST_PAIRS, Bench, share_of, tuned
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


class Way:
    """Takes the seconds that the test says, and counts how often it was timed."""

    def __init__(self, *seconds: float) -> None:
        self._seconds, self.times = itertools.cycle(seconds), 0

    def __call__(self) -> float:
        self.times += 1
        return next(self._seconds)


@pytest.mark.parametrize(
    ("theirs", "share", "pairs"),
    [
        (Way(2.0), 2.0, 3),  # slower by more than a twentieth: three pairs are enough
        (Way(0.5, 0.5, 9.0, 9.0), 0.5, MOST_PAIRS),  # it came to four to three
        (Way(1.0), 1.0, 4),  # four of seven have said no
        (Way(0.9), 0.9, MOST_PAIRS),
        (Way(1.0, 0.5), 1.0, MOST_PAIRS),  # it came to four to three the other way
        (Way(3.0, 0.5, 0.5, 0.5, 0.5), 0.5, MOST_PAIRS),  # one slow moment ends nothing
    ],
)
def test_a_way_that_will_not_be_taken_is_not_timed_to_the_end(theirs: Way, share: float, pairs: int) -> None:
    ours = Way(1.0)
    assert share_of(ours, theirs) == share
    assert ours.times == theirs.times == pairs


def test_a_slow_moment_of_the_machine_meets_both() -> None:
    assert share_of(Way(1.0, 5.0), Way(0.9, 4.5)) == pytest.approx(0.9)


class Cells:
    """What llama.cpp is handed a batch in."""

    def __init__(self, size: int) -> None:
        self.n_tokens = 0
        self.token, self.pos, self.n_seq_id, self.logits = ([0] * size for _ in range(4))
        self.seq_id = [[0] for _ in range(size)]


class Library:
    """The part of llama.cpp that a benchmark calls; contexts are numbers, of which those ``alive`` may be used."""

    def __init__(self, alive: set[int]) -> None:
        self._alive = alive

    def llama_batch_init(self, size: int, embeddings: int, sequences: int) -> Cells:
        return Cells(size)

    def llama_batch_free(self, batch: Cells) -> None:
        batch.token = []

    def llama_decode(self, context: int, batch: Cells) -> int:
        assert context in self._alive
        assert batch.token[: batch.n_tokens]
        return 0

    def llama_free(self, context: int) -> None:
        self._alive.remove(context)

    def llama_get_memory(self, context: int) -> int:
        return context

    def llama_memory_seq_rm(self, memory: int, *range: int) -> bool:
        return memory in self._alive

    def llama_memory_seq_cp(self, memory: int, *ranges: int) -> None:
        assert memory in self._alive


class Contexts:
    """One loaded file without llama.cpp; each context is a number, and how many there are is counted."""

    def __init__(self, broken: Callable[[Tuning], bool] = lambda tuning: False) -> None:
        self.made, self.alive, self.most = itertools.count(1), set[int](), 0
        self.lib = Library(self.alive)
        self._broken = broken

    def writing_context(self, tuning: Tuning) -> int:
        if self._broken(tuning):
            raise ModelError("No room.")
        self.alive.add(made := next(self.made))
        self.most = max(self.most, len(self.alive))
        return made


class Loaded(Weights):
    def __init__(self, contexts: Contexts, tuning: Tuning = DEFAULT) -> None:
        self.lib, self.tuning, self._contexts = contexts.lib, tuning, contexts

    def writing_context(self, **changes: object) -> int:
        return self._contexts.writing_context(self.tuning)


def ticking(steps: Iterable[float]) -> Callable[[], float]:
    ticks = itertools.accumulate(itertools.cycle(steps))
    return lambda: next(ticks)


def test_all_ways_share_the_weights_and_two_contexts_at_most_are_kept() -> None:
    contexts = Contexts()
    bench = Bench(Loaded(contexts), ticking([1.0]))
    found, lines = tuned(bench.share, 2, quiet)
    assert found == DEFAULT
    assert contexts.most == 2
    assert next(contexts.made) == len(lines) + 2, "the best one's is kept from one comparison to the next"
    bench.close()
    assert not contexts.alive


def test_a_way_that_cannot_be_run_is_not_taken_and_the_others_go_on() -> None:
    contexts = Contexts(broken=lambda tuning: tuning.kv == "q8_0" or tuning.batch == 128)
    found, lines = tuned(Bench(Loaded(contexts), ticking([1.0])).share, 2, quiet)
    assert found == DEFAULT
    assert len([line for line in lines if ": inf of the time" in line]) == 2


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
