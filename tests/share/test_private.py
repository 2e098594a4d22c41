"""What is found as private in a text, and what is left of it when that is left out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.llm.fake import FakeLanguageModel
from coach.share.names import names_by
from coach.share.private import private_in, stays, without
from coach.share.story import markdown, minutes


def found(text: str) -> list[str]:
    return [one.text for one in private_in(text)]


@pytest.mark.parametrize(
    ("text", "private"),
    [
        ("I told Dana Smith late.", ["Dana Smith"]),
        ("Dana asked me twice.", ["Dana"]),
        ("We moved from Bank of Ireland to Revolut.", ["Bank of Ireland", "Revolut"]),
        ("My boss Peter van der Berg and Ana cried.", ["Peter van der Berg", "Ana"]),
        ("Nobody at St. Mary's knew.", ["St. Mary"]),
        ("Müller & Söhne GmbH refused.", ["Müller & Söhne GmbH"]),
        ("O'Brien left on Tuesday.", ["O'Brien"]),
        ("The HSBC form and the iPhone app.", ["HSBC", "iPhone"]),
        ("Will asked me why. Will it work?", ["Will"]),
        ("Zephyra said so.\nZephyra left.", ["Zephyra"]),
        ("“Kowalski is out”, I said.", ["Kowalski"]),
        ("It cost $4,000, then €2.5m, then 14,000 euros.", ["$4,000", "€2.5m", "14,000 euros"]),
        ("We lost 40k and five thousand pounds.", ["40k", "five thousand pounds"]),
        ("The budget was $247K.", ["$247K"]),
        ("Write to a.b@c.com or call +44 20 7946 0958.", ["a.b@c.com", "+44 20 7946 0958"]),
        ("See https://acme.example/x and ticket OPS-1234.", ["https://acme.example/x", "OPS-1234"]),
        ("He lived at 12 Elm Street then.", ["12 Elm Street"]),
    ],
)
def test_names_amounts_and_addresses_are_found(text: str, private: list[str]) -> None:
    assert found(text) == private


@pytest.mark.parametrize(
    "text",
    [
        "The proposal went out a week late. Nobody had asked the team, and I had not looked.",
        "Checkout failed from 14:05 to 15:40 on 3 March; 1,200 orders were lost.",
        "Yesterday I promised two things. Tomorrow I ask first. Orders come in on Monday.",
        "When my mother calls, I look at the calendar. It's fine.",
        "Will it work? May I ask? Grace under pressure is rare.",
        "",
    ],
)
def test_a_plain_account_holds_nothing_private(text: str) -> None:
    assert found(text) == []


def test_what_is_left_out_is_gone_wherever_it_stands_as_a_word() -> None:
    text = "Dana's plan. Dana Smith left, and dana@x.org bounced. Danaher stayed."
    left_out = [(one.text, one.instead) for one in private_in(text) if one.text != "Danaher"]
    told = without(text, left_out)
    assert told == "Someone's plan. Someone left, and [left out] bounced. Danaher stayed."


def test_an_everyday_word_that_is_also_a_name_stays_where_it_is_none() -> None:
    assert without("Will asked. Will it work?", [("Will", "someone")]) == "Someone asked. Will it work?"


def test_a_name_that_is_ticked_is_gone_whatever_follows_it() -> None:
    text = "I told Mark on Friday. Mark ignored it. Mark, my boss, refused. June told me in June."
    told = without(text, [(one.text, one.instead) for one in private_in(text)])
    assert "Mark" not in told
    assert stays("It was mark who did.", "Mark")


@pytest.mark.parametrize("words", ["on 3 June", "in August", "since May 2024", "at 14:05 on 2026-03-05", "on 2026-03-05 14:05"])
def test_a_day_is_no_name_and_no_number_to_call(words: str) -> None:
    assert found(f"It began {words}.") == []


@pytest.mark.parametrize(
    "private",
    [
        "555.123.4567",
        "555-1234",
        "acme.com/clients",
        "192.168.1.20",
        "fifteen thousand dollars",
        "300 yen",
        "DE89 3704 0044 0532 0130 00",
    ],
)
def test_less_usual_ways_to_write_it_are_found(private: str) -> None:
    text = f"It was {private} then."
    assert found(text) == [private]
    assert private not in without(text, [(private, "something")])


def test_names_that_only_the_model_sees_are_kept_where_they_stand() -> None:
    text = "i promised dana the drawings, and the team waited."
    model = FakeLanguageModel(["dana, Northwind, the team, promised"])
    assert names_by(model, text) == ["dana"]
    assert [one.text for one in private_in(text, names_by(FakeLanguageModel(["dana."]), text))] == ["dana"]


@given(st.text(max_size=400))
def test_any_text_is_read_and_nothing_that_is_left_out_stays(text: str) -> None:
    private = private_in(text)
    assert all(one.text in text for one in private)
    told = without(text, [(one.text, "") for one in private if one.text.lower() not in {"will"}])
    assert len(told) <= len(text)


def test_a_story_says_how_long_it_takes_and_is_written_as_markdown() -> None:
    assert minutes("") == 0
    page = markdown("The\nkitchen", {"situation": "It was late.", "lesson": " "})
    assert page == "# The kitchen\n\n## What happened\n\nIt was late.\n"
