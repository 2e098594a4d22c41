"""Reading ahead: what was typed is read before it is asked for, once, and nobody waits for what is not wanted."""

import threading
import time
from collections.abc import Callable

import numpy as np
import pytest

from coach.errors import GivenUp, ModelError
from coach.judge.ahead import ReadAhead
from coach.judge.reading import Features

ONE, OTHER = "The van broke down on the hill.", "The van was ten years old."


class Slow:
    """Reads one text after the other, when it may; what is given up ends at once."""

    def __init__(self) -> None:
        self.may, self.read, self.stopped = threading.Event(), list[str](), threading.Event()
        self.given_up = list[int]()
        self.fails = False

    def __call__(self, text: str) -> Features:
        self.read.append(text)
        while not self.may.wait(0.005):
            if threading.get_ident() in self.given_up:
                self.stopped.set()
                raise GivenUp
        if self.fails:
            raise ModelError("no")
        return Features(np.full(3, len(text), np.float32), np.zeros((1, 1), np.float32), ((0, len(text)),))


@pytest.fixture
def slow() -> Slow:
    return Slow()


@pytest.fixture
def ahead(slow: Slow) -> ReadAhead:
    return ReadAhead(slow, slow.given_up.append)


def until(seen: Callable[[], object]) -> None:
    end = time.monotonic() + 5
    while not seen():
        assert time.monotonic() < end
        time.sleep(0.002)


def test_what_was_expected_is_there_and_read_once(ahead: ReadAhead, slow: Slow) -> None:
    ahead.expect(ONE)
    until(lambda: slow.read)
    slow.may.set()
    assert ahead(ONE).answer[0] == len(ONE)
    assert ahead(ONE).answer[0] == len(ONE)
    ahead.expect(ONE)
    assert slow.read == [ONE]


def test_whoever_asks_while_it_is_being_read_gets_that_reading(ahead: ReadAhead, slow: Slow) -> None:
    ahead.expect(ONE)
    threading.Timer(0.05, slow.may.set).start()
    assert ahead(ONE).answer[0] == len(ONE)
    assert slow.read == [ONE]


def test_another_text_does_not_wait_for_the_one_that_was_expected(ahead: ReadAhead, slow: Slow) -> None:
    ahead.expect(ONE)
    until(lambda: slow.read)
    threading.Timer(0.1, slow.may.set).start()
    assert ahead(OTHER).answer[0] == len(OTHER)
    assert slow.stopped.is_set()


def test_typing_on_gives_up_what_was_typed_before(ahead: ReadAhead, slow: Slow) -> None:
    ahead.expect(ONE)
    until(lambda: slow.read)
    ahead.expect(ONE + " It was old.")
    assert slow.stopped.wait(5)
    slow.may.set()
    assert ahead(ONE + " It was old.").answer[0] == len(ONE) + 12


def test_a_failure_ahead_is_no_failure_of_the_answer(ahead: ReadAhead, slow: Slow) -> None:
    slow.fails = True
    ahead.expect(ONE)
    slow.may.set()
    until(lambda: ahead._under_way is None)
    slow.fails = False
    assert ahead(ONE).answer[0] == len(ONE)


def test_what_is_too_short_or_too_long_is_read_when_it_is_sent(ahead: ReadAhead, slow: Slow) -> None:
    slow.may.set()
    for text in ("", "No.", "word " * 1000):
        ahead.expect(text)
    assert slow.read == []


def test_nothing_stays_after_it_was_told_to_forget(ahead: ReadAhead, slow: Slow) -> None:
    slow.may.set()
    ahead(ONE)
    ahead.forget()
    ahead(ONE)
    assert slow.read == [ONE, ONE]


def test_only_the_last_readings_are_kept(ahead: ReadAhead, slow: Slow) -> None:
    slow.may.set()
    for number in range(40):
        ahead(f"{ONE} {number}")
    assert len(ahead._kept) == 16


def test_who_leaves_while_it_is_being_read_stops_the_model(ahead: ReadAhead, slow: Slow) -> None:
    ahead.expect(ONE)
    until(lambda: slow.read)
    ended = list[object]()

    def ask() -> None:
        try:
            ahead(ONE)
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


def test_a_box_that_was_left_is_not_read_on(ahead: ReadAhead, slow: Slow) -> None:
    ahead.expect(ONE)
    until(lambda: slow.read)
    ahead.expect_no_more(OTHER)
    assert not slow.stopped.is_set()
    ahead.expect_no_more(ONE)
    assert slow.stopped.wait(5)
