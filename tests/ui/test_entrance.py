"""The server answers nobody but a page of its own address, in a browser that came in by the token."""

import asyncio
import stat
from pathlib import Path
from typing import Any

import pytest

from coach.ui.entrance import Address, AlwaysHeaders, Entrance, Pass, new_pass, opener

PORT = 8501
HOST = f"127.0.0.1:{PORT}"
HERE = Address(PORT)
PASS = Pass("the-token", "coach-8501", "the-cookie")
COOKIE = f"{PASS.cookie_name}={PASS.cookie}"


def asked(
    kind: str, query: str = "", path: str = "/log", address: Address = HERE, **headers: str
) -> tuple[bool, list[dict[str, Any]]]:
    """Whether the app was reached, and what was sent back otherwise."""
    reached, sent = list[bool](), list[dict[str, Any]]()

    async def app(scope, receive, send) -> None:
        reached.append(True)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    given = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    scope = {"type": kind, "path": path, "query_string": query.encode(), "headers": given}
    asyncio.run(Entrance(app, address, PASS)(scope, None, send))
    return bool(reached), sent


def refused(kind: str, *arguments: str, **headers: str) -> bool:
    reached, sent = asked(kind, *arguments, **headers)
    assert not reached
    if kind == "websocket":
        return sent == [{"type": "websocket.close", "code": 1008}]
    return sent[0]["status"] == 403 and b"Coach" in sent[1]["body"]


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize("host", [HOST, f"localhost:{PORT}"])
def test_a_browser_that_was_let_in_is_answered(kind: str, host: str) -> None:
    assert asked(kind, host=host, cookie=COOKIE) == (True, [])
    assert asked(kind, host=host, origin=f"http://{host}", cookie=f"other=1; {COOKIE}") == (True, [])


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize(
    "headers",
    [
        {"host": "attacker.example"},
        {"host": f"attacker.example:{PORT}"},
        {"host": "127.0.0.1:9999"},
        {"host": "127.0.0.1"},
        {"host": f"127.0.0.1.attacker.example:{PORT}"},
        {"host": f"192.168.1.5:{PORT}"},
        {},
        {"host": HOST, "origin": "https://attacker.example"},
        {"host": HOST, "origin": "null"},
        {"host": HOST, "origin": f"https://{HOST}"},
        {"host": HOST, "origin": f"http://localhost:{PORT}"},
    ],
)
def test_a_foreign_name_and_a_foreign_page_are_refused_even_with_the_cookie_and_the_token(
    kind: str, headers: dict[str, str]
) -> None:
    assert refused(kind, "token=the-token", cookie=COOKIE, **headers)


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize(
    "cookie",
    [
        "",
        "coach-8501=other",
        "coach-8501=",
        "coach-8502=the-cookie",
        "\xff;;=",
        '="',
        "x coach-8501=the-cookie",
        "coach-8501=the-cookie2",
    ],
)
def test_without_the_cookie_there_is_no_answer(kind: str, cookie: str) -> None:
    assert refused(kind, host=HOST, cookie=cookie)


@pytest.mark.parametrize("query", ["", "token=", "token=other", "Token=the-token", "token=the-token2"])
def test_a_wrong_token_lets_nobody_in(query: str) -> None:
    assert refused("http", query, host=HOST)


@pytest.mark.parametrize("other", ['prefs={"a": 1}', "name=J\xf6rg", "a=b c", "expires=1", "=", "a"])
def test_odd_cookies_of_other_programs_shut_nobody_out(other: str) -> None:
    assert asked("http", host=HOST, cookie=f"{other}; {COOKIE}") == (True, [])


def test_on_the_usual_port_of_the_web_a_browser_names_none() -> None:
    assert Address(80).knows("localhost")
    assert Address(80).knows("[::1]")
    assert not Address(8501).knows("localhost")


def test_it_answers_to_the_name_that_it_was_told() -> None:
    assert Address(PORT, True, "desk.lan").knows(f"desk.lan:{PORT}")
    assert not Address(PORT, True, "desk.lan").knows(f"other.lan:{PORT}")


def test_a_token_is_exchanged_for_the_cookie_and_is_gone_from_the_address() -> None:
    reached, sent = asked("http", "review=r1&token=the-token", "/review", host=HOST)
    headers = dict(sent[0]["headers"])
    assert not reached
    assert sent[0]["status"] == 303
    assert headers[b"location"] == b"/review?review=r1"
    assert headers[b"set-cookie"] == f"{COOKIE}; Path=/; HttpOnly; SameSite=Lax".encode()


@pytest.mark.parametrize("path", ["//attacker.example/x", "/\\attacker.example", "/\r\nSet-Cookie: a=b"])
def test_the_way_on_leads_nowhere_else(path: str) -> None:
    _, sent = asked("http", "token=the-token", path, host=HOST)
    place = dict(sent[0]["headers"])[b"location"]
    assert place.startswith(b"/")
    assert place[1:2] not in (b"/", b"\\")
    assert b"\n" not in place


def test_an_old_token_is_taken_out_of_the_address_of_a_browser_that_is_in() -> None:
    _, sent = asked("http", "token=of-yesterday", host=HOST, cookie=COOKIE)
    assert dict(sent[0]["headers"])[b"location"] == b"/log"


def test_the_web_socket_takes_no_token() -> None:
    assert refused("websocket", "token=the-token", host=HOST)


def test_open_to_others_it_answers_to_numbers_and_its_own_name_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "Desk")
    others = Address(PORT, open_to_others=True)
    known = ("192.168.1.5", "[fe80::1]", "desk", "desk.local", "127.0.0.1")
    assert all(others.knows(f"{name}:{PORT}") for name in known)
    assert not any(others.knows(f"{name}:{PORT}") for name in ("attacker.example", "desk.attacker.example", "", "[x]"))


def test_each_start_has_a_token_of_its_own_and_the_cookie_outlives_it(tmp_path: Path) -> None:
    first, second, elsewhere = new_pass(tmp_path / "a", PORT), new_pass(tmp_path / "a", PORT), new_pass(tmp_path / "b", PORT)
    assert first.token != second.token
    assert len(first.token) >= 32
    assert first.cookie == second.cookie != elsewhere.cookie
    assert new_pass(tmp_path / "a", PORT + 1).cookie != first.cookie, "another port, another cookie"
    assert stat.S_IMODE((tmp_path / "a" / "entrance.key").stat().st_mode) == 0o600


def test_a_folder_that_cannot_be_written_is_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert new_pass(tmp_path / "file" / "data", PORT).cookie
    assert opener(tmp_path / "file" / "data", "http://x") == "http://x"


def test_the_token_is_in_no_argument_of_the_browser(tmp_path: Path) -> None:
    place = opener(tmp_path, "http://127.0.0.1:8501/?token=the-token")
    assert "the-token" not in place
    assert "token=the-token" in (tmp_path / "open.html").read_text(encoding="utf-8")
    assert stat.S_IMODE((tmp_path / "open.html").stat().st_mode) == 0o600


def test_every_answer_carries_the_headers_once() -> None:
    sent = list[dict[str, Any]]()

    async def app(scope, receive, send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"Cache-Control", b"public")]})

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(AlwaysHeaders(app, [("Cache-Control", "no-store")])({"type": "http"}, None, send))
    assert sent[0]["headers"] == [(b"cache-control", b"no-store")]


@pytest.mark.parametrize(
    ("path", "status", "kept"),
    [
        ("/static/js/index.C1JORDN2.js", 200, True),
        ("/static/js/none.js", 404, False),
        ("/media/own.png", 200, False),
        ("/", 200, False),
    ],
)
def test_a_browser_may_keep_the_pages_scripts_and_nothing_else(path: str, status: int, kept: bool) -> None:
    sent = list[dict[str, Any]]()

    async def app(scope, receive, send) -> None:
        await send({"type": "http.response.start", "status": status, "headers": [(b"Cache-Control", b"public")]})

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    headers = [("Cache-Control", "no-store"), ("Referrer-Policy", "no-referrer")]
    asyncio.run(AlwaysHeaders(app, headers)({"type": "http", "path": path}, None, send))
    found = dict(sent[0]["headers"])
    assert len(found) == len(sent[0]["headers"]) == 2
    assert found[b"referrer-policy"] == b"no-referrer"
    assert (found[b"cache-control"] == b"no-store") != kept
