import errno
import io
import subprocess
import zipfile
from pathlib import Path

import pytest

from coach.models import carriers
from coach.models.carriers import CarrierSource
from coach.models.catalogue import Download, Model
from coach.models.sources import SourceFailed


@pytest.fixture
def wanted(tiny: Model) -> Download:
    return tiny.downloads[0]


@pytest.fixture
def part(tmp_path: Path) -> Path:
    return tmp_path / "tiny.gguf.part"


def fetch(wanted: Download, part: Path) -> list[tuple[int, int]]:
    calls: list[tuple[int, int]] = []
    CarrierSource().fetch(wanted, part, lambda done, total: calls.append((done, total)))
    return calls


def test_the_parts_are_joined_in_order(registry, wanted: Download, part: Path, parts: tuple[bytes, ...]) -> None:
    fetch(wanted, part)
    assert part.read_bytes() == b"".join(parts)
    assert registry.asked == ["tiny-part1==1.0", "tiny-part2==1.0", "tiny-part3==1.0"]


def test_the_packages_lie_beside_the_file_for_a_moment_and_are_thrown_away(registry, wanted: Download, part: Path) -> None:
    fetch(wanted, part)
    assert len(registry.folders) == 3
    assert {folder.parent for folder in registry.folders} == {part.parent}
    assert list(part.parent.iterdir()) == [part]


def test_progress_grows_to_the_whole(registry, wanted: Download, part: Path) -> None:
    done = [done for done, _ in fetch(wanted, part)]
    assert done[0] == 0
    assert done == sorted(set(done))
    assert done[-1] == wanted.size


def test_whole_parts_are_not_fetched_again(registry, wanted: Download, part: Path, parts: tuple[bytes, ...]) -> None:
    part.write_bytes(parts[0])
    fetch(wanted, part)
    assert part.read_bytes() == b"".join(parts)
    assert registry.asked == ["tiny-part2==1.0", "tiny-part3==1.0"]


def test_a_torn_last_part_is_fetched_again(registry, wanted: Download, part: Path, parts: tuple[bytes, ...]) -> None:
    part.write_bytes(parts[0] + parts[1][:-1])
    fetch(wanted, part)
    assert part.read_bytes() == b"".join(parts)
    assert registry.asked == ["tiny-part2==1.0", "tiny-part3==1.0"]


def test_from_a_damaged_part_on_everything_is_fetched_again(registry, wanted: Download, part: Path, parts) -> None:
    part.write_bytes(parts[0] + b"\0" * len(parts[1]) + parts[2])
    fetch(wanted, part)
    assert part.read_bytes() == b"".join(parts)
    assert registry.asked == ["tiny-part2==1.0", "tiny-part3==1.0"]


def test_a_whole_file_asks_for_nothing(registry, wanted: Download, part: Path, parts: tuple[bytes, ...]) -> None:
    part.write_bytes(b"".join(parts) + b"and something behind it")
    fetch(wanted, part)
    assert part.read_bytes() == b"".join(parts)
    assert registry.asked == []


def publish_wrong_bytes(registry) -> None:
    registry.put_wheel(2, b"other bytes")


def publish_no_zip(registry) -> None:
    registry.put_file(2, "tiny_part2-1.0-py3-none-any.whl", b"<html>Sign in to the network</html>")


def publish_other_member(registry) -> None:
    registry.put_wheel(2, b"any", member="setup.py")


def publish_torn_zip(registry) -> None:
    wheel = io.BytesIO()
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("tiny_part2/data/part02.bin", b"some bytes of a part")
    registry.put_file(2, "tiny_part2-1.0-py3-none-any.whl", wheel.getvalue().replace(b"some bytes", b"sone bytes"))


def publish_source_archive(registry) -> None:
    registry.put_file(2, "tiny_part2-1.0.tar.gz", b"any")


def publish_nothing(registry) -> None:
    del registry.files["tiny-part2==1.0"]


@pytest.mark.parametrize(
    ("publish", "message"),
    [
        (publish_wrong_bytes, "tiny-part2==1.0 has the wrong SHA-256"),
        (publish_no_zip, "tiny-part2==1.0 does not hold what it should"),
        (publish_other_member, "tiny-part2==1.0 does not hold what it should"),
        (publish_torn_zip, "tiny-part2==1.0 does not hold what it should"),
        (publish_source_archive, "tiny-part2==1.0 is not a wheel"),
        (publish_nothing, "pip could not fetch tiny-part2==1.0"),
    ],
)
def test_a_package_that_cannot_be_used_is_named_and_what_came_before_is_kept(
    registry, wanted: Download, part: Path, parts: tuple[bytes, ...], publish, message: str
) -> None:
    publish(registry)
    with pytest.raises(SourceFailed) as caught:
        fetch(wanted, part)
    assert str(caught.value) == message
    assert part.read_bytes() == parts[0]
    assert list(part.parent.iterdir()) == [part]


def pip_that(
    monkeypatch: pytest.MonkeyPatch, returncode: int = 0, stderr: str = "", error: Exception | None = None
) -> list[list[str]]:
    """Replace pip by one that ends like this; gives the commands it was called with."""
    commands: list[list[str]] = []

    def run(command: list[str], **options: object) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        if error:
            raise error
        return subprocess.CompletedProcess(command, returncode, "", stderr)

    monkeypatch.setattr(subprocess, "run", run)
    return commands


def test_pip_downloads_the_one_package_and_installs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commands = pip_that(monkeypatch)
    carriers._pip_download("tiny-part1==1.0", str(tmp_path))
    assert commands[0][1:4] == ["-m", "pip", "download"]
    assert "--no-deps" in commands[0]
    assert commands[0][-3:] == ["--dest", str(tmp_path), "tiny-part1==1.0"]


@pytest.mark.parametrize("error", [None, FileNotFoundError(2, "no python"), subprocess.TimeoutExpired("pip", 600)])
def test_whatever_keeps_pip_from_it_is_a_failed_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error) -> None:
    pip_that(monkeypatch, 1, "ERROR: No matching distribution found", error)
    with pytest.raises(SourceFailed, match="pip could not fetch tiny-part1"):
        carriers._pip_download("tiny-part1==1.0", str(tmp_path))


def test_a_full_disk_under_pip_is_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pip_that(monkeypatch, 1, "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device")
    with pytest.raises(OSError, match="No space left") as caught:
        carriers._pip_download("tiny-part1==1.0", str(tmp_path))
    assert caught.value.errno == errno.ENOSPC
