"""What runs in the models' process, as the rest of the program sees it: a chat model, an embedder, a plain chat to compare with."""

import itertools
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from coach.llm.base import Bare, Frame, GoOn, Prompt, Reading, Reply, Sampling, Vector, Writing, to_the_end
from coach.llm.process import TOGETHER, TURN, ModelProcess
from coach.llm.tuning import DEFAULT, Tuning

_EMBEDDER = "coach.llm.llama_embedder:LlamaEmbedder"


class RemoteLanguageModel:
    """A chat model in the child; see ``LanguageModel``.

    Args:
        process: where it runs.
        path, sha256, prefix_folder, tuning: as for ``LlamaLanguageModel``.
        maker: what makes it there, as "module:name"; it is told by whom to say how far it is.
    """

    def __init__(
        self,
        process: ModelProcess,
        path: Path,
        sha256: str,
        prefix_folder: Path | None = None,
        tuning: Tuning = DEFAULT,
        maker: str = "coach.llm.llama:LlamaLanguageModel",
    ) -> None:
        self._process, self.sha256 = process, sha256
        self.width = process.load("chat", maker, path, sha256, prefix_folder, tuning)

    def read(self, frame: Frame, text: str) -> Reading:
        """Hidden states of the text's tokens; see ``LanguageModel.read``."""
        seconds = self._process.bounds.reading(frame.before, text, frame.after)
        reading: Reading = self._process.call("chat", "read", frame, text, seconds=seconds)
        return reading

    def read_endings(self, frame: Frame, text: str, endings: Sequence[str]) -> list[Reading]:
        """Hidden states of several endings of one text; see ``LanguageModel.read_endings``."""
        seconds = self._process.bounds.reading(frame.before, text, *endings, *[frame.after for _ in endings])
        readings: list[Reading] = self._process.call("chat", "read_endings", frame, text, list(endings), seconds=seconds)
        return readings

    def write(self, prompt: Prompt, samplings: Sequence[Sampling], go_on: GoOn = to_the_end) -> Writing:
        """Stream continuations side by side; see ``LanguageModel.write``."""
        return self._process.write("chat", prompt, samplings, go_on)

    def prepare(self, prompt: Prompt) -> None:
        """Evaluate and keep a prompt's fixed part; see ``LanguageModel.prepare``."""
        self._process.prepare("chat", prompt)

    def forget(self) -> None:
        """Hold no text evaluated that was read or written about; the fixed words stay."""
        self._process.call("chat", "forget", seconds=self._process.bounds.step)

    def keeps(self, prompt: Prompt) -> bool:
        """Whether a prompt's fixed part is kept; see ``LanguageModel.keeps``."""
        return bool(self._process.call("chat", "keeps", prompt, seconds=self._process.bounds.step))

    def decoded(self) -> float:
        """Seconds spent inside ``llama_decode`` so far: for benchmarks."""
        return float(self._process.call("chat", "decoded", seconds=self._process.bounds.step))

    def evaluate(self, text: str) -> None:
        """Evaluate a text through all layers and nothing else: what benchmarks measure against."""
        self._process.call("chat", "evaluate", text, seconds=self._process.bounds.reading(text))


class RemotePlainChat:
    """A plain chat in the child, beside the app's models; see ``PlainChat``. The arguments are those of ``RemoteLanguageModel``."""

    def __init__(self, process: ModelProcess, path: Path, maker: str = "coach.llm.plain_chat:PlainChat") -> None:
        self._process = process
        process.load("plain", maker, path)

    def first(self, prompt: Prompt) -> float:
        """Seconds to the first piece that holds text, with nothing kept from before."""
        return float(self._process.call("plain", "first", prompt, seconds=self._reading(prompt)))

    def reply(self, prompt: Prompt, most_tokens: int) -> Reply:
        """A reply of so many tokens at most, and its seconds."""
        reply: Reply = self._process.call("plain", "reply", prompt, most_tokens, seconds=self._reading(prompt) + most_tokens)
        return reply

    def bare(self, prompt: Prompt, read: str, written: str) -> Bare:
        """Seconds of the evaluations alone of a text that is read and one that is written, behind a prompt's fixed part."""
        seconds = self._reading(prompt, read, written)
        bare: Bare = self._process.call("plain", "bare", prompt, read, written, seconds=seconds)
        return bare

    def _reading(self, prompt: Prompt, *texts: str) -> float:
        return self._process.bounds.reading(prompt.system, prompt.user, *itertools.chain(*prompt.examples, *prompt.turns), *texts)


class RemoteEmbedder:
    """An embedding model in the child; see ``Embedder``. The arguments are those of ``RemoteLanguageModel``."""

    def __init__(
        self, process: ModelProcess, path: Path, sha256: str, maker: str = "coach.llm.llama_embedder:LlamaEmbedder"
    ) -> None:
        self._process, self.sha256 = process, sha256
        self.width = process.load("embedding", maker, path, sha256)

    def embed(self, texts: Sequence[str]) -> Vector:
        """One vector a text; see ``Embedder.embed``."""
        rows = [np.zeros((0, self.width), np.float32)]
        for at in range(0, len(texts), TOGETHER):
            if at:
                time.sleep(TURN)
            some = list(texts[at : at + TOGETHER])
            rows.append(self._process.call("embedding", "embed", some, seconds=self._process.bounds.reading(*some)))
        return np.vstack(rows)
