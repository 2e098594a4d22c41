"""The server answers nobody but the page of its own address."""

import asyncio
from typing import Any

import pytest

from coach.ui.server import _OwnAddress

PORT = 8501


def asked(kind: str, **headers: str) -> tuple[bool, list[dict[str, Any]]]:
    """Whether the app was reached, and what was sent back otherwise."""
    reached, sent = list[bool](), list[dict[str, Any]]()

    async def app(scope, receive, send) -> None:
        reached.append(True)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {"type": kind, "headers": [(name.encode(), value.encode()) for name, value in headers.items()]}
    asyncio.run(_OwnAddress(app, PORT)(scope, None, send))
    return bool(reached), sent


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize("host", [f"127.0.0.1:{PORT}", f"localhost:{PORT}"])
def test_its_own_page_is_answered(kind: str, host: str) -> None:
    assert asked(kind, host=host) == (True, [])
    assert asked(kind, host=host, origin=f"http://{host}") == (True, [])


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize(
    "headers",
    [
        {"host": "attacker.example"},
        {"host": f"attacker.example:{PORT}"},
        {"host": "127.0.0.1:9999"},
        {"host": "127.0.0.1"},
        {},
        {"host": f"127.0.0.1:{PORT}", "origin": "https://attacker.example"},
        {"host": f"127.0.0.1:{PORT}", "origin": "null"},
        {"host": f"127.0.0.1:{PORT}", "origin": f"https://127.0.0.1:{PORT}"},
    ],
)
def test_a_foreign_name_and_a_foreign_page_are_refused(kind: str, headers: dict[str, str]) -> None:
    reached, sent = asked(kind, **headers)
    assert not reached
    assert sent[0]["type"] == ("websocket.close" if kind == "websocket" else "http.response.start")
    assert sent[0].get("status", 403) == 403
