"""Serves the dashboard: Streamlit's application with our door before it, in one process.

Options of Streamlit are set here and nowhere else, so that they hold however it is started and in
whichever folder. Streamlit takes a second to import: only what serves pages does.
"""

import importlib
import logging
import pkgutil
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from time import time
from typing import TYPE_CHECKING, Any

from pipelines import dashboard
from pipelines.dashboard import theme
from pipelines.dashboard.charts import chart_routes
from pipelines.dashboard.pages import every_page
from pipelines.errors import DashboardError
from pipelines.ops.logs import tell_all_of
from pipelines.settings import Settings

if TYPE_CHECKING:
    import streamlit as st
    from starlette.requests import Request
    from starlette.routing import Route

SCRIPT = Path(__file__).parent / "script.py"
LOOPBACK, PORT = "127.0.0.1", 8501
UPLOAD_MB = 1_024
"""As much as the inbox takes: an upload is in memory while it is read."""

MESSAGE_MB = 64
"""The most that a page may send or be sent at once; a widget's state has kilobytes."""

PING_S = 30

MISSING = (
    "the dashboard needs Streamlit, which is not installed: "
    "run `pip install 'playledger[dashboard]'`"
)

log = logging.getLogger("playledger.dashboard")


def options() -> Mapping[str, object]:
    """What Streamlit is told."""
    from pipelines.dashboard.login.gate import LOGIN_HEADER  # noqa: PLC0415 needs the extra

    return {
        **theme.options(),
        "browser.gatherUsageStats": False,
        "client.showErrorDetails": "none",
        "client.showErrorLinks": False,
        "client.toolbarMode": "viewer",
        "logger.hideWelcomeMessage": True,
        # Else what a script says beneath a constant would be shown as text.
        "runner.magicEnabled": False,
        "server.address": LOOPBACK,
        "server.enableAgentApi": False,
        "server.enableCORS": True,
        "server.enableStaticServing": False,
        "server.enableXsrfProtection": True,
        "server.fileWatcherType": "none",
        "server.headless": True,
        "server.maxMessageSize": MESSAGE_MB,
        "server.maxUploadSize": UPLOAD_MB,
        "server.runOnSave": False,
        # A session of Streamlit's is resumed only by the login that began it.
        "server.trustedUserHeaders": {LOGIN_HEADER: "login"},
    }


def dashboard_app(
    settings: Settings,
    url: str | None = None,
    *,
    clock: Callable[[], float] = time,
    script: Path = SCRIPT,
) -> "st.App":
    """The application: pages, the door, and the gate before them. It needs Streamlit.

    Args:
        settings: of the process.
        url: the address that people use, where `DASHBOARD_URL` does not say it.
        clock: the current time, Unix seconds, by which logins end.
        script: what runs at each click.
    """
    import streamlit as st  # noqa: PLC0415 takes a second
    from starlette.middleware import Middleware  # noqa: PLC0415
    from streamlit import config, file_util  # noqa: PLC0415

    from pipelines.dashboard import running  # noqa: PLC0415 these need the extra
    from pipelines.dashboard.login.access import open_access  # noqa: PLC0415
    from pipelines.dashboard.login.gate import Gate  # noqa: PLC0415
    from pipelines.dashboard.login.limits import BegunLogins, RateLimit  # noqa: PLC0415
    from pipelines.dashboard.login.routes import Door  # noqa: PLC0415

    for option, value in options().items():
        config.set_option(option, value)
    url = settings.dashboard.url or url or f"http://{LOOPBACK}:{PORT}"
    access = open_access(settings, url, clock)
    running.start(settings)
    gate = Middleware(
        Gate,
        access=access,
        limit=RateLimit(clock=clock),
        index=Path(file_util.get_static_dir()) / "index.html",
        accounts_url=settings.accounts_url,
    )
    return st.App(
        script,
        routes=[*Door(access, BegunLogins(clock)).routes(), *chart_routes(), _cover_route()],
        middleware=[gate],
        on_script_error=_log_error,
    )


def _cover_route() -> "Route":
    """The cover is at the root; who asks for it by its name is sent there."""
    from starlette.responses import RedirectResponse  # noqa: PLC0415 only where it is served
    from starlette.routing import Route  # noqa: PLC0415

    async def to_the_root(request: "Request") -> RedirectResponse:
        chosen = request.url.query
        return RedirectResponse(f"/?{chosen}" if chosen else "/")

    [cover] = [page.name for page in every_page() if page.is_cover]
    return Route(f"/{cover}", to_the_root)


def _log_error(problem: Exception) -> bool:
    """Log what a page failed of; whoever looks at it reads one general sentence."""
    log.error("a page failed", exc_info=problem)
    return False


def server_options() -> Mapping[str, Any]:
    """What uvicorn is told: nothing of a request is logged, since its address may hold a code."""
    return {
        "access_log": False,
        "log_level": "warning",
        "server_header": False,
        "ws": "websockets-sansio",
        "ws_max_size": MESSAGE_MB * 2**20,
        "ws_ping_interval": PING_S,
        "ws_ping_timeout": PING_S,
        # What is before us on this machine says whom it asks for, or FORWARDED_ALLOW_IPS does.
        "proxy_headers": True,
    }


def serve(
    settings: Settings,
    host: str,
    port: int,
    *,
    on_start: Callable[[str], None] = lambda _: None,
    script: Path = SCRIPT,
) -> None:
    """Serve until the process is told to stop.

    Args:
        settings: of the process.
        host: the address to listen at.
        port: likewise; 0 for any that is free.
        on_start: is told the address that people use, when it can be asked.
        script: what runs at each click.

    Raises:
        DashboardError: where Streamlit is not installed, or the port is taken.
    """
    if find_spec("streamlit") is None:
        raise DashboardError(MISSING)
    with _listen(host, port) as listening:
        port = listening.getsockname()[1]
        url = settings.dashboard.url or f"http://{_in_address(host)}:{port}"
        app = dashboard_app(settings, url, script=script)
        import uvicorn  # noqa: PLC0415

        tell_all_of(log.name)  # who logged in
        _load_pages()
        on_start(url)  # who asks before it answers waits for it
        server = uvicorn.Server(uvicorn.Config(app, host=host, port=port, **server_options()))
        with suppress(KeyboardInterrupt):  # it has ended by then, as it was asked to
            server.run(sockets=[listening])


def _load_pages() -> None:
    """Import what pages are made of, before anybody asks.

    Else the first clicks of two visitors import the same modules in two threads at once, and one of
    them was seen to fail of it. The first page is quicker, too.
    """
    for one in pkgutil.iter_modules(dashboard.__path__, f"{dashboard.__name__}."):
        importlib.import_module(one.name)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen()
    except OSError as problem:
        listening.close()
        raise DashboardError(
            f"the dashboard cannot listen at {host}:{port} ({problem.strerror}): "
            "choose another with --port"
        ) from None
    return listening


def _in_address(host: str) -> str:
    """A host as it stands in an address; every address of the machine is reached at its own."""
    if host in {"0.0.0.0", "::", "localhost"}:  # noqa: S104 not bound here
        return LOOPBACK
    return f"[{host}]" if ":" in host else host
