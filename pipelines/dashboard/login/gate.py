"""Stands before everything that the dashboard serves: whatever is not let through is refused.

Without a login there is the door (`/auth/…`), the health check, and Streamlit's own scripts and
styles, which hold nothing of anybody. Everything else, the websocket, uploads and media too, needs
a cookie that leads to a login. The cookie goes no further: what is behind the gate is told the key
of the login in a header that only the gate can set.
"""

import base64
import hashlib
import logging
import re
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipelines.dashboard.login.access import Access
from pipelines.dashboard.login.limits import RateLimit
from pipelines.errors import PlayledgerError
from pipelines.report.embedding import SPACE, script_digests
from pipelines.resources.dashboard_logins import DashboardLogin

LOGIN_HEADER = "x-playledger-login"
"""Tells what is behind the gate which login a request is of."""

STREAM = "/_stcore/stream"
HEALTH = "/_stcore/health"
OPEN_FILES = re.compile(r"/static/(?:[\w-]+/)*[\w-][\w.-]*|/favicon\.png", re.ASCII)
"""Streamlit's own scripts, styles and fonts: the same for everybody."""

CLOSED = re.compile(
    r"/_stcore/(metrics|agent|script-health-check)\b.*|/oauth2callback|/auth/.*\.py"
)
"""What nobody needs, whoever they are."""

LOCAL_NAMES = {"localhost", "127.0.0.1", "::1"}
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
POLICY_VIOLATION = 1008

log = logging.getLogger("playledger.dashboard")


@dataclass
class Gate:
    """The middleware before everything else.

    Attributes:
        app: what is behind it.
        access: who may see what.
        limit: how often one address may ask at the door.
        index: Streamlit's page, whose own inline scripts may run.
        accounts_url: of Spotify, where the door sends browsers.
    """

    app: ASGIApp
    access: Access
    limit: RateLimit
    index: Path
    accounts_url: str
    _address: Any = field(init=False)

    def __post_init__(self) -> None:
        self._address = urlsplit(self.access.url)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or refuse it."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        try:
            if scope["type"] == "websocket":
                await self._websocket(scope, headers, receive, send)
            elif scope["type"] == "http":
                await self._http(scope, headers, receive, self._with_headers(scope, send))
        except PlayledgerError as problem:
            log.error("the dashboard cannot be used: %s", problem)  # noqa: TRY400 its sentence says all
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": POLICY_VIOLATION})
                return
            refusal = PlainTextResponse("The dashboard cannot be used now: see its log.\n", 503)
            await refusal(scope, receive, self._with_headers(scope, send))

    async def _http(self, scope: Scope, headers: Headers, receive: Receive, send: Send) -> None:
        refusal = self._refusal(scope, headers)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        path = scope["path"]
        is_read = scope["method"] in SAFE_METHODS
        if is_read and (path == HEALTH or OPEN_FILES.fullmatch(path)):
            await self.app(self._inside(scope, headers, None), receive, send)
        elif path == "/auth" or path.startswith("/auth/"):
            await self.app(scope, receive, send)
        elif login := self.access.login(self._cookie(headers)):
            await self.app(self._inside(scope, headers, login), receive, send)
        else:
            await _ask_to_log_in(scope, headers)(scope, receive, send)

    def _refusal(self, scope: Scope, headers: Headers) -> Response | None:
        """Why a request is not even looked at."""
        path = scope["path"]
        if path == HEALTH and scope["method"] in SAFE_METHODS:
            return None  # whoever watches over us may ask under any name
        if not self._is_host(headers):
            return self._wrong_host(scope, headers)
        if scope["method"] not in SAFE_METHODS and not self._is_own_origin(headers):
            return PlainTextResponse("This came from another page.\n", 403)
        if CLOSED.fullmatch(path):
            return PlainTextResponse("Not found.\n", 404)
        if path.startswith("/auth") and not self.limit.allows(_address(scope)):
            text = "Too many requests: wait a minute.\n"
            return PlainTextResponse(text, 429, {"Retry-After": "60"})
        return None

    def _wrong_host(self, scope: Scope, headers: Headers) -> Response:
        """A refusal; who asks this machine under another of its names is sent to our address."""
        if self._is_alias(headers) and scope["method"] == "GET" and _is_page(headers):
            return RedirectResponse(self.access.url + quote(scope["path"]) + _query(scope), 307)
        return PlainTextResponse("This host name is not served here.\n", 421)

    def _is_host(self, headers: Headers) -> bool:
        """Whether the browser asked for our address: a name that somebody made lead here is not."""
        return _same_host(headers.getlist("host"), self._address.netloc, self._address.scheme)

    def _is_alias(self, headers: Headers) -> bool:
        """Whether it asked for this machine under another of its names."""
        try:
            asked = urlsplit(f"//{headers.get('host', '')}")
            is_ours = asked.port == self._address.port and asked.hostname in LOCAL_NAMES
        except ValueError:
            return False
        return is_ours and self._address.hostname in LOCAL_NAMES

    def _is_own_origin(self, headers: Headers) -> bool:
        """Whether a page of ours sent it.

        Forms of pages that send no referrer say 'null'; then the browser says in another header
        where they are from, which no page can set.
        """
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        if origin is None or origin == "null":
            return site == "same-origin"
        return origin == self.access.url and site in {None, "same-origin"}

    async def _websocket(
        self, scope: Scope, headers: Headers, receive: Receive, send: Send
    ) -> None:
        login = (
            self.access.login(self._cookie(headers))
            if scope["path"] == STREAM
            and self._is_host(headers)
            and headers.getlist("origin") == [self.access.url]
            else None
        )
        if login is None:
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})
            return
        key = login.key
        logins = self.access.logins

        async def watched() -> Message:
            message = await receive()
            data = message.get("bytes")
            if message["type"] != "websocket.receive" or data is None:
                return message
            # Streamlit calls what a click asks for before the script runs, and parts of a page
            # without it: of a login that has ended, nothing is left but the wish to see the page.
            is_used = not is_automatic(data)
            if logins.by_key(key, is_used=is_used) is None:
                return {"type": "websocket.receive", "bytes": only_a_run(data)}
            return message

        await self.app(self._inside(scope, headers, login), watched, send)

    def _cookie(self, headers: Headers) -> str | None:
        return cookie_parser("; ".join(headers.getlist("cookie"))).get(self.access.cookie())

    def _inside(self, scope: Scope, headers: Headers, login: DashboardLogin | None) -> Scope:
        """The request as it is told behind the gate: without our cookies, with who it is of."""
        cookies = cookie_parser("; ".join(headers.getlist("cookie")))
        others = "; ".join(
            f"{name}={value}" for name, value in cookies.items() if "playledger" not in name
        )
        kept = [
            (name, value)
            for name, value in scope["headers"]
            if name.lower() not in {b"cookie", LOGIN_HEADER.encode()}
        ]
        if others:
            kept.append((b"cookie", others.encode("latin-1")))
        if login:
            kept.append((LOGIN_HEADER.encode(), login.key.encode()))
        return {**scope, "headers": kept}

    def _with_headers(self, scope: Scope, send: Send) -> Send:
        """Add what browsers are told to be strict about."""
        is_door = scope["path"].startswith("/auth")

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = self._door_policy if is_door else self._policy
                headers["X-Frame-Options"] = "DENY"
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "no-referrer"
                headers["Cross-Origin-Opener-Policy"] = "same-origin"
                headers["Cross-Origin-Resource-Policy"] = "same-origin"
                headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
                if is_door or not OPEN_FILES.fullmatch(scope["path"]):
                    headers["Cache-Control"] = "no-store"
                del headers["server"]
            await send(message)

        return sent

    @cached_property
    def _policy(self) -> str:
        """What Streamlit's page may load: from here, and from nowhere else."""
        socket = self.access.url.replace("http", "ws", 1)
        # A survey's page within a page of ours has the scripts that it was made with.
        own = (*inline_scripts(self.index), *script_digests(SPACE, "survey.js"))
        scripts = " ".join(f"'sha256-{digest}'" for digest in own)
        return "; ".join(
            (
                "default-src 'self'",
                # Its components are modules that it makes itself; blob: is this page's alone.
                f"script-src 'self' blob: 'wasm-unsafe-eval' {scripts}".rstrip(),
                "style-src 'self' 'unsafe-inline'",
                "img-src 'self' data: blob:",
                "font-src 'self' data:",
                f"connect-src 'self' {socket}",
                "worker-src 'self' blob:",
                "frame-src 'self'",
                *_EVERYWHERE,
                "form-action 'self'",
            )
        )

    @cached_property
    def _door_policy(self) -> str:
        """What the pages at the door may: next to nothing. A form of theirs leads to Spotify."""
        accounts = urlsplit(self.accounts_url)
        return "; ".join(
            (
                "default-src 'none'",
                "script-src 'self'",
                "style-src 'self'",
                "img-src 'self'",
                *_EVERYWHERE,
                f"form-action 'self' {accounts.scheme}://{accounts.netloc}",
            )
        )


_EVERYWHERE = ("object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'")

_INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def inline_scripts(index: Path) -> list[str]:
    """The digests of the scripts that stand in a page itself.

    Args:
        index: the page.
    """
    text = index.read_text(encoding="utf-8")
    digests = (hashlib.sha256(script.encode()).digest() for script in _INLINE.findall(text))
    return [base64.b64encode(digest).decode() for digest in digests]


def is_automatic(data: bytes) -> bool:
    """Whether a message of a page was sent by a part that runs by itself, without a click.

    Args:
        data: as it came over the websocket.
    """
    message = _back_message(data)
    return message.WhichOneof("type") in {None, "app_heartbeat"} or (
        message.rerun_script.is_auto_rerun
    )


def only_a_run(data: bytes) -> bytes:
    """What is left of a message of a login that has ended: a run of the script, and no click.

    Args:
        data: as it came over the websocket.
    """
    message, run = _back_message(data), _back_message(b"")
    run.rerun_script.query_string = message.rerun_script.query_string
    run.rerun_script.page_script_hash = message.rerun_script.page_script_hash
    return bytes(run.SerializeToString())


def _back_message(data: bytes) -> Any:
    from streamlit.proto.BackMsg_pb2 import BackMsg  # noqa: PLC0415

    message = BackMsg()
    with suppress(Exception):  # protobuf's DecodeError: Streamlit refuses such a message itself
        message.ParseFromString(data)
        return message
    return BackMsg()


def _ask_to_log_in(scope: Scope, headers: Headers) -> Response:
    """To a person the page to log in, to anything else that it may not."""
    path = scope["path"]
    is_part = path.startswith(("/_stcore/", "/media/", "/component/", "/app/"))
    if scope["method"] != "GET" or is_part or not _is_page(headers):
        return PlainTextResponse("Log in first.\n", 401)
    asked = path + _query(scope)
    then = f"?next={quote(asked, safe='')}" if asked != "/" else ""
    return RedirectResponse(f"/auth/{then}", 303)


def _query(scope: Scope) -> str:
    """What an address asks for besides its path, with its question mark."""
    return f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else ""


def _is_page(headers: Headers) -> bool:
    return "text/html" in headers.get("accept", "")


def _same_host(hosts: list[str], netloc: str, scheme: str) -> bool:
    """Whether there is one host header and it names this address; a usual port may be named."""
    usual = {"http": ":80", "https": ":443"}[scheme]
    return len(hosts) == 1 and hosts[0].lower() in {netloc, f"{netloc}{usual}"}


def _address(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else ""
