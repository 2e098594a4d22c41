"""A disk that is full, and one that may not be written to: a clear message, and all that was acknowledged stays. Marked ``real``:
small disks are mounted."""

import json
import sys
from pathlib import Path

import pytest

from coach.journal.sqlite import SqliteJournal
from tests.namespaces import run_in

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]

FILLS = 20
ROOT = Path(__file__).parent.parent.parent

LIVE = """
import json, os, sys
from datetime import UTC, datetime
from pathlib import Path
from coach.errors import JournalError
from coach.journal.backup import copied
from coach.journal.sqlite import SqliteJournal
from coach.schema import Record, ReviewHead

NOW = datetime(2026, 3, 15, tzinfo=UTC)
disk = Path(sys.argv[1])
ballast = disk / "ballast"
journal = SqliteJournal(disk / "data" / "journal.db")
head = ReviewHead(id="r1", title="t", status="open", stage="why", started_at=NOW, updated_at=NOW)
acknowledged, said, full, draft = ["first"], set(), 0, ""
journal.append(head, 0, [Record(seq=1, at=NOW, type="answered", data={"t": "first"})])
for fill in range(int(sys.argv[2])):
    room = os.statvfs(disk)
    ballast.write_bytes(b"x" * max(0, room.f_bavail * room.f_frsize - 8192 * (fill % 12)))
    for n in range(200):
        words = f"{fill}-{n} " + "word " * (60 * (n % 9))
        try:
            journal.append(head, len(acknowledged), [Record(seq=len(acknowledged) + 1, at=NOW, type="answered", data={"t": words})])
            acknowledged.append(words)
            journal.save_draft("r1", "lesson", words, NOW)
            draft = words
        except JournalError as exc:
            said.add(str(exc))
            full += 1
            break
    else:
        continue
    try:
        copied(disk / "data" / "journal.db", disk / "data" / "backups" / "asked-1.db")
    except JournalError as exc:
        said.add(str(exc))
    assert [record.data["t"] for record in journal.records("r1")] == acknowledged, "read while the disk is full"
    ballast.unlink()
journal.close()
again = SqliteJournal(disk / "data" / "journal.db")
kept = [record.data["t"] for record in again.records("r1")]
sound = again._db.execute("PRAGMA integrity_check").fetchone()[0]
print(json.dumps({"lost": len(acknowledged) - len(kept), "same": kept == acknowledged, "full": full, "sound": sound,
    "acknowledged": len(acknowledged), "said": sorted(said), "draft": again.drafts("r1").get("lesson", "") == draft}))
"""


def test_a_full_disk_loses_nothing_and_says_so(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = f"mount -t tmpfs -o size=6m none {disk}"
    done = run_in("m", mount, [sys.executable, "-c", LIVE, str(disk), str(FILLS)])
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    assert found["full"] >= FILLS / 2
    assert found["acknowledged"] > FILLS
    assert (found["lost"], found["same"], found["sound"]) == (0, True, "ok")
    assert found["draft"]
    assert any("The disk is full. Make room there" in one for one in found["said"])
    assert all("was not written" in one or "No copy of the journal" in one for one in found["said"])


PAGE = """
import sys
from streamlit.testing.v1 import AppTest
at = AppTest.from_file(sys.argv[1], default_timeout=60).run()
print([element.proto.body for element in at.get("html")], [str(one) for one in at.exception])
"""


def test_a_folder_that_may_not_be_written_to_is_said_on_the_page_and_in_the_shell(tmp_path: Path) -> None:
    SqliteJournal(tmp_path / "data" / "journal.db").close()
    read_only = f"mount --bind {tmp_path / 'data'} {tmp_path / 'data'} && mount -o remount,ro,bind {tmp_path / 'data'}"
    environment = {"COACH_DATA": str(tmp_path / "data"), "COACH_ADAPTERS": "fake"}
    shell = run_in("m", read_only, [sys.executable, "-m", "coach.cli", "search", "tender"], **environment)
    assert shell.returncode == 1
    assert "cannot be written: Read-only file system" in shell.stderr
    assert "Traceback" not in shell.stderr
    page = run_in("m", read_only, [sys.executable, "-c", PAGE, str(ROOT / "app.py")], **environment)
    assert "cannot be written: Read-only file system" in page.stdout
    assert page.stdout.rstrip().endswith("[]"), "no exception"
