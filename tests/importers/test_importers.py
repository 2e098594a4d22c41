"""The laws of importers, held by each, and what each makes of its own format."""

import json
from datetime import date
from pathlib import Path

import pytest

from coach.errors import InputError
from coach.importers import importer_for, importers
from coach.importers.base import Draft, Skipped, opening, text_of

SAFENET = {
    "id": "safenet-0001",
    "year": "2006",
    "text": "The radio was silent. Nobody came.\n\nIt was dark.",
    "contributing_factors": ["Communications", "Human Factors"],
    "human_factors": ["Leadership"],
    "other_factors": None,
    "action_taken": "We bought radios.",
}
NASA = {"id": "llis-58", "what_happened": "A clamp fell.", "lesson": "Tether it.", "recommendation": "Write it into the order."}
INCIDENT = {
    "title": "2017-09-29, 504",
    "text": "# 504\nOn 2017-13-45 nothing. On 2017-09-29 the hub was down.",
    "root_cause": {"Contributing Factors": "No monitoring.", "Other": ["No owner."]},
    "lessons": {},
    "actions": {"Action Items": "- Watch it."},
    "licence": "BSD-3-Clause",
    "source": "hub: 504.md",
}
OF = {"safenet": SAFENET, "nasa_llis": NASA, "incident_postmortems": INCIDENT}
HOSTILE = [b"", b"\n\n", b"{", b"[]", b"null", b"\xff\xfe\x00", b'{"id": 1}', b"[" * 100_000, b'"' + b"a" * 1000]


def written(folder: Path, *rows: object, name: str = "file.jsonl") -> Path:
    path = folder / name
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows), encoding="utf-8")
    return path


def read(path: Path) -> list[Draft | Skipped]:
    return list(importer_for(path).read(path))


OTHERS = {"coach_json", "coach_markdown", "day_one", "markdown", "notes_archive", "table"}
"""Held to the round trip in ``tests/exporters``, and to the tests at the end of this file."""


def test_every_importer_has_an_example_here() -> None:
    assert set(importers()) == set(OF) | OTHERS


@pytest.mark.parametrize("name", OF)
def test_an_importer_knows_its_own_format_and_no_other(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, OF[name])
    assert [other for other, module in importers().items() if module.recognises(path)] == [name]
    assert importers()[name].NAME
    assert importers()[name].__doc__


@pytest.mark.parametrize("name", OF)
def test_the_same_thing_has_the_same_key_and_another_another(tmp_path: Path, name: str) -> None:
    changed = {**OF[name], "id": "other", "source": "other"}
    one, again, other = read(written(tmp_path, OF[name], OF[name], changed))
    assert isinstance(one, Draft)
    assert one == again
    assert isinstance(other, Draft)
    assert other.key != one.key


@pytest.mark.parametrize("name", OF)
def test_what_is_no_object_or_has_no_text_is_skipped_with_its_line(tmp_path: Path, name: str) -> None:
    empty = dict.fromkeys(OF[name])
    found = read(written(tmp_path, OF[name], "{ not json Zyxwvut", "[1]", empty))
    assert isinstance(found[0], Draft)
    assert [one.where for one in found[1:] if isinstance(one, Skipped)] == ["line 2", "line 3", "line 4"]
    assert all("Zyxwvut" not in one.reason for one in found[1:] if isinstance(one, Skipped))


@pytest.mark.parametrize("name", OF)
@pytest.mark.parametrize("odd", [7, ["x", None, {"y": "z"}], {"a": {"b": ["c"]}}, "\ud800\0", "x" * 300_000, None])
def test_fields_of_any_kind_are_read_or_skipped(tmp_path: Path, name: str, odd: object) -> None:
    rows = [{**OF[name], field: odd} for field in OF[name]]
    for one in read(written(tmp_path, OF[name], *rows)):
        assert isinstance(one, Draft | Skipped)
        if isinstance(one, Draft):
            assert one.key
            assert one.title
            assert len(one.title) <= 200


@pytest.mark.parametrize("data", HOSTILE)
def test_a_file_in_no_known_format_is_refused_with_those_that_are(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "file.jsonl"
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"no format that can be imported\. Known are: .*SAFENET"):
        importer_for(path)


def test_a_file_that_is_not_there_is_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not there"):
        importer_for(tmp_path / "gone.jsonl")


def test_a_file_that_turns_out_to_be_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file.jsonl"
    path.write_bytes((json.dumps(NASA).encode() + b"\n") * 1000 + b"\xff" * 10)
    with pytest.raises(InputError, match="cannot be read as UTF-8"):
        read(path)


def test_a_safety_report_keeps_its_year_its_factors_and_the_action(tmp_path: Path) -> None:
    (draft,) = read(written(tmp_path, SAFENET))
    assert draft == Draft(
        key="safenet-0001",
        title="The radio was silent",
        situation=SAFENET["text"],
        happened_on=date(2006, 7, 1),
        change="We bought radios.",
        tags=("communications", "human factors", "leadership"),
    )


@pytest.mark.parametrize("year", ["", "last year", "9999", None])
def test_a_year_that_is_none_leaves_the_date_open(tmp_path: Path, year: str | None) -> None:
    (draft,) = read(written(tmp_path, {**SAFENET, "year": year}))
    assert isinstance(draft, Draft)
    assert draft.happened_on is None


def test_a_lesson_learned_keeps_its_three_parts(tmp_path: Path) -> None:
    (draft,) = read(written(tmp_path, NASA))
    assert isinstance(draft, Draft)
    assert (draft.situation, draft.lesson, draft.change) == ("A clamp fell.", "Tether it.", "Write it into the order.")


def test_a_post_mortem_keeps_its_day_and_its_sections(tmp_path: Path) -> None:
    (draft,) = read(written(tmp_path, INCIDENT))
    assert isinstance(draft, Draft)
    assert draft.happened_on == date(2017, 9, 29)
    assert draft.root_cause == "No monitoring.\nNo owner."
    assert draft.lesson == ""
    assert draft.change == "- Watch it."


def test_titles_are_the_first_words() -> None:
    assert opening("one two three four five six seven eight nine ten") == "one two three four five six seven eight nine…"
    assert opening("  One.\nTwo. ") == "One"
    assert len(opening("x" * 5000)) <= 121
    assert text_of(None) == text_of(7) == text_of([]) == ""


# -- notes of other programs --------------------------------------------------------------------------------------


def test_notes_become_entries_with_the_day_and_tags_that_they_name(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "2026-03-01 The kitchen.md").write_text("It was late.\n\n---\n\nStill.", encoding="utf-8")
    front = "---\ntitle: The tender\ndate: 2026-04-02\ntags: [Work, '#clients']\n---\nIt burned.\n"
    (tmp_path / "sub" / "b.md").write_text(front, encoding="utf-8")
    (tmp_path / "c.md").write_text("---\nnot: [yaml\n---\nText after.", encoding="utf-8")
    (tmp_path / "empty.md").write_text("---\ntitle: x\n---\n", encoding="utf-8")
    (tmp_path / "latin.md").write_bytes(b"caf\xe9")
    (tmp_path / "picture.png").write_bytes(b"x")
    found = {one.title if isinstance(one, Draft) else one.where: one for one in read(tmp_path)}
    kitchen, tender = found["The kitchen"], found["The tender"]
    assert isinstance(kitchen, Draft)
    assert (kitchen.title, kitchen.happened_on) == ("The kitchen", date(2026, 3, 1))
    assert kitchen.situation == "It was late.\n\n---\n\nStill."
    assert isinstance(tender, Draft)
    assert (tender.title, tender.happened_on, tender.tags) == ("The tender", date(2026, 4, 2), ("work", "clients"))
    assert isinstance(found["c"], Draft)
    assert {where for where, one in found.items() if isinstance(one, Skipped)} == {"empty.md", "latin.md"}


def test_a_note_that_is_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "outside.md").write_text("private", encoding="utf-8")
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.md").write_text("mine", encoding="utf-8")
    (tmp_path / "notes" / "link.md").symlink_to(tmp_path / "outside.md")
    assert [one.where for one in read(tmp_path / "notes") if isinstance(one, Skipped)] == ["link.md"]


def test_day_one_entries_keep_their_day_and_tags_and_lose_their_pictures(tmp_path: Path) -> None:
    entry = {
        "uuid": "A1",
        "creationDate": "2026-03-01T20:10:00Z",
        "text": "# The kitchen\n![](dayone-moment://F00)\nIt was late\\.",
        "tags": ["Home"],
    }
    path = tmp_path / "Journal.json"
    path.write_text(json.dumps({"metadata": {"version": "1.0"}, "entries": [entry, {"uuid": "B2"}, 7]}), encoding="utf-8")
    draft, *skipped = read(path)
    assert draft == Draft("A1", "The kitchen", "# The kitchen\nIt was late.", date(2026, 3, 1), tags=("home",))
    assert [one.where for one in skipped if isinstance(one, Skipped)] == ["entry 2", "entry 3"]


def test_a_damaged_day_one_file_is_refused_or_empty(tmp_path: Path) -> None:
    path = tmp_path / "Journal.json"
    path.write_text('{"metadata": {}, "entries": 7}', encoding="utf-8")
    assert read(path) == []
    path.write_text('{"metadata": {}, "entries": [', encoding="utf-8")
    with pytest.raises(InputError, match="damaged"):
        read(path)
