"""Who the server answers: a page of its own address, in a browser that came in by the address that the start printed.

That address ends in a token, a new one at each start, as Jupyter's does. Whoever gives it gets a cookie; without the cookie nothing
is answered, neither pages nor files nor the web socket, so that another account of this machine and another site's page stay out.
The cookie outlives a restart, so that an open window goes on: it is made of a secret that lies beside the journal (0600).
"""

import hmac
import ipaddress
import os
import secrets
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

App = Callable[..., Any]
Headers = list[tuple[bytes, bytes]]

_SECRET_FILE = "entrance.key"
_SECRET_BYTES = 32
_OPENER = "open.html"
_REFUSED = "Coach answers on its own address alone, as its start printed it."
_NO_TOKEN = (
    "Coach does not know this browser. Open the whole address that its start printed in the terminal: it ends in ?token= and some"
    " letters. Nothing is lost."
)


@dataclass(frozen=True)
class Pass:
    """What lets a browser in: the token of this start, and the cookie that it is exchanged for."""

    token: str
    cookie_name: str
    cookie: str


def new_pass(folder: Path, port: int) -> Pass:
    """A pass for this start. Where the folder cannot be written the cookie ends with this start."""
    made = hmac.new(_secret(folder / _SECRET_FILE), f"coach entrance {port}".encode(), "sha256").hexdigest()
    return Pass(secrets.token_urlsafe(24), f"coach-{port}", made)


def _secret(path: Path) -> bytes:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(path, os.O_CREAT | os.O_RDWR, 0o600), "r+b") as file:
            found = file.read()
            if len(found) != _SECRET_BYTES:
                found = secrets.token_bytes(_SECRET_BYTES)
                file.seek(0)
                file.write(found)
                file.truncate()
            return found
    except OSError:
        return secrets.token_bytes(_SECRET_BYTES)


def opener(folder: Path, address: str) -> str:
    """A file that a browser can be told to open: the token in an argument could be read by every account of this machine."""
    path = folder / _OPENER
    try:
        with os.fdopen(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
            file.write(f'<!doctype html><meta http-equiv="refresh" content="0;url={address}"><a href="{address}">Open Coach</a>')
        return path.resolve().as_uri()
    except OSError:
        return address


@dataclass(frozen=True)
class Address:
    """What the server may be called in a request: ``name`` is what it was told to answer on; ``open_to_others`` allows every
    numeric address, and this machine's name.

    A foreign site that lets its own name point here (DNS rebinding) sends that name, which is neither.
    """

    port: int
    open_to_others: bool = False
    name: str = "localhost"

    def knows(self, host: str) -> bool:
        """Whether a Host header names this server.

        >>> Address(8501).knows("localhost:8501"), Address(8501).knows("attacker.example:8501")
        (True, False)
        """
        name, _, port = host.rpartition(":") if ":" in host and not host.endswith("]") else (host, "", "80")
        if port != str(self.port):
            return False
        return name in ("127.0.0.1", "localhost", "[::1]", self.name) or (self.open_to_others and self._is_here(name))

    def _is_here(self, name: str) -> bool:
        try:
            ipaddress.ip_address(name.strip("[]"))
        except ValueError:
            return name.lower() in {socket.gethostname().lower(), f"{socket.gethostname().lower()}.local"}
        return True


class Entrance:
    """ASGI middleware: what does not come from a page of this address, in a browser that was let in, gets no answer."""

    def __init__(self, app: App, address: Address, entry: Pass) -> None:
        self._app, self._address, self._pass = app, address, entry

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer a request, or hand it on."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        given = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        if not self._is_ours(given):
            await _refuse(scope, send, _REFUSED)
            return
        token, known = _asked(scope).get("token"), self._has_cookie(given.get("cookie", ""))
        if scope["type"] == "http" and token is not None and (known or _same(token, self._pass.token)):
            await self._let_in(scope, send)
        elif known:
            await self._app(scope, receive, send)
        else:
            await _refuse(scope, send, _NO_TOKEN)

    def _is_ours(self, given: dict[str, str]) -> bool:
        host = given.get("host", "")
        return self._address.knows(host) and given.get("origin") in (None, f"http://{host}")

    def _has_cookie(self, header: str) -> bool:
        """Whether the cookie is there, whatever other programs of this machine have put beside it."""
        pairs = (part.partition("=") for part in header.split(";"))
        return any(name.strip() == self._pass.cookie_name and _same(value.strip(), self._pass.cookie) for name, _, value in pairs)

    async def _let_in(self, scope: Any, send: Any) -> None:
        """Give the cookie, and send the browser to the same page without the token, which then stays in no history."""
        rest = urlencode({name: value for name, value in _asked(scope).items() if name != "token"})
        place = "/" + quote(scope["path"].lstrip("/\\")) + (f"?{rest}" if rest else "")
        cookie = f"{self._pass.cookie_name}={self._pass.cookie}; Path=/; HttpOnly; SameSite=Lax"
        headers = [(b"location", place.encode()), (b"set-cookie", cookie.encode()), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 303, "headers": headers})
        await send({"type": "http.response.body", "body": b""})


_PAGES_OWN = "/static/"
"""Where the page's own scripts and fonts are: their names change with what is in them, and nothing of a person's is there."""


class AlwaysHeaders:
    """ASGI middleware that puts headers on every HTTP answer, in the place of any of the same name.

    Nothing may be kept by the browser but the page's own scripts and fonts: a hundred files, which else take seconds each time.
    """

    def __init__(self, app: App, headers: Iterable[tuple[str, str]]) -> None:
        self._app = app
        self._extra: Headers = [(name.lower().encode(), value.encode()) for name, value in headers]
        self._kept: Headers = [(b"cache-control", b"private, max-age=31536000, immutable")]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Hand a request on, and put the headers on its answer."""

        may_keep = str(scope.get("path", "")).startswith(_PAGES_OWN)

        async def with_headers(message: Any) -> None:
            if message["type"] == "http.response.start":
                found = may_keep and message["status"] == 200
                extra = list({**dict(self._extra), **(dict(self._kept) if found else {})}.items())
                others = [(name, value) for name, value in message["headers"] if name.lower() not in dict(extra)]
                message = {**message, "headers": [*others, *extra]}
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)


def _asked(scope: Any) -> dict[str, str]:
    """What stands behind the question mark of the address."""
    return dict(parse_qsl(scope.get("query_string", b"").decode("latin-1")))


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode())


async def _refuse(scope: Any, send: Any, why: str) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(why)).encode())]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": why.encode()})
