"""The door's own addresses: `/auth/…`. Everything else is behind the gate.

A login: `/auth/login` sends the browser to Spotify with a state that only its cookie leads back to;
`/auth/callback` takes that cookie, once, asks whose account it is, and gives the browser a token of
its own. A link does the same without Spotify. What is checked before any of these is `gate.py`.
"""

import hashlib
import hmac
import logging
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from pipelines.dashboard.login import pages
from pipelines.dashboard.login.access import Access
from pipelines.dashboard.login.at_spotify import CALLBACK, AtSpotify
from pipelines.dashboard.login.limits import BEGUN_LASTS_S, Begun, BegunLogins
from pipelines.dashboard.login.pages import Link
from pipelines.errors import LockedOut, NotAuthorized, PlayledgerError, TokenFileError, WrongAccount
from pipelines.listening.plain_text import plain
from pipelines.resources.dashboard_logins import DashboardLogin
from pipelines.resources.spotify.token_store import TokenFile

BEGUN = "-begun"
"""Ends the name of the cookie of a browser that was sent to Spotify."""

MOST_FORM_BYTES = 4_096
LONGEST_THEN = 2_000
SEE_OTHER = 303

WHY = {
    "ended": "Your login has ended. Log in again to go on.",
    "again": "That login is used up or took too long. Start again.",
    "out": "You are logged out.",
    "everywhere": "You are logged out everywhere.",
}
"""What the page to log in may say; an address can choose one, and no other words."""

FAILED = "What went wrong is in the log of whoever runs this Playledger. Nothing was changed."

AGAIN = Link("Try again", "/auth/")

log = logging.getLogger("playledger.dashboard")


@dataclass(frozen=True)
class Door:
    """The addresses at the door.

    Attributes:
        access: who may see what.
        begun: browsers that were sent to Spotify.
    """

    access: Access
    begun: BegunLogins

    def routes(self) -> list[Route]:
        """All of them."""
        return [
            Route("/auth/", self.login_page, methods=["GET"]),
            Route("/auth/login", self.login, methods=["GET"]),
            Route(CALLBACK, self.callback, methods=["GET"]),
            Route("/auth/invite", self.invitation, methods=["GET"]),
            Route("/auth/invite", self.accept, methods=["POST"]),
            Route("/auth/account", self.account, methods=["GET"]),
            Route("/auth/logout", self.logout, methods=["POST"]),
            Route("/auth/logout-everywhere", self.logout_everywhere, methods=["POST"]),
            Route("/auth/renew", self.renew, methods=["POST"]),
            Route("/auth/style.css", _style, methods=["GET"]),
            Route("/auth/invite.js", _invitation_script, methods=["GET"]),
            Route("/auth/{other:path}", _not_found),
            Route("/auth", _to_the_door),
        ]

    async def login_page(self, request: Request) -> Response:
        """Who is not logged in is asked to; who is goes on."""
        then = safe_path(request.query_params.get("next"))
        if self._login(request):
            return _redirect(then)
        why = WHY.get(request.query_params.get("why", ""), "")
        return HTMLResponse(pages.login_page(_next(then), why))

    async def login(self, request: Request) -> Response:
        """Send the browser to Spotify, to show who is there."""
        try:
            consent = await run_in_threadpool(AtSpotify(self.access).identity)
            url = consent.url
        except PlayledgerError as problem:
            return _failure(problem)
        then = safe_path(request.query_params.get("next"))
        return self._send(url, self.begun.add(consent, then))

    async def renew(self, request: Request) -> Response:
        """Send the browser to Spotify, to let Playledger go on collecting."""
        login = await self._of_form(request)
        if login is None:
            return _refused_form()
        try:
            consent = await run_in_threadpool(AtSpotify(self.access).renewal, login.listener)
            url = consent.url
        except PlayledgerError as problem:
            return _failure(problem)
        token = self.begun.add(consent, "/auth/account", login.listener)
        return self._send(url, token)

    def _send(self, url: str, token: str) -> Response:
        response = _redirect(url)
        self._set_cookie(response, self.access.cookie(BEGUN), token, BEGUN_LASTS_S)
        return response

    async def callback(self, request: Request) -> Response:
        """Take the browser back from Spotify: once, and only the one that was sent."""
        begun = self.begun.take(request.cookies.get(self.access.cookie(BEGUN)))
        if begun is None:  # a bookmark, a second time, or another browser's
            there = "/" if self._login(request) else "/auth/?why=again"
            return self._without_begun(_redirect(there))
        try:
            response = await self._came_back(request, begun)
        except PlayledgerError as problem:
            response = _failure(problem)
        return self._without_begun(response)

    async def _came_back(self, request: Request, begun: Begun) -> Response:
        spotify, redirect = AtSpotify(self.access), str(request.url)
        if begun.listener is None:
            listener = await run_in_threadpool(spotify.identify, begun.consent, redirect)
            if listener is None:
                log.warning("a login was refused: no listener has that account")
                return _stranger()
            log.info("%s logged in with Spotify", listener)
            return self._let_in(request, listener, begun.then)
        # Who began it has to be logged in still: the answer is stored for them alone.
        login = self._login(request)
        if login is None or login.listener != begun.listener:
            return _redirect("/auth/?why=ended")
        await run_in_threadpool(spotify.renew, begun.consent, redirect, begun.listener)
        log.info("%s renewed the consent to collect", begun.listener)
        return _redirect(begun.then)

    async def invitation(self, request: Request) -> Response:  # noqa: ARG002
        """What a link shows; programs that look into mails get no further."""
        return HTMLResponse(pages.invitation_page())

    async def accept(self, request: Request) -> Response:
        """Log in whoever has the link and says so."""
        token = (await _form(request)).get("invitation", "")
        try:
            listener = self.access.logins.accept(token) if token else None
        except PlayledgerError as problem:
            return _failure(problem)
        if listener is None or self.access.visitor_of(listener) is None:
            log.warning("an invitation was refused: it is none, or was used, or is over")
            text = "It was used before, or its time is over. Ask for a new one."
            return _page("This link does not work", text, 403, Link("Log in", "/auth/"))
        log.info("%s logged in with an invitation", listener)
        return self._let_in(request, listener, "/")

    def _let_in(self, request: Request, listener: str, then: str) -> Response:
        """A new token for the browser, whatever it had before."""
        if before := self._login(request):
            self.access.logins.end(before.key)
        token = self.access.logins.begin(listener, request.headers.get("user-agent", ""))
        response = _redirect(then)
        lasts = self.access.settings.dashboard.lasts
        self._set_cookie(response, self.access.cookie(), token, lasts.total_seconds())
        return response

    async def account(self, request: Request) -> Response:
        """Somebody's own page: where they are logged in, and their consent to collect."""
        login = self._login(request)
        visitor = self.access.visitor_of(login.listener) if login else None
        if login is None or visitor is None:
            return _redirect("/auth/?next=/auth/account")
        try:
            token = TokenFile(self.access.settings.tokens_dir, visitor.listener).read()
        except TokenFileError:
            token = None
        page = pages.account_page(
            visitor.listener,
            is_owner=visitor.is_owner,
            logins=self.access.logins.all(visitor.listener),
            here=login.key,
            form=form_value(self._token(request)),
            consent_ends_at=token.ends_at if token and not token.refused else None,
        )
        return HTMLResponse(page)

    async def logout(self, request: Request) -> Response:
        """End the login of this browser."""
        login = await self._of_form(request)
        if login is None:
            return _refused_form()
        self.access.logins.end(login.key)
        return self._out("out")

    async def logout_everywhere(self, request: Request) -> Response:
        """End all logins of the listener."""
        login = await self._of_form(request)
        if login is None:
            return _refused_form()
        self.access.logins.end_all(login.listener)
        return self._out("everywhere")

    def _out(self, why: str) -> Response:
        response = _redirect(f"/auth/?why={why}")
        self._set_cookie(response, self.access.cookie(), "", 0)
        return response

    def _token(self, request: Request) -> str:
        return request.cookies.get(self.access.cookie(), "")

    def _login(self, request: Request) -> DashboardLogin | None:
        return self.access.login(self._token(request))

    async def _of_form(self, request: Request) -> DashboardLogin | None:
        """The login of who sent a form of the account's page; None where it is not from there."""
        login, sent = self._login(request), (await _form(request)).get("form", "")
        expected = form_value(self._token(request))
        return login if login and hmac.compare_digest(sent.encode(), expected.encode()) else None

    def _without_begun(self, response: Response) -> Response:
        self._set_cookie(response, self.access.cookie(BEGUN), "", 0)
        return response

    def _set_cookie(self, response: Response, name: str, value: str, lasts_s: float) -> None:
        response.set_cookie(
            name,
            value,
            max_age=int(lasts_s),
            path="/",
            secure=self.access.is_https,
            httponly=True,
            samesite="lax",
        )


def safe_path(then: str | None) -> str:
    """A path of the dashboard's own to go on to; its front page for anything else.

    Args:
        then: what an address asked for.
    """
    if not then or len(then) > LONGEST_THEN or not then.isprintable() or "\\" in then:
        return "/"
    try:
        parts = urlsplit(then)
    except ValueError:
        return "/"
    is_own = not parts.scheme and not parts.netloc and parts.path.startswith("/")
    if not is_own or then.startswith("//"):
        return "/"
    is_door = parts.path.startswith("/auth") and parts.path != "/auth/account"
    if is_door or parts.path.startswith("/_stcore"):
        return "/"
    path = quote(parts.path, safe="/%:@!$&'()*+,;=~-._")
    return f"{path}?{quote(parts.query, safe=_QUERY)}" if parts.query else path


_QUERY = "/%:@!$&'()*+,;=~-._?"


def form_value(token: str) -> str:
    """What a form of a login's own pages holds: only they can know it, and it opens nothing."""
    return hashlib.sha256(f"form {token}".encode()).hexdigest()


def _next(then: str) -> str:
    return f"?{urlencode({'next': then})}" if then != "/" else ""


def _redirect(address: str) -> Response:
    return RedirectResponse(address, SEE_OTHER)


async def _form(request: Request) -> dict[str, str]:
    """The fields of a form as browsers send them; nothing of one that is too long."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_FORM_BYTES:
            return {}
    return dict(parse_qsl(body.decode("ascii", "replace")))


def _page(title: str, text: str, status: int, link: Link | None) -> Response:
    return HTMLResponse(pages.message(title, text, link), status)


def _stranger() -> Response:
    text = (
        "No listener of this Playledger has the Spotify account that you logged in with, so "
        "nothing was kept. If you are one, ask whoever runs it for an invitation."
    )
    return _page("You are not known here", text, 403, Link("Log in as somebody else", "/auth/"))


def _refused_form() -> Response:
    text = "Your login has ended, or this came from another page. Nothing was changed."
    return _page("That was not done", text, 403, Link("Go on", "/auth/account"))


def _failure(problem: PlayledgerError) -> Response:
    """Why it did not work: what whoever stands at the door can do something about, in words.

    Of all else the sentence may name files, or another listener: it is in the log alone.
    """
    if isinstance(problem, NotAuthorized) and "access_denied" in str(problem):
        text = "You did not let Playledger see whose account it is, so nobody was logged in."
        return _page("Nothing happened", text, 200, AGAIN)
    if isinstance(problem, WrongAccount):
        return _page("Another account", _sentence(problem), 403, Link("Back", "/auth/account"))
    log.warning("a login failed: %s", problem)
    title = "That did not work"
    if isinstance(problem, NotAuthorized):
        return _page(title, _sentence(problem), 400, AGAIN)
    if isinstance(problem, LockedOut):
        until = f"{problem.retry_at:%Y-%m-%d %H:%M:%S} UTC"
        return _page(title, f"Spotify refuses requests until {until}.", 503, AGAIN)
    return _page(title, FAILED, 503, AGAIN)


def _sentence(problem: PlayledgerError) -> str:
    text = plain(str(problem))
    return f"{text[:1].upper()}{text[1:]}."


async def _style(request: Request) -> Response:  # noqa: ARG001
    return Response(pages.style(), media_type="text/css")


async def _invitation_script(request: Request) -> Response:  # noqa: ARG001
    return Response(pages.INVITATION_SCRIPT, media_type="text/javascript")


async def _to_the_door(request: Request) -> Response:  # noqa: ARG001
    return _redirect("/auth/")


async def _not_found(request: Request) -> Response:  # noqa: ARG001
    return PlainTextResponse("Not found.", 404)
