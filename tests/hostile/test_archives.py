"""Archives that mean harm: bombs, lies, names that lead away, and damage of every kind."""

import json
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coach.errors import InputError
from coach.importers import archive
from coach.importers.base import MOST_TEXT, Draft, Skipped
from tests.hostile.test_files import DAY_ONE, FEW, read, read_or_refused, written


def packed(path: Path, files: dict[str, bytes | str], how: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", how) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return path


def test_no_name_in_an_archive_leads_out_of_it(tmp_path: Path) -> None:
    names = ["../../out.md", "/etc/out.md", "..\\out.md", "a/../../b.md", "\x1b[2J.md", "n" * 300 + ".md", "nul\x01.md"]
    found = read(packed(tmp_path / "a.zip", {name: f"note {at}" for at, name in enumerate(names)}))
    assert len(found) == len(names)
    assert [one.name for one in tmp_path.iterdir()] == ["a.zip"]


def test_a_bomb_is_read_up_to_the_bound_of_a_note(tmp_path: Path) -> None:
    inner = packed(tmp_path / "inner.zip", {"a.md": b"x"}).read_bytes()
    path = packed(tmp_path / "a.zip", {"bomb.md": b"\0" * (20 * MOST_TEXT), "inner.zip": inner, "mine.md": "It was late."})
    assert path.stat().st_size < MOST_TEXT / 10
    skipped, mine = read(path)
    assert skipped == Skipped("bomb.md", "larger than 5 MB")
    assert isinstance(mine, Draft)


@pytest.mark.parametrize("claimed", [1, 2**31])
def test_an_archive_that_lies_about_a_size_is_refused_or_read_as_it_is(tmp_path: Path, claimed: int) -> None:
    text = "It was late. " * 1000
    data = bytearray(packed(tmp_path / "a.zip", {"a.md": text}).read_bytes())
    at = data.rfind(b"PK\1\2") + 24
    data[at : at + 4] = struct.pack("<I", claimed)
    found = read_or_refused(written(tmp_path / "a.zip", bytes(data)))
    assert "cannot be read" in found or [one.situation for one in found if isinstance(one, Draft)] == [text.strip()]


def test_an_archive_that_lists_too_much_is_refused_before_it_is_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = packed(tmp_path / "a.zip", {f"{number}.md": "x" for number in range(100)})
    monkeypatch.setattr(archive, "_MOST_LISTED", 1000)
    monkeypatch.setattr(zipfile, "ZipFile", lambda *_: pytest.fail("it was listed"))
    with pytest.raises(InputError, match=r"a\.zip holds too many files"):
        read(path)


def test_a_long_comment_and_a_large_directory_are_told_apart(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", {"a.md": "x"})
    with zipfile.ZipFile(path, "a") as made:
        made.comment = b"c" * 65_535
    assert len(read(path)) == 1


@pytest.mark.parametrize("how", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
@settings(FEW, max_examples=30)
@given(changes=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=4), cut=st.integers(0, 600))
def test_a_damaged_archive_is_read_or_refused(tmp_path: Path, how: int, changes: list[tuple[int, int]], cut: int) -> None:
    data = bytearray(packed(tmp_path / "a.zip", {"é/a.md": "It was late.", "Journal.json": json.dumps(DAY_ONE)}, how).read_bytes())
    for at, value in changes:
        data[at % len(data)] = value
    read_or_refused(written(tmp_path / "a.zip", bytes(data[: len(data) - cut if cut < 60 else None])))
