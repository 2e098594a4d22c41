"""The process of the models, with stand-ins for llama.cpp: the same results as without it, and no crash or hang gets through."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from coach.errors import GivenUp, ModelBroken, ModelCrashed, ModelError
from coach.llm.base import Frame, Prompt, Reading, Sampling
from coach.llm.fake import FakeEmbedder, FakeLanguageModel
from coach.llm.messages import Done, Load, Loading
from coach.llm.process import MOST_CRASHES, WITHIN, Bounds, ModelProcess
from coach.llm.remote import RemoteEmbedder, RemoteLanguageModel
from coach.llm.worker import Desk
from tests.llm import stand_ins

FRAME = Frame("Before: ", " after")
PROMPT = Prompt("Ask.", (), "The server failed.")
TEXT = "The server failed at né 日本 \udc00 noon."
QUICK = Bounds(load=5.0, step=0.5, per_byte=0.0, give_up=0.5)


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def shared(clock: Clock) -> Iterator[ModelProcess]:
    made = ModelProcess(clock=clock)
    yield made
    made.close()


@pytest.fixture
def process(shared: ModelProcess, clock: Clock) -> ModelProcess:
    """One for all tests, to be quick: so long after the last one that its crashes do not count."""
    clock.now += WITHIN + 1
    return shared


def remote(process: ModelProcess, maker: str, path: Path = Path("model.gguf")) -> RemoteLanguageModel:
    return RemoteLanguageModel(process, path, "sha", maker=f"{stand_ins.__name__}:{maker}")


def kill(process: ModelProcess) -> None:
    assert process.pid
    os.kill(process.pid, signal.SIGKILL)


def until(seen: Callable[[], object], seconds: float = 5.0) -> None:
    """Wait for something that only another process can tell."""
    end = time.monotonic() + seconds
    while not seen():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.005)


def gone(pid: int) -> bool:
    """Whether a process has ended, reaped or not."""
    with contextlib.suppress(ProcessLookupError, FileNotFoundError):
        os.kill(pid, 0)
        state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
        return state.strip() in ("", "Z")
    return True


def in_thread(work: Callable[[], object]) -> tuple[threading.Thread, list[object]]:
    """Begin some work; what it gives, or the error that ends it, comes into the list."""
    out: list[object] = []

    def run() -> None:
        try:
            out.append(work())
        except Exception as exc:
            out.append(exc)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread, out


# -- the same as without it -------------------------------------------------------------------------------------------


def test_what_is_read_is_what_the_model_reads(process: ModelProcess) -> None:
    model, direct = remote(process, "plain"), FakeLanguageModel()
    one, other = model.read(FRAME, TEXT), direct.read(FRAME, TEXT)
    assert model.width == direct.width
    assert (one.spans, one.complete) == (other.spans, other.complete)
    np.testing.assert_array_equal(one.states, other.states)
    np.testing.assert_array_equal(one.closing, other.closing)


def test_endings_are_read_as_the_model_reads_them(process: ModelProcess) -> None:
    endings = (" What broke?", " Who saw it?")
    pairs = zip(
        remote(process, "plain").read_endings(FRAME, TEXT, endings),
        FakeLanguageModel().read_endings(FRAME, TEXT, endings),
        strict=True,
    )
    for one, other in pairs:
        np.testing.assert_array_equal(one.states, other.states)
        np.testing.assert_array_equal(one.closing, other.closing)


def test_texts_are_embedded_as_the_embedder_does_in_the_same_process(process: ModelProcess) -> None:
    remote(process, "plain")
    pid = process.pid
    embedder = RemoteEmbedder(process, Path("e.gguf"), "sha", maker=f"{stand_ins.__name__}:embedder")
    texts = [f"{TEXT} {number}" for number in range(40)]
    np.testing.assert_array_equal(embedder.embed(texts), FakeEmbedder().embed(texts))
    assert embedder.embed([]).shape == (0, embedder.width)
    assert process.pid == pid


def test_what_is_written_and_asked_is_what_the_model_writes_and_asks(process: ModelProcess) -> None:
    told: dict[str, list[tuple[int, str]]] = {"remote": [], "direct": []}

    def ends_one(name: str) -> Callable[[int, str], bool]:
        def go_on(number: int, text: str) -> bool:
            told[name].append((number, text))
            return number == 1 or len(text.split()) < 3

        return go_on

    samplings = [Sampling(), Sampling()]
    written = list(remote(process, "plain").write(PROMPT, samplings, ends_one("remote")))
    assert written == list(FakeLanguageModel(stand_ins.REPLIES).write(PROMPT, samplings, ends_one("direct")))
    assert told["remote"] == told["direct"]
    assert [token.candidate for token in written] == [0] * 3 + [1] * 4


@pytest.mark.parametrize("count", [0, 1, 3])
def test_what_the_model_ends_itself_comes_whole_be_it_nothing(process: ModelProcess, count: int) -> None:
    written = remote(process, "Unasked").write(PROMPT, [Sampling()] * count)
    assert [(token.candidate, token.text) for token in written] == [(number, "word") for number in range(count)]


def test_preparing_is_done_in_pieces_between_which_others_have_their_turn(process: ModelProcess, tmp_path: Path) -> None:
    model = remote(process, "Odd", tmp_path / "begun")
    thread, _ = in_thread(lambda: model.prepare(PROMPT))
    for _ in range(2):
        model.read(FRAME, TEXT)
    assert thread.is_alive()
    thread.join(5)
    assert not thread.is_alive()


def test_two_threads_get_their_own_answers(process: ModelProcess) -> None:
    model, texts = remote(process, "plain"), [f"word{number} " * 50 for number in range(20)]
    work = [in_thread(lambda: [model.read(FRAME, text).states for text in texts]) for _ in range(2)]
    for thread, out in work:
        thread.join(10)
        for states, text in zip(out[0], texts, strict=True):  # type: ignore[call-overload]
            np.testing.assert_array_equal(states, FakeLanguageModel().read(FRAME, text).states)


# -- errors -----------------------------------------------------------------------------------------------------------


def test_our_errors_come_over_as_they_are(process: ModelProcess) -> None:
    with pytest.raises(ModelBroken, match=r"^model\.gguf is broken\. Mend it\.$"):
        remote(process, "broken")
    assert remote(process, "plain").read(FRAME, TEXT)


def test_of_any_other_error_only_its_type_comes_over(process: ModelProcess, tmp_path: Path) -> None:
    model = remote(process, "Odd", tmp_path / "begun")
    for act in (
        lambda: model.read(FRAME, stand_ins.FAULTY),
        lambda: list(model.write(Prompt("", (), stand_ins.FAULTY), [Sampling()])),
    ):
        with pytest.raises(ModelError, match="ValueError") as caught:
            act()
        assert "told" not in str(caught.value)
        assert not isinstance(caught.value, ModelCrashed)
    assert model.read(FRAME, TEXT)


def test_an_error_in_the_callers_own_question_is_the_callers(process: ModelProcess) -> None:
    model = remote(process, "plain")

    def go_on(number: int, text: str) -> bool:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        list(model.write(PROMPT, [Sampling()], go_on))
    assert model.read(FRAME, TEXT)


def test_who_asks_in_the_middle_of_its_own_stream_is_told_and_does_not_wait_for_ever(process: ModelProcess) -> None:
    model = remote(process, "plain")
    with contextlib.closing(model.write(PROMPT, [Sampling()])) as tokens:
        next(tokens)
        with pytest.raises(ModelError, match="still writing"):
            model.read(FRAME, TEXT)
    assert model.read(FRAME, TEXT)


# -- loading ----------------------------------------------------------------------------------------------------------


def test_while_a_model_is_loaded_it_can_be_told_how_far_it_is(process: ModelProcess, tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    thread, out = in_thread(lambda: remote(process, "slow", path))
    until(lambda: process.loading("chat") == 0.25)
    assert process.loading("embedding") is None
    path.touch()
    thread.join(5)
    assert process.loading("chat") is None
    assert isinstance(out[0], RemoteLanguageModel)


def test_it_is_told_some_ten_times_a_second_at_most() -> None:
    said: list[object] = []
    desk = Desk(SimpleNamespace(send=said.append))  # type: ignore[arg-type]
    begun = time.monotonic()
    done = desk._reply(Load("chat", f"{stand_ins.__name__}:talkative", (Path("model.gguf"), "sha")))
    assert isinstance(done, Done)
    assert said[0] == Loading(0.0)
    assert len(said) <= 1 + 10 * (time.monotonic() - begun)


def test_telling_how_far_it_is_does_not_put_off_the_end_of_one_that_creeps(process: ModelProcess) -> None:
    remote(process, "plain")  # the child is there: it is not its start that takes too long
    process.bounds, usual = Bounds(load=0.3), process.bounds
    with pytest.raises(ModelCrashed, match="while it was loaded"):
        remote(process, "creeps")
    process.bounds = usual
    assert process.loading("chat") is None
    assert remote(process, "plain").read(FRAME, TEXT)


# -- stopping ---------------------------------------------------------------------------------------------------------


def test_a_stream_that_is_given_up_leaves_the_process_ready(process: ModelProcess, tmp_path: Path) -> None:
    model = remote(process, "Odd", tmp_path / "begun")
    tokens, pid = model.write(PROMPT, [Sampling()]), process.pid
    assert [next(tokens).text for _ in range(3)] == [" word"] * 3
    tokens.close()
    assert model.read(FRAME, TEXT)
    assert process.pid == pid


def test_another_thread_can_stop_it_before_the_first_token(process: ModelProcess, tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    model = remote(process, "Odd", begun)
    thread, out = in_thread(lambda: list(model.write(Prompt("", (), "evaluate"), [Sampling()])))
    until(begun.exists)
    process.stop()
    thread.join(0.5)
    assert isinstance(out[0], GivenUp)
    assert model.read(FRAME, TEXT)


def test_a_reading_can_be_stopped_too(process: ModelProcess, tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    model = remote(process, "Odd", begun)
    thread, out = in_thread(lambda: model.read(FRAME, "evaluate"))
    until(begun.exists)
    process.stop()
    thread.join(0.5)
    assert isinstance(out[0], GivenUp)
    assert model.read(FRAME, TEXT)


def test_what_one_thread_asked_for_is_stopped_alone(process: ModelProcess, tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    model = remote(process, "Odd", begun)
    first, out = in_thread(lambda: model.read(FRAME, "evaluate"))
    until(begun.exists)
    second, others = in_thread(lambda: model.read(FRAME, TEXT))
    until(lambda: sys._current_frames()[second.ident or 0].f_code.co_name == "_turn")
    process.stop(threading.get_ident())
    assert not out
    process.stop(first.ident)
    first.join(5)
    second.join(5)
    assert isinstance(out[0], GivenUp)
    assert not isinstance(others[0], BaseException), "whoever waited has got its answer"


def test_what_is_asked_for_behind_the_page_gives_way_to_what_a_person_asks(process: ModelProcess, tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    model = remote(process, "Odd", begun)

    def behind() -> Reading:
        with process.behind():
            return model.read(FRAME, "evaluate")

    thread, out = in_thread(behind)
    until(begun.exists)
    assert model.read(FRAME, TEXT)
    thread.join(5)
    assert isinstance(out[0], GivenUp)
    assert not process._behind


def test_two_requests_behind_the_page_take_turns(process: ModelProcess, tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    model = remote(process, "Odd", begun)

    def behind(text: str) -> Reading:
        with process.behind():
            return model.read(FRAME, text)

    first, out = in_thread(lambda: behind("evaluate"))
    until(begun.exists)
    second, others = in_thread(lambda: behind(TEXT))
    until(lambda: sys._current_frames()[second.ident or 0].f_code.co_name == "_turn")
    assert not out
    process.stop(first.ident)
    second.join(5)
    assert not isinstance(others[0], BaseException)


def test_another_thread_can_stop_it_between_tokens(process: ModelProcess, tmp_path: Path) -> None:
    model, seen = remote(process, "Odd", tmp_path / "begun"), threading.Event()

    def go_on(number: int, text: str) -> bool:
        seen.set()
        return True

    thread, out = in_thread(lambda: list(model.write(PROMPT, [Sampling()], go_on)))
    assert seen.wait(5)
    process.stop()
    thread.join(0.5)
    assert isinstance(out[0], GivenUp)


def test_what_waits_for_its_turn_is_stopped_too(process: ModelProcess, tmp_path: Path) -> None:
    model = remote(process, "Odd", tmp_path / "begun")
    first = model.write(PROMPT, [Sampling()])
    next(first)
    waiting, out = in_thread(lambda: list(model.write(PROMPT, [Sampling()])))
    until(lambda: waiting.is_alive() and process._lock.locked())
    until(lambda: sys._current_frames()[waiting.ident or 0].f_code.co_name == "_turn")
    process.stop()
    with pytest.raises(GivenUp):
        list(first)
    waiting.join(5)
    assert isinstance(out[0], GivenUp)


def test_a_stop_when_nothing_is_written_stops_nothing_later(process: ModelProcess) -> None:
    model = remote(process, "plain")
    process.stop()
    assert "".join(token.text for token in model.write(PROMPT, [Sampling()])) == stand_ins.REPLIES[0]
    process.stop()
    assert "".join(token.text for token in model.write(PROMPT, [Sampling()])) == stand_ins.REPLIES[1]


# -- crashes ----------------------------------------------------------------------------------------------------------


def test_a_kill_in_the_middle_of_writing_is_told_and_the_next_question_works(process: ModelProcess, tmp_path: Path) -> None:
    model = remote(process, "Odd", tmp_path / "begun")
    tokens = model.write(PROMPT, [Sampling()])
    next(tokens)
    kill(process)
    with pytest.raises(ModelCrashed, match="next question"):
        list(tokens)
    with contextlib.closing(model.write(PROMPT, [Sampling()])) as again:
        assert next(again).text == " word"


def test_a_kill_while_it_reads_is_told_at_once_and_the_next_question_works(process: ModelProcess, tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    model = remote(process, "Odd", begun)
    thread, out = in_thread(lambda: model.read(FRAME, "hang"))
    until(begun.exists)
    kill(process)
    thread.join(1)
    assert isinstance(out[0], ModelCrashed)
    assert model.read(FRAME, TEXT)


def test_a_kill_while_nothing_is_asked_is_noticed_by_nobody(process: ModelProcess) -> None:
    model = remote(process, "plain")
    embedder = RemoteEmbedder(process, Path("e.gguf"), "sha", maker=f"{stand_ins.__name__}:embedder")
    before = process.pid
    kill(process)
    until(lambda: before is not None and gone(before))
    assert model.read(FRAME, TEXT)
    assert embedder.embed([TEXT]).shape == (1, embedder.width)
    assert process.pid != before


def test_forgetting_ends_the_child_and_the_next_question_starts_another(process: ModelProcess) -> None:
    model = remote(process, "plain")
    before = process.pid
    process.forget()
    assert process.pid is None
    assert before is not None
    assert gone(before)
    assert model.read(FRAME, TEXT)


def test_a_kill_of_a_stream_that_is_then_given_up_is_no_error(process: ModelProcess, tmp_path: Path) -> None:
    model = remote(process, "Odd", tmp_path / "begun")
    tokens = model.write(PROMPT, [Sampling()])
    next(tokens)
    kill(process)
    tokens.close()
    assert model.read(FRAME, TEXT)


def test_an_abort_is_told_and_logged_without_words(process: ModelProcess, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(ModelCrashed):
        remote(process, "Odd", tmp_path / "begun").read(FRAME, "die")
    assert [record.getMessage() for record in caplog.records] == [f"The model's process ended with {-signal.SIGABRT}"]


def test_a_file_that_breaks_the_loader_is_an_error_of_loading(process: ModelProcess) -> None:
    with pytest.raises(ModelCrashed, match="while it was loaded"):
        remote(process, "dies")
    assert remote(process, "plain").read(FRAME, TEXT)


def test_after_three_crashes_it_stays_off(tmp_path: Path) -> None:
    process = ModelProcess()
    model = remote(process, "Odd", tmp_path / "begun")
    for number in range(MOST_CRASHES):
        with pytest.raises(ModelCrashed, match="stays off" if number == MOST_CRASHES - 1 else "next question"):
            model.read(FRAME, "die")
    with pytest.raises(ModelCrashed, match="stays off"):
        model.read(FRAME, TEXT)
    assert process.pid is None


def test_crashes_that_lie_far_apart_do_not_add_up(process: ModelProcess, clock: Clock, tmp_path: Path) -> None:
    model = remote(process, "Odd", tmp_path / "begun")
    for _ in range(MOST_CRASHES):
        with pytest.raises(ModelCrashed, match="next question"):
            model.read(FRAME, "die")
        clock.now += WITHIN / 2 + 1
    assert model.read(FRAME, TEXT)


def test_what_does_not_answer_is_ended(tmp_path: Path) -> None:
    process = ModelProcess(QUICK)
    model = remote(process, "Odd", tmp_path / "begun")
    pid = process.pid
    assert pid
    with pytest.raises(ModelCrashed, match="next question"):
        model.read(FRAME, "hang")
    assert gone(pid)
    assert model.read(FRAME, TEXT)
    process.close()


def test_what_cannot_even_be_spoken_to_is_ended(tmp_path: Path) -> None:
    process = ModelProcess(QUICK)
    model = remote(process, "Odd", tmp_path / "begun")
    assert process.pid
    os.kill(process.pid, signal.SIGSTOP)  # more than the socket holds is sent, and nobody takes it
    with pytest.raises(ModelCrashed):
        model.read(FRAME, "word " * 1_000_000)
    assert model.read(FRAME, TEXT)
    process.close()


def test_longer_texts_have_longer_bounds() -> None:
    assert Bounds().step == Bounds().reading("") < Bounds().reading("word") < Bounds().reading("日本語日本語")
    assert Bounds().reading("w" * 10**6) < 3600


# -- ends -------------------------------------------------------------------------------------------------------------

PARENT = f"""
import sys
from pathlib import Path
from coach.llm.base import Frame
from coach.llm.process import ModelProcess
from coach.llm.remote import RemoteLanguageModel
process = ModelProcess()
model = RemoteLanguageModel(process, Path(sys.argv[1]), "sha", maker="{stand_ins.__name__}:Odd")
print(process.pid, flush=True)
if sys.argv[2] != "end":
    model.read(Frame("", ""), sys.argv[2])
"""


def parent(tmp_path: Path, text: str) -> tuple["subprocess.Popen[str]", int]:
    """A program with a child of its own, that then reads a text or ends."""
    command = [sys.executable, "-c", PARENT, str(tmp_path / "begun"), text]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    started = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env)
    assert started.stdout
    return started, int(started.stdout.readline())


def test_the_child_ends_with_a_parent_that_is_killed_in_the_middle_of_a_reading(tmp_path: Path) -> None:
    started, pid = parent(tmp_path, "hang")
    until((tmp_path / "begun").exists)
    assert not gone(pid)
    started.kill()
    started.communicate()
    until(lambda: gone(pid))


def test_the_child_ends_with_a_parent_that_comes_to_its_end(tmp_path: Path) -> None:
    started, pid = parent(tmp_path, "end")
    started.communicate()
    assert started.returncode == 0
    assert gone(pid)


def test_an_interrupt_is_for_the_app_to_handle(process: ModelProcess) -> None:
    model = remote(process, "plain")
    assert process.pid
    os.kill(process.pid, signal.SIGINT)
    assert model.read(FRAME, TEXT)


def test_closing_ends_the_child_and_the_call_under_way(tmp_path: Path) -> None:
    process, begun = ModelProcess(), tmp_path / "begun"
    model = remote(process, "Odd", begun)
    pid = process.pid
    assert pid
    thread, out = in_thread(lambda: model.read(FRAME, "hang"))
    until(begun.exists)
    process.close()
    thread.join(1)
    assert gone(pid)
    assert isinstance(out[0], ModelError)
    with pytest.raises(ModelError, match="closed"):
        model.read(FRAME, TEXT)


def test_a_process_that_nobody_holds_any_more_is_ended() -> None:
    process = ModelProcess()
    model = remote(process, "plain")
    pid = process.pid
    assert pid
    del process, model
    until(lambda: gone(pid))
