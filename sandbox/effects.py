"""What can go wrong with a request, and how it then looks.

An effect is a function `(request, view, proceed, **options)` that answers in place of the sandbox,
or lets it `proceed` and changes what went in or came out. Add an effect here and to `EFFECTS`; its
options are plain values, so that another process can order it. Which requests are struck is
`faults`' business. What Spotify does on an ordinary day belongs in `endpoints` and `accounts`.
"""

import copy
import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from http import HTTPStatus
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
    headers: Mapping[str, str | None] | None = None,
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


def headers(
    request: Request, view: View, proceed: Proceed, *, headers: Mapping[str, str | None]
) -> Response:
    """Answer as ever, with other headers, such as another `Date`; None leaves one out."""
    answer = proceed(request, view)
    return replace(answer, headers={**answer.headers, **headers})


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


def unheard(_request: Request, _view: View, _proceed: Proceed) -> Response:
    """Break the connection without having done anything; `cut` breaks it afterwards."""
    return Response(cut="before")


def applied(
    request: Request, view: View, proceed: Proceed, *, code: int = 502, message: str = ""
) -> Response:
    """Do what was asked, and answer with a failure all the same; `status` does nothing."""
    proceed(request, view)
    return refusal(code, message or "Bad gateway.")


def dead_uri(
    request: Request, view: View, proceed: Proceed, *, uri: str, code: int = 502
) -> Response:
    """Fail for every body that names this uri, and do nothing of it; needs `times=None`.

    One dead uri made a whole request answer 502, seven times running
    (eXPerience83/news-bulletin-playlist#147).
    """
    if uri.encode() in request.body or uri in request.query.get("uris", ""):
        return refusal(code, "Bad gateway.")
    return proceed(request, view)


def locked(request: Request, view: View, proceed: Proceed, *, until: Instant) -> Response:
    """429 QUOTA_EXCEEDED until an instant of the sandbox's clock; needs `times=None`.

    `Retry-After` says how long that still is.
    """
    left = (instant(until) - view.now).total_seconds()
    if left <= 0:
        return proceed(request, view)
    return rate_limit(request, view, proceed, retry_after=math.ceil(left), quota=True)


def someone_edits(
    request: Request,
    view: View,
    proceed: Proceed,
    *,
    playlist: str | None = None,
    remove: int | None = None,
    add: object = None,
    at: int = 0,
    lag: bool = False,
) -> Response:
    """Somebody edits a playlist in the app just before the answer.

    Options: `playlist` is its id, by default the one in the path; `remove` the position of an item
    that goes; `add` an item (see `items.item`) that comes `at` a position; with `lag` the snapshot
    id tells of it as late as of a client's write.
    """
    key = playlist or request.path.split("/")[3]
    held: list[object] = list(view.playlists.items(key))
    if remove is not None:
        del held[remove : remove + 1]
    if add is not None:
        held.insert(at, add)
    view.playlists.change(key, held, lag=lag)
    return proceed(request, view)


def not_json(_request: Request, _view: View, _proceed: Proceed) -> Response:
    """200 with a web page where JSON was due."""
    return Response(200, b"<!doctype html><title>Back soon</title>", {"Content-Type": "text/html"})


def truncated(request: Request, view: View, proceed: Proceed) -> Response:
    """200 with half of the JSON, in a body that is complete as far as HTTP goes."""
    response = proceed(request, view)
    whole = response.payload("")
    return replace(response, body=whole[: len(whole) // 2])


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
        body["next"] = _page_at(request, offset)

    return _edited(proceed(first, view), lead_on)


def empty_items(request: Request, view: View, proceed: Proceed) -> Response:
    """A list that is suddenly empty."""

    def empty(body: Json) -> None:
        body.update({"items": [], "next": None})
        if "cursors" in body:
            body["cursors"] = None

    return _edited(proceed(request, view), empty)


def fewer(
    request: Request, view: View, proceed: Proceed, *, items: int = 7, skips: bool = False
) -> Response:
    """A page with fewer items than were asked for, and than there are.

    Its `next` leads to the first item that is missing, or with `skips` beyond those that are.
    """

    def shorten(body: Json) -> None:
        cut_off = len(body["items"]) > items
        del body["items"][items:]
        if cut_off and not skips:
            offset = int(request.query.get("offset", 0)) + items
            body["next"] = _page_at(request, offset)

    return _edited(proceed(request, view), shorten)


def other_page(
    request: Request, view: View, proceed: Proceed, *, offset: int = 0, owns_up: bool = True
) -> Response:
    """A page from another offset than was asked for, such as the first one once more.

    With `owns_up` it says so, and its `next` goes on from there. Without, only the items are wrong.
    """
    other = replace(request, query={**request.query, "offset": str(offset)})
    if owns_up:
        return proceed(other, view)
    response, wrong = proceed(request, view), proceed(other, view).body
    items = wrong.get("items") if isinstance(wrong, dict) else None
    return _edited(response, lambda body: body.update(items=items))


def twice_at_the_edge(request: Request, view: View, proceed: Proceed) -> Response:
    """A further page of a list begins with the last item of the page before.

    Seen in `/me/playlists` (MarcoMadera/Rindu#322, spotipy#1084).
    """
    offset = int(request.query.get("offset", 0))
    if not offset:
        return proceed(request, view)
    edge = replace(request, query={**request.query, "offset": str(offset - 1), "limit": "1"})
    response = proceed(request, view)
    last = proceed(edge, view).body
    if not isinstance(last, dict) or not isinstance(last.get("items"), list):
        return response
    return _edited(response, lambda body: body["items"].insert(0, last["items"][0]))


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
        headers,
        hang,
        cut,
        unheard,
        applied,
        dead_uri,
        locked,
        someone_edits,
        not_json,
        truncated,
        no_content,
        invalid_grant,
        deny,
        stale,
        late,
        endless,
        empty_items,
        fewer,
        other_page,
        twice_at_the_edge,
        duplicate,
        null_track,
        null_album,
        local_file,
        episode,
        no_played_at,
    )
}


def _page_at(request: Request, offset: int) -> str:
    """The address of another page of the requested list."""
    return address(request.path.removeprefix("/v1"), {**request.query, "offset": offset})


def _edited(response: Response, change: Callable[[Json], object], at: int = 0) -> Response:
    """The response with its list changed; one that has no item at that place is left as it is."""
    told = response.body if isinstance(response.body, dict) else {}
    items = told.get("items")
    if not isinstance(items, list) or len(items) <= at:
        return response
    body = copy.deepcopy(told)
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
