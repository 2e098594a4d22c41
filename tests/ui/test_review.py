"""The whole review on the screens, with the rules as the judge and the fake model asking."""

import pytest

from coach.judge.judge import NOT_ENGLISH

GOAL = "I intended to deliver the client proposal by March 15 with a budget under $200K and buy-in from all three stakeholders."
FACTS = "The proposal was delivered March 22, the budget came in at $247K, and one stakeholder raised concerns about the timeline."
ROOT = "The client added requirements after kickoff, because I assumed the scope would hold and didn't build in a protocol."
CHANGE = "I'll include a scope change process in every kickoff document, before work starts."
LESSON = "A scope holds only if there is a protocol for changing it."


def to_control(window):
    window.begin().send("intended", GOAL).send("happened", FACTS).send("why.1.1", ROOT)
    return window.click("root")


def whole_review(window):
    to_control(window)
    factor = next(key for key in window.buttons if key.startswith("remove-")).removeprefix("remove-")
    window.at.button_group(key=f"sort-{factor}").set_value("full").run()
    window.click("on-control").send("next", CHANGE).send("lesson", LESSON)
    return window.click("save-entry")


def test_a_review_from_the_first_page_to_the_saved_entry(screen) -> None:
    window = whole_review(screen())
    for words in (FACTS, ROOT, LESSON, CHANGE, "Fully mine"):
        assert words in window.text


def test_the_next_review_shows_the_past_entry_beside_it(screen) -> None:
    whole_review(screen())
    window = screen().begin("Another late proposal").send("intended", GOAL).send("happened", FACTS)
    assert window.heading == "Why did the gap exist?"
    assert LESSON in window.text
    assert f"and planned: {CHANGE}" in window.text


def test_a_weak_answer_is_pushed_back_with_its_words_marked(screen) -> None:
    window = screen().begin().send("intended", "I wanted it to go well")
    assert window.heading == "What was the intended outcome?"
    assert any("<mark>I wanted it to go well</mark>" in part for part in window.html)
    assert "You wrote “I wanted it to go well”." in window.text
    assert {"keep-intended", "dismiss-intended-vague_goal"} <= window.buttons


def test_a_better_answer_leads_on(screen) -> None:
    window = screen().begin().send("intended", "I wanted it to go well").send("intended", GOAL)
    assert window.heading == "What actually happened?"


def test_keep_it_as_it_is_leads_on(screen) -> None:
    window = screen().begin().send("intended", "I wanted it to go well").click("keep-intended")
    assert window.heading == "What actually happened?"


def test_not_so_here_leads_on_and_can_be_taken_back(screen) -> None:
    window = screen().begin().send("intended", "I wanted it to go well").click("dismiss-intended-vague_goal")
    assert window.heading == "What actually happened?"
    window.click("back").click("restore-intended-vague_goal")
    assert "dismiss-intended-vague_goal" in window.buttons


def test_three_push_backs_are_the_most(screen) -> None:
    window = screen().begin()
    for wish in ("I wanted it to go well", "I wanted it to be good", "I wanted it to be nice"):
        window.send("intended", wish)
        assert "keep-intended" in window.buttons
    window.send("intended", "I wanted people to like it")
    assert "keep-intended" not in window.buttons
    assert window.heading == "What actually happened?"


def test_a_draft_is_there_after_a_reload(screen) -> None:
    window = screen().begin().type("intended", "half a thought")
    again = screen()
    again.click(f"resume-{window.review_id}")
    assert again.box("intended").value == "half a thought"


def test_what_was_typed_is_there_after_going_back_and_forward(screen) -> None:
    window = screen().begin().type("intended", "half a thought").click("back").click("begin")
    assert window.box("intended").value == "half a thought"


def test_an_unfinished_review_is_offered_again_and_can_be_put_away(screen) -> None:
    window = screen().begin("The failed exam").send("intended", GOAL)
    again = screen()
    assert "The failed exam" in again.text
    again.click(f"discard-{window.review_id}")
    assert "The failed exam" not in again.text


def test_an_empty_answer_is_refused_kindly(screen) -> None:
    window = screen().begin().send("intended", "   ")
    assert window.heading == "What was the intended outcome?"
    assert "A few words are enough" in window.text


def test_a_review_without_a_title_does_not_begin(screen) -> None:
    window = screen().begin("  ")
    assert "short title" in window.text
    assert window.heading == "What do you want to look at?"


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script> <img src=http://x.example/a.png>", "![x](http://x.example/a.png)"])
def test_markup_in_an_answer_stays_text(screen, hostile: str) -> None:
    window = screen().begin(hostile).send("intended", hostile + " by March 15")
    assert hostile in window.text
    assert not any("<script" in part or "<img" in part for part in window.html)
    shown = [element.proto.body for element in window.at.markdown] + [header.value for header in window.at.header]
    assert not any("x.example" in part for part in shown)


def test_another_language_is_kept_without_a_remark(screen) -> None:
    german = "Ich wollte, dass das Projekt gut läuft und alle zufrieden sind."
    window = screen().begin().send("intended", german)
    assert NOT_ENGLISH in window.text
    assert window.click("on-intended").heading == "What actually happened?"


def test_a_very_long_answer_is_kept_whole(screen) -> None:
    long = "On Monday the pump failed at 10:15 and we called the plumber. " * 2000
    window = screen().begin().send("intended", GOAL).send("happened", long)
    assert window.heading in ("Why did the gap exist?", "What actually happened?")
    from coach.ui import state

    assert state.workshop().journal.entries() == []
    assert state.workshop().coach.open(window.review_id).slot("happened").text == long.strip()


def test_signs_of_self_harm_end_the_coaching_at_once(screen) -> None:
    window = screen().begin().send("intended", "I wanted to finish by May, now I just want to die.")
    assert "988" in window.text
    assert "send-intended" not in window.buttons
    assert "You wrote" not in window.text
    window.click("resume")
    assert window.heading == "What was the intended outcome?"


def test_every_step_can_be_gone_back_to(screen) -> None:
    window = to_control(screen())
    for heading in ("Is there a reason under that?", "What actually happened?", "What was the intended outcome?"):
        window.click("back")
        assert window.heading == heading
    window.click("back")
    assert window.heading == "What is this review about?"


def test_an_answer_can_be_changed_later(screen) -> None:
    window = screen().begin().send("intended", GOAL).click("back").click("change-intended")
    window.send("intended", GOAL.replace("March 15", "April 1"))
    assert window.heading == "What actually happened?"


def test_the_next_why_is_asked_about_the_last_answer(screen) -> None:
    window = screen().begin().send("intended", GOAL).send("happened", FACTS).send("why.1.1", ROOT).click("next-why")
    assert "requirements" in window.heading
    assert "send-why.1.2" in window.buttons


def test_what_a_second_window_typed_is_kept_when_the_first_was_quicker(screen) -> None:
    first = screen().begin()
    second = screen().click(f"resume-{first.review_id}")
    first.send("intended", GOAL)
    second.type("intended", "I wanted it to be finished by May.")
    assert second.heading == "What actually happened?"
    second.click("back").click("change-intended")
    assert second.box("intended").value == "I wanted it to be finished by May."


def test_a_factor_that_was_typed_and_not_added_is_not_lost(screen) -> None:
    window = to_control(screen())
    box = next(one for one in window.at.text_input if str(one.key).startswith("factor-"))
    box.set_value("the weather")
    window.click("on-control")
    assert window.heading == "Which of this was in your control?"
    assert "the weather" in window.text
    assert window.click("on-control").heading == "What will you do differently next time?"


def test_the_if_then_form_joins_the_persons_words(screen) -> None:
    window = to_control(screen()).click("on-control")
    window.at.text_input(key="if-trigger").set_value("a client asks for more")
    window.at.text_input(key="then-act").set_value("send the form first")
    window.click("if-then")
    assert window.box("next").value == "If a client asks for more, then I will send the form first."


def test_without_a_model_file_one_line_says_so_and_the_rules_work(monkeypatch, screen) -> None:
    monkeypatch.setenv("COACH_ADAPTERS", "real")
    window = screen().begin().send("intended", "I wanted it to go well")
    assert "The chat model is not here yet. Fetch it with `coach model pull`." in window.text
    assert "keep-intended" in window.buttons
    assert window.send("intended", GOAL).heading == "What actually happened?"
