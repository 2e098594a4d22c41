"""Files as other programs' users have them: tables in every dialect, Day One's archive, packed notes."""

import json
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from coach.errors import InputError
from coach.exporters.markdown import page
from coach.importers import importer_for
from coach.importers.base import Draft, Skipped
from coach.importers.table import day_comes_first, matched, read
from coach.schema import Entry, Kept


def table(tmp_path: Path, text: str, encoding: str = "utf-8", name: str = "log.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return path


def drafts(path: Path, **columns: str) -> list[Draft]:
    return [one for one in read(path, columns) if isinstance(one, Draft)]


ROWS = "Date{0}Title{0}What happened{0}Lesson{0}Tags\n2026-03-05{0}The kitchen{0}It was late.{0}Wait a day.{0}Home\n"


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_table_is_read_in_every_dialect(tmp_path: Path, sign: str, encoding: str) -> None:
    (draft,) = drafts(table(tmp_path, ROWS.format(sign).replace("late", "très tard").replace("\n", "\r\n"), encoding))
    assert (draft.title, draft.happened_on, draft.situation) == ("The kitchen", date(2026, 3, 5), "It was très tard.")
    assert (draft.lesson, draft.tags) == ("Wait a day.", ("home",))


def test_a_column_may_be_named_by_hand(tmp_path: Path) -> None:
    path = table(tmp_path, "Quand,Récit,Titre\n2026-03-05,Il pleuvait.,La cuisine\n")
    with pytest.raises(InputError, match=r"Its columns are: Quand, Récit, Titre\. Name one: --column situation=COLUMN"):
        drafts(path)
    (draft,) = drafts(path, situation="récit", happened_on="Quand", title="Titre")
    assert (draft.title, draft.happened_on, draft.situation) == ("La cuisine", date(2026, 3, 5), "Il pleuvait.")
    with pytest.raises(InputError, match="no column of the name given for lesson"):
        drafts(path, situation="Récit", lesson="Nowhere")
    with pytest.raises(InputError, match="no field mood"):
        drafts(path, mood="Récit")


def test_a_column_serves_one_field(tmp_path: Path) -> None:
    assert matched(["Name", "Notes", "Reason"], {"situation": "Name"}) == {"situation": 0, "root_cause": 2}


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2026-03-05", date(2026, 3, 5)),
        ("2026-03-05T23:10:00+02:00", date(2026, 3, 5)),
        ("March 5, 2026", date(2026, 3, 5)),
        ("5 Mar 2026 10:15 PM", date(2026, 3, 5)),
        ("05.03.2026", date(2026, 3, 5)),
        ("2026/03/05 07:00", date(2026, 3, 5)),
    ],
)
def test_dates_are_read_as_people_write_them(tmp_path: Path, cell: str, day: date) -> None:
    (draft,) = drafts(table(tmp_path, f'Date,Text\n"{cell}",x\n'))
    assert draft.happened_on == day


def test_day_and_month_are_told_apart_by_the_whole_column(tmp_path: Path) -> None:
    american = drafts(table(tmp_path, "Date,Text\n03/05/2026,x\n03/25/2026,y\n"))
    assert [one.happened_on for one in american] == [date(2026, 3, 5), date(2026, 3, 25)]
    european = drafts(table(tmp_path, "Date,Text\n03/05/2026,x\n25/03/2026,y\n"))
    assert [one.happened_on for one in european] == [date(2026, 5, 3), date(2026, 3, 25)]
    assert day_comes_first([])


@pytest.mark.parametrize("cell", ["2024", "March 2024", "12", "14:30"])
def test_a_part_of_a_date_is_not_made_up(tmp_path: Path, cell: str) -> None:
    assert [type(one) for one in read(table(tmp_path, f"Date,Text\n{cell},x\n"))] == [Skipped]


def test_a_row_with_a_date_that_is_none_is_skipped_and_one_without_is_not(tmp_path: Path) -> None:
    found = list(read(table(tmp_path, 'Date,Text\nnever,x\n2026-13-45,y\n,z\n"",\n2026-03-05,"two\nlines"\n')))
    assert [one.where for one in found if isinstance(one, Skipped)] == ["line 2", "line 3"]
    assert [one.situation for one in found if isinstance(one, Draft)] == ["z", "two\nlines"]


def test_the_same_row_twice_is_two_entries_and_recognised_the_next_time(tmp_path: Path) -> None:
    path = table(tmp_path, "Text\nagain\nagain\n")
    assert len({one.key for one in drafts(path)}) == 2
    assert drafts(path) == drafts(path)


@pytest.mark.parametrize("text", ["", "\n\n", "a" * 10, "," * 600 + "\nx"])
def test_a_table_without_columns_to_use_is_refused_kindly(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError):
        drafts(table(tmp_path, text))


@hypothesis_settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=200), st.binary(max_size=200))
def test_any_table_is_read_or_refused(tmp_path: Path, text: str, data: bytes) -> None:
    for content in (text.encode("utf-8", "replace"), b"Date,Text,Tags\n" + data):
        (tmp_path / "t.csv").write_bytes(content)
        try:
            found = list(read(tmp_path / "t.csv"))
        except InputError:
            continue
        assert all(isinstance(one, Draft | Skipped) for one in found)


# -- notes and archives -------------------------------------------------------------------------------------------


def test_one_note_alone_is_an_entry(tmp_path: Path) -> None:
    path = tmp_path / "2024_01_05.md"
    path.write_text("# The tender\n\nIt burned.\n", encoding="utf-8-sig")
    (draft,) = importer_for(path).read(path)
    assert (draft.title, draft.happened_on) == ("The tender", date(2024, 1, 5))


def test_a_page_of_notion_keeps_its_title_and_its_day(tmp_path: Path) -> None:
    path = tmp_path / "The tender 0123456789abcdef0123456789abcdef.md"
    path.write_text("# The tender\n\nDate: January 5, 2024\nTags: work\n\nIt burned.\n", encoding="utf-8")
    (draft,) = importer_for(path).read(path)
    assert (draft.title, draft.happened_on) == ("The tender", date(2024, 1, 5))


def test_what_a_program_keeps_for_itself_is_left_alone(tmp_path: Path) -> None:
    for folder in (".obsidian", ".trash"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.md").write_text("not mine", encoding="utf-8")
    (tmp_path / "a.md").write_text("---\ncreated: 2025-02-03 10:00\n---\nmine", encoding="utf-8")
    (draft,) = importer_for(tmp_path).read(tmp_path)
    assert (draft.title, draft.happened_on) == ("a", date(2025, 2, 3))


def archive(tmp_path: Path, **files: str | bytes) -> Path:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, text in files.items():
            made.writestr(name, text)
    return path


def test_packed_notes_are_the_same_entries_as_in_a_folder(tmp_path: Path) -> None:
    notes = {"sub/b.md": "It burned.", "../../out.md": "Out of the folder.", "__MACOSX/._b.md": "x", "latin.md": b"caf\xe9"}
    path = archive(tmp_path, **notes)
    found = list(importer_for(path).read(path))
    (note,) = (one for one in found if isinstance(one, Draft))
    (tmp_path / "b.md").write_text("It burned.", encoding="utf-8")
    assert list(importer_for(tmp_path / "b.md").read(tmp_path / "b.md")) == [note]
    assert [one.where for one in found if isinstance(one, Skipped)] == ["../../out.md", "latin.md"]
    assert importer_for(path).FORMAT == "markdown"
    assert list(tmp_path.parent.glob("out.md")) == []


def test_a_note_that_unpacks_to_more_than_it_says_is_skipped(tmp_path: Path) -> None:
    path = archive(tmp_path, **{"bomb.md": b"\0" * 6_000_000, "a.md": "mine"})
    assert path.stat().st_size < 20_000
    assert [one.reason for one in importer_for(path).read(path) if isinstance(one, Skipped)] == ["larger than 5 MB"]


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04nonsense", b"x" * 1000])
def test_an_archive_that_is_none_is_in_no_known_format(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(data)
    with pytest.raises(InputError, match="no format"):
        importer_for(path)


def test_an_archive_that_breaks_off_inside_is_refused_kindly(tmp_path: Path) -> None:
    path = archive(tmp_path, **{"a.md": "mine " * 5000})
    data = bytearray(path.read_bytes())
    data[60:90] = b"\xff" * 30
    path.write_bytes(bytes(data))
    with pytest.raises(InputError, match="cannot be read"):
        list(importer_for(path).read(path))


def test_day_ones_archive_gives_the_day_where_one_was(tmp_path: Path) -> None:
    rich = json.dumps({"contents": [{"text": "We were "}, {"text": "late.", "attributes": {"bold": True}}, {"embedded": 1}]})
    entries = [
        {"uuid": "A", "creationDate": "2026-03-02T03:30:00Z", "timeZone": "America/New_York", "text": "Late\\! \\(again\\)"},
        {"uuid": "B", "creationDate": "2026-03-02T03:30:00Z", "timeZone": "Nowhere/Atlantis", "richText": rich},
        {"uuid": "C", "creationDate": "yesterday", "text": "![](dayone-moment://X)"},
    ]
    path = archive(tmp_path, **{"Journal.json": json.dumps({"metadata": {}, "entries": entries}), "photos/x.jpeg": b"x"})
    late, rich_one, empty = importer_for(path).read(path)
    assert (late.situation, late.happened_on) == ("Late! (again)", date(2026, 3, 1))
    assert (rich_one.situation, rich_one.happened_on) == ("We were late.", date(2026, 3, 2))
    assert isinstance(empty, Skipped)


def test_a_packed_export_of_ours_comes_back_whole(tmp_path: Path) -> None:
    fields = dict.fromkeys(("situation", "root_cause", "lesson", "change"), "It was late.\n## Lesson")
    when = {"happened_on": date(2026, 3, 5), "closed_at": datetime(2026, 3, 5, tzinfo=UTC)}
    kept = Kept(entry=Entry(id="e1", review_id="r1", title="The kitchen", **fields, **when), pattern="My big mouth")
    path = archive(tmp_path, **{"a.md": page(kept), "b.md": "---\ncoach:\n  broken: [\n---\n\nx"})
    found = list(importer_for(path).read(path))
    assert found[0] == kept
    assert found[1] == Skipped("b.md", "not a page that Coach has written")
