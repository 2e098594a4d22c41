"""The patterns page and the filters of the search, on screens without a browser."""

from datetime import UTC, date, datetime

from coach.compose import FAKE_BAR
from coach.flow.events import Imported
from coach.index.memory import MemoryIndex
from coach.journal.sqlite import SqliteJournal
from coach.llm.fake import FakeEmbedder
from coach.patterns.book import PatternBook
from coach.recall import SITUATION, TENDENCY, Recall, Seen
from coach.schema import Entry, Record, ReviewHead
from coach.settings import load_settings

AT = datetime(2026, 3, 15, 12, tzinfo=UTC)
CAUSES = {"yes": "promised everybody everything", "late": "began the evening before", "once": "xylophone"}
IDS = ("yes-1", "yes-2", "yes-3", "yes-4", "late-1", "late-2", "late-3", "once-1")


def log() -> PatternBook:
    """Eight entries with two patterns, in the journal that the app opens."""
    journal = SqliteJournal(load_settings().journal_file)
    for number, id in enumerate(IDS):
        fields = {"title": f"About {id}", "situation": f"scene{number}", "lesson": f"lesson{number}", "change": "I wait."}
        entry = Entry(
            id=id,
            review_id=f"r-{id}",
            happened_on=date(2026, 1 + number % 3, 1),
            root_cause=CAUSES[id.split("-")[0]],
            tags=("work",) if number % 2 else ("family",),
            closed_at=AT,
            **fields,
        )
        head = ReviewHead(id=entry.review_id, title=entry.title, status="closed", stage="close", started_at=AT, updated_at=AT)
        event = Imported(entry_id=id, source="test")
        record = Record(seq=1, at=AT, type=event.type, data=event.model_dump(mode="json", exclude={"type"}))
        journal.append(head, 0, [record], entry)
    views = {view: Seen(FakeEmbedder(), MemoryIndex(), FAKE_BAR) for view in (SITUATION, TENDENCY)}
    recall = Recall(journal, views)
    recall.catch_up()
    book = PatternBook(journal, recall, iter(["p-1", "p-2", "p-3", "p-4"]).__next__, FAKE_BAR)
    book.update()
    return book


def opened(window, id: str):
    """With both of a pattern's parts open."""
    for part in ("behind", "change"):
        window.at.session_state[f"{part}-{id}"] = True
    window.at.run()
    assert not window.at.exception, window.at.exception
    return window


def pattern(book: PatternBook, entry_id: str) -> str:
    head = book.pattern_of(entry_id)
    assert head
    return head.id


def names(book: PatternBook) -> dict[str, int]:
    return {pattern.head.id: len(pattern.entries) for pattern in book.patterns(date(2026, 6, 1))}


def test_an_empty_log_is_told_what_a_pattern_is(screen) -> None:
    window = screen().visit("patterns")
    assert window.heading == "Patterns"
    assert "The late proposal. The late kitchen." in window.text


def test_patterns_show_their_entries_areas_and_history(screen) -> None:
    yes = pattern(log(), "yes-1")
    window = opened(screen().visit("patterns"), yes)
    assert "4 entries" in window.text
    assert "family (2)" in window.text
    assert "About yes-1" in window.text
    assert "xylophone" not in window.text
    assert "Rising: in the last two quarters" in window.text


def test_a_pattern_is_renamed_and_keeps_the_name(screen) -> None:
    book = log()
    yes = pattern(book, "yes-1")
    window = opened(screen().visit("patterns"), yes)
    window.at.text_input(key=f"name-{yes}").set_value("My big mouth")
    window.click(f"rename-{yes}")
    assert "My big mouth" in window.text
    assert "My big mouth" in screen().visit("patterns").text


def test_two_patterns_become_one(screen) -> None:
    book = log()
    yes, late = pattern(book, "yes-1"), pattern(book, "late-1")
    window = opened(screen().visit("patterns"), yes)
    window.at.selectbox(key=f"with-{yes}").set_value(late)
    window.click(f"merge-{yes}")
    assert names(book) == {yes: 7}


def test_a_pattern_is_split(screen) -> None:
    book = log()
    yes = pattern(book, "yes-1")
    window = opened(screen().visit("patterns"), yes)
    window.at.multiselect(key=f"going-{yes}").set_value(["yes-1", "yes-2"])
    window.click(f"split-{yes}")
    assert sorted(names(book).values()) == [2, 2, 3]


def test_a_split_of_too_few_is_refused_kindly(screen) -> None:
    book = log()
    yes = pattern(book, "yes-1")
    window = opened(screen().visit("patterns"), yes)
    window.click(f"split-{yes}")
    assert "must go and" in window.text
    assert names(book)[yes] == 4


def test_a_pattern_is_hidden_and_shown_again(screen) -> None:
    book = log()
    late = pattern(book, "late-1")
    window = opened(screen().visit("patterns"), late).click(f"hide-{late}")
    assert f"rename-{late}" not in window.buttons
    window.click(f"show-{late}")
    assert f"rename-{late}" in opened(window, late).buttons


def test_an_entry_that_does_not_belong_is_taken_out(screen) -> None:
    book = log()
    yes = pattern(book, "yes-1")
    opened(screen().visit("patterns"), yes).click(f"out-{yes}-yes-1")
    assert names(book)[yes] == 3


def test_markup_in_a_name_stays_text(screen) -> None:
    book = log()
    yes = pattern(book, "yes-1")
    window = opened(screen().visit("patterns"), yes)
    window.at.text_input(key=f"name-{yes}").set_value("<img src=http://x.example/a.png> ![x](y)")
    window.click(f"rename-{yes}")
    assert any("&lt;img src=http" in part for part in window.html)
    assert not any("<img" in part for part in window.html)


# -- the entry's page, and search ---------------------------------------------------------------------------------


def test_an_entrys_page_names_its_pattern_and_takes_a_check_in(screen) -> None:
    book = log()
    yes = pattern(book, "yes-1")
    book.rename(yes, "My big mouth")
    window = screen().visit("entry", entry="yes-1")
    assert "My big mouth" in window.text
    assert "This entry was imported." in window.text
    window.at.text_input(key="check-note-page-yes-1").set_value("On Monday")
    window.click("check-kept-page-yes-1")
    assert "Kept. On Monday" in window.text
    assert "Next check-in" in window.text


def test_a_search_marks_the_words_that_were_looked_for(screen) -> None:
    log()
    window = screen().visit("search")
    window.at.text_input(key="query").set_value("promising").run()
    assert any("<mark>promised</mark>" in part for part in window.html)


def test_a_search_by_filters_alone_lists_what_they_let_through(screen) -> None:
    book = log()
    late = pattern(book, "late-1")
    book.rename(late, "The evening before")
    window = screen().visit("search")
    window.at.selectbox(key="tendency").set_value(late).run()
    assert "lesson4" in window.text
    assert "lesson0" not in window.text
    window.at.multiselect(key="tags").set_value(["work"]).run()
    assert "lesson5" in window.text
    assert "lesson4" not in window.text


# -- looking after entries ----------------------------------------------------------------------------------------


def due_entry(screen):
    """An entry whose check-in is due, and the first page."""
    book = log()
    entry = book._journal.entry("yes-1")
    book._journal.plan_check_in(entry.id, date(2026, 1, 1))
    return screen()


def test_what_is_due_opens_the_first_page(screen) -> None:
    window = due_entry(screen)
    assert window.heading == "Before anything new"
    window.click("check-kept-due-yes-1")
    assert window.heading == "What do you want to look at?"


def test_a_change_that_was_not_kept_gets_two_minutes(screen) -> None:
    due_entry(screen)
    window = screen().visit("entry", entry="yes-1").click("check-not_kept-page-yes-1")
    window.at.text_area(key="smaller-yes-1").set_value("I wait one minute.")
    window.click("revise-yes-1")
    assert "I wait one minute." in window.text
    assert "revise-yes-1" not in window.buttons


def test_an_entry_is_edited_and_shows_what_it_was(screen) -> None:
    log()
    window = screen().visit("entry", entry="yes-1")
    window.at.session_state["edit-yes-1"] = True
    window.at.run()
    window.at.text_area(key="edit-lesson-yes-1").set_value("lesson0 and one more")
    window.click("save-edit-yes-1")
    window.at.session_state["versions-yes-1"] = True
    window.at.run()
    assert any("lesson0 <mark>and</mark>" in part for part in window.html)


def test_an_entry_is_archived_and_brought_back(screen) -> None:
    log()
    screen().visit("entry", entry="yes-1").click("archive-yes-1")
    assert "About yes-1" not in screen().visit("log").text
    screen().visit("entry", entry="yes-1").click("archive-yes-1")
    assert "About yes-1" in screen().visit("log").text


def test_an_entry_is_erased_once_one_is_sure(screen) -> None:
    log()
    window = screen().visit("entry", entry="yes-1")
    assert window.at.button(key="erase-yes-1").disabled
    window.at.checkbox(key="sure-yes-1").check().run()
    window.click("erase-yes-1")
    assert "no such entry" in screen().visit("entry", entry="yes-1").text


def test_growth_puts_what_came_back_beside_what_was_planned(screen) -> None:
    book = log()
    book.rename(pattern(book, "yes-1"), "My big mouth")
    entry = book._journal.entry("yes-1")
    book._journal.edit(entry.model_copy(update={"closed_at": datetime(2026, 1, 2, tzinfo=UTC)}), AT)
    window = screen().visit("growth")
    assert "with About yes-3, 1 March 2026" in window.text
    assert "Holding: kept at 2 check-ins" in window.text
