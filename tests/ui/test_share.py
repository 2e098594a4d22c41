"""Telling others about an entry, on screens without a browser."""

from datetime import UTC, date, datetime

import pytest

from coach.journal.sqlite import SqliteJournal
from coach.schema import Entry, EntryPart, Record, ReviewHead
from coach.settings import load_settings

AT = datetime(2026, 3, 15, 12, tzinfo=UTC)
WORDS = {
    "title": "The Acme proposal",
    "situation": "I sent Dana Smith at Acme the offer of $4,000 a week late.",
    "root_cause": "I had promised Tom something else.",
    "lesson": "Ask before promising.",
    "change": "I ask before I promise.",
}


@pytest.fixture
def entry() -> Entry:
    journal = SqliteJournal(load_settings().journal_file)
    one = Entry(id="e1", review_id="r1", happened_on=date(2026, 3, 10), feeling="ashamed", closed_at=AT, **WORDS)
    head = ReviewHead(id="r1", title=one.title, status="closed", stage="close", started_at=AT, updated_at=AT)
    journal.append(head, 0, [Record(seq=1, at=AT, type="closed", data={"entry_id": "e1"})], one)
    return one


def story(window) -> str:
    return " ".join(box.value for box in window.at.text_area)


def test_names_and_amounts_are_left_out_unless_the_person_says_otherwise(screen, entry: Entry) -> None:
    window = screen().visit("share", entry="e1")
    told = story(window)
    assert not any(word in told for word in ("Dana", "Acme", "$4,000", "Tom", "ashamed"))
    assert "someone" in told
    box = next(box for box in window.at.checkbox if "Tom" in box.label)
    box.uncheck().run()
    assert "promised Tom" in story(window)
    words = next(one for one in window.at.text_input if one.value == "someone")
    words.set_value("a client").run()
    assert "a client" in story(window)


def test_what_is_put_back_by_hand_is_told(screen, entry: Entry) -> None:
    window = screen().visit("share", entry="e1")
    box = window.at.text_area(key="share-e1-lesson")
    box.set_value("Ask Northwind before promising.").run()
    assert "Still in it: Northwind." in window.text
    assert SqliteJournal(load_settings().journal_file).drafts("r1") == {"share.lesson": "Ask Northwind before promising."}
    assert "Ask Northwind" in story(screen().visit("share", entry="e1")), "what was typed is there after a reload"
    window.click("anew")
    assert "Northwind" not in story(window)


def test_a_strength_told_as_a_failure_is_named(screen, entry: Entry) -> None:
    window = screen().visit("share", entry="e1")
    window.at.text_area(key="share-e1-root_cause").set_value("I am such a perfectionist that nobody could keep up.").run()
    window.click("brags")
    assert "a strength, or a success" in window.text
    window.at.text_area(key="share-e1-root_cause").set_value("I had promised something else to another client.").run()
    window.click("brags")
    assert "It does not sound like it." in window.text


def test_a_part_that_was_emptied_stays_empty_and_a_draft_loses_what_is_ticked(screen, entry: Entry) -> None:
    window = screen().visit("share", entry="e1")
    window.at.text_area(key="share-e1-lesson").set_value("").run()
    window.at.text_area(key="share-e1-change").set_value("I ask Tom before I promise.").run()
    assert "Still in it: Tom" in window.text
    again = screen().visit("share", entry="e1")
    assert again.at.text_area(key="share-e1-lesson").value == ""
    assert again.at.text_area(key="share-e1-change").value == "I ask someone before I promise."


def test_an_entry_with_rows_can_be_told_of(screen, entry: Entry) -> None:
    part = EntryPart(name="timeline", heading="When?", rows=({"text": "First alert.", "When": "14:05"},))
    journal = SqliteJournal(load_settings().journal_file)
    journal.edit(entry.model_copy(update={"parts": (part,)}), AT)
    assert "someone" in story(screen().visit("share", entry="e1"))


def test_an_entry_that_is_gone_is_told_of(screen) -> None:
    assert "no such entry" in screen().visit("share", entry="gone").text
