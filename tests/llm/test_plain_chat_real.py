"""The plain chat with the true model, in the models' process and without it. Marked ``real``."""

from pathlib import Path

import pytest

from coach.llm.base import Prompt
from coach.llm.plain_chat import PlainChat
from coach.llm.process import ModelProcess
from coach.llm.remote import RemotePlainChat
from coach.models.catalogue import chat_model
from coach.models.store import Store
from coach.settings import load_settings

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]

PROMPT = Prompt("Ask one question.", (("It broke.", "What broke?"),), "It fell off the table.")


@pytest.fixture(scope="module")
def path() -> Path:
    return Store(load_settings()).file(chat_model())[0]


def test_it_answers_and_times_itself_in_the_models_process(path: Path) -> None:
    process = ModelProcess()
    try:
        chat = RemotePlainChat(process, path)
        assert chat.first(PROMPT) > 0
        reply = chat.reply(PROMPT, 12)
        assert reply.text.strip()
        assert 0 < reply.first <= reply.last
        bare = chat.bare(PROMPT, "It fell off the table.", "What fell?")
        assert bare.read > 0
        assert bare.written > 0
    finally:
        process.close()


def test_the_fixed_part_is_what_the_library_has_evaluated(path: Path) -> None:
    chat = PlainChat(path)
    chat.first(PROMPT)
    fixed = chat._tokens(chat._fixed_text(PROMPT), trusted=True)
    assert [int(token) for token in chat._llm.input_ids[: len(fixed)]] == fixed
