"""What goes wrong, on order: which requests, how often, and how.

An effect is a function `(request, view, proceed, **options)` that answers in place of the sandbox,
or lets it `proceed` and changes what went in or came out. Add an effect here and to `EFFECTS`. What
Spotify does on an ordinary day belongs in `endpoints` and `accounts`.
"""

import copy
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any, Literal

from sandbox.accounts import oauth_error, send_back
from sandbox.clock import Instant, instant
from sandbox.endpoints import View
from sandbox.messages import Json, Request, Response, address, refusal

Proceed = Callable[[Request, View], Response]
Effect = Callable[..., Response]


def status(
    _request: Request,
    _view: View,
    _proceed: Proceed,
    *,
    code: int,
    message: str = "",
    headers: Mapping[str, str] | None = None,
    body: object = None,
) -> Response:
    """Answer with a status, any headers, and `body` or an error in the Web API's shape."""
    plain = refusal(code, message or f"Sandbox says {code}")
    return Response(code, plain.body if body is None else body, headers or {})


def rate_limit(
    _request: Request,
    _view: View,
    _proceed: Proceed,
    *,
    retry_after: int | None = 1,
    quota: bool = False,
) -> Response:
    """429, with Retry-After in seconds unless None, and a reason when the quota is used up."""
    reason = {"reason": "QUOTA_EXCEEDED"} if quota else {}
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return replace(refusal(429, "Too many requests", **reason), headers=headers)


def hang(request: Request, view: View, proceed: Proceed, *, seconds: float) -> Response:
    """Say nothing for a while; if the sandbox ends meanwhile, hang up."""
    if view.stopping.wait(seconds):
        return Response(cut="before")
    return proceed(request, view)


def cut(
    request: Request, view: View, proceed: Proceed, *, at: Literal["before", "middle"] = "before"
) -> Response:
    """Break the connection before the first byte or in the middle of the body."""
    return replace(proceed(request, view), cut=at)


def not_json(_request: Request, _view: View, _proceed: Proceed) -> Response:
    """200 with a web page where JSON was due."""
    return Response(200, b"<!doctype html><title>Back soon</title>", {"Content-Type": "text/html"})


def no_content(_request: Request, _view: View, _proceed: Proceed) -> Response:
    """204 and nothing else."""
    return Response(204)


def invalid_grant(_request: Request, _view: View, _proceed: Proceed) -> Response:
    """The accounts service no longer takes the refresh token."""
    return oauth_error("invalid_grant", "Refresh token revoked")


def deny(request: Request, _view: View, _proceed: Proceed) -> Response:
    """The listener clicks Cancel."""
    return send_back(request, error="access_denied")


def stale(request: Request, view: View, proceed: Proceed, *, at: Instant) -> Response:
    """Answer as it would have been at an earlier instant."""
    return proceed(request, replace(view, now=min(view.now, instant(at))))


def late(
    request: Request,
    view: View,
    proceed: Proceed,
    *,
    start: Instant,
    end: Instant,
    visible_from: Instant,
) -> Response:
    """Plays of `[start, end)` were heard offline: they show up only from `visible_from` on."""
    if view.now < instant(visible_from):
        view = replace(view, unseen=(*view.unseen, (instant(start), instant(end))))
    return proceed(request, view)


def endless(request: Request, view: View, proceed: Proceed) -> Response:
    """A list whose every page is the first one, with a `next` that leads on for ever."""
    first = replace(request, query={**request.query, "offset": "0"})
    body = _body_of(proceed(first, view))
    offset = int(request.query.get("offset", 0))
    query = {**request.query, "offset": offset + int(body.get("limit") or 0)}
    return Response(200, body | {"next": address(request.path.removeprefix("/v1"), query)})


def empty_items(request: Request, view: View, proceed: Proceed) -> Response:
    """A list that is suddenly empty."""
    body = _body_of(proceed(request, view)) | {"items": [], "next": None}
    return Response(200, body | ({"cursors": None} if "cursors" in body else {}))


def duplicate(request: Request, view: View, proceed: Proceed, *, at: int = 0) -> Response:
    """The item at a position comes twice."""
    body = _body_of(proceed(request, view))
    body["items"].insert(at, copy.deepcopy(body["items"][at]))
    return Response(200, body)


def null_track(request: Request, view: View, proceed: Proceed, *, at: int = 0) -> Response:
    """An item without its track."""
    return _spoil(proceed(request, view), at, lambda _track: None)


def null_album(request: Request, view: View, proceed: Proceed, *, at: int = 0) -> Response:
    """A track without its album."""
    return _spoil(proceed(request, view), at, lambda track: track | {"album": None})


def local_file(request: Request, view: View, proceed: Proceed, *, at: int = 0) -> Response:
    """A file from the listener's own disk: no id, no href, an album without an id."""
    return _spoil(proceed(request, view), at, _local)


def episode(request: Request, view: View, proceed: Proceed, *, at: int = 0) -> Response:
    """A podcast episode where a track was due."""
    return _spoil(proceed(request, view), at, _episode)


def no_played_at(request: Request, view: View, proceed: Proceed, *, at: int = 0) -> Response:
    """A play that does not say when."""
    body = _body_of(proceed(request, view))
    body["items"][at].pop("played_at", None)
    return Response(200, body)


EFFECTS: dict[str, Effect] = {
    effect.__name__: effect
    for effect in (
        status,
        rate_limit,
        hang,
        cut,
        not_json,
        no_content,
        invalid_grant,
        deny,
        stale,
        late,
        endless,
        empty_items,
        duplicate,
        null_track,
        null_album,
        local_file,
        episode,
        no_played_at,
    )
}


def _body_of(response: Response) -> Json:
    """A copy of a list's body, for changing; a response that is no list has an empty one."""
    body = copy.deepcopy(response.body)
    return body if isinstance(body, dict) and "items" in body else {"items": []}
