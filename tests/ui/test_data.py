"""The quarterly review and "Your data", on screens without a browser."""

import json
import zipfile
from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import pytest

from coach.clock.system import SystemClock
from coach.compose import load_sample
from coach.dates import Quarter
from coach.door import Door
from coach.journal.sqlite import SqliteJournal
from coach.sample import fill
from coach.settings import load_settings
from coach.ui.text import label

LAST = Quarter.of(datetime.now(UTC).date()).before


def journal() -> SqliteJournal:
    return SqliteJournal(load_settings().journal_file)


@pytest.fixture
def sample():
    """The sample's entries in the journal that the app opens; nothing reviewed yet."""
    opened = journal()
    fill(opened, SystemClock())
    yield opened
    opened.close()


def test_an_empty_log_has_a_quarter_without_anything(screen) -> None:
    window = screen().visit("quarterly")
    assert window.heading == "Quarterly review"
    assert "No entries in this period." in window.text


def test_a_period_is_looked_at_answered_saved_and_kept_as_a_page(screen, sample) -> None:
    window = screen().visit("quarterly", since=str(LAST.first_day), until=str(LAST.last_day))
    assert "in this period" in window.text
    id = f"period-{LAST.first_day}-{LAST.last_day}"
    window.at.text_area(key=f"answer-repeats-{id}").set_value("Too much, too late.").run()
    assert sample.drafts(id) == {"repeats": "Too much, too late."}
    window.click(f"save-{id}")
    assert sample.drafts(id) == {}
    (saved,) = sample.period_reviews()
    assert saved.repeats == "Too much, too late."
    assert set(saved.findings.entry_ids) == {
        one.id for one in sample.entries() if LAST.first_day <= one.happened_on <= LAST.last_day
    }
    assert {button.proto.id for button in window.at.get("download_button")}
    assert "Too much, too late." in screen().visit("log").text
    window.at.checkbox(key=f"sure-{id}").check().run()
    window.click(f"erase-{id}")
    assert sample.period_reviews() == []


def test_a_review_without_an_answer_is_not_saved(screen, sample) -> None:
    window = screen().visit("quarterly", since=str(LAST.first_day), until=str(LAST.last_day))
    window.click(f"save-period-{LAST.first_day}-{LAST.last_day}")
    assert "None of the three questions has an answer yet" in window.text
    assert sample.period_reviews() == []


def test_a_period_that_ends_before_it_begins_is_said_to(screen, sample) -> None:
    window = screen().visit("quarterly", since="2026-05-02", until="2026-05-01")
    assert "ends before it begins" in window.text


@pytest.mark.parametrize("since", ["", "yesterday", "9999-99-99", "<script>"])
def test_an_address_that_names_no_period_shows_the_one_to_review(screen, since: str) -> None:
    assert screen().visit("quarterly", since=since).heading == "Quarterly review"


def test_the_sample_says_on_every_page_that_it_is_one(screen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COACH_SAMPLE", "true")
    load_sample(load_settings())
    for page in ("", "log", "patterns", "growth", "quarterly"):
        assert "A sample journal" in screen().visit(page).text


def test_growth_shows_both_entries_side_by_side(screen, sample) -> None:
    text = screen().visit("growth").text
    assert "You planned" in text
    assert "and it came back" in text


def test_entries_are_seen_before_they_come_in(screen) -> None:
    window = screen().visit("data")
    table = b"Date,Text\n2026-03-05,Il pleuvait.\nnever,x\n"
    window.at.file_uploader[0].set_value(
        [("log.csv", table, "text/csv"), ("2026-03-01.md", b"# A note\n\nmine", "text/markdown")]
    ).run()
    assert "CSV: 1 new, 0 there before." in window.text
    assert "Skipped line 3: its date cannot be read." in window.text
    assert "A note" in window.text
    assert journal().entries() == []
    window.click("bring-now")
    assert {one.situation for one in journal().entries()} == {"Il pleuvait.", "# A note\n\nmine"}
    assert "2 are in the log" in window.text
    assert not list(load_settings().data.glob("passing-*")), "nothing of it stays beside the journal"


def test_a_table_without_known_names_is_given_columns(screen) -> None:
    window = screen().visit("data")
    window.at.file_uploader[0].set_value([("log.csv", "Quand,Récit\n2026-03-05,Il pleuvait.\n".encode(), "text/csv")]).run()
    assert "Its columns are: Quand, Récit" in window.text
    box = next(one for one in window.at.selectbox if one.key.startswith("column-situation-log.csv"))
    box.set_value("Récit").run()
    window.click("bring-now")
    assert [one.situation for one in journal().entries()] == ["Il pleuvait."]


def test_a_file_in_no_known_format_is_refused_kindly(screen) -> None:
    window = screen().visit("data")
    window.at.file_uploader[0].set_value([("x.json", b"[1, 2", "application/json")]).run()
    assert "no format that can be imported" in window.text


def test_the_whole_log_is_taken_out(sample) -> None:
    from coach.ui.data import _exported

    shop = Door(load_settings()).workshop
    assert len(json.loads(_exported(shop, "json"))["entries"]) == len(sample.entries())
    with zipfile.ZipFile(BytesIO(_exported(shop, "markdown"))) as archive:
        assert len(archive.namelist()) == len(sample.entries())
    assert _exported(shop, "html").startswith(b"<!doctype html>")


def test_what_a_killed_process_left_beside_the_journal_is_gone_at_the_next_start(screen) -> None:
    left = load_settings().data / "passing-x"
    left.mkdir(parents=True)
    (left / "upload.md").write_text("private", encoding="utf-8")
    screen()
    assert not left.exists()


def test_a_copy_is_made_when_it_is_asked_for(screen, sample) -> None:
    window = screen().visit("data").click("copy-now")
    assert "asked-" in window.text


def test_words_in_a_label_are_no_markup() -> None:
    said = label("![x](http://x.example)\n:red[a]").replace("\u2060", "")  # parts what would be an address or a smiley
    assert said == r"\!\[x\]\(http\:\/\/x\.example\)".replace(r"\/", "/") + r" \:red\[a\]"


def test_any_period_of_ones_own_is_told_by_its_entries(screen, sample) -> None:
    since, until = date.today() - timedelta(days=400), date.today() - timedelta(days=300)
    inside = [one for one in sample.entries() if since <= one.happened_on <= until]
    assert len(inside) > 1
    assert f"{len(inside)} entries: " in screen().visit("quarterly", since=str(since), until=str(until)).text
