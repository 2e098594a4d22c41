"""Other kinds of review, walked through on screens without a browser."""

from datetime import date

import pytest

from coach.journal.sqlite import SqliteJournal
from coach.settings import load_settings
from tests.reviews.test_kinds import written


def journal() -> SqliteJournal:
    return SqliteJournal(load_settings().journal_file)


def begun(screen, kind: str, title: str):
    window = screen()
    window.at.button_group(key="kind").set_value(kind).run()
    return window.begin(title)


def add(window, step: str, text: str, **cells: str):
    box = next(box for box in window.at.text_area if box.key.startswith("new-") and f"-{step}-" in box.key)
    box.set_value(text).run()
    for name, value in cells.items():
        found = [one for one in (*window.at.text_input, *window.at.selectbox) if one.key and one.key.endswith(f"-{name}")]
        next(one for one in found if f"new.{step}" in one.key).set_value(value).run()
    return window.click(f"add-{step}")


def test_a_post_mortem_from_the_first_question_to_its_entry(screen) -> None:
    window = begun(screen, "post_mortem", "The queue stood still")
    assert window.heading == "What happened, in two or three sentences?"
    assert "Question 1 of 8" in window.text
    window.send("summary", "From 14:05 to 15:40 on 3 March checkout answered every second request with an error.")
    window.send("impact", "1,200 orders failed and were placed again by phone within two days.")
    assert window.heading == "What happened when?"
    add(window, "timeline", "Back to normal.", at="15:40")
    add(window, "timeline", "First alert.", at="14:05")
    assert "1 h 35 min without an entry." in window.text
    window.click("on-timeline")
    window.send("well", "Support answered every call.")
    add(window, "conditions", "The alert was muted because it had fired all week, and a mute has no end date here.")
    window.click("under-conditions.1")
    assert "Why was that so? Under: The alert was muted" in window.text
    add(window, "conditions", "The tool for mutes asks for no day, since it was made for maintenance windows.")
    window.click("on-conditions")
    window.send("luck", "It was not the day before Christmas.")
    add(
        window,
        "actions",
        "When somebody mutes an alert, the form asks for an end date, from 1 April on.",
        owner="Ada",
        kind="prevent",
    )
    window.click("on-actions")
    window.send("learned", "On 3 March a mute without an end had been on for nine days.")
    assert window.heading == "What the team takes from this"
    assert window.at.text_area(key=next(b.key for b in window.at.text_area if b.key.endswith("-change"))).value.endswith(
        "(Ada, prevent)"
    )
    window.click("save-entry")
    (entry,) = journal().entries()
    assert entry.kind == "post_mortem"
    assert [part.name for part in entry.parts] == ["timeline", "well", "luck"]
    assert "Blameless post-mortem" in window.text
    assert "14:05" in window.text


def test_blame_in_a_row_is_asked_about_where_it_stands(screen) -> None:
    window = begun(screen, "post_mortem", "The queue stood still")
    for _ in range(4):
        window.click("forward")
    assert window.heading == "What contributed?"
    add(window, "conditions", "Dana is careless and never reads a ticket to the end.")
    assert "This makes a person the cause" in window.text
    assert "keep-conditions.1" in window.buttons
    window.click("keep-conditions.1")
    assert "out-conditions.1" in window.buttons
    window.click("out-conditions.1")
    assert "Dana" not in window.text


def test_what_is_typed_in_a_row_is_kept_over_a_reload_and_added_by_going_on(screen) -> None:
    window = begun(screen, "pre_mortem", "The new tills").click("forward")
    box = next(box for box in window.at.text_area if box.key.startswith("new-"))
    box.set_value("Nobody had practised.").run()
    again = screen().visit("review", review=window.review_id)
    assert next(box for box in again.at.text_area if box.key.startswith("new-")).value == "Nobody had practised."
    again.click("on-risks")
    assert "What will be done" in again.heading


def test_a_plan_that_failed_becomes_a_review(screen) -> None:
    window = begun(screen, "pre_mortem", "The new tills")
    for _ in range(4):
        window.click("forward")
    values = {"situation": "Tills by 1 June.", "root_cause": "Practice.", "lesson": "No practice.", "change": "I practise."}
    for name, value in values.items():
        next(box for box in window.at.text_area if box.key.endswith(f"-{name}")).set_value(value).run()
    window.click("save-entry")
    (entry,) = journal().entries()
    journal().plan_check_in(entry.id, date(2026, 1, 1))
    first = screen()
    assert "you foresaw:" in first.text
    assert "Practice." in first.text
    first.click(f"check-not_kept-due-{entry.id}")
    first.visit("entry", entry=entry.id)
    assert "the likeliest way to fail" in first.text
    first.click(f"becomes-{entry.id}")
    assert first.heading == "What was the intended outcome?"
    assert first.box("intended").value == "Tills by 1 June."


def test_a_persons_own_kind_is_offered_and_one_with_a_mistake_is_told(screen) -> None:
    folder = load_settings().kinds_folder
    written(folder, "near_miss.yaml")
    written(folder, "broken.yaml", steps=[])
    window = screen()
    assert "broken.yaml: field 'steps'" in window.text
    window = begun(screen, "near_miss", "The ladder")
    assert window.heading == "What nearly happened?"


@pytest.mark.parametrize("kind", ["post_mortem", "pre_mortem"])
def test_every_step_can_be_gone_to_and_back(screen, kind: str) -> None:
    window = begun(screen, kind, "x")
    seen = []
    while "forward" in window.buttons:
        seen.append(window.heading)
        window.click("forward")
    while len(seen) > 1:
        seen.pop()
        window.click("back")
    assert window.heading
