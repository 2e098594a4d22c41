import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coach.errors import Conflict, JournalError, JournalTooNew, NotFound
from coach.journal.sqlite import SqliteJournal
from coach.schema import CheckIn, Entry, Factor, Filters, PatternHead, Placing, Record, ReviewHead

AT = datetime(2026, 3, 15, 12, tzinfo=UTC)
SECRET = "Margaret fired me on the spot"


def head(id: str = "r1", title: str = "The late proposal", *, status: str = "open", at: datetime = AT) -> ReviewHead:
    return ReviewHead(id=id, title=title, status=status, stage="why", started_at=at, updated_at=at)


def record(seq: int, text: str = "It came late.") -> Record:
    return Record(seq=seq, at=AT, type="answered", data={"slot": "happened", "text": text})


def entry(id: str = "e1", day: int = 10, **changes: object) -> Entry:
    fields: dict[str, object] = {
        "id": id,
        "review_id": f"review-of-{id}",
        "happened_on": date(2026, 3, day),
        "title": "The proposal",
        "situation": "It came two days late.",
        "root_cause": "Nobody owned the plan.",
        "lesson": "Name an owner.",
        "change": "I name an owner on Mondays.",
        "closed_at": AT,
    }
    return Entry.model_validate({**fields, **changes})


def close(journal: SqliteJournal, *entries: Entry) -> None:
    """Keep finished reviews."""
    for one in entries:
        journal.append(head(one.review_id, one.title, status="closed"), 0, [record(1)], one)


@pytest.fixture
def other_window(journal: SqliteJournal, settings) -> Iterator[SqliteJournal]:
    """A second connection to the same file."""
    opened = SqliteJournal(settings.journal_file)
    yield opened
    opened.close()


# -- appending ----------------------------------------------------------------------------------------------------


def test_events_come_back_as_they_went_in(journal: SqliteJournal, other_window: SqliteJournal) -> None:
    journal.append(head(), 0, [record(1), record(2, "Then it rained.")])
    journal.append(head(), 2, [record(3, "Then it stopped.")])
    assert other_window.records("r1") == [record(1), record(2, "Then it rained."), record(3, "Then it stopped.")]


def test_events_come_in_their_order_however_they_were_written(journal: SqliteJournal) -> None:
    journal.append(head(), 0, [record(3), record(1), record(2)])
    assert [one.seq for one in journal.records("r1")] == [1, 2, 3]


def test_reviews_are_kept_apart(journal: SqliteJournal) -> None:
    journal.append(head("r1"), 0, [record(1, "one")])
    journal.append(head("r2"), 0, [record(1, "two")])
    assert [one.data["text"] for one in journal.records("r2")] == ["two"]


def test_an_append_that_fails_halfway_leaves_nothing(journal: SqliteJournal, other_window: SqliteJournal) -> None:
    with pytest.raises(JournalError):
        journal.append(head(), 0, [record(1), record(1)], entry(review_id="r1"))
    assert other_window.reviews("open") == []
    assert other_window.entries() == []
    with pytest.raises(NotFound):
        other_window.records("r1")


def test_an_entry_that_cannot_be_kept_keeps_its_events_out_too(journal: SqliteJournal) -> None:
    with pytest.raises(JournalError):
        journal.append(head("r1"), 0, [record(1)], entry(review_id="no such review"))
    assert journal.reviews("open") == []


def test_after_a_failed_append_the_next_one_works(journal: SqliteJournal) -> None:
    with pytest.raises(JournalError):
        journal.append(head(), 0, [record(1), record(1)])
    journal.append(head(), 0, [record(1)])
    assert journal.records("r1") == [record(1)]


def test_whoever_has_not_seen_the_last_event_writes_nothing(journal: SqliteJournal, other_window: SqliteJournal) -> None:
    journal.append(head(), 0, [record(1)])
    other_window.append(head(), 1, [record(2, "quicker")])
    with pytest.raises(Conflict, match="another window"):
        journal.append(head(title="Another title"), 1, [record(2, "slower"), record(3)], entry(review_id="r1"))
    assert [one.data["text"] for one in journal.records("r1")] == ["It came late.", "quicker"]
    assert journal.reviews("open") == [head()]
    assert journal.entries() == []


def test_two_windows_that_begin_the_same_review_do_not_mix(journal: SqliteJournal, other_window: SqliteJournal) -> None:
    journal.append(head(), 0, [record(1, "first")])
    with pytest.raises(Conflict):
        other_window.append(head(), 0, [record(1, "second")])
    assert journal.records("r1") == [record(1, "first")]


def test_of_many_at_once_exactly_one_gets_each_place(journal: SqliteJournal, other_window: SqliteJournal) -> None:
    def write(window: SqliteJournal) -> None:
        for seen in range(5):
            try:
                window.append(head(), seen, [record(seen + 1)])
                won.append(seen)
            except Conflict:
                continue

    won: list[int] = []
    threads = [threading.Thread(target=write, args=(window,)) for window in (journal, journal, other_window, other_window)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == list(range(len(journal.records("r1"))))
    assert won


def test_an_unknown_review_or_entry_is_said(journal: SqliteJournal) -> None:
    with pytest.raises(NotFound, match="no such review"):
        journal.records("r1")
    with pytest.raises(NotFound, match="no such entry"):
        journal.entry("e1")


# -- lists --------------------------------------------------------------------------------------------------------


def test_reviews_are_listed_by_status_the_last_touched_first(journal: SqliteJournal) -> None:
    for n, id in enumerate(("r1", "r2", "r3")):
        journal.append(head(id, at=AT + timedelta(minutes=n)), 0, [record(1)])
    journal.append(head("r1", at=AT + timedelta(hours=1)), 1, [record(2)])
    journal.append(head("r2", status="discarded", at=AT + timedelta(hours=2)), 1, [record(2)])
    assert [one.id for one in journal.reviews("open")] == ["r1", "r3"]
    assert [one.id for one in journal.reviews("discarded")] == ["r2"]
    assert journal.reviews("closed") == []


def test_a_review_keeps_the_time_it_was_begun(journal: SqliteJournal) -> None:
    journal.append(head(at=AT), 0, [record(1)])
    journal.append(head(title="A better title", at=AT + timedelta(hours=1)), 1, [record(2)])
    (found,) = journal.reviews("open")
    assert (found.started_at, found.updated_at, found.title) == (AT, AT + timedelta(hours=1), "A better title")


def test_drafts_are_kept_replaced_and_forgotten(journal: SqliteJournal, other_window: SqliteJournal) -> None:
    journal.save_draft("r1", "why.1.1", "Because", AT)
    journal.save_draft("r1", "lesson", "Name", AT)
    journal.save_draft("r2", "lesson", "of another review", AT)
    journal.save_draft("r1", "why.1.1", "Because nobody asked", AT)
    journal.save_draft("r1", "lesson", "", AT)
    assert other_window.drafts("r1") == {"why.1.1": "Because nobody asked"}
    assert other_window.drafts("r2") == {"lesson": "of another review"}
    assert other_window.drafts("r3") == {}


def test_entries_come_newest_first(journal: SqliteJournal) -> None:
    close(journal, entry("a", day=10), entry("b", day=12), entry("c", day=11))
    assert [one.id for one in journal.entries()] == ["b", "c", "a"]


def test_an_entry_comes_back_whole(journal: SqliteJournal) -> None:
    whole = entry(
        tags=("work", "clients"),
        stakes=5,
        feeling="ashamed",
        factors=(Factor(id="f1", text="the weather", proposed="outside", chosen="partial"),),
        check_in_on=date(2026, 3, 22),
    )
    close(journal, whole)
    assert journal.entry("e1") == whole
    assert journal.entries() == [whole]


# -- words --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["late", "LATE", "proposals", "owned", "owner Mondays", "late*", '"late', "(late OR", "late 🙂"])
def test_an_entry_is_found_by_its_words(journal: SqliteJournal, query: str) -> None:
    close(journal, entry("e1"), entry("e2", title="x", situation="x", root_cause="x", lesson="x", change="x"))
    assert journal.search_words(query, 10) == ["e1"]


@pytest.mark.parametrize("query", ["kitchen", "", "   ", "🙂", '"', "*", "_", "NOT", "title:", "-", "\0", "';--"])
def test_what_no_entry_holds_finds_nothing(journal: SqliteJournal, query: str) -> None:
    close(journal, entry("e1"))
    assert journal.search_words(query, 10) == []


def test_the_entry_with_more_of_the_words_comes_first(journal: SqliteJournal) -> None:
    close(journal, entry("one", title="The kitchen"), entry("both", title="The kitchen fire"), entry("none", title="The dog"))
    assert journal.search_words("kitchen fire", 10) == ["both", "one"]
    assert journal.search_words("kitchen fire", 1) == ["both"]


def test_an_entry_written_again_is_found_by_its_new_words_alone(journal: SqliteJournal) -> None:
    close(journal, entry("e1", title="The kitchen"))
    journal.append(head("review-of-e1", status="closed"), 1, [record(2)], entry("e1", title="The garden"))
    assert journal.search_words("kitchen", 10) == []
    assert journal.search_words("garden", 10) == ["e1"]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.text(alphabet=st.one_of(st.sampled_from("\"'*^():+-AND ORNEAR/,0"), st.characters(exclude_categories=[]))))
def test_any_text_is_a_valid_query(journal: SqliteJournal, query: str) -> None:
    assert journal.search_words(query, 10) == []


# -- vectors ------------------------------------------------------------------------------------------------------


def test_vectors_are_kept_by_entry_view_and_embedder(journal: SqliteJournal, other_window: SqliteJournal) -> None:
    close(journal, entry("e1"), entry("e2"))
    journal.save_vectors("situation", "mini", {"e1": np.array([0.5, -0.25], np.float32)})
    journal.save_vectors("situation", "other", {"e2": np.array([1, 2, 3], np.float32)})
    journal.save_vectors("lesson", "mini", {"e1": np.array([9, 9], np.float32)})
    found = other_window.vectors("situation", "mini")
    assert list(found) == ["e1"]
    assert found["e1"].dtype == np.float32
    assert found["e1"].tolist() == [0.5, -0.25]


def test_a_vector_made_again_replaces_the_old_one(journal: SqliteJournal) -> None:
    close(journal, entry("e1"))
    for value in (1, 2):
        journal.save_vectors("situation", "mini", {"e1": np.array([value], np.float32)})
    assert journal.vectors("situation", "mini")["e1"].tolist() == [2]


def test_vectors_of_entries_that_are_gone_are_passed_over(journal: SqliteJournal) -> None:
    journal.save_vectors("situation", "mini", {"erased meanwhile": np.array([1], np.float32)})
    assert journal.vectors("situation", "mini") == {}


def test_an_entry_written_again_has_no_vectors_of_its_old_text(journal: SqliteJournal) -> None:
    close(journal, entry("e1"))
    journal.save_vectors("situation", "mini", {"e1": np.array([1], np.float32)})
    journal.append(head("review-of-e1", status="closed"), 1, [record(2)], entry("e1", title="The garden"))
    assert journal.vectors("situation", "mini") == {}


def test_vectors_of_some_entries_are_had_alone(journal: SqliteJournal) -> None:
    close(journal, *(entry(f"e{n}") for n in range(1200)))
    journal.save_vectors("situation", "mini", {f"e{n}": np.array([n], np.float32) for n in range(1200)})
    wanted = [f"e{n}" for n in range(0, 1200, 2)]
    assert set(journal.vectors("situation", "mini", wanted)) == set(wanted)
    assert journal.vectors("situation", "mini", []) == {}


# -- filters ------------------------------------------------------------------------------------------------------

TODAY = date(2026, 6, 1)
FILTERED = {
    "e1": {"day": 1, "tags": ("Work", "clients"), "factors": (Factor(id="f", text="x", chosen="full"),)},
    "e2": {"day": 2, "tags": ("work",), "factors": (Factor(id="f", text="x", proposed="full"),), "check_in_on": date(2026, 6, 1)},
    "e3": {"day": 3, "tags": ("home",), "factors": (Factor(id="f", text="x", chosen="outside"),), "check_in_on": date(2026, 6, 2)},
}


@pytest.mark.parametrize(
    ("filters", "wanted"),
    [
        (Filters(), "e1 e2 e3"),
        (Filters(since=date(2026, 3, 2)), "e2 e3"),
        (Filters(until=date(2026, 3, 2)), "e1 e2"),
        (Filters(since=date(2026, 3, 2), until=date(2026, 3, 2)), "e2"),
        (Filters(tags=("WORK",)), "e1 e2"),
        (Filters(tags=("work", "clients")), "e1"),
        (Filters(control="full"), "e1"),
        (Filters(control="partial"), ""),
        (Filters(pattern="p1"), "e1 e3"),
        (Filters(pattern="p1", tags=("home",)), "e3"),
        (Filters(status="due"), "e2"),
        (Filters(status="planned"), "e1 e3"),
        (Filters(tags=("x' OR 1=1 --",)), ""),
    ],
)
def test_filters_let_through_what_they_say(journal: SqliteJournal, filters: Filters, wanted: str) -> None:
    close(journal, *(entry(id, **fields) for id, fields in FILTERED.items()))
    journal.save_pattern(PatternHead(id="p1"), [Placing(entry_id=id, pattern_id="p1") for id in ("e1", "e3")])
    assert journal.entry_ids(filters, TODAY) == set(wanted.split())
    assert [one.id for one in journal.entries(filters, TODAY)] == sorted(wanted.split(), reverse=True)
    assert set(journal.search_words("proposal", 10, filters, TODAY)) == set(wanted.split())


def test_entries_come_in_the_order_that_is_asked_for(journal: SqliteJournal) -> None:
    close(journal, *(entry(f"e{n}") for n in range(700)))
    wanted = [f"e{n}" for n in reversed(range(700))]
    assert [one.id for one in journal.entries_of([*wanted, "not there"])] == wanted


# -- check-ins ----------------------------------------------------------------------------------------------------


def test_check_ins_are_kept_in_order_and_say_how_the_change_stands(journal: SqliteJournal, other_window: SqliteJournal) -> None:
    close(journal, entry("e1", check_in_on=date(2026, 3, 20)), entry("e2"))
    first = CheckIn(entry_id="e1", at=AT, outcome="not_kept", note="Too tired.", next_on=date(2026, 3, 27))
    second = CheckIn(entry_id="e1", at=AT, outcome="kept", next_on=date(2026, 4, 27))
    assert journal.statuses(["e1", "e2"], date(2026, 3, 19)) == {"e1": "planned", "e2": "planned"}
    assert journal.statuses(["e1"], date(2026, 3, 20)) == {"e1": "due"}
    journal.save_check_in(first)
    assert journal.statuses(["e1"], date(2026, 3, 21)) == {"e1": "not_kept"}
    journal.save_check_in(second)
    assert other_window.check_ins("e1") == [first, second]
    assert journal.statuses(["e1"], date(2026, 4, 26)) == {"e1": "kept"}
    assert journal.entry_ids(Filters(status="kept"), date(2026, 4, 26)) == {"e1"}
    assert journal.entry_ids(Filters(status="due"), date(2026, 4, 27)) == {"e1"}
    journal.save_check_in(CheckIn(entry_id="e1", at=AT, outcome="dropped"))
    assert journal.statuses(["e1"], date(2030, 1, 1)) == {"e1": "dropped"}
    assert journal.entry_ids(Filters(status="dropped"), date(2030, 1, 1)) == {"e1"}


def test_a_check_in_on_nothing_is_refused(journal: SqliteJournal) -> None:
    with pytest.raises(NotFound):
        journal.save_check_in(CheckIn(entry_id="gone", at=AT, outcome="kept"))
    assert journal.check_ins("gone") == []


# -- patterns -----------------------------------------------------------------------------------------------------


def test_patterns_and_placings_come_back_as_they_went_in(journal: SqliteJournal, other_window: SqliteJournal) -> None:
    close(journal, entry("e1"), entry("e2"), entry("e3"))
    one, other = PatternHead(id="p1"), PatternHead(id="p2", name="Saying yes", named_by="person", hidden=True)
    placings = [Placing(entry_id="e1", pattern_id="p1"), Placing(entry_id="e2", pattern_id="p2", placed_by="person")]
    journal.save_pattern(one, placings[:1])
    journal.save_pattern(other, placings[1:])
    journal.place([Placing(entry_id="e3", pattern_id=None)])
    assert other_window.patterns() == [one, other]
    assert other_window.placings() == [*placings, Placing(entry_id="e3", pattern_id=None)]


def test_a_dropped_pattern_takes_its_placings_along(journal: SqliteJournal) -> None:
    close(journal, entry("e1"), entry("e2"))
    journal.save_pattern(PatternHead(id="p1"), [Placing(entry_id="e1", pattern_id="p1"), Placing(entry_id="e2", pattern_id="p1")])
    journal.save_pattern(PatternHead(id="p2"))
    journal.place([Placing(entry_id="e1", pattern_id="p2")], drop_pattern="p1")
    assert [one.id for one in journal.patterns()] == ["p2"]
    assert journal.placings() == [Placing(entry_id="e1", pattern_id="p2")]
    with pytest.raises(NotFound):
        journal.place([Placing(entry_id="e2", pattern_id="p2")], drop_pattern="p1")
    assert len(journal.placings()) == 1, "all or nothing"


def test_an_entry_that_is_gone_is_placed_nowhere(journal: SqliteJournal) -> None:
    journal.save_pattern(PatternHead(id="p1"), [Placing(entry_id="gone", pattern_id="p1")])
    assert journal.placings() == []


# -- any text -----------------------------------------------------------------------------------------------------

ODD = "a\0b \ud800 \udfff \U0001f642 \u202e \r\n 家\ufffe"


def test_lone_surrogates_and_nuls_survive_in_events(journal: SqliteJournal, other_window: SqliteJournal) -> None:
    journal.append(head(title=ODD), 0, [record(1, ODD)])
    assert other_window.records("r1")[0].data["text"] == ODD


def test_nuls_survive_in_titles_drafts_and_entries(journal: SqliteJournal, other_window: SqliteJournal) -> None:
    text = "before\0behind \U0001f642"
    close(journal, entry("e1", title=text, situation=text))
    journal.save_draft("r1", "lesson", text, AT)
    assert other_window.entry("e1").situation == text
    assert other_window.reviews("closed")[0].title == text
    assert other_window.drafts("r1") == {"lesson": text}


def test_a_draft_with_a_lone_surrogate_is_kept_but_for_that_sign(journal: SqliteJournal) -> None:
    journal.save_draft("r1", "lesson", "be\ud800hind", AT)
    assert journal.drafts("r1") == {"lesson": "be?hind"}


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(alphabet=st.characters(exclude_categories=[])))
def test_whatever_is_written_is_given_back(journal: SqliteJournal, text: str) -> None:
    seen = len(journal.records("r1")) if journal.reviews("open") else 0
    journal.append(head(), seen, [record(seen + 1, text)])
    assert journal.records("r1")[-1].data["text"] == text


# -- the file -----------------------------------------------------------------------------------------------------


def modes(folder: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}


def test_nobody_else_can_read_it_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        journal = SqliteJournal(tmp_path / "new" / "journal.db")
        journal.append(head(), 0, [record(1)])
        assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700
        files = {"journal.db", "journal.db-wal", "journal.db-shm", "opening.lock"}
        assert modes(tmp_path / "new") == dict.fromkeys(files, 0o600)
        journal.close()
    finally:
        os.umask(before)


def test_what_is_kept_is_there_when_it_is_opened_again(settings) -> None:
    first = SqliteJournal(settings.journal_file)
    first.append(head(), 0, [record(1)])
    first.close()
    again = SqliteJournal(settings.journal_file)
    assert again.records("r1") == [record(1)]
    again.close()


def test_every_append_reaches_the_disk(journal: SqliteJournal) -> None:
    pragmas = {
        name: journal._db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("synchronous", "journal_mode", "secure_delete")
    }
    assert pragmas == {"synchronous": 2, "journal_mode": "wal", "secure_delete": 1}


APPENDS = """
import os, signal, sys
sys.path.insert(0, sys.argv[2])
from pathlib import Path
from test_sqlite import SqliteJournal, entry, head, record
journal = SqliteJournal(Path(sys.argv[1]))
journal.append(head("review-of-e1", status="closed"), 0, [record(1), record(2)], entry("e1"))
journal.save_draft("r2", "lesson", "half a thou", record(1).at)
"""
DIES_AFTER = "os.kill(os.getpid(), signal.SIGKILL)"
LEAVES_AFTER = "os._exit(7)"
DIES_WITHIN = """
class Deadly(list):
    def __iter__(self):
        assert journal._db.in_transaction
        os.kill(os.getpid(), signal.SIGKILL)
journal.append(head("r3"), 0, Deadly([record(1)]))
"""


@pytest.mark.parametrize(("end", "status"), [(DIES_AFTER, -signal.SIGKILL), (LEAVES_AFTER, 7), (DIES_WITHIN, -signal.SIGKILL)])
def test_a_killed_process_loses_nothing_it_had_kept(settings, end: str, status: int) -> None:
    command = [sys.executable, "-c", APPENDS + end, str(settings.journal_file), str(Path(__file__).parent)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == status, result.stderr
    journal = SqliteJournal(settings.journal_file)
    assert journal.records("review-of-e1") == [record(1), record(2)]
    assert journal.entries() == [entry("e1")]
    assert journal.search_words("proposal", 10) == ["e1"]
    assert journal.drafts("r2") == {"lesson": "half a thou"}
    assert journal.reviews("open") == [], "what was not finished left nothing"
    journal.close()


def test_a_newer_version_is_refused_and_left_alone(settings) -> None:
    SqliteJournal(settings.journal_file).close()
    with sqlite3.connect(settings.journal_file) as db:
        db.execute("PRAGMA user_version=99")
        db.execute("CREATE TABLE from_the_future (x)")
    db.close()
    with pytest.raises(JournalTooNew, match="Update Coach to open it"):
        SqliteJournal(settings.journal_file)
    db = sqlite3.connect(settings.journal_file)
    assert db.execute("PRAGMA user_version").fetchone() == (99,)
    assert db.execute("SELECT count(*) FROM from_the_future").fetchone() == (0,)
    db.close()


def test_a_file_that_is_no_journal_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    path.write_text("Dear diary, " * 1000, encoding="utf-8")
    with pytest.raises(JournalError) as caught:
        SqliteJournal(path)
    assert f"{path} is not a journal, or damaged" in str(caught.value)
    assert "Dear diary" not in "".join(traceback.format_exception(caught.value))
    assert path.read_text(encoding="utf-8") == "Dear diary, " * 1000


@pytest.mark.parametrize("place", ["a folder", "a file/journal.db"])
def test_a_place_that_cannot_be_written_says_so(tmp_path: Path, place: str) -> None:
    (tmp_path / "a folder").mkdir()
    (tmp_path / "a file").write_text("", encoding="utf-8")
    with pytest.raises(JournalError, match="cannot be written"):
        SqliteJournal(tmp_path / place)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder that nobody may write to, root included")
def test_a_folder_without_the_right_to_write_says_so() -> None:
    with pytest.raises(JournalError, match=r"cannot be written.*mend its rights"):
        SqliteJournal(Path("/proc/self/journal.db"))


@pytest.mark.parametrize("table", ["entries", "events"])
def test_a_row_that_cannot_be_read_is_said_without_its_text(journal: SqliteJournal, table: str) -> None:
    close(journal, entry(situation=SECRET))
    change = "json_remove(data, '$.lesson')" if table == "entries" else "'{' || data"
    journal._db.execute(f"UPDATE {table} SET data = {change}")
    with pytest.raises(JournalError) as caught:
        journal.entries() if table == "entries" else journal.records("review-of-e1")
    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_the_last_touched_is_first_whatever_the_time_zone(journal: SqliteJournal) -> None:
    early = datetime(2026, 3, 15, 20, tzinfo=timezone(timedelta(hours=9)))  # 11:00 in UTC
    journal.append(head("early", at=early), 0, [record(1)])
    journal.append(head("late", at=AT), 0, [record(1)])
    assert [one.id for one in journal.reviews("open")] == ["late", "early"]


def test_of_two_entries_of_one_day_the_one_closed_later_is_first(journal: SqliteJournal) -> None:
    close(journal, entry("b", closed_at=AT), entry("a", closed_at=AT + timedelta(hours=1)))
    assert [one.id for one in journal.entries()] == ["a", "b"]


def test_a_journal_that_is_held_too_long_says_that_what_was_saved_is_safe(journal: SqliteJournal, other_window) -> None:
    journal._db.execute("PRAGMA busy_timeout=0")
    other_window._db.execute("BEGIN IMMEDIATE")
    with pytest.raises(JournalError, match=r"not written \(SQLITE_BUSY\).*What was saved before is safe"):
        journal.append(head(), 0, [record(1)])
    other_window._db.execute("ROLLBACK")
    journal.append(head(), 0, [record(1)])
    assert other_window.records("r1") == [record(1)]


def test_a_full_disk_loses_nothing_and_later_it_goes_on(journal: SqliteJournal) -> None:
    journal.append(head(), 0, [record(1)])
    pages = journal._db.execute("PRAGMA page_count").fetchone()[0]
    journal._db.execute(f"PRAGMA max_page_count={pages}")
    with pytest.raises(JournalError, match="SQLITE_FULL"):
        journal.append(head(), 1, [record(2, "long " * 10_000)])
    assert journal.records("r1") == [record(1)]
    journal._db.execute("PRAGMA max_page_count=100000")
    journal.append(head(), 1, [record(2, "long " * 10_000)])
    assert len(journal.records("r1")) == 2


def fails_by_a_place_taken_twice(journal: SqliteJournal) -> None:
    journal.append(head(title=SECRET), 0, [record(1, SECRET), record(1, SECRET)])


def fails_by_an_entry_without_a_review(journal: SqliteJournal) -> None:
    journal.append(head(title=SECRET), 0, [record(1, SECRET)], entry(title=SECRET, situation=SECRET, review_id="none"))


def fails_by_another_window(journal: SqliteJournal) -> None:
    journal.append(head(title=SECRET), 5, [record(6, SECRET)])


def fails_by_a_missing_table(journal: SqliteJournal) -> None:
    journal._db.execute("DROP TABLE drafts")
    journal.save_draft("r1", "lesson", SECRET, AT)


@pytest.mark.parametrize(
    "fail",
    [fails_by_a_place_taken_twice, fails_by_an_entry_without_a_review, fails_by_another_window, fails_by_a_missing_table],
)
def test_no_error_holds_what_a_person_wrote(journal: SqliteJournal, fail) -> None:
    with pytest.raises(JournalError) as caught:
        fail(journal)
    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_what_is_forgotten_is_not_left_in_the_file(journal: SqliteJournal, settings) -> None:
    def kept() -> bool:
        journal._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return SECRET.encode() in settings.journal_file.read_bytes()

    journal.save_draft("r1", "lesson", SECRET, AT)
    assert kept()
    journal.save_draft("r1", "lesson", "", AT)
    assert not kept()
