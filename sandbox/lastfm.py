"""Last.fm's list of recent tracks, of the same lives: what Spotify played was scrobbled there too.

Its oddities are those of every day: what is playing now stands before every page, a single track
comes in place of a list, a page is at most 200, numbers are texts. Add here what Last.fm answers;
what goes wrong on order belongs in `faults`.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import ceil

from sandbox.clock import Instant, instant
from sandbox.endpoints import View
from sandbox.life import Play, truth
from sandbox.listeners import Listener
from sandbox.messages import Json, Request, Response

PATH = "/2.0"
LONGEST_PAGE, USUAL_PAGE = 200, 50

_SHORTEST_MS, _ENOUGH_MS = 30_000, 240_000
_PICTURE = "https://lastfm.freetls.fastly.net/i/u/34s/2a96cbd8b46e442fc41c2b86b821562f.png"


@dataclass(frozen=True, slots=True)
class Scrobble:
    """One scrobble.

    Attributes:
        uts: When the track began, whole seconds since 1970.
    """

    uts: int
    artist: str
    album: str
    title: str


@dataclass
class Lastfm:
    """Accounts at Last.fm, named as the listeners are.

    Attributes:
        api_key: The only key that is let in.
        since: When everybody began to scrobble; None for sixty days before the first request.
        playing: Whether something is being played whenever somebody asks.
        hidden: Users who hide what they hear.
        suspended: Whether the key is.
        more: Scrobbles that come from other players, by user.
    """

    api_key: str = "0123456789abcdef0123456789abcdef"
    since: datetime | None = None
    playing: bool = True
    hidden: set[str] = field(default_factory=set)
    suspended: bool = False
    more: dict[str, list[Scrobble]] = field(default_factory=dict)
    _told: dict[tuple[Listener, datetime], tuple[datetime, list[tuple[datetime, Scrobble]]]] = (
        field(default_factory=dict, repr=False)
    )

    def begin(self, at: Instant) -> None:
        """Let everybody's first scrobble be at an instant, or after it."""
        self.since = instant(at)

    def scrobbles(
        self, listener: Listener, now: datetime, unseen: tuple[tuple[datetime, datetime], ...] = ()
    ) -> list[Scrobble]:
        """Everything that a listener scrobbled, the latest first.

        Args:
            listener: Whose.
            now: The present.
            unseen: Spans whose plays have not been handed in yet.
        """
        heard = [
            one
            for ended, one in self._lived(listener, now)
            if ended < now and not any(a <= ended < b for a, b in unseen)
        ]
        every = [*heard, *self.more.get(listener.name, ())]
        return sorted(every, key=lambda one: -one.uts)

    def _lived(self, listener: Listener, now: datetime) -> list[tuple[datetime, Scrobble]]:
        """The scrobbles of a life and when each play ended; added to as time goes on."""
        since = self.since = self.since or now - timedelta(days=60)
        until, heard = self._told.get((listener, since), (since, []))
        if until < now:
            later = now + timedelta(days=1)
            lived = truth(listener.name, until, later, listener.timezone)
            heard = heard + [(play.played_at, _scrobble(play)) for play in lived if _counts(play)]
            self._told[listener, since] = later, heard
        return heard

    def answer(self, request: Request, view: View) -> Response:
        """Answer `user.getRecentTracks`, or an error as Last.fm has them: in the body."""
        query = request.query
        if query.get("api_key") != self.api_key:
            return refusal(10, 403, "Invalid API key - You must be granted a valid key")
        if self.suspended:
            return refusal(26, 403, "API Key Suspended")
        if query.get("method", "").lower() != "user.getrecenttracks":
            return refusal(3, 400, "Invalid Method")
        if view.listener is None:
            return refusal(6, 404, "User not found")
        if view.listener.name in self.hidden:
            return refusal(17, 403, "Login: User required to be logged in")
        return Response(200, {"recenttracks": self._page(request, view, view.listener)})

    def _page(self, request: Request, view: View, listener: Listener) -> Json:
        query = request.query
        start, end = (int(query[name]) if name in query else None for name in ("from", "to"))
        size = max(1, min(int(query.get("limit", USUAL_PAGE)), LONGEST_PAGE))
        number = max(1, int(query.get("page", 1)))
        asked = [
            one
            for one in self.scrobbles(listener, view.now, view.unseen)
            if (start is None or one.uts > start) and (end is None or one.uts < end)
        ]
        tracks = [_track(one) for one in asked[(number - 1) * size : number * size]]
        if self.playing:
            tracks.insert(0, _now_playing(self.scrobbles(listener, view.now)))
        return {
            "track": tracks[0] if len(tracks) == 1 else tracks,
            "@attr": {
                "user": listener.name,
                "totalPages": str(ceil(len(asked) / size)),
                "page": str(number),
                "perPage": str(size),
                "total": str(len(asked)),
            },
        }


def refusal(number: int, status: int, message: str) -> Response:
    """An error of Last.fm's."""
    return Response(status, {"error": number, "message": message})


def _counts(play: Play) -> bool:
    """Last.fm's rule: longer than 30 seconds, and half of it or four minutes were heard."""
    length = play.track.duration_ms
    return length > _SHORTEST_MS and play.ms_played >= min(length / 2, _ENOUGH_MS)


def _scrobble(play: Play) -> Scrobble:
    began = play.played_at.astimezone(UTC) - timedelta(milliseconds=play.ms_played)
    track = play.track
    return Scrobble(int(began.timestamp()), track.artists[0].name, track.album.name, track.name)


def _track(one: Scrobble) -> Json:
    at = datetime.fromtimestamp(one.uts, UTC)
    return _named(one) | {"date": {"uts": str(one.uts), "#text": f"{at:%d %b %Y, %H:%M}"}}


def _now_playing(scrobbles: list[Scrobble]) -> Json:
    one = scrobbles[0] if scrobbles else Scrobble(0, "Nobody", "", "Nothing")
    return _named(one) | {"@attr": {"nowplaying": "true"}}


def _named(one: Scrobble) -> Json:
    return {
        "artist": {"mbid": "", "#text": one.artist},
        "streamable": "0",
        "image": [{"size": size, "#text": _PICTURE} for size in ("small", "medium", "large")],
        "mbid": "",
        "album": {"mbid": "", "#text": one.album},
        "name": one.title,
        "url": "https://www.last.fm/music/-/_/-",
    }
