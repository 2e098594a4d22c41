"""Models for the tests of the process: made there, by name, in the place of llama.cpp's."""

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from coach.errors import GivenUp, ModelBroken
from coach.llm.base import Frame, GoOn, Progress, Prompt, Reading, Sampling, Token, Writing, to_the_end, untold
from coach.llm.fake import FakeEmbedder, FakeLanguageModel

REPLIES = ("one two three four five six", "seven eight nine ten")
FAULTY = "\udc00 not to be told"
"""A text that the odd model fails on, with what must not come out of its process."""


def plain(
    path: Path, sha256: str, prefixes: Path | None = None, tuning: object = None, progress: Progress = untold
) -> FakeLanguageModel:
    return FakeLanguageModel(REPLIES)


def embedder(path: Path, sha256: str, progress: Progress = untold) -> FakeEmbedder:
    return FakeEmbedder()


def broken(
    path: Path, sha256: str, prefixes: Path | None = None, tuning: object = None, progress: Progress = untold
) -> FakeLanguageModel:
    raise ModelBroken(f"{path} is broken. Mend it.")


def dies(
    path: Path, sha256: str, prefixes: Path | None = None, tuning: object = None, progress: Progress = untold
) -> FakeLanguageModel:
    os.abort()


def slow(path: Path, sha256: str, prefixes: Path | None = None, tuning: object = None, *, progress: Progress) -> FakeLanguageModel:
    """Comes to a quarter, and on once its file is there."""
    progress(0.25)
    while not path.exists():
        time.sleep(0.01)
    return FakeLanguageModel(REPLIES)


def creeps(
    path: Path, sha256: str, prefixes: Path | None = None, tuning: object = None, *, progress: Progress
) -> FakeLanguageModel:
    """Never comes to its end, and never stops telling how far it is."""
    while True:
        progress(0.5)
        time.sleep(0.01)


def talkative(
    path: Path, sha256: str, prefixes: Path | None = None, tuning: object = None, *, progress: Progress
) -> FakeLanguageModel:
    """Tells of each of a thousand tensors."""
    for number in range(1000):
        progress(number / 1000)
    return FakeLanguageModel(REPLIES)


class Odd(FakeLanguageModel):
    """Does what the text says: "hang", "die", "fail"; writes without end; ``path`` is touched when it has begun."""

    def __init__(
        self, path: Path, sha256: str, prefixes: Path | None = None, tuning: object = None, progress: Progress = untold
    ) -> None:
        super().__init__()
        self.path, self.pieces = path, 0
        self.stopped: Callable[[], bool] = lambda: False

    def stop_when(self, stopped: Callable[[], bool]) -> None:
        self.stopped = stopped

    def read(self, frame: Frame, text: str) -> Reading:
        self._act(text)
        return super().read(frame, text)

    def write(self, prompt: Prompt, samplings: Sequence[Sampling], go_on: GoOn = to_the_end) -> Writing:
        self._act(prompt.user)
        text = ""
        while not self.stopped():
            text += " word"
            yield Token(0, " word", -1.0)
            if not go_on(0, text):
                return ()
        raise GivenUp

    def prepare_piece(self, prompt: Prompt) -> bool:
        """Four pieces, of a tenth of a second."""
        time.sleep(0.1)
        self.pieces += 1
        return self.pieces % 4 == 0

    def _act(self, text: str) -> None:
        self.path.touch()
        while text == "hang":
            time.sleep(0.01)
        while text == "evaluate" and not self.stopped():
            time.sleep(0.01)
        if text == "evaluate":
            raise GivenUp
        if text == "die":
            os.abort()
        if text == FAULTY:
            raise ValueError(text)


class Unasked(FakeLanguageModel):
    """Writes as many words as there are samplings, one for each, and ends them itself: nothing is asked about them."""

    def __init__(
        self, path: Path, sha256: str, prefixes: Path | None = None, tuning: object = None, progress: Progress = untold
    ) -> None:
        super().__init__()

    def write(self, prompt: Prompt, samplings: Sequence[Sampling], go_on: GoOn = to_the_end) -> Writing:
        for number, _ in enumerate(samplings):
            yield Token(number, "word", -1.0)
