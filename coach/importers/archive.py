"""Opening an archive (zip) that anybody may have packed. Used by formats, no format itself."""

import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from coach.careful import open_plain
from coach.errors import InputError

BROKEN = (
    *(OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, zlib.error, lzma.LZMAError),
    *(ValueError, struct.error, MemoryError, OverflowError),
)
"""What reading an archive may raise: damaged, cut short, with a password, or packed in a way that is not known."""

_MOST_LISTED = 30_000_000
"""Bytes of its table of contents, enough for 200,000 files. All of it is read before the first file can be looked at, and takes ten
times as much memory."""

_END, _END_SIZE, _MOST_COMMENT = b"PK\5\6", 22, 65_535
_LARGE_END = b"PK\6\6"


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """An archive to read from. Raises InputError where it lists too much, and what stands in ``BROKEN``."""
    with open_plain(path) as file:
        if _listed(file) > _MOST_LISTED:
            raise InputError(f"{path.name} holds too many files. Pack the notes alone, and import them in parts.")
        with zipfile.ZipFile(file) as archive:
            yield archive


def _listed(file: BinaryIO) -> int:
    """How long the table of contents is, as the archive says itself; a lie leaves it unreadable."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _END_SIZE - _MOST_COMMENT - 200))
    tail = file.read()
    small, large = tail.rfind(_END), tail.rfind(_LARGE_END)
    told = [int.from_bytes(tail[small + 12 : small + 16], "little")] if small >= 0 else []
    if large >= 0:
        told.append(int.from_bytes(tail[large + 40 : large + 48], "little"))
    return max((one for one in told if one < size), default=0)
