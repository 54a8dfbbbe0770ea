"""Play-back: GETs answered from a folder of recorded responses instead of a synthetic life.

Add here the name of a recording that can be played. Recordings are served as they are but for two
things done elsewhere: `messages` swaps Spotify's address for the sandbox's, and the `new` shape
takes the fields of 2026 out of them.
"""

import json
from pathlib import Path

from sandbox import shapes
from sandbox.endpoints import View
from sandbox.messages import Json, Refused, Request, address

FILES = {
    "me": "me.json",
    "recently-played": "recently_played_tracks.json",
    "top-tracks": "top_tracks.json",
    "top-artists": "top_artists.json",
    "playlists": "playlists.json",
    "liked": "saved_tracks.json",
}
"""The file that answers each endpoint."""


class Recordings:
    """A folder of recorded responses, read once.

    A list's first page is the recording whatever `limit` and `time_range` ask for, any further page
    is empty. Without a recording, `/me` is the sandbox's user, a list is empty, and an id unknown.

    Raises:
        FileNotFoundError: The folder holds none of the files in `FILES`.
    """

    def __init__(self, folder: Path | str) -> None:
        folder = Path(folder)
        self._bodies: dict[str, Json] = {
            name: json.loads((folder / file).read_text("utf-8"))
            for name, file in FILES.items()
            if (folder / file).exists()
        }
        if not self._bodies:
            raise FileNotFoundError(f"{folder} holds none of {', '.join(FILES.values())}")

    def answer(self, name: str, request: Request, view: View) -> Json:
        """The body for the endpoint `name`.

        Raises:
            Refused: 404 for an endpoint that reads one object by its id.
        """
        if name not in FILES:
            raise Refused(404, "Resource not found")
        if name == "me":
            return self._bodies.get(name) or shapes.full_user(view.me)
        if _is_first_page(request):
            return self._bodies.get(name) or _empty_page(name, request)
        return _empty_page(name, request)


def _is_first_page(request: Request) -> bool:
    return request.query.get("offset", "0") == "0" and not {"before", "after"} & set(request.query)


def _empty_page(name: str, request: Request) -> Json:
    page: Json = {
        "href": address(request.path.removeprefix("/v1"), request.query),
        "items": [],
        "limit": int(request.query.get("limit", 20)),
        "next": None,
    }
    if name == "recently-played":
        return page | {"cursors": None}
    return page | {"offset": int(request.query.get("offset", 0)), "previous": None, "total": 0}
