"""The process of the models with the true ones: what it costs, and that nothing gets through. Marked ``real``."""

import contextlib
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from coach.errors import GivenUp, ModelBroken, ModelCrashed, ModelError
from coach.judge.reading import FRAME
from coach.llm.base import Prompt, Sampling
from coach.llm.llama import LlamaLanguageModel
from coach.llm.llama_embedder import LlamaEmbedder
from coach.llm.process import ModelProcess
from coach.llm.remote import RemoteEmbedder, RemoteLanguageModel
from coach.models.catalogue import chat_model, embedding_model
from coach.models.store import Store
from coach.settings import load_settings

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]

STORY = Prompt("You tell long stories.", (), "Tell me of the sea.")
LONG = Prompt("You sum up.", (), "the pump had failed at noon and nobody saw it, " * 130)  # some 1,500 tokens


@pytest.fixture(scope="module")
def process() -> Iterator[ModelProcess]:
    made = ModelProcess()
    yield made
    made.close()


@pytest.fixture(scope="module")
def model(process: ModelProcess) -> RemoteLanguageModel:
    return RemoteLanguageModel(process, *Store(load_settings()).file(chat_model()))


def test_it_reads_writes_and_embeds_what_the_models_do_without_it(process: ModelProcess, model: RemoteLanguageModel) -> None:
    direct = LlamaLanguageModel(*Store(load_settings()).file(chat_model()))
    text, endings = "The pump failed at noon; I knew it would. 日本", [" What did you hear?", " Who saw it?"]
    one, other = model.read(FRAME, text), direct.read(FRAME, text)
    assert one.spans == other.spans
    np.testing.assert_allclose(one.states, other.states, atol=1e-3, rtol=1e-3)
    np.testing.assert_allclose(one.closing, other.closing, atol=1e-3, rtol=1e-3)
    for mine, its in zip(model.read_endings(FRAME, text, endings), direct.read_endings(FRAME, text, endings), strict=True):
        np.testing.assert_allclose(mine.closing, its.closing, atol=1e-3, rtol=1e-3)
    samplings = [Sampling(most_tokens=6, temperature=0.01, start=start) for start in ("The sea", "A ship")]
    written = [list(each.write(STORY, samplings, lambda number, text: number == 1 or len(text) < 8)) for each in (model, direct)]
    assert [(token.candidate, token.text) for token in written[0]] == [(token.candidate, token.text) for token in written[1]]
    file = Store(load_settings()).file(embedding_model())
    texts = ["a late proposal", "word " * 600]
    np.testing.assert_allclose(RemoteEmbedder(process, *file).embed(texts), LlamaEmbedder(*file).embed(texts), atol=1e-5)


def test_a_long_prompt_is_given_up_at_once_and_no_half_of_it_stays(process: ModelProcess, model: RemoteLanguageModel) -> None:
    short = Sampling(most_tokens=4, temperature=0.01)
    first, pid = [token.text for token in model.write(STORY, [short])], process.pid
    out: list[object] = []

    def write() -> None:
        with contextlib.suppress(GivenUp):
            out.extend(model.write(LONG, [short]))
            out.append("came to its end")

    thread = threading.Thread(target=write)
    thread.start()
    while not process._under_way:
        time.sleep(0.01)
    time.sleep(1.0)  # well into the evaluation, which takes many seconds
    begin = time.monotonic()
    process.stop(thread.ident)
    thread.join()
    assert time.monotonic() - begin < 0.5
    assert out == []
    assert [token.text for token in model.write(STORY, [short])] == first
    assert process.pid == pid


def test_a_reading_is_given_up_at_once_and_the_next_one_is_right(process: ModelProcess, model: RemoteLanguageModel) -> None:
    before, given_up = model.read(FRAME, "We met on Monday at nine."), list[bool]()

    def read() -> None:
        try:
            model.read(FRAME, "The van broke down again on the hill. " * 80)
        except GivenUp:
            given_up.append(True)

    thread = threading.Thread(target=read)
    thread.start()
    while not process._under_way:
        time.sleep(0.01)
    time.sleep(0.5)
    begin = time.monotonic()
    process.stop(thread.ident)
    thread.join()
    assert time.monotonic() - begin < 0.5
    assert given_up
    again = model.read(FRAME, "We met on Monday at nine.")
    assert again.spans == before.spans
    assert np.linalg.norm(again.closing - before.closing) < 0.1 * np.linalg.norm(before.closing)  # 8-bit rounding, by the batch


def test_a_stream_that_is_closed_stops_the_model_at_once(model: RemoteLanguageModel) -> None:
    tokens = model.write(STORY, [Sampling(most_tokens=200), Sampling(most_tokens=200, seed=2)])
    next(tokens)
    begin = time.monotonic()
    tokens.close()
    assert time.monotonic() - begin < 0.3


def test_a_kill_in_the_middle_of_writing_is_told_and_the_next_question_works(
    process: ModelProcess, model: RemoteLanguageModel
) -> None:
    tokens = model.write(STORY, [Sampling(most_tokens=200)])
    next(tokens)
    assert process.pid
    os.kill(process.pid, signal.SIGKILL)
    with pytest.raises(ModelCrashed, match="next question"):
        list(tokens)
    with contextlib.closing(model.write(STORY, [Sampling(most_tokens=4)])) as again:
        assert next(again).text


def test_a_model_that_does_not_fit_into_memory_says_so() -> None:
    process = ModelProcess(memory=900 << 20)  # less than the file alone
    with pytest.raises(ModelError, match="memory"):
        RemoteLanguageModel(process, *Store(load_settings()).file(chat_model()))
    process.close()


def test_a_context_that_does_not_fit_into_memory_says_so() -> None:
    process = ModelProcess(memory=1500 << 20)  # enough for the file
    with pytest.raises(ModelError, match="memory"):
        RemoteLanguageModel(process, *Store(load_settings()).file(chat_model()))
    process.close()


def test_files_that_are_no_chat_model_say_what_to_do(tmp_path: Path) -> None:
    process, (whole, sha256) = ModelProcess(), Store(load_settings()).file(chat_model())
    cut, text, mark = tmp_path / "cut.gguf", tmp_path / "text.gguf", tmp_path / "mark.gguf"
    with whole.open("rb") as file:
        cut.write_bytes(file.read(16 << 20))  # the header and the first tensors
    sparse = tmp_path / "sparse.gguf"
    sparse.write_bytes(cut.read_bytes())
    os.truncate(sparse, 200 << 20)
    text.write_text("not a model")
    mark.write_bytes(b"GGUF" + b"\xff" * 4096)
    for path in (cut, sparse, text, mark, tmp_path, Store(load_settings()).file(embedding_model())[0]):
        with pytest.raises(ModelBroken, match=path.name):
            RemoteLanguageModel(process, path, sha256)
    process.close()
