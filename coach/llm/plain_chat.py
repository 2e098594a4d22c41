"""A plain chat with the same model, through the library's own high-level class: what the coach is held against in benchmarks.

It knows nothing of the coach: its own copy of the weights, all cores, the library's choice in all else. What the library keeps of a
conversation (one live prefix) it keeps here too, unless a call says otherwise. The file's own chat template is run, by Jinja in its
sandbox, as the library does it; the app never does that.
"""

import time
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import Any

from coach.errors import ModelError
from coach.llm.base import Bare, Progress, Prompt, Reply, untold
from coach.llm.formats import chat_format
from coach.llm.native import CONTEXT_TOKENS, NATIVE, check_mark, library, threads

_LONG_ENOUGH = 64  # tokens within which there is text


class PlainChat:
    """The library's ``Llama`` on a GGUF file. Calls raise ModelError where the file cannot be used.

    Args:
        path: the GGUF file.
        clock: seconds.
        progress: not told: the library's class has nobody to tell.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.perf_counter, progress: Progress = untold) -> None:
        check_mark(path)
        self._clock, all_cores = clock, threads()
        with NATIVE:
            try:
                self._llm: Any = library().Llama(
                    str(path), n_ctx=CONTEXT_TOKENS, n_threads=all_cores, n_threads_batch=all_cores, verbose=False
                )
            except (ValueError, RuntimeError, AssertionError) as exc:
                raise ModelError("The library's own chat cannot load this model. Run `coach model verify`.") from exc
            self.width = int(self._llm.n_embd())

    def first(self, prompt: Prompt) -> float:
        """Seconds to the first piece that holds text, with nothing kept from before."""
        with NATIVE:
            self._llm.reset()
            begun = self._clock()
            pieces = self._pieces(prompt, _LONG_ENOUGH)
            next(pieces, "")
            seconds = self._clock() - begun
            pieces.close()
        return seconds

    def reply(self, prompt: Prompt, most_tokens: int) -> Reply:
        """A reply of so many tokens at most; of the conversation before, the library keeps what this one begins with too."""
        with NATIVE:
            text, first, begun = "", 0.0, self._clock()
            for piece in self._pieces(prompt, most_tokens):
                first = first or self._clock() - begun
                text += piece
            last = self._clock() - begun
        return Reply(text, first or last, last)

    def bare(self, prompt: Prompt, read: str, written: str) -> Bare:
        """Time the evaluations alone of one text that is read, and one that is written, behind a prompt's fixed part."""
        with NATIVE:
            self._hold(self._tokens(self._fixed_text(prompt), trusted=True))
            begun = self._clock()
            self._llm.eval(self._tokens(read))
            between = self._clock()
            for token in self._tokens(written):
                self._llm.eval([token])
            return Bare(between - begun, self._clock() - between)

    def _pieces(self, prompt: Prompt, most_tokens: int) -> Generator[str, None, None]:
        """The pieces of a reply that hold text."""
        told = [{"role": "system", "content": prompt.system}]
        for user, reply in (*prompt.examples, *prompt.turns):
            told += [{"role": "user", "content": user}, {"role": "assistant", "content": reply}]
        told.append({"role": "user", "content": prompt.user})
        for chunk in self._llm.create_chat_completion(told, stream=True, max_tokens=most_tokens, seed=1):
            piece = chunk["choices"][0]["delta"].get("content")
            if piece:
                yield piece

    def _hold(self, tokens: Sequence[int]) -> None:
        """Have just these evaluated, as far as they are not yet."""
        held, shared = [int(token) for token in self._llm.input_ids[: self._llm.n_tokens]], 0
        while shared < min(len(held), len(tokens)) and held[shared] == tokens[shared]:
            shared += 1
        self._llm.n_tokens = shared
        if shared < len(tokens):
            self._llm.eval(tokens[shared:])

    def _fixed_text(self, prompt: Prompt) -> str:
        """What stands before the person's words, as ``LlamaLanguageModel`` puts it."""
        form = chat_format(self._llm.metadata.get("tokenizer.chat_template", ""))
        turns = [form.user + user + form.end + form.assistant + reply + form.end for user, reply in prompt.examples]
        return form.system + prompt.system + form.end + "".join(turns) + form.user

    def _tokens(self, text: str, *, trusted: bool = False) -> list[int]:
        return [int(token) for token in self._llm.tokenize(text.encode("utf-8", "replace"), add_bos=False, special=trusted)]
