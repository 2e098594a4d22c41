"""What the server is told before it answers anybody."""

import asyncio
import tempfile
from collections.abc import AsyncIterator

import pytest
from starlette.datastructures import Headers
from starlette.formparsers import MultiPartParser

from coach.settings import Settings
from coach.ui.server import MOST_UPLOADED, _headers, _options, hold_uploads_in_memory


def test_what_is_uploaded_touches_no_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: object) -> None:
        raise AssertionError("written to the disk")

    async def body() -> AsyncIterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.md"\r\n\r\n'
        for _ in range(30):
            yield b"private " * 12_500
        yield b"\r\n--x--\r\n"

    monkeypatch.setattr(MultiPartParser, "spool_max_size", MultiPartParser.spool_max_size)
    monkeypatch.setattr(tempfile.SpooledTemporaryFile, "rollover", fail)
    hold_uploads_in_memory()
    headers = Headers({"content-type": "multipart/form-data; boundary=x"})
    form = asyncio.run(MultiPartParser(headers, body()).parse())
    assert form["file"].size == 3_000_000 < MOST_UPLOADED


def test_the_policy_names_no_address_but_its_own(settings: Settings) -> None:
    policy = dict(_headers(settings, 8501))["Content-Security-Policy"]
    named = {word for part in policy.split(";") for word in part.split()[1:] if "://" in word}
    assert named == {"ws://127.0.0.1:8501", "ws://localhost:8501"}


def test_streamlit_sends_nothing_home_and_listens_on_this_machine_alone(settings: Settings) -> None:
    options = _options(settings, 8501)
    assert options["browser_gatherUsageStats"] is False
    assert options["server_address"] == "127.0.0.1"
    assert options["server_allowedHosts"] == ["localhost", "127.0.0.1", "::1"]
    assert options["client_showErrorDetails"] == "none"
