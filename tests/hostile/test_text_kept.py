"""Whatever is written is kept and exported as it was written; half a character, which nothing can hold, as a question mark."""

import itertools
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from coach.clock.fake import FakeClock
from coach.exporters import exporters
from coach.exporters.markdown import page
from coach.exporters.wiki import wiki_page
from coach.flow.exporting import whole_log
from coach.flow.importing import bring_in, plan_of
from coach.importers.coach_markdown import item as item_of
from coach.journal.sqlite import SqliteJournal
from coach.schema import (
    CheckIn,
    Entry,
    EntryPart,
    Factor,
    Kept,
    PatternHead,
    PeriodFindings,
    PeriodReview,
    Placing,
    Record,
    ReviewHead,
    WholeLog,
)
from tests.hostile.texts import LONG, SHORT, WHOLE, hostile

AT = datetime(2026, 3, 15, 12, tzinfo=UTC)
FEW = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
_IDS = (f"id-{number}" for number in itertools.count())


def entry_with(text: str) -> Entry:
    """An entry that has a text wherever it can have one."""
    id, rows = next(_IDS), ({"text": text, "depth": "0", "When": text},)
    return Entry(
        id=id,
        review_id=f"review-{id}",
        happened_on=date(2026, 3, 10),
        title=text[:200] or "t",
        tags=(text[:30],),
        feeling=text[:60],
        situation=text,
        root_cause=text,
        lesson=text,
        change=text,
        factors=(Factor(id="f", text=text, chosen="full"),),
        parts=(EntryPart(name="rows", heading="Rows", text=text, rows=rows),),
        closed_at=AT,
    )


def close(journal: SqliteJournal, entry: Entry) -> None:
    head = ReviewHead(id=entry.review_id, title=entry.title, status="closed", stage="close", started_at=AT, updated_at=AT)
    closed = Record(seq=1, at=AT, type="closed", data={"entry_id": entry.id, "check_in_on": None})
    journal.append(head, 0, [closed], entry)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteJournal]:
    """One journal for many texts: each example uses ids of its own."""
    opened = SqliteJournal(tmp_path_factory.mktemp("shared") / "journal.db")
    yield opened
    opened.close()


def kept(journal: SqliteJournal, text: str) -> None:
    """Hold the journal to a text in every method that takes one."""
    entry, review, pattern, period = entry_with(text), next(_IDS), next(_IDS), next(_IDS)
    head = ReviewHead(id=review, title=text[:200] or "t", status="open", stage="why", started_at=AT, updated_at=AT)
    record = Record(seq=1, at=AT, type="answered", data={"slot": "happened", "text": text})
    journal.append(head, 0, [record])
    assert journal.records(review) == [record]
    assert head in journal.reviews("open")
    journal.save_draft(review, "why.1.1", text, AT)
    assert journal.drafts(review) == ({"why.1.1": text} if text else {})
    close(journal, entry)
    assert journal.entry(entry.id) == entry
    journal.edit(entry.model_copy(update={"lesson": f"{text}!"}), AT)
    assert [one.entry for one in journal.versions(entry.id)] == [entry]
    made = CheckIn(entry_id=entry.id, at=AT, outcome="kept", note=text)
    journal.save_check_in(made)
    assert journal.check_ins(entry.id) == [made]
    named = PatternHead(id=pattern, name=text)
    journal.save_pattern(named, [Placing(entry_id=entry.id, pattern_id=pattern)])
    assert named in journal.patterns()
    found = PeriodFindings(since=date(2026, 1, 1), until=date(2026, 3, 31))
    told = PeriodReview(id=period, findings=found, repeats=text, changed=text, next_time=text, saved_at=AT)
    journal.save_period_review(told)
    assert told in journal.period_reviews()


@pytest.mark.parametrize("name", WHOLE)
def test_the_journal_gives_back_what_it_was_given(shared: SqliteJournal, name: str) -> None:
    kept(shared, WHOLE[name])


@FEW
@given(hostile())
def test_the_journal_gives_back_any_text(shared: SqliteJournal, text: str) -> None:
    kept(shared, text)


@pytest.mark.parametrize("name", ["one word", "lines"])
def test_the_journal_gives_back_a_million_characters(shared: SqliteJournal, name: str) -> None:
    kept(shared, LONG[name])


@FEW
@given(hostile(surrogates=True))
def test_any_text_is_a_query(shared: SqliteJournal, text: str) -> None:
    assert isinstance(shared.search_words(text, 5), list)


@pytest.mark.parametrize("name", ["one word", "letters apart", "quotes", "lines", "surrogates"])
def test_a_page_of_anything_is_a_query(shared: SqliteJournal, name: str) -> None:
    assert isinstance(shared.search_words(LONG[name], 5), list)


@FEW
@given(hostile(surrogates=True))
def test_half_a_character_is_told_apart_in_events_and_does_not_stop_a_draft(shared: SqliteJournal, text: str) -> None:
    review = next(_IDS)
    record = Record(seq=1, at=AT, type="answered", data={"slot": "happened", "text": text})
    shared.append(ReviewHead(id=review, title="t", status="open", stage="why", started_at=AT, updated_at=AT), 0, [record])
    assert shared.records(review)[0].data["text"] == text
    shared.save_draft(review, "a", text, AT)
    assert shared.drafts(review).get("a", "") == text.encode("utf-8", "replace").decode()


# -- exports ------------------------------------------------------------------------------------------------------


@FEW
@given(hostile())
def test_a_page_of_markdown_comes_back_as_it_was(text: str) -> None:
    one = Kept(entry=entry_with(text), pattern=text[:50], check_ins=(CheckIn(entry_id="e", at=AT, outcome="kept", note=text),))
    assert item_of(page(one)) == one


@pytest.mark.parametrize("kind", ["json", "markdown"])
def test_every_text_is_exported_and_imported_unchanged(journal: SqliteJournal, clock: FakeClock, tmp_path: Path, kind: str) -> None:
    for text in [*WHOLE.values(), LONG["emoji"][:20_000]]:
        close(journal, entry_with(text))
    target = tmp_path / f"log{exporters()[kind].SUFFIX}"
    exporters()[kind].write(whole_log(journal), target)
    empty = SqliteJournal(tmp_path / "empty" / "journal.db")
    plan = plan_of(empty, target, {})
    bring_in(empty, clock, plan)
    assert plan.skipped == []
    assert {one.id: one for one in empty.entries()} == {one.id: one for one in journal.entries()}
    empty.close()


class Seen(HTMLParser):
    """What a browser would make of a page: its elements with their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.said = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.said += data


@pytest.mark.parametrize("name", SHORT)
def test_the_page_to_print_has_no_element_and_no_address_of_the_texts(tmp_path: Path, name: str) -> None:
    found = PeriodFindings(since=date(2026, 1, 1), until=date(2026, 3, 31), entry_ids=("e",))
    text = SHORT[name]
    entry = entry_with(text).model_copy(update={"id": 'e" onclick="alert(1)'})
    told = PeriodReview(id="p", findings=found, repeats=text, changed=text, next_time=text, saved_at=AT)
    exporters()["html"].write(WholeLog(kept=(Kept(entry=entry, pattern=text),), period_reviews=(told,)), tmp_path / "log.html")
    seen = Seen((tmp_path / "log.html").read_bytes().decode())
    allowed = {"html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "p", "article", "blockquote", "a"}
    assert {tag for tag, _ in seen.elements} <= allowed
    assert {name for _, attributes in seen.elements for name in attributes} <= {
        *("lang", "charset", "http-equiv", "content", "id", "dir", "class", "href")
    }
    assert all((attributes.get("href") or "#e-").startswith("#e-") for _, attributes in seen.elements)


def test_a_page_for_a_wiki_has_the_headings_of_the_review_alone() -> None:
    rows = ({"text": "a | b\n# c", "When\n# x | y": "12:00", "depth": "9" * 5000},)
    part = EntryPart(name="rows", heading="Rows\n# not mine", rows=rows)
    deep = EntryPart(name="deep", heading="Deep", rows=({"text": "a", "depth": "9" * 5000},))
    entry = entry_with("# mine").model_copy(update={"parts": (part, deep), "tags": ("a\n# b",), "title": "t\n# u"})
    headings = [line for line in wiki_page(entry, {}).splitlines() if line.startswith("#")]
    assert len(headings) == 1 + len(("situation", "root_cause", "lesson", "change")) + 2


# -- moments and days at the ends of the calendar -----------------------------------------------------------------


def review_in_a_file(id: str, at: str, *more: tuple[str, dict[str, object]]) -> dict[str, object]:
    """A review that goes on, as our JSON holds it."""
    begun: dict[str, object] = {"context": {"happened_on": "2026-03-10", "title": "t"}}
    happened = [("context_given", begun), *more]
    records = [{"seq": seq, "at": at, "type": type_, "data": data} for seq, (type_, data) in enumerate(happened, 1)]
    head = {"id": id, "title": "t", "status": "open", "stage": "context", "started_at": at, "updated_at": at}
    return {"head": head, "records": records, "drafts": {}}


def test_reviews_from_a_file_without_time_zones_do_not_shut_the_first_page(
    journal: SqliteJournal, clock: FakeClock, tmp_path: Path
) -> None:
    moments = {"a": "2026-03-10T10:00:00", "b": "2026-03-11T10:00:00Z", "c": "0001-01-01T00:00:00+14:00"}
    unfinished = [review_in_a_file(id, at) for id, at in moments.items()]
    path = tmp_path / "log.json"
    path.write_text(json.dumps({"format": "coach", "entries": [], "unfinished": unfinished}), encoding="utf-8")
    bring_in(journal, clock, plan_of(journal, path, {}))
    assert [head.id for head in journal.reviews("open")] == ["b", "a", "c"]


@pytest.mark.parametrize("slot", ["why", "why.x", "why.1", "", "why.1.x", "why.1.²"])
def test_a_review_whose_places_have_no_number_is_not_taken(journal: SqliteJournal, tmp_path: Path, slot: str) -> None:
    asked = ("why_asked", {"slot": slot, "question": "Why?", "by": "hand"})
    row = ("row_added", {"slot": slot.replace("1.", ""), "step": "timeline"})
    unfinished = [review_in_a_file(f"r{at}", "2026-03-10T10:00:00Z", one) for at, one in enumerate((asked, row))]
    path = tmp_path / "log.json"
    path.write_text(json.dumps({"format": "coach", "entries": [], "unfinished": unfinished}), encoding="utf-8")
    plan = plan_of(journal, path, {})
    assert [one.reason for one in plan.skipped][:1] == ["it cannot be used"]
    assert plan.added == (slot == "why.1")


@pytest.mark.parametrize(("since", "until"), [(date.min, date(1, 3, 31)), (date(9999, 10, 1), date.max), (date.min, date.max)])
def test_a_period_at_an_end_of_the_calendar_can_be_exported(tmp_path: Path, since: date, until: date) -> None:
    found = PeriodFindings(since=since, until=until)
    saved = [PeriodReview(id="p", findings=found, saved_at=at) for at in (AT, datetime(2026, 1, 1), AT + timedelta(days=1))]
    for kind, module in exporters().items():
        module.write(WholeLog(period_reviews=tuple(saved)), tmp_path / f"{kind}{module.SUFFIX}")
    assert (tmp_path / "html.html").stat().st_size
