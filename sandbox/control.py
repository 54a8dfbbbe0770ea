"""The sandbox's own endpoints under `/_sandbox/`, for tests that run in another process.

| method and path | body | does |
|---|---|---|
| GET, DELETE `/_sandbox/requests` | | the log |
| GET, POST, DELETE `/_sandbox/faults` | a fault, or a list: `{"what": "status", "code": 500}` | |
| GET, POST `/_sandbox/clock` | `{}` or one of `fixed` (an instant), `offset_s`, `advance_s` | |
| GET, POST `/_sandbox/shape` | `{"shape": "old"}` | |
| POST `/_sandbox/lastfm` | any of `begin`, `playing`, `suspended`, `hidden` | |
| POST `/_sandbox/accounts` | any of `expires_in`, `rotate`, `signed_in`, `revoke`, `expire` | |

Add here what another process needs to set. What the setting does belongs in the module that has it.
"""

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sandbox.clock import iso
from sandbox.messages import Json, Request, Response

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
        return Response(200, action(app, request.json()))
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


def _set_lastfm(app: "App", body: Any) -> Json:
    lastfm = app.lastfm
    if "begin" in body:
        lastfm.begin(body["begin"])
    lastfm.playing = bool(body.get("playing", lastfm.playing))
    lastfm.suspended = bool(body.get("suspended", lastfm.suspended))
    lastfm.hidden = set(body.get("hidden", lastfm.hidden))
    return {
        "since": lastfm.since and iso(lastfm.since),
        "playing": lastfm.playing,
        "suspended": lastfm.suspended,
        "hidden": sorted(lastfm.hidden),
    }


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
}
