import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.pushback.change import KINDS, gain


@pytest.mark.parametrize(
    ("old", "new", "kind", "text"),
    [
        ("I'll plan better.", "I'll plan my week on Sundays.", "time", "on Sundays"),
        ("be more organised", "order the seed by 10 january", "time", "by 10 january"),
        ("To sell more.", "To sell 40 lambs.", "number", "40 lambs"),
        ("Check things.", "Check the list when the van comes back.", "trigger", "when the van comes back"),
        ("To get agreement.", "To get agreement from Rosa.", "name", "Rosa"),
        (
            "Bad planning.",
            "Bad planning. I never asked for the date.",
            "step",
            "I never asked for the date",
        ),
    ],
)
def test_what_is_new_and_can_be_checked_is_named(old: str, new: str, kind: str, text: str) -> None:
    found = gain(old, new, KINDS)
    assert found
    assert (found.kind, found.text) == (kind, text)
    assert f"“{text}”" in found.clause


@pytest.mark.parametrize(
    "new",
    [
        "I'll really plan better.",
        "I'll plan better, I told you three times.",
        "I'll plan better at the end of the day.",
        "I'll give it 110 percent.",
        "I don't want to plan better.",
    ],
)
def test_more_words_alone_are_no_gain(new: str) -> None:
    assert gain("I'll plan better at last.", new, KINDS) is None


def test_only_the_wanted_kinds_count() -> None:
    assert gain("I'll plan.", "I'll plan on Sunday.", ["name", "number"]) is None


def test_a_step_in_a_sentence_that_something_was_found_in_is_not_named() -> None:
    new = "I never asked, obviously I'm an idiot."
    assert gain("Bad luck.", new, ["step"])
    assert gain("Bad luck.", new, ["step"], against=[(0, len(new))]) is None


@given(st.text(max_size=200), st.text(max_size=200))
def test_what_is_named_stands_in_the_new_version(old: str, new: str) -> None:
    found = gain(old, new, KINDS)
    assert found is None or found.text in new


@given(st.text(max_size=200))
def test_the_same_words_again_are_never_a_gain(text: str) -> None:
    assert gain(text, text, KINDS) is None
