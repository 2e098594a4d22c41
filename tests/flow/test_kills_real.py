"""The process is killed at random moments of a review: what was acknowledged is in the journal. Marked ``real`` for its length."""

import itertools
import os
import random
import signal
import time
from datetime import date
from pathlib import Path

import pytest

from coach.clock.fake import FakeClock
from coach.compose import FAKE_BAR
from coach.flow.coach import Coach, Fields
from coach.index.memory import MemoryIndex
from coach.journal.sqlite import SqliteJournal
from coach.judge.judge import Judge
from coach.llm.fake import FakeEmbedder, FakeLanguageModel
from coach.patterns.book import PatternBook
from coach.prompts import judgements
from coach.pushback.ask import Asker
from coach.recall import SITUATION, TENDENCY, Recall, Seen
from coach.schema import Context

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]

KILLS = 200
LONGEST = 0.12  # seconds from the start of the review to the kill: a scripted review takes about as long


def coach_on(journal: SqliteJournal) -> Coach:
    ids = (f"id{number}" for number in itertools.count(1))
    recall = Recall(journal, {view: Seen(FakeEmbedder(), MemoryIndex(), FAKE_BAR) for view in (SITUATION, TENDENCY)})
    book = PatternBook(journal, recall, lambda: next(ids), FAKE_BAR)
    fake = Asker(FakeLanguageModel())
    return Coach(journal, Judge(judgements()), recall, FakeClock(), lambda: next(ids), judgements(), book, fake)


def live(path: Path, told: int) -> None:
    """A review in a process that will be killed; each answer is told once it was acknowledged."""
    journal = SqliteJournal(path)
    coach = coach_on(journal)
    review = coach.start(Context(happened_on=date(2026, 3, 1), title="The kitchen"))
    for slot, text in (("intended", "Bread by six."), ("happened", "It was black at five past."), ("next", "I set a clock.")):
        for version in range(3):
            words = f"{text} {version} " + "more " * 200
            review = coach.answer(review, slot, words)
            os.write(told, f"{slot}|{words.strip()}\n".encode())
            journal.save_draft(review.id, "lesson", f"draft {slot} {version}", coach.clock.now())
            os.write(told, f"draft|draft {slot} {version}\n".encode())
            review = coach.consider(review, slot)
            list(coach.ask_back(review, slot))
            review = coach.open(review.id)
    entry = coach.close(review, Fields("It was black.", "No clock.", "Set one.", "I set a clock.", None))
    os.write(told, f"entry|{entry.id}\n".encode())


def killed_after(path: Path, seconds: float) -> list[tuple[str, str]]:
    """What the process had told by the time it was killed."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            live(path, writing)
        finally:
            os._exit(0)
    os.close(writing)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with os.fdopen(reading) as pipe:
        lines = [line.rstrip("\n") for line in pipe]
    return [(slot, words) for slot, _, words in (line.partition("|") for line in lines)]


def test_what_was_acknowledged_survives_two_hundred_kills(tmp_path: Path) -> None:
    chance, acknowledged, unfinished = random.Random(1), 0, 0
    for number in range(KILLS):
        path = tmp_path / str(number) / "journal.db"
        told = killed_after(path, chance.uniform(0.005, LONGEST * 3))
        if not told:
            continue
        acknowledged += len(told)
        journal = SqliteJournal(path)
        coach = coach_on(journal)
        assert journal._db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        finished = [words for slot, words in told if slot == "entry"]
        heads = journal.reviews("closed" if journal.entry_ids() else "open")
        unfinished += not finished
        review = coach.open(heads[0].id)
        for slot, words in told:
            if slot not in ("draft", "entry"):
                assert words in review.slot(slot).versions
        drafts = [words for slot, words in told if slot == "draft"]
        if drafts:
            after = journal.drafts(review.id)["lesson"]
            assert after == drafts[-1] or after not in drafts, "the last one told, or one that came after it"
        assert set(finished) <= journal.entry_ids()
        journal.close()
    assert acknowledged > KILLS
    assert unfinished > KILLS / 4, "the kills fall into the middle of reviews"
