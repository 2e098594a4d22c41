"""An archive (zip) of Markdown notes: what the app's own export gives, or a folder that was packed. Read in memory."""

import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from coach.errors import InputError
from coach.importers import archive, coach_markdown, day_one, markdown
from coach.importers.base import MOST_TEXT, Item, Skipped

NAME = "an archive (zip) of Markdown notes"
FORMAT = "markdown"
"""Notes are the same entries whether they come in a folder or in an archive."""

_SUFFIXES = (".md", ".markdown", ".txt")
_MOST_FILES, _MOST_IN_ALL = 50_000, 500_000_000  # as many notes as of a folder, and as many bytes as of a file


def recognises(path: Path) -> bool:
    """Whether it is a zip with notes in it, and not another program's archive."""
    try:
        return path.suffix == ".zip" and not day_one.recognises(path) and any(_notes(path))
    except archive.BROKEN:
        return False


def read(path: Path) -> Iterator[Item]:
    """One item a note: an entry of ours with all that belongs to it, else a draft. Raises InputError."""
    in_all = 0
    try:
        with archive.opened(path) as packed:
            for number, one in enumerate(_notes(path)):
                if number >= _MOST_FILES or in_all > _MOST_IN_ALL:
                    raise InputError(f"{path.name} holds more than {_MOST_FILES:,} notes or 500 MB. Import it in parts.")
                if ".." in PurePosixPath(one.filename).parts:
                    yield Skipped(one.filename, "its name leads out of the archive")
                    continue
                with packed.open(one) as file:
                    data = file.read(MOST_TEXT + 1)  # the archive's own word for the size may be a lie
                in_all += len(data)
                yield _item(one.filename, data)
    except archive.BROKEN as exc:
        raise InputError(f"{path.name} cannot be read ({type(exc).__name__}). Pack it again, without a password.") from exc


def _notes(path: Path) -> Iterator[zipfile.ZipInfo]:
    with archive.opened(path) as packed:
        for one in sorted(packed.infolist(), key=lambda one: one.filename):
            parts = PurePosixPath(one.filename).parts
            hidden = any(part.startswith((".", "__MACOSX")) and not part.startswith("..") for part in parts)
            if one.filename.lower().endswith(_SUFFIXES) and not hidden and not stat.S_ISLNK(one.external_attr >> 16):
                yield one


def _item(name: str, data: bytes) -> Item:
    if len(data) > MOST_TEXT:
        return Skipped(name, f"larger than {MOST_TEXT // 1_000_000} MB")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return Skipped(name, "cannot be read as UTF-8 text")
    if "\ncoach:\n" in text[:20_000]:
        try:
            return coach_markdown.item(text)
        except coach_markdown.NOT_OURS:
            return Skipped(name, "not a page that Coach has written")
    return markdown.draft(name, text)
