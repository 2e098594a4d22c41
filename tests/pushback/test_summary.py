import pytest

from coach.errors import ModelError
from coach.llm.base import to_the_end
from coach.llm.fake import FakeLanguageModel
from coach.pushback.summary import put_together, sound, sum_up

FIRST, LAST = "I'll be more careful.", "I'll read each invoice aloud on Fridays."


def test_a_sound_sentence_of_the_model_is_kept() -> None:
    said = sum_up(FIRST, LAST, FakeLanguageModel(["You went from being more careful to reading each invoice aloud on Fridays."]))
    assert (said.by, said.text) == ("model", "You went from being more careful to reading each invoice aloud on Fridays.")


@pytest.mark.parametrize(
    "bad",
    [
        "You did a great job of reading each invoice aloud.",
        "You should read each invoice aloud.",
        "You will read each contract with Martin.",
        "I will read each invoice aloud.",
        "Reading each invoice aloud on Fridays.",
        "You read each invoice aloud?",
        "You read <b>each</b> invoice aloud.",
        "You were careless with each invoice.",
        "",
    ],
)
def test_praise_advice_and_inventions_are_not_kept(bad: str) -> None:
    assert not sound(bad, FIRST, LAST)
    assert sum_up(FIRST, LAST, FakeLanguageModel([bad or " "])).by == "hand"


def test_without_a_model_what_is_new_is_named() -> None:
    assert sum_up(FIRST, LAST, None).text == "New in it: “on Fridays” puts a time to it."
    assert put_together("The team failed.", "Nobody had the plan.") == "“The team failed” became “Nobody had the plan”."


def test_a_model_that_fails_does_no_harm() -> None:
    class Broken(FakeLanguageModel):
        def write(self, prompt, samplings, go_on=to_the_end):  # type: ignore[no-untyped-def]
            raise ModelError("broken")

    assert sum_up(FIRST, LAST, Broken()).by == "hand"
