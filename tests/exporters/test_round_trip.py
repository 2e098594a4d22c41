"""Export, import into an empty journal, export again: the same bytes, whatever stands in the entries."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from coach.clock.fake import FakeClock
from coach.exporters import exporters
from coach.exporters.markdown import page
from coach.flow.exporting import whole_log
from coach.flow.importing import Plan, bring_in, plan_of
from coach.importers import importer_for
from coach.importers.base import Skipped
from coach.importers.coach_markdown import item as item_of
from coach.journal.sqlite import SqliteJournal
from coach.schema import (
    CheckIn,
    Entry,
    Factor,
    Kept,
    PatternHead,
    PeriodFactor,
    PeriodFindings,
    PeriodGrowth,
    PeriodPattern,
    PeriodReview,
    Placing,
    Record,
    ReviewHead,
    WholeLog,
)

AT = datetime(2026, 3, 15, 12, tzinfo=UTC)
ODD = [
    "plain",
    "---\ntitle: x\n---\n",
    "## What happened\n\n## Lesson\n\nx\n\\## Root cause",
    "a\r\nb\r\n\r\n",
    "  leading and trailing \n\n\n",
    "🙂 \u202e عربي 家",
    "```\n# code\n```\n![x](http://x.example/a.png) <script>alert(1)</script>",
    "x" * 200_000,
    "a\0b\x0b\x85\u2028c",
    "coach:\n- 1",
]


def entry(id: str, text: str, **changes: object) -> Entry:
    fields = dict.fromkeys(("situation", "root_cause", "lesson", "change"), text)
    when = {"happened_on": date(2026, 3, 10), "closed_at": AT}
    return Entry.model_validate({"id": id, "review_id": f"r-{id}", "title": text[:150] or "t", **fields, **when, **changes})


def keep(journal: SqliteJournal, *entries: Entry) -> None:
    for one in entries:
        head = ReviewHead(id=one.review_id, title=one.title, status="closed", stage="close", started_at=AT, updated_at=AT)
        answered = Record(seq=1, at=AT, type="answered", data={"slot": "happened", "text": one.situation})
        closed = Record(seq=2, at=AT, type="closed", data={"entry_id": one.id, "check_in_on": None})
        journal.append(head, 0, [answered, closed], one)


@pytest.fixture
def full(journal: SqliteJournal) -> SqliteJournal:
    """A log with everything that an entry can have."""
    factors = (Factor(id="f", text=ODD[5], chosen="full"), Factor(id="g", text="rain", proposed="outside"))
    keep(journal, *(entry(f"e{number}", text, tags=(text[:20], "Work"), factors=factors) for number, text in enumerate(ODD)))
    journal.edit(journal.entry("e0").model_copy(update={"lesson": "another"}), AT)
    journal.save_check_in(CheckIn(entry_id="e0", at=AT, outcome="kept", note=ODD[1], next_on=date(2026, 4, 1)))
    journal.save_check_in(CheckIn(entry_id="e0", at=AT + timedelta(days=1), outcome="dropped"))
    journal.archive("e1")
    journal.save_pattern(PatternHead(id="p", name="My big mouth"), [Placing(entry_id=id, pattern_id="p") for id in ("e0", "e2")])
    growth = PeriodGrowth(entry_id="e2", standing="did not hold", returned_id="e3", said={"not_kept": 1})
    repeats = PeriodPattern(name=ODD[5], entry_ids=("e0", "e2"), before=3, direction="rising", said_by="e0")
    found = PeriodFindings(
        since=date(2026, 1, 1),
        until=date(2026, 3, 31),
        entry_ids=("e0", "gone"),
        patterns=(repeats,),
        quiet=(repeats,),
        growths=(growth,),
        outside=(PeriodFactor(entry_id="e0", factor_id="g"),),
        unfinished=("r",),
    )
    for minute, text in enumerate(ODD):
        at = AT + timedelta(minutes=minute)
        journal.save_period_review(PeriodReview(id="period", findings=found, repeats=text, changed=text, saved_at=at))
    goes_on = ReviewHead(id="open", title=ODD[5], status="open", stage="why", started_at=AT, updated_at=AT)
    journal.append(goes_on, 0, [Record(seq=1, at=AT, type="answered", data={"slot": "intended", "text": ODD[2]})])
    journal.save_draft("open", "happened", ODD[4], AT)
    alone = found.model_copy(update={"since": date(2025, 12, 31)})
    journal.save_period_review(PeriodReview(id="another", findings=alone, next_time=ODD[2], saved_at=AT))
    return journal


def brought(journal: SqliteJournal, clock: FakeClock, path: Path) -> Plan:
    plan = plan_of(journal, path, {})
    bring_in(journal, clock, plan)
    return plan


def files(target: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in ([target] if target.is_file() else target.iterdir())}


@pytest.mark.parametrize("kind", ["json", "markdown"])
def test_the_round_trip_gives_the_same_bytes(full: SqliteJournal, clock: FakeClock, tmp_path: Path, kind: str) -> None:
    exporter = exporters()[kind]
    first, second = tmp_path / f"first{exporter.SUFFIX}", tmp_path / f"second{exporter.SUFFIX}"
    exporter.write(whole_log(full), first)
    empty = SqliteJournal(tmp_path / "empty" / "journal.db")
    made = brought(empty, clock, first)
    everything = 2 * len(ODD) + (2 if kind == "json" else 1)  # Markdown leaves out what goes on
    assert (made.added, made.skipped) == (everything, [])
    exporter.write(whole_log(empty), second)
    assert list(files(first).values()) == list(files(second).values())
    assert brought(empty, clock, first).known == everything
    left_out: dict[str, object] = {"review": ()} if kind == "markdown" else {}  # Markdown holds the entries, not their reviews
    assert whole_log(empty).period_reviews == whole_log(full).period_reviews
    assert list(whole_log(empty).kept) == [one.model_copy(update=left_out) for one in whole_log(full).kept]
    empty.close()


@hypothesis_settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=300), st.text(alphabet='#- \n\\\r"Wht', max_size=60))
def test_any_text_survives_a_page(text: str, mean: str) -> None:
    one = Kept(entry=entry("e1", text or "t", lesson=mean, tags=(text[:30],)))
    assert item_of(page(one)) == one


def test_a_page_that_was_changed_elsewhere_comes_back_changed(full: SqliteJournal, clock: FakeClock, tmp_path: Path) -> None:
    log = whole_log(full)
    only = WholeLog(kept=tuple(one for one in log.kept if one.entry.id == "e0"))
    exporters()["markdown"].write(only, tmp_path / "log")
    (path,) = (tmp_path / "log").iterdir()
    path.write_text(path.read_text(encoding="utf-8").replace("## Lesson\n\nanother", "## Lesson\n\nmine now"), encoding="utf-8")
    (tmp_path / "log" / "other.md").write_text("a note of another program", encoding="utf-8")
    found = list(importer_for(tmp_path / "log").read(tmp_path / "log"))
    assert [one.entry.lesson for one in found if isinstance(one, Kept)] == ["mine now"]
    assert [one.where for one in found if isinstance(one, Skipped)] == ["other.md"]


def test_the_printable_page_holds_everything_as_text_and_loads_nothing(full: SqliteJournal, tmp_path: Path) -> None:
    exporters()["html"].write(whole_log(full), tmp_path / "log.html")
    shown = (tmp_path / "log.html").read_text(encoding="utf-8")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert "<script" not in shown
    assert "<img" not in shown
    assert "My big mouth" in shown
    assert "default-src 'none'" in shown


def test_every_exporter_says_what_it_is() -> None:
    for module in exporters().values():
        assert module.NAME
        assert module.__doc__
