"""The sandbox's own endpoints under `/_sandbox/`, for tests that run in another process.

| method and path | body | does |
|---|---|---|
| GET, DELETE `/_sandbox/requests` | | the log |
| GET, POST, DELETE `/_sandbox/faults` | a fault, or a list: `{"what": "status", "code": 500}` | |
| GET, POST `/_sandbox/clock` | `{}` or one of `fixed` (an instant), `offset_s`, `advance_s` | |
| GET, POST `/_sandbox/shape` | `{"shape": "old"}` | |
| POST `/_sandbox/lastfm` | any of `begin`, `playing`, `suspended`, `hidden`, `longest_top_page` | |
| POST `/_sandbox/google` | `sheet` (an id), and any of `rows`, `shared` | |
| GET `/_sandbox/playlists` | `?id=` for the items of one | what playlists there truly are |
| POST `/_sandbox/playlists` | `user`, `name`, `items`, and the rest of `Playlists.add` | |
| PUT `/_sandbox/playlists` | `id` and any of `items`, `name`: an edit in the app | |
| POST `/_sandbox/hoard` | `user` and perhaps `entries`: the two playlists of `hoard` | |
| GET, POST `/_sandbox/liked` | `user`, and `items` to set them | |
| GET, POST `/_sandbox/library` | any of the attributes of `Playlists` | |
| POST `/_sandbox/accounts` | any of `expires_in`, `rotate`, `signed_in`, `revoke`, `expire` | |

Add here what another process needs to set. What the setting does belongs in the module that has it.
"""

from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sandbox import hoard
from sandbox.clock import iso
from sandbox.items import Item
from sandbox.messages import Json, Request, Response
from sandbox.playlists import Playlist

if TYPE_CHECKING:
    from sandbox.app import App

PREFIX = "/_sandbox"


def answer(app: "App", request: Request) -> Response:
    """Answer a request to the sandbox itself; 400 says what was wrong with it, 404 lists paths."""
    place = request.path.removeprefix(PREFIX).strip("/")
    action = _ACTIONS.get(f"{request.method} {place}")
    if action is None:
        return Response(404, {"error": f"there is: {', '.join(_ACTIONS)}"})
    try:
        return Response(200, action(app, request.json() or dict(request.query)))
    except (ValueError, TypeError, KeyError, AttributeError) as wrong:
        return Response(400, {"error": str(wrong)})


def _requests(app: "App", _body: Any) -> Json:
    return {"requests": [asdict(entry) for entry in list(app.log)]}


def _forget_requests(app: "App", _body: Any) -> Json:
    app.log.clear()
    return _requests(app, None)


def _faults(app: "App", _body: Any) -> Json:
    return {"faults": [asdict(fault) for fault in app.faults.ordered()]}


def _add_faults(app: "App", body: Any) -> Json:
    for fault in body if isinstance(body, list) else [body]:
        app.faults.add(**fault)
    return _faults(app, None)


def _clear_faults(app: "App", _body: Any) -> Json:
    app.faults.clear()
    return _faults(app, None)


def _clock(app: "App", _body: Any) -> Json:
    return {"now": iso(app.clock.now())}


def _set_clock(app: "App", body: Any) -> Json:
    if "fixed" in body:
        app.clock.fix(body["fixed"])
    elif "advance_s" in body:
        app.clock.advance(body["advance_s"])
    else:
        app.clock.shift(body.get("offset_s", 0))
    return _clock(app, None)


def _shape(app: "App", _body: Any) -> Json:
    return {"shape": app.shape}


def _set_shape(app: "App", body: Any) -> Json:
    app.reshape(body["shape"])
    return _shape(app, None)


def _set_accounts(app: "App", body: Any) -> Json:
    accounts = app.accounts
    accounts.expires_in = int(body.get("expires_in", accounts.expires_in))
    accounts.rotate = bool(body.get("rotate", accounts.rotate))
    accounts.signed_in = str(body.get("signed_in", accounts.signed_in))
    if "revoke" in body:
        accounts.revoke(body["revoke"])
    if "expire" in body:
        accounts.expire(body["expire"])
    return {
        "expires_in": accounts.expires_in,
        "rotate": accounts.rotate,
        "signed_in": accounts.signed_in,
    }


def _playlists(app: "App", body: Any) -> Json:
    if "id" in body:
        return _held(app.playlists.items(body["id"]))
    return {"playlists": [_about(one) for one in app.playlists.all()]}


def _add_playlist(app: "App", body: Any) -> Json:
    return {"id": app.playlists.add(**body)}


def _change_playlist(app: "App", body: Any) -> Json:
    if "items" in body:
        app.playlists.change(body["id"], body["items"])
    if "name" in body:
        app.playlists.rename(body["id"], body["name"])
    return _about(app.playlists.true(body["id"]))


def _add_hoard(app: "App", body: Any) -> Json:
    return {"ids": hoard.add(app.playlists, **body)}


def _liked(app: "App", body: Any) -> Json:
    return _held(app.playlists.liked(body["user"]))


def _like(app: "App", body: Any) -> Json:
    app.playlists.like(body["user"], body["items"])
    return _liked(app, body)


def _about(one: Playlist) -> Json:
    return {
        "id": one.id,
        "name": one.name,
        "owner": one.owner,
        "public": one.public,
        "snapshot_id": one.snapshot_id,
        "total": len(one.items),
    }


def _held(items: Iterable[Item]) -> Json:
    return {
        "items": [
            {"kind": i.kind, "uri": i.uri, "added_at": i.added_at, "added_by": i.added_by}
            for i in items
        ]
    }


def _library(app: "App", _body: Any) -> Json:
    told: Json = {name: getattr(app.playlists, name) for name in _SWITCHES}
    return told | {"restless": sorted(app.playlists.restless)}


def _set_library(app: "App", body: Any) -> Json:
    app.playlists.restless = set(body.pop("restless", app.playlists.restless))
    for name, value in body.items():
        if name not in _SWITCHES:
            raise ValueError(f"no switch {name!r}; there are {', '.join(_SWITCHES)}")
        setattr(app.playlists, name, type(getattr(app.playlists, name))(value))
    return _library(app, None)


_SWITCHES = (
    "largest_page",
    "capacity",
    "over_capacity",
    "always_public",
    "snapshot_lag_s",
    "third_snapshot",
    "items_lag_s",
)
"""What can be set of `Playlists`, besides which are `restless`."""


def _set_lastfm(app: "App", body: Any) -> Json:
    lastfm = app.lastfm
    if "begin" in body:
        lastfm.begin(body["begin"])
    lastfm.playing = bool(body.get("playing", lastfm.playing))
    lastfm.suspended = bool(body.get("suspended", lastfm.suspended))
    lastfm.hidden = set(body.get("hidden", lastfm.hidden))
    lastfm.longest_top_page = int(body.get("longest_top_page", lastfm.longest_top_page))
    return {
        "since": lastfm.since and iso(lastfm.since),
        "playing": lastfm.playing,
        "suspended": lastfm.suspended,
        "hidden": sorted(lastfm.hidden),
        "longest_top_page": lastfm.longest_top_page,
    }


def _set_google(app: "App", body: Any) -> Json:
    if "rows" in body:
        app.google.sheet(body["sheet"], body["rows"])
    if "shared" in body:
        app.google.share(body["sheet"], shared=bool(body["shared"]))
    return {id_: one.shared for id_, one in app.google.sheets.items()}


_ACTIONS: dict[str, Callable[["App", Any], Json]] = {
    "GET requests": _requests,
    "DELETE requests": _forget_requests,
    "GET faults": _faults,
    "POST faults": _add_faults,
    "DELETE faults": _clear_faults,
    "GET clock": _clock,
    "POST clock": _set_clock,
    "GET shape": _shape,
    "POST shape": _set_shape,
    "POST accounts": _set_accounts,
    "POST lastfm": _set_lastfm,
    "POST google": _set_google,
    "GET playlists": _playlists,
    "POST playlists": _add_playlist,
    "PUT playlists": _change_playlist,
    "POST hoard": _add_hoard,
    "GET liked": _liked,
    "POST liked": _like,
    "GET library": _library,
    "POST library": _set_library,
}
