import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import numpy as np
import pytest

from coach.models import hub
from coach.models.catalogue import Download, Model
from coach.models.hub import HubSource
from coach.models.sources import SourceFailed

MIB = 1 << 20
CONTENT = np.random.default_rng(1).bytes(5 * MIB // 2)  # more than one chunk of the download


class Server(ThreadingHTTPServer):
    """A hub on this machine; its attributes say how it behaves."""

    ranges = True
    head_status = 200
    get_status = 200
    promises_length = True
    ends_after: int | None = None
    stalls = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[tuple[str, str | None]] = []
        self.released = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/tiny.gguf"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def do_HEAD(self) -> None:
        self.server.asked.append(("HEAD", None))
        self.send_response(self.server.head_status)
        self.end_headers()

    def do_GET(self) -> None:
        wanted = self.headers["Range"]
        self.server.asked.append(("GET", wanted))
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted and self.server.ranges else 0
        body = CONTENT[start:]
        self.send_response(206 if start else self.server.get_status)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}")
        if self.server.promises_length:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: self.server.ends_after])
        if self.server.stalls:
            self.wfile.flush()
            self.server.released.wait(30)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    running = Server()
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    point_at(monkeypatch, running.url)
    yield running
    running.released.set()
    running.shutdown()
    running.server_close()
    thread.join()


@pytest.fixture
def part(tmp_path: Path) -> Path:
    return tmp_path / "tiny.gguf.part"


@pytest.fixture
def wanted(tiny: Model) -> Download:
    return tiny.downloads[0].model_copy(update={"size": len(CONTENT)})


def point_at(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(hub, "hf_hub_url", lambda repository, file: url)


def fetch(wanted: Download, part: Path) -> list[int]:
    done: list[int] = []
    HubSource().fetch(wanted, part, lambda so_far, total: done.append(so_far))
    return done


def refused(wanted: Download, part: Path) -> str:
    with pytest.raises(SourceFailed) as caught:
        fetch(wanted, part)
    return str(caught.value)


def test_the_file_comes_whole_and_progress_is_told(server: Server, wanted: Download, part: Path) -> None:
    done = fetch(wanted, part)
    assert part.read_bytes() == CONTENT
    assert done == sorted(done)
    assert done[-1] == len(CONTENT)
    assert server.asked == [("HEAD", None), ("GET", None)]


def test_only_the_rest_is_asked_for(server: Server, wanted: Download, part: Path) -> None:
    part.write_bytes(CONTENT[:1000])
    done = fetch(wanted, part)
    assert part.read_bytes() == CONTENT
    assert done[0] > 1000
    assert server.asked[-1] == ("GET", "bytes=1000-")


def test_a_server_that_gives_all_the_same_begins_anew(server: Server, wanted: Download, part: Path) -> None:
    server.ranges = False
    part.write_bytes(CONTENT[:1000])
    fetch(wanted, part)
    assert part.read_bytes() == CONTENT
    assert server.asked[-1] == ("GET", "bytes=1000-")


def test_a_part_that_is_whole_is_not_fetched_again(server: Server, wanted: Download, part: Path) -> None:
    part.write_bytes(CONTENT)
    fetch(wanted, part)
    assert server.asked == [("HEAD", None)]
    assert part.read_bytes() == CONTENT


@pytest.mark.parametrize("promised", [True, False])
def test_a_connection_that_ends_early_keeps_what_came_for_next_time(
    server: Server, wanted: Download, part: Path, promised: bool
) -> None:
    server.promises_length, server.ends_after = promised, 3 * MIB // 2
    message = refused(wanted, part)
    assert message == ("the connection failed (RemoteProtocolError)" if promised else "the connection ended early")
    kept = part.stat().st_size
    assert kept >= MIB
    server.promises_length, server.ends_after = True, None
    fetch(wanted, part)
    assert part.read_bytes() == CONTENT
    assert server.asked[-1] == ("GET", f"bytes={kept}-")


def test_a_connection_that_stalls_is_given_up(server: Server, wanted: Download, part: Path, monkeypatch) -> None:
    monkeypatch.setattr(hub, "_TIMEOUT", httpx.Timeout(0.2))
    server.stalls, server.ends_after = True, 3 * MIB // 2
    assert refused(wanted, part) == "the connection failed (ReadTimeout)"
    assert part.stat().st_size >= MIB


@pytest.mark.parametrize("status", [401, 404, 503])
def test_a_status_other_than_ok_is_said(server: Server, wanted: Download, part: Path, status: int) -> None:
    server.head_status = status
    assert refused(wanted, part) == f"answered with status {status}"
    assert not part.exists()
    assert server.asked == [("HEAD", None)]


def test_a_server_that_refuses_the_file_itself_leaves_what_was_there(server: Server, wanted: Download, part: Path) -> None:
    server.get_status, server.ranges = 503, False
    part.write_bytes(CONTENT[:1000])
    assert refused(wanted, part) == "the connection failed (HTTPStatusError)"
    assert part.read_bytes() == CONTENT[:1000]


def test_a_hub_that_is_not_there_is_said(wanted: Download, part: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    point_at(monkeypatch, f"http://127.0.0.1:{port}/tiny.gguf")
    assert refused(wanted, part) == "cannot be reached (ConnectError)"
    assert not part.exists()


def test_a_hub_that_never_answers_is_left(wanted: Download, part: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "REACH_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        point_at(monkeypatch, f"http://127.0.0.1:{silent.getsockname()[1]}/tiny.gguf")
        assert refused(wanted, part).startswith("no answer within")
    assert not part.exists()


def test_the_address_is_the_makers_own(wanted: Download) -> None:
    assert hub.hf_hub_url(wanted.hub.repository, wanted.hub.file) == ("https://huggingface.co/somebody/tiny/resolve/main/tiny.gguf")
