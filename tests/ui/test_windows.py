"""Two windows on one review, and what is typed but not sent: the slower one is told, and no word is lost."""

import pytest

from coach.errors import JournalError
from coach.journal.sqlite import SqliteJournal
from coach.ui import state

GOAL = "Deliver the proposal by 15 March, under 200,000, with the consent of all three stakeholders."


def two_windows(screen):
    """Two windows on one new review."""
    first, second = screen().begin(), screen()
    second.visit("review", review=first.review_id)
    return first, second


def versions(review_id: str, slot: str = "intended") -> tuple[str, ...]:
    return state.workshop().coach.open(review_id).slot(slot).versions


def test_the_slower_window_is_told_and_its_words_are_kept(screen) -> None:
    first, second = two_windows(screen)
    first.send("intended", GOAL)
    second.type("intended", "Something quite different by Monday.")
    assert versions(first.review_id) == (GOAL,), "nothing is overwritten"
    assert "gone on in another window" in second.text
    assert "Something quite different by Monday." in second.text
    assert second.heading == first.heading
    second.send("happened", "It came on 22 March.")
    assert "gone on in another window" not in second.text, "told once"
    assert versions(first.review_id, "happened") == ("It came on 22 March.",)


def test_a_button_of_a_page_that_is_not_so_any_more_does_nothing(screen) -> None:
    first, second = two_windows(screen)
    first.send("intended", "I wanted it to go well")
    second.visit("review", review=first.review_id)
    first.send("intended", "Deliver it better somehow")
    before = versions(first.review_id)
    second.click("keep-intended")
    review = state.workshop().coach.open(first.review_id)
    assert versions(first.review_id) == before
    assert review.stage == "intended", "the click on an older question does not keep the newer answer"
    assert "gone on in another window" in second.text


def test_a_window_is_not_told_of_what_it_has_done_itself(screen) -> None:
    window = screen().begin()
    for slot, words in (("intended", GOAL), ("happened", "It came on 22 March, at 247,000.")):
        window.send(slot, words)
        assert "another window" not in window.text


def test_words_typed_in_two_windows_are_both_kept(screen) -> None:
    first, second = two_windows(screen)
    first.type("intended", "From the first window.")
    second.type("intended", "From the second window.")
    drafts = state.workshop().journal.drafts(first.review_id)
    assert drafts["intended"] == "From the second window."
    assert "From the first window." in second.text
    first.type("intended", "From the first window, longer.")
    assert "From the second window." in first.text
    first.send("intended", GOAL)
    assert state.workshop().journal.drafts(first.review_id) == {}


def test_words_of_another_window_can_be_let_go(screen) -> None:
    first, second = two_windows(screen)
    first.type("intended", "From the first window.")
    second.type("intended", "From the second window.")
    second.click(f"drop-other-{first.review_id}-intended")
    assert "From the first window." not in second.text


@pytest.mark.parametrize("label", ["A short title", "How it feels right now, in one word", "Areas, with commas between"])
def test_what_is_typed_before_a_review_begins_is_there_after_a_reload(screen, label: str) -> None:
    window = screen()
    next(box for box in window.at.text_input if box.label == label).set_value("half a thought").run()
    again = screen()
    assert next(box for box in again.at.text_input if box.label == label).value == "half a thought"
    again.at.text_input[0].set_value("The exam")
    again.click("begin")
    assert all(box.value == "" for box in screen().at.text_input), "begun, it is forgotten"


def test_a_full_disk_is_said_and_the_words_stay_in_the_box(screen, monkeypatch: pytest.MonkeyPatch) -> None:
    window = screen().begin()

    def full(*arguments: object) -> None:
        raise JournalError("The disk is full. Make room there, then try again.")

    with monkeypatch.context() as disk:
        disk.setattr(SqliteJournal, "save_draft", full)
        window.type("intended", GOAL)
        assert "What you typed is not saved; it still stands in its box. The disk is full." in window.text
        assert window.box("intended").value == GOAL
        disk.setattr(SqliteJournal, "append", full)
        window.click("send-intended")
        assert "The disk is full" in window.text
        assert window.box("intended").value == GOAL
    window.click("send-intended")
    assert versions(window.review_id) == (GOAL,)


def test_an_edit_that_was_not_saved_is_there_after_a_reload(screen) -> None:
    from coach.compose import load_sample
    from coach.settings import load_settings

    load_sample(load_settings())
    entry = state.workshop().journal.entries()[0]
    window = screen().visit("entry", entry=entry.id)
    window.at.session_state[f"edit-{entry.id}"] = True
    window.at.run()
    window.at.text_area(key=f"edit-lesson-{entry.id}").set_value("A lesson half written").run()
    again = screen().visit("entry", entry=entry.id)
    again.at.session_state[f"edit-{entry.id}"] = True
    again.at.run()
    assert again.at.text_area(key=f"edit-lesson-{entry.id}").value == "A lesson half written"
    again.click(f"save-edit-{entry.id}")
    assert state.workshop().journal.entry(entry.id).lesson == "A lesson half written"
    assert state.workshop().journal.drafts(entry.review_id) == {}
