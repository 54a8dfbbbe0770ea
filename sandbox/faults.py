"""What goes wrong, on order: which requests, how often, and how.

An effect is a function `(request, view, proceed, **options)` that answers in place of the sandbox,
or lets it `proceed` and changes what went in or came out. Add an effect here and to `EFFECTS`. What
Spotify does on an ordinary day belongs in `endpoints` and `accounts`.
"""

import copy
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from threading import Lock
from typing import Any, Literal

from sandbox import shapes
from sandbox.accounts import oauth_error, send_back
from sandbox.clock import Instant, instant
from sandbox.endpoints import View
from sandbox.items import Episode, LocalFile
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


def lastfm_error(
    _request: Request,
    _view: View,
    _proceed: Proceed,
    *,
    number: int,
    code: int = 500,
) -> Response:
    """Last.fm's way to fail: the number in the body, and any status."""
    return Response(code, {"error": number, "message": "Operation failed - Try again later"})


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


def deny(request: Request, view: View, proceed: Proceed) -> Response:
    """The listener clicks Cancel."""
    response = proceed(request, view)
    consents = response.status == HTTPStatus.FOUND
    return send_back(request, error="access_denied") if consents else response


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

    def lead_on(body: Json) -> None:
        offset = int(request.query.get("offset", 0)) + int(body["limit"])
        body["next"] = address(
            request.path.removeprefix("/v1"), {**request.query, "offset": offset}
        )

    return _edited(proceed(first, view), lead_on)


def empty_items(request: Request, view: View, proceed: Proceed) -> Response:
    """A list that is suddenly empty."""

    def empty(body: Json) -> None:
        body.update({"items": [], "next": None})
        if "cursors" in body:
            body["cursors"] = None

    return _edited(proceed(request, view), empty)


def duplicate(request: Request, view: View, proceed: Proceed, *, at: int = 0) -> Response:
    """The item at a position comes twice."""
    return _edited(
        proceed(request, view),
        lambda body: body["items"].insert(at, copy.deepcopy(body["items"][at])),
        at,
    )


def null_track(request: Request, view: View, proceed: Proceed, *, at: int = 0) -> Response:
    """An item without its track."""
    return _spoilt(proceed(request, view), at, lambda _track: None)


def null_album(request: Request, view: View, proceed: Proceed, *, at: int = 0) -> Response:
    """A track without its album."""
    return _spoilt(proceed(request, view), at, lambda track: track | {"album": None})


def local_file(request: Request, view: View, proceed: Proceed, *, at: int = 0) -> Response:
    """A file from the listener's own disk: no id, no href, no ISRC, an album without an id."""
    return _spoilt(proceed(request, view), at, _local)


def episode(request: Request, view: View, proceed: Proceed, *, at: int = 0) -> Response:
    """A podcast episode where a track was due."""
    return _spoilt(proceed(request, view), at, _episode)


def no_played_at(request: Request, view: View, proceed: Proceed, *, at: int = 0) -> Response:
    """A play that does not say when."""
    return _edited(
        proceed(request, view), lambda body: body["items"][at].pop("played_at", None), at
    )


EFFECTS: dict[str, Effect] = {
    effect.__name__: effect
    for effect in (
        status,
        lastfm_error,
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


def _edited(response: Response, change: Callable[[Json], object], at: int = 0) -> Response:
    """The response with its list changed; one that has no item at that place is left as it is."""
    if not isinstance(response.body, dict) or len(response.body.get("items") or ()) <= at:
        return response
    body = copy.deepcopy(response.body)
    change(body)
    return replace(response, body=body)


def _spoilt(response: Response, at: int, spoil: Callable[[Json], Json | None]) -> Response:
    """The response with one track changed, wherever this list keeps its tracks."""

    def change(body: Json) -> None:
        place: Any = body["items"]
        key: int | str = at
        holder = next((name for name in ("track", "item") if name in (place[at] or {})), None)
        if holder:
            place, key = place[at], holder
        if place[key] is not None:
            place[key] = spoil(place[key])

    return _edited(response, change, at)


def _local(track: Json) -> Json:
    return shapes.local_file(
        LocalFile("Take 2", "Our Band", "Demo tape", track["duration_ms"] // 1000)
    )


def _episode(track: Json) -> Json:
    return shapes.full_episode(
        Episode("Episode 12: Nothing", "Invented Radio", track["duration_ms"])
    )


@dataclass(slots=True)
class Fault:
    """One thing that goes wrong.

    Attributes:
        what: An effect's name.
        where: An endpoint's name, a path prefix that begins with `/`, or `*` for all.
        times: How many matching requests it strikes; None for every one.
        after: How many matching requests it lets pass first.
        user: Strikes this listener's requests only; None for everybody's.
        options: The effect's own.
        met: Matching requests that came this far until now.
    """

    what: str
    where: str = "*"
    times: int | None = 1
    after: int = 0
    user: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    met: int = 0

    def is_for(self, name: str, path: str, user: str | None) -> bool:
        """Whether a request to the endpoint `name` at `path` by `user` is one of its own."""
        under = self.where.startswith("/") and path.startswith(self.where)
        return (under or self.where in {"*", name}) and self.user in {None, user}

    def strikes(self) -> bool:
        """Count one more matching request; whether it is struck."""
        self.met += 1
        return self.met > self.after and (self.times is None or self.met <= self.after + self.times)


class Faults:
    """The faults on order, safe to change while requests run."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._faults: list[Fault] = []

    def add(
        self,
        what: str,
        where: str = "*",
        *,
        times: int | None = 1,
        after: int = 0,
        user: str | None = None,
        **options: Any,
    ) -> Fault:
        """Order a fault; those ordered first strike first.

        Raises:
            ValueError: No such effect, or one that takes no such options.
        """
        if what not in EFFECTS:
            raise ValueError(f"no fault called {what!r}; there are {', '.join(EFFECTS)}")
        try:
            inspect.signature(EFFECTS[what]).bind(None, None, None, **options)
        except TypeError as wrong:
            raise ValueError(f"fault {what!r}: {wrong}") from None
        fault = Fault(what, where, times, after, user, options)
        with self._lock:
            self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        with self._lock:
            self._faults = []

    def ordered(self) -> list[Fault]:
        """All faults ordered since the last `clear`, spent ones too."""
        with self._lock:
            return list(self._faults)

    def around(self, name: str, request: Request, view: View, proceed: Proceed) -> Response:
        """Answer a request to the endpoint `name` with everything that is due to go wrong.

        A request that an earlier fault answers does not count for the later ones, so that two
        orders of one failure each are two failures in a row.
        """
        user = view.listener.name if view.listener else None
        waiting = iter(f for f in self.ordered() if f.is_for(name, request.path, user))

        def answer(request: Request, view: View) -> Response:
            for fault in waiting:
                with self._lock:
                    struck = fault.strikes()
                if struck:
                    return EFFECTS[fault.what](request, view, answer, **fault.options)
            return proceed(request, view)

        return answer(request, view)
