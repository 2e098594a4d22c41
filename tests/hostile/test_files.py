"""Files that mean harm: each is read, or refused with words that say what to do; nothing hangs, and nothing is half written."""

import csv
import io
import json
import os
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coach.errors import InputError
from coach.exporters.markdown import page
from coach.flow.importing import plan_of
from coach.importers import importer_for, markdown
from coach.importers.base import Draft, Item, Skipped, moment_in, text_of
from coach.journal.sqlite import SqliteJournal
from coach.schema import Kept
from tests.hostile.test_text_kept import entry_with
from tests.hostile.texts import SHORT, hostile
from tests.importers.test_importers import INCIDENT, NASA, SAFENET

FEW = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])

OURS = {"format": "coach", "version": 1, "entries": []}
DAY_ONE = {
    "metadata": {"version": "1.0"},
    "entries": [{"uuid": "A", "text": "It was late.", "creationDate": "2026-03-01T20:10:00Z"}],
}
DEEP = "[" * 3000 + "]" * 3000
FRONT = ["---\n{}\n---\nIt was late.\n"]

YAML_TRAPS = {
    "laughs": "a: &a [x, x]\n"
    + "\n".join(f"b{n}: &b{n} [*{'a' if n == 0 else f'b{n - 1}'}, *{'a' if n == 0 else f'b{n - 1}'}]" for n in range(40))
    + "\ntags: *b39",
    "deep": f"tags: {'[' * 5000}",
    "deep blocks": "\n".join(" " * n + "- " for n in range(400)),
    "a number in sixties": f"x: {'1:' * 5000}1",
    "a fraction in sixties": f"x: {'1:' * 300}1.5",
    "a long number": f"x: {'9' * 50_000}",
    "no day": "date: 9999-99-99",
    "year nought": "date: 0000-01-01",
    "before all days": "date: 0001-01-01t00:00:00+23:59",
    "a python object": "title: !!python/object/apply:os.system ['true']",
    "an empty number": "title: !!int ''",
    "no truth": "title: !!bool x",
    "no moment": "title: !!timestamp x",
    "itself": "tags: &a [*a]",
    "a list as a key": "? [a]\n: b",
    "merged": "<<: 3",
    "not yaml": "{[}",
    "nul": "title: a\0b",
    "only words": "just words",
}


def read(path: Path) -> list[Item]:
    """All that a file holds; an InputError must name it, and say something to do."""
    return list(importer_for(path).read(path))


def read_or_refused(path: Path) -> list[Item] | str:
    said, found = "", list[Item]()
    try:
        found = read(path)
    except InputError as exc:
        said = str(exc)
    assert not said or path.name in said
    for one in found:
        if isinstance(one, Skipped):
            assert one.where.isprintable()
            assert one.reason.isprintable()
    return said or found


def written(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content)
    return path


# -- what is no file ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a.md", "a.json", "a.jsonl", "a.csv", "a.zip", "a.txt"])
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / name)
    with pytest.raises(InputError, match="neither a file nor a folder"):
        read(tmp_path / name)


def test_a_device_is_refused(tmp_path: Path) -> None:
    (tmp_path / "endless.csv").symlink_to("/dev/zero")
    with pytest.raises(InputError, match="neither a file nor a folder"):
        read(tmp_path / "endless.csv")


@pytest.mark.parametrize("name", ["x" * 400, "a\0b", "gone.md"])
def test_a_name_that_no_file_has_is_told_kindly(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="is not there"):
        read(tmp_path / name)


def in_a_folder(folder: Path, mine: str) -> list[Item]:
    (folder / "outside").mkdir(parents=True)
    written(folder / "outside" / "secret.md", mine.replace("It was", "It is secret and was"))
    notes = folder / "notes"
    notes.mkdir()
    written(notes / "mine.md", mine)
    os.mkfifo(notes / "pipe.md")
    (notes / "link.md").symlink_to(folder / "outside" / "secret.md")
    (notes / "links").symlink_to(folder / "outside")
    (notes / "round").symlink_to(notes)
    (notes / "gone.md").symlink_to(folder / "nowhere.md")
    (notes / "zero.md").symlink_to("/dev/zero")
    (notes / "folder.md").mkdir()
    return read(notes)


def test_of_a_folder_no_link_is_followed_and_no_pipe_waited_for(tmp_path: Path) -> None:
    for number, mine in enumerate(["It was late.", page(Kept(entry=entry_with("It was late.")))]):
        found = in_a_folder(tmp_path / str(number), mine)
        assert len([one for one in found if isinstance(one, Draft | Kept)]) == 1
        skipped = {one.where for one in found if isinstance(one, Skipped)}
        assert {"pipe.md", "link.md", "gone.md", "zero.md"} <= skipped
        assert "secret" not in repr(found)


# -- JSON ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", [NASA, SAFENET, INCIDENT], ids=["nasa", "safenet", "incident"])
def test_a_field_of_lists_in_lists_does_not_stop_the_file(tmp_path: Path, row: dict[str, object]) -> None:
    deep = "[" * 900 + '"x"' + "]" * 900
    lines = [json.dumps(row)]
    for field in row:
        lines.append(json.dumps({**row, field: "DEEP"}).replace('"DEEP"', deep))
        lines.append(json.dumps({**row, field: "DEEP"}).replace('"DEEP"', "9" * 10_000))
        lines.append(json.dumps({**row, field: "DEEP"}).replace('"DEEP"', DEEP * 10))
    found = read(written(tmp_path / "a.jsonl", "\n".join(lines)))
    assert len(found) == len(lines)
    assert isinstance(found[-1], Draft | Skipped)


def test_a_line_of_fifty_megabytes_is_skipped_and_the_next_one_read(tmp_path: Path) -> None:
    long = b'{"id": "' + b"x" * 50_000_000 + b'"}'
    path = written(tmp_path / "a.jsonl", b"\n".join([json.dumps(NASA).encode(), long, json.dumps({**NASA, "id": "b"}).encode()]))
    first, skipped, last = read(path)
    assert isinstance(first, Draft)
    assert skipped == Skipped("line 2", "longer than 5 MB")
    assert isinstance(last, Draft)


@pytest.mark.parametrize("year", ["²", "٢٠٢٦", "9" * 5000, "20261", "0"])
def test_a_year_that_is_none_leaves_the_day_open(tmp_path: Path, year: str) -> None:
    (draft,) = read(written(tmp_path / "a.jsonl", json.dumps({**SAFENET, "year": year})))
    assert isinstance(draft, Draft)
    assert draft.happened_on is None


@pytest.mark.parametrize("bom", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_mark_of_the_byte_order_changes_nothing(tmp_path: Path, bom: str, end: str) -> None:
    contents = {"a.jsonl": json.dumps(NASA), "ours.json": json.dumps(OURS), "day.json": json.dumps(DAY_ONE), "n.md": "It was late."}
    for name, content in contents.items():
        found = read(written(tmp_path / name, f"{bom}{content}{end}"))
        assert not any(isinstance(one, Skipped) for one in found)


@pytest.mark.parametrize(
    "inside", [DEEP * 5, "9" * 10_000, "1e999", "NaN", '"\\ud800"', '{"' + "k" * 100_000 + '": 1}', '{"\\u001b[2J": 1}', "null"]
)
@pytest.mark.parametrize("field", ["entries", "period_reviews", "unfinished"])
def test_our_own_json_with_a_trap_in_it_is_refused_or_skipped_in_a_line(tmp_path: Path, field: str, inside: str) -> None:
    text = json.dumps({**OURS, field: ["TRAP", {"entry": "TRAP"}]}).replace('"TRAP"', inside)
    found = read_or_refused(written(tmp_path / "ours.json", text))
    assert found if isinstance(found, str) else all(isinstance(one, Skipped) and len(one.reason) < 200 for one in found)


def test_day_one_with_a_trap_in_it_is_refused_or_skipped(tmp_path: Path) -> None:
    for value in (
        DEEP * 5,
        "9" * 10_000,
        '"\\ud800"',
        '"9999-12-31T23:59:59-23:59"',
        '"0001-01-01T00:00:00+23:59"',
        '"../../etc"',
        '"a\\u0000"',
    ):
        for field in ("uuid", "text", "richText", "creationDate", "timeZone", "tags"):
            one = {
                "uuid": "A",
                "text": "It was late.",
                "creationDate": "2026-03-01T20:10:00Z",
                "timeZone": "Europe/Berlin",
                field: "TRAP",
            }
            text = json.dumps({**DAY_ONE, "entries": [one]}).replace('"TRAP"', value)
            assert read_or_refused(written(tmp_path / "day.json", text))


@FEW
@given(
    st.recursive(
        st.none() | hostile(surrogates=True),
        lambda inside: st.lists(inside, max_size=3) | st.dictionaries(hostile(most=9), inside, max_size=3),
        max_leaves=6,
    )
)
def test_any_field_has_a_text_that_can_be_stored(value: object) -> None:
    text_of(value).encode()


@FEW
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_in_every_format(tmp_path: Path, data: bytes) -> None:
    starts = {
        "a.jsonl": json.dumps(NASA).encode() + b"\n",
        "a.json": b'{"format": "coach", "entries": [',
        "b.json": b'{"metadata": {}, "entries": [{"text": "',
        "a.md": b"---\n",
        "a.csv": b"Date,Text,Tags\n",
        "a.zip": b"PK\3\4",
    }
    for name, start in starts.items():
        read_or_refused(written(tmp_path / name, start + data))


# -- front matter -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", YAML_TRAPS)
def test_a_note_with_a_trap_in_its_front_matter_is_an_entry_all_the_same(tmp_path: Path, name: str) -> None:
    (draft,) = read(written(tmp_path / "note.md", f"---\n{YAML_TRAPS[name]}\n---\nIt was late.\n"))
    assert isinstance(draft, Draft)
    assert draft.situation.endswith("It was late.")
    assert len("".join(draft.tags)) < 10_000


@pytest.mark.parametrize("name", YAML_TRAPS)
def test_a_page_of_ours_with_a_trap_in_it_is_one_item_all_the_same(tmp_path: Path, name: str) -> None:
    good = page(Kept(entry=entry_with("It was late.")))
    bad = good.replace("\ncoach:\n", f"\n{YAML_TRAPS[name]}\ncoach:\n").replace("check_ins: []", "check_ins: *b39")
    found = read(written(tmp_path / "page.md", bad))
    assert len(found) == 1
    assert isinstance(found[0], Skipped | Kept | Draft)


def test_a_page_of_one_entry_may_be_large(tmp_path: Path) -> None:
    kept = Kept(entry=entry_with("It was late. " * 8_000))
    assert read(written(tmp_path / "page.md", page(kept))) == [kept]


def test_what_a_note_claims_of_days_and_tags_is_bounded() -> None:
    front = (
        f"---\ndate: 9999-12-31\ntags: [{', '.join(f'tag{number}' for number in range(9000))}, {'x' * 5000}]\ntitle: null\n---\nx"
    )
    draft = markdown.draft("2026-03-01 note.md", front)
    assert isinstance(draft, Draft)
    assert draft.happened_on is None
    assert len(draft.tags) == 50
    assert draft.title == "note"


@FEW
@given(hostile(most=80))
def test_any_words_are_a_date_or_none(text: str) -> None:
    found = moment_in(text)
    assert found is None or date.min <= found.date() <= date.max


# -- tables -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        ",".join(f"c{number}" for number in range(100_000)) + "\n1",
        "Text\n" + '"' + "x" * 6_000_000 + '"\n',
        "\0\0\0",
        '"' * 99_999,
        "x" * 6_000_000,
        "\x1b[2J\x1b[31m,b\n1,2\n",
    ],
    ids=["columns", "a field", "nuls", "quotes", "a name", "escapes"],
)
def test_a_table_out_of_bounds_is_refused_in_a_line(tmp_path: Path, content: str) -> None:
    said = read_or_refused(written(tmp_path / "a.csv", content))
    assert isinstance(said, str)
    assert len(said) < 3000
    assert "\x1b" not in said


def test_cells_of_anything_become_entries_as_they_stand(tmp_path: Path, journal: SqliteJournal) -> None:
    out = io.StringIO()
    csv.writer(out).writerows([["Date", "Text", "Tags"], *(["2026-03-05", f"x{text}x", ""] for text in SHORT.values())])
    found = read(written(tmp_path / "a.csv", out.getvalue()))
    assert [one.situation for one in found if isinstance(one, Draft)] == [f"x{text}x".replace("\0", "") for text in SHORT.values()]
    assert plan_of(journal, tmp_path / "a.csv", {}).added == len(SHORT)


@pytest.mark.parametrize(
    "cell", ["9" * 100_000, "1 " * 50_000, "1:" * 50_000, "9999-12-31", "0001-01-01", "0000-00-00", "١٢/٣/٢٠٢٦ x"]
)
def test_a_date_that_is_none_skips_its_row_at_once(tmp_path: Path, cell: str) -> None:
    (one,) = read(written(tmp_path / "a.csv", f"Date,Text\n{cell},x\n"))
    assert one == Skipped("line 2", "its date cannot be read")


# -- as a person sees it ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", ['{"format": "coach", "entries": [1', '{"format": "coach"}', "[" * 9999])
def test_a_file_that_is_refused_writes_nothing(tmp_path: Path, journal: SqliteJournal, content: str) -> None:
    with pytest.raises(InputError, match=r"a\.json"):
        plan_of(journal, written(tmp_path / "a.json", content), {})
    assert journal.entries() == []
    assert journal.reviews("open") == []
