"""What is done ahead is there when it is asked for, is done once, and nobody waits for what is not wanted."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from coach.ahead import Ahead
from coach.errors import GivenUp, ModelError

ONE, OTHER = "The van broke down on the hill.", "The van was ten years old."


class Slow:
    """Reads one text after the other, when it may; what is given up ends at once."""

    def __init__(self) -> None:
        self.may, self.read, self.stopped = threading.Event(), list[str](), threading.Event()
        self.given_up = list[int]()
        self.fails = False

    def __call__(self, text: str) -> int:
        self.read.append(text)
        while not self.may.wait(0.005):
            if threading.get_ident() in self.given_up:
                self.given_up.remove(threading.get_ident())
                self.stopped.set()
                raise GivenUp
        if self.fails:
            raise ModelError("no")
        return len(text)


@pytest.fixture
def slow() -> Slow:
    return Slow()


@pytest.fixture
def ahead(slow: Slow) -> Ahead:
    return Ahead(slow.given_up.append)


class Reader:
    """What asks for a reading, as a judge does: the same way ahead and when a person acts."""

    def __init__(self, ahead: Ahead, slow: Slow) -> None:
        self._ahead, self._slow = ahead, slow

    def __call__(self, text: str) -> int:
        return self._ahead.get(text, lambda: self._slow(text))

    def expect(self, *texts: str) -> None:
        self._ahead.expect(texts, lambda: [self(text) for text in texts])


@pytest.fixture
def read(ahead: Ahead, slow: Slow) -> Reader:
    return Reader(ahead, slow)


def until(seen: Callable[[], object]) -> None:
    end = time.monotonic() + 5
    while not seen():
        assert time.monotonic() < end
        time.sleep(0.002)


def test_what_was_expected_is_there_and_done_once(read: Reader, slow: Slow) -> None:
    read.expect(ONE, OTHER)
    until(lambda: slow.read)
    slow.may.set()
    assert read(ONE) == len(ONE)
    until(lambda: len(slow.read) == 2)
    assert read(OTHER) == len(OTHER)
    assert read(ONE) == len(ONE)
    assert slow.read == [ONE, OTHER]


def test_whoever_asks_while_it_is_being_done_gets_that(read: Reader, slow: Slow) -> None:
    read.expect(ONE)
    until(lambda: slow.read)
    threading.Timer(0.05, slow.may.set).start()
    assert read(ONE) == len(ONE)
    assert slow.read == [ONE]


def test_nobody_waits_for_something_else_that_is_being_done(read: Reader, slow: Slow) -> None:
    read.expect(ONE)
    until(lambda: slow.read)
    threading.Timer(0.1, slow.may.set).start()
    assert read(OTHER) == len(OTHER)
    assert slow.stopped.is_set()


def test_what_is_expected_now_takes_the_place_of_what_was(read: Reader, slow: Slow) -> None:
    read.expect(ONE)
    until(lambda: slow.read)
    read.expect(OTHER)
    assert slow.stopped.wait(5)
    slow.may.set()
    assert read(OTHER) == len(OTHER)
    assert slow.read == [ONE, OTHER]


def test_the_same_is_not_begun_twice(read: Reader, slow: Slow) -> None:
    read.expect(ONE)
    until(lambda: slow.read)
    read.expect(ONE)
    slow.may.set()
    assert read(ONE) == len(ONE)
    assert slow.read == [ONE]
    assert not slow.stopped.is_set()


def test_work_that_was_given_up_leaves_the_newer_work_alone(ahead: Ahead, read: Reader, slow: Slow) -> None:
    """A thread that has not noticed yet that it is not wanted must not stop what took its place."""
    going, may_go = threading.Event(), threading.Event()

    def work() -> None:
        going.set()
        may_go.wait(5)
        read("a step of work that is not wanted any more")

    ahead.expect("first", work)
    assert going.wait(5)
    read.expect(ONE)
    until(lambda: slow.read)
    may_go.set()
    until(lambda: sum(thread.name == "coach-ahead" for thread in threading.enumerate()) == 1)
    slow.may.set()
    assert read(ONE) == len(ONE)
    assert slow.read == [ONE]


def test_work_that_had_to_stand_back_goes_on_from_its_last_step(read: Reader, slow: Slow) -> None:
    read.expect(ONE, OTHER)
    until(lambda: slow.read)
    slow.given_up.append(next(thread.ident or 0 for thread in threading.enumerate() if thread.name == "coach-ahead"))
    assert slow.stopped.wait(5)
    slow.may.set()
    until(lambda: slow.read == [ONE, ONE, OTHER])


def test_the_work_runs_within_what_lets_others_go_first(slow: Slow) -> None:
    within = list[int]()

    @contextmanager
    def behind() -> Iterator[None]:
        within.append(threading.get_ident())
        yield
        within.clear()

    ahead, done = Ahead(slow.given_up.append, behind), threading.Event()
    ahead.expect(ONE, lambda: done.set() if within == [threading.get_ident()] else None)
    assert done.wait(5)
    until(lambda: not within)


@pytest.mark.parametrize("error", [ModelError("no"), ValueError(ONE)])
def test_a_failure_ahead_is_no_failure_of_what_is_asked_for(
    error: Exception, ahead: Ahead, read: Reader, slow: Slow, caplog: pytest.LogCaptureFixture
) -> None:
    def work() -> None:
        raise error

    ahead.expect(ONE, work)
    until(lambda: ahead._under_way is None)
    slow.may.set()
    assert read(ONE) == len(ONE)
    assert ONE not in caplog.text


def test_whoever_waits_for_what_fails_does_it_anew(read: Reader, slow: Slow) -> None:
    slow.fails = True
    read.expect(ONE)
    until(lambda: slow.read)
    asked = threading.Timer(0.05, slow.may.set)
    asked.start()
    with pytest.raises(ModelError):
        read(ONE)
    assert slow.read == [ONE, ONE]


def test_nothing_stays_after_it_was_told_to_forget(ahead: Ahead, read: Reader, slow: Slow) -> None:
    slow.may.set()
    read(ONE)
    ahead.forget()
    read(ONE)
    assert slow.read == [ONE, ONE]


def test_what_was_begun_before_is_not_kept_after_it_was_told_to_forget(ahead: Ahead, slow: Slow) -> None:
    """A journal may be locked in the middle of a step that cannot be given up any more."""

    def locked_meanwhile() -> int:
        ahead.forget()
        return 1

    assert ahead.get(ONE, locked_meanwhile) == 1
    done = threading.Event()
    ahead.expect("work", lambda: (ahead.get(OTHER, locked_meanwhile), done.set()))
    assert done.wait(5)
    assert not ahead._kept


def test_only_the_last_are_kept(ahead: Ahead, read: Reader, slow: Slow) -> None:
    slow.may.set()
    for number in range(80):
        read(f"{ONE} {number}")
    assert len(ahead._kept) == 32


def test_who_leaves_while_it_is_being_done_stops_the_model(ahead: Ahead, read: Reader, slow: Slow) -> None:
    read.expect(ONE)
    until(lambda: slow.read)
    ended = list[object]()

    def ask() -> None:
        try:
            read(ONE)
        except GivenUp as exc:
            ended.append(exc)

    thread = threading.Thread(target=ask)
    thread.start()
    until(lambda: ahead._waiting)
    ahead.leave(threading.get_ident())
    assert not slow.stopped.is_set(), "another thread than the one that waits"
    ahead.leave(thread.ident or 0)
    thread.join(5)
    assert slow.stopped.is_set()
    assert ended
    assert slow.read == [ONE]


def test_what_was_left_is_not_gone_on_with(ahead: Ahead, read: Reader, slow: Slow) -> None:
    read.expect(ONE)
    until(lambda: slow.read)
    ahead.expect_no_more((OTHER,))
    assert not slow.stopped.is_set()
    ahead.expect_no_more((ONE,))
    assert slow.stopped.wait(5)
