"""The plain chat, on a stand-in for the library: what it is asked, what is kept, and what is timed."""

import inspect
import itertools
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from coach.errors import ModelBroken, ModelError
from coach.llm import plain_chat
from coach.llm.base import Bare, Prompt, Reply
from coach.llm.llama import LlamaLanguageModel
from coach.llm.llama_embedder import LlamaEmbedder
from coach.llm.plain_chat import PlainChat

PROMPT = Prompt("Ask.", (("It broke.", "What broke?"),), "It fell.")
CHATML = "{% for message in messages %}<|im_start|>{{ message.content }}<|im_end|>"


class Llama:
    """The library's class, as far as it is used: a token is a character."""

    def __init__(self, path: str, **how: object) -> None:
        self.how, self.metadata = how, {"tokenizer.chat_template": CHATML}
        self.n_tokens, self.input_ids = 0, np.zeros(4096, np.intc)
        self.evaluated, self.asked, self.resets, self.pulled = list[list[int]](), list[dict[str, Any]](), 0, 0
        self.pieces = ["", "What", " fell?", ""]

    def n_embd(self) -> int:
        return 8

    def reset(self) -> None:
        self.resets += 1
        self.n_tokens = 0

    def eval(self, tokens: list[int]) -> None:
        self.evaluated.append(list(tokens))
        self.input_ids[self.n_tokens : self.n_tokens + len(tokens)] = tokens
        self.n_tokens += len(tokens)

    def tokenize(self, text: bytes, add_bos: bool, special: bool) -> list[int]:
        assert not add_bos
        return list(text)

    def create_chat_completion(self, messages: list[dict[str, str]], **how: object) -> Iterator[dict[str, Any]]:
        self.asked.append({"messages": messages, **how})
        yield {"choices": [{"delta": {"role": "assistant"}}]}
        for piece in self.pieces:
            self.pulled += 1
            yield {"choices": [{"delta": {"content": piece}}]}
        yield {"choices": [{"delta": {}}]}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "model.gguf").write_bytes(b"GGUF")
    return tmp_path / "model.gguf"


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch, path: Path) -> tuple[PlainChat, Llama]:
    """A chat, and the library's object in it; each look at the clock is a second after the last one."""
    llama = Llama("")

    def make(path: str, **how: object) -> Llama:
        llama.how = how
        return llama

    monkeypatch.setattr(plain_chat, "library", lambda: SimpleNamespace(Llama=make))
    ticks = itertools.count(0.0, 1.0)
    return PlainChat(path, lambda: next(ticks)), llama


def test_it_runs_on_all_cores(made: tuple[PlainChat, Llama]) -> None:
    how = made[1].how
    assert how["n_threads"] == how["n_threads_batch"] == plain_chat.threads()
    assert how["n_ctx"] == 4096


def test_the_first_piece_is_timed_with_nothing_kept_and_the_rest_is_not_written(made: tuple[PlainChat, Llama]) -> None:
    chat, llama = made
    llama.n_tokens = 9
    assert chat.first(PROMPT) == 1.0
    assert llama.resets == 1
    assert llama.pulled == 2, "the empty piece, and the first with text"
    (asked,) = llama.asked
    assert [(one["role"], one["content"]) for one in asked["messages"]] == [
        ("system", "Ask."),
        ("user", "It broke."),
        ("assistant", "What broke?"),
        ("user", "It fell."),
    ]
    assert asked["stream"] is True


def test_a_reply_is_timed_to_its_first_piece_and_its_end_and_keeps_what_the_library_keeps(made: tuple[PlainChat, Llama]) -> None:
    chat, llama = made
    assert chat.reply(PROMPT, 200) == Reply("What fell?", 1.0, 2.0)
    assert llama.resets == 0
    assert llama.asked[0]["max_tokens"] == 200


def test_a_reply_without_words_ends_where_it_begins(made: tuple[PlainChat, Llama]) -> None:
    made[1].pieces = []
    assert made[0].reply(PROMPT, 200) == Reply("", 1.0, 1.0)


def test_what_is_bare_is_read_in_one_go_and_written_token_by_token_behind_the_fixed_part(made: tuple[PlainChat, Llama]) -> None:
    chat, llama = made
    assert chat.bare(PROMPT, "It fell.", "Why") == Bare(1.0, 1.0)
    fixed, read, *written = llama.evaluated
    assert bytes(fixed).decode() == (
        "<|im_start|>system\nAsk.<|im_end|>\n<|im_start|>user\nIt broke.<|im_end|>\n<|im_start|>assistant\nWhat broke?<|im_end|>\n"
        "<|im_start|>user\n"
    )
    assert bytes(read) == b"It fell."
    assert written == [[ord(letter)] for letter in "Why"]
    llama.evaluated.clear()
    chat.bare(PROMPT, "It rose.", "Why")
    assert bytes(llama.evaluated[0]) == b"It rose.", "the fixed part was evaluated already"


def test_a_file_that_the_library_cannot_load_is_said(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*told: object, **how: object) -> None:
        raise ValueError("Failed to load model from file")

    monkeypatch.setattr(plain_chat, "library", lambda: SimpleNamespace(Llama=fails))
    with pytest.raises(ModelError, match="coach model verify"):
        PlainChat(path)
    path.write_bytes(b"an error page")
    with pytest.raises(ModelBroken):
        PlainChat(path)


@pytest.mark.parametrize("maker", [LlamaLanguageModel, LlamaEmbedder, PlainChat])
def test_whatever_is_made_in_the_models_process_can_be_told_whom_to_tell_how_far_it_is(maker: Any) -> None:
    assert "progress" in inspect.signature(maker).parameters
