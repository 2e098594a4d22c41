"""Runs the app: on 127.0.0.1 unless it is told otherwise, with nothing sent home and nothing loaded from elsewhere.

The options are set in code, because a folder ``.streamlit`` would be looked for beside whatever script is run. Headers on every
answer forbid the page to load or send anything to another address; ``entrance`` decides who is answered at all.
"""

import contextlib
import socket
import threading
import webbrowser
from collections.abc import Callable
from pathlib import Path

from coach.errors import SettingsError
from coach.settings import Settings
from coach.ui.entrance import Address, AlwaysHeaders, Entrance, new_pass, opener
from coach.ui.theme import OPTIONS as THEME

_PORTS_TRIED = 50
MOST_UPLOADED = 200 << 20  # bytes: a journal of years comes in as one file
_CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; connect-src 'self' {sockets}; script-src 'self' 'unsafe-inline'"
    " 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; font-src 'self' data:; frame-ancestors 'none'; form-action 'self';"
    " base-uri 'self'; object-src 'none'"
)
_HEADERS = {
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}

_OPTIONS: dict[str, object] = {
    "server.headless": True,
    "server.fileWatcherType": "none",
    "server.maxUploadSize": MOST_UPLOADED >> 20,
    "server.enableStaticServing": False,
    "server.enableAgentApi": False,
    "browser.gatherUsageStats": False,
    "client.showErrorLinks": False,
    "client.showErrorDetails": "none",
    "client.toolbarMode": "viewer",
    "logger.hideWelcomeMessage": True,
    **THEME,
}


def free_port(wanted: int, host: str = "127.0.0.1") -> socket.socket:
    """A socket bound to the wanted port, or the next free one. Raises SettingsError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for port in range(wanted, wanted + _PORTS_TRIED):
        with contextlib.suppress(OSError, OverflowError):
            bound = socket.socket(family, socket.SOCK_STREAM)
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind((host, port))
            bound.listen(128)  # from here on a browser waits for the app instead of being refused
            return bound
    raise SettingsError(f"No free port of {host} from {wanted} on. Set COACH_PORT to another, or mend the host.")


def hold_uploads_in_memory() -> None:
    """Have what is uploaded held in memory: Starlette puts what is larger than a megabyte on the disk."""
    from starlette.formparsers import MultiPartParser

    MultiPartParser.spool_max_size = MOST_UPLOADED + 1


def serve(script: Path, settings: Settings, port: int, tell: Callable[[str], None], *, open_browser: bool) -> None:
    """Serve the app until it is stopped."""
    import streamlit as st
    import uvicorn
    from starlette.middleware import Middleware
    from streamlit import config
    from streamlit.web import bootstrap

    from coach.ui import state

    state.door()  # owns the journal's folder from here on, and loads the models while the page is on its way
    bound = free_port(port, settings.host)
    taken = int(bound.getsockname()[1])
    entry = new_pass(settings.data, taken)
    hold_uploads_in_memory()
    bootstrap.load_config_options(_options(settings, taken))
    config._server_mode = "starlette-app-direct"
    entrance = Middleware(Entrance, address=Address(taken, settings.is_open_to_others, settings.host), entry=entry)
    app = st.App(script, middleware=[Middleware(AlwaysHeaders, headers=_headers(settings, taken)), entrance])
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False, server_header=False, ws_max_size=32 << 20))
    address = f"http://{_named(settings.host)}:{taken}/?token={entry.token}"
    tell(f"Coach is open at {address} ({_reach(settings)}; Ctrl+C stops it).")
    if open_browser:
        threading.Thread(target=webbrowser.open, args=[opener(settings.data, address)], daemon=True).start()  # it can wait there
    server.run(sockets=[bound])


def _options(settings: Settings, port: int) -> dict[str, object]:
    """Streamlit's options, as it wants them from a command line."""
    address = settings.host
    own = {
        "server.address": address,
        "server.port": port,
        "server.allowedHosts": ["*"] if settings.is_open_to_others else ["localhost", "127.0.0.1", "::1"],
        "browser.serverAddress": address,
        "browser.serverPort": port,
    }
    return {name.replace(".", "_"): value for name, value in {**_OPTIONS, **own}.items()}


def _headers(settings: Settings, port: int) -> list[tuple[str, str]]:
    """The headers of every answer. A socket's address is no part of 'self' in every browser, so it is named."""
    sockets = "ws:" if settings.is_open_to_others else f"ws://127.0.0.1:{port} ws://localhost:{port}"
    return [("Content-Security-Policy", _CONTENT_SECURITY_POLICY.format(sockets=sockets)), *_HEADERS.items()]


def _named(host: str) -> str:
    """The host as a browser on this machine calls it."""
    if host in ("0.0.0.0", "::", ""):
        return "127.0.0.1" if host != "::" else "[::1]"
    return f"[{host}]" if ":" in host else host


def _reach(settings: Settings) -> str:
    return "other machines can reach it too" if settings.is_open_to_others else "only this machine can reach it"
