from datetime import UTC, date, datetime

import pytest

from coach.llm.fake import FakeLanguageModel
from coach.patterns.naming import proposed, shown, sound
from coach.schema import Entry


def entry(cause: str) -> Entry:
    fields = {"title": "t", "situation": "It was late.", "lesson": "Wait.", "change": "I wait."}
    at = datetime(2026, 3, 1, tzinfo=UTC)
    return Entry(id="e", review_id="r", happened_on=date(2026, 3, 1), root_cause=cause, closed_at=at, **fields)


ENTRIES = [entry("I told the client yes before I had asked."), entry("I promised my sister the van without asking.")]


def test_the_model_sees_a_few_words_of_what_lies_behind_the_entries() -> None:
    assert shown(ENTRIES) == "I told the client yes before I had asked / I promised my sister the van without asking"
    assert shown([entry("")]) == "Wait"
    assert shown([entry("word " * 400)] * 40).count(" / ") == 4


def test_the_first_name_that_keeps_to_the_rules_is_taken() -> None:
    model = FakeLanguageModel(["You are lazy.", "promising before asking.", "Something else here"])
    assert proposed(model, ENTRIES) == "Promising before asking"


def test_where_none_does_there_is_no_name() -> None:
    assert proposed(FakeLanguageModel(["", "Promising", "one two three four five six"]), ENTRIES) == ""


@pytest.mark.parametrize(
    "name", ["Being a coward", "Your own fault here", "Late, again", "late again", "A <b>bold</b> claim", "x" * 60]
)
def test_a_name_blames_nobody_and_has_no_marks(name: str) -> None:
    assert not sound(name)


@pytest.mark.parametrize("name", ["Saying yes to too much", "Putting off hard talks", "Relying on one's memory"])
def test_a_plain_name_is_sound(name: str) -> None:
    assert sound(name)
