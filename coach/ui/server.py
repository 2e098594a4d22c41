"""Runs the app: on 127.0.0.1 only, with nothing sent home and nothing loaded from elsewhere.

The options are set in code, because a folder ``.streamlit`` would be looked for beside whatever script is run. Headers on every
answer forbid the page to load or send anything to another address.
"""

import contextlib
import socket
import threading
import webbrowser
from collections.abc import Callable
from pathlib import Path

from coach.errors import SettingsError
from coach.ui.theme import OPTIONS as THEME

HOST = "127.0.0.1"
_PORTS_TRIED = 50

_CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; connect-src 'self' ws://127.0.0.1:*; script-src 'self' 'unsafe-inline'"
    " 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; font-src 'self' data:; frame-ancestors 'none'; form-action 'self';"
    " base-uri 'self'; object-src 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}

_OPTIONS: dict[str, object] = {
    "server.address": HOST,
    "server.headless": True,
    "server.fileWatcherType": "none",
    "server.maxUploadSize": 200,  # megabytes: a journal of years comes in as one file
    "server.allowedHosts": ["localhost", HOST],
    "server.enableStaticServing": False,
    "server.enableAgentApi": False,
    "browser.gatherUsageStats": False,
    "browser.serverAddress": HOST,
    "client.showErrorLinks": False,
    "client.showErrorDetails": "none",
    "client.toolbarMode": "viewer",
    "logger.hideWelcomeMessage": True,
    **THEME,
}


def free_port(wanted: int) -> socket.socket:
    """A socket bound to the wanted port, or the next free one. Raises SettingsError."""
    for port in range(wanted, wanted + _PORTS_TRIED):
        with contextlib.suppress(OSError, OverflowError):
            bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind((HOST, port))
            bound.listen(128)  # from here on a browser waits for the app instead of being refused
            return bound
    raise SettingsError(f"No free port from {wanted} on. Set COACH_PORT to another.")


def serve(script: Path, port: int, tell: Callable[[str], None], *, open_browser: bool) -> None:
    """Serve the app until it is stopped."""
    import streamlit as st
    import uvicorn
    from starlette.middleware import Middleware
    from streamlit import config
    from streamlit.web import bootstrap

    bound = free_port(port)
    address = f"http://{HOST}:{bound.getsockname()[1]}"
    flags = {name.replace(".", "_"): value for name, value in _OPTIONS.items()}
    bootstrap.load_config_options({**flags, "server_port": bound.getsockname()[1], "browser_serverPort": bound.getsockname()[1]})
    config._server_mode = "starlette-app-direct"
    app = st.App(script, middleware=[Middleware(_OwnAddress, port=bound.getsockname()[1]), Middleware(_Headers)])
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False, ws_max_size=32 << 20))
    tell(f"Coach is open at {address} (only this machine can reach it; Ctrl+C stops it).")
    if open_browser:
        threading.Timer(1.0, webbrowser.open, [address]).start()
    server.run(sockets=[bound])


class _OwnAddress:
    """ASGI middleware that answers only what was asked of this address by a page of this address.

    A foreign name for 127.0.0.1 (DNS rebinding) and another site's page (its Origin) are refused, on HTTP and on the web socket.
    """

    def __init__(self, app: Callable[..., object], port: int) -> None:
        self._app = app
        self._hosts = {f"{name}:{port}" for name in (HOST, "localhost")}
        self._origins = {f"http://{host}" for host in self._hosts}

    async def __call__(self, scope, receive, send) -> None:  # type: ignore[no-untyped-def]
        if scope["type"] not in ("http", "websocket") or self._is_ours(scope["headers"]):
            await self._app(scope, receive, send)  # type: ignore[misc]
            return
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        await send({"type": "http.response.start", "status": 403, "headers": [(b"content-type", b"text/plain; charset=utf-8")]})
        await send({"type": "http.response.body", "body": b"Coach answers on its own address alone, as its start printed it."})

    def _is_ours(self, headers: list[tuple[bytes, bytes]]) -> bool:
        given = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers}
        return given.get("host", "") in self._hosts and given.get("origin") in (None, *self._origins)


class _Headers:
    """ASGI middleware that puts the headers on every HTTP answer."""

    def __init__(self, app: Callable[..., object]) -> None:
        self._app = app
        self._extra = [(name.lower().encode(), value.encode()) for name, value in _HEADERS.items()]

    async def __call__(self, scope, receive, send) -> None:  # type: ignore[no-untyped-def]
        async def with_headers(message):  # type: ignore[no-untyped-def]
            if message["type"] == "http.response.start":
                kept = [(name, value) for name, value in message["headers"] if name.lower() not in dict(self._extra)]
                message = {**message, "headers": [*kept, *self._extra]}
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)  # type: ignore[misc]
