"""Last.fm, of the same lives: what Spotify played was scrobbled there too.

It has the list of recent tracks, that of the most played ones, and what everyone played. Its
oddities are those of every day: what is playing now stands before every page of recent tracks, a
single track comes in place of a list, a page is at most so long whatever is asked for, numbers are
texts, an unknown length is "0", a name is found in any case. Add here what Last.fm answers; what
goes wrong on order belongs in `faults`.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import ceil
from urllib.parse import quote_plus

from sandbox.catalogue import catalogue
from sandbox.clock import Instant, instant
from sandbox.endpoints import View
from sandbox.life import Play, truth
from sandbox.listeners import Listener
from sandbox.messages import Json, Request, Response

PATH = "/2.0"
LONGEST_PAGE, LONGEST_TOP_PAGE, USUAL_PAGE = 200, 1000, 50

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


@dataclass(frozen=True, slots=True)
class World:
    """How often everyone played a track, and how many people did."""

    plays: int
    listeners: int


Name = tuple[str, str]
"""An artist and a title, as Last.fm spells them."""


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
        longest_top_page: Most top tracks on a page, whatever is asked for.
        world: What everyone played, besides the catalogue; None for a name that is not known.
        corrections: Which name is meant by another one, where it may be corrected.
    """

    api_key: str = "0123456789abcdef0123456789abcdef"
    since: datetime | None = None
    playing: bool = True
    hidden: set[str] = field(default_factory=set)
    suspended: bool = False
    more: dict[str, list[Scrobble]] = field(default_factory=dict)
    longest_top_page: int = LONGEST_TOP_PAGE
    world: dict[Name, World | None] = field(default_factory=dict)
    corrections: dict[Name, Name] = field(default_factory=dict)
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
        """Answer one of its methods, or an error as Last.fm has them: in the body."""
        query = request.query
        if query.get("api_key") != self.api_key:
            return refusal(10, 403, "Invalid API key - You must be granted a valid key")
        if self.suspended:
            return refusal(26, 403, "API Key Suspended")
        method = query.get("method", "").lower()
        if method == "track.getinfo":
            return self._info(request)
        lists = {"user.getrecenttracks": self._recent, "user.gettoptracks": self._top}
        if method in lists:
            return self._of_a_user(lists[method], request, view)
        return refusal(3, 400, "Invalid Method")

    def _of_a_user(
        self, tell: Callable[[Request, View, Listener], Json], request: Request, view: View
    ) -> Response:
        if view.listener is None:
            return refusal(6, 404, "User not found")
        if view.listener.name in self.hidden:
            return refusal(17, 403, "Login: User required to be logged in")
        return Response(200, tell(request, view, view.listener))

    def top(self, listener: Listener, view: View) -> list[tuple[Name, int]]:
        """How often a listener scrobbled each name, the most played first."""
        every = self.scrobbles(listener, view.now, view.unseen)
        counts = Counter((one.artist, one.title) for one in every)
        return sorted(counts.items(), key=lambda one: (-one[1], one[0]))

    def _top(self, request: Request, view: View, listener: Listener) -> Json:
        query, every = request.query, self.top(listener, view)
        size = max(1, min(int(query.get("limit", USUAL_PAGE)), self.longest_top_page))
        number = max(1, int(query.get("page", 1)))
        first = (number - 1) * size
        tracks = [
            _named_alone(artist, title)
            | {"playcount": str(plays), "duration": "0", "@attr": {"rank": str(first + at)}}
            for at, ((artist, title), plays) in enumerate(every[first : first + size], 1)
        ]
        return {"toptracks": _list(tracks, listener, number, size, len(every))}

    def _info(self, request: Request) -> Response:
        query = request.query
        asked = (query.get("artist", ""), query.get("track", ""))
        if not all(asked):
            return refusal(6, 400, "Invalid parameters")
        if query.get("autocorrect") == "1":
            asked = self.corrections.get(asked, asked)
        if not (found := self._known(asked)):
            return refusal(6, 200, "Track not found")
        (artist, title), told = found
        track = _named_alone(artist, title) | {
            "duration": "0",
            "playcount": str(told.plays),
            "listeners": str(told.listeners),
            "toptags": {"tag": [{"name": "pop", "url": "https://www.last.fm/tag/pop"}]},
            "wiki": {"published": "01 Jan 2020, 00:00", "summary": f"{title} is a song."},
        }
        return Response(200, {"track": track})

    def _known(self, asked: Name) -> tuple[Name, World] | None:
        """A name as Last.fm spells it, in any case, and what everyone played of it."""
        wanted = _lower(asked)
        for name, told in self.world.items():
            if _lower(name) == wanted:
                return (name, told) if told else None
        scrobbled = ((one.artist, one.title) for some in self.more.values() for one in some)
        every = ((one.artists[0].name, one.name) for one in catalogue().tracks.values())
        for name in (*every, *scrobbled):
            if _lower(name) == wanted:
                known = sum(map(ord, "".join(name)))
                return name, World(known * 1009, known * (11 + known % 97))
        return None

    def _recent(self, request: Request, view: View, listener: Listener) -> Json:
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
        return {"recenttracks": _list(tracks, listener, number, size, len(asked))}


def _list(tracks: list[Json], listener: Listener, number: int, size: int, total: int) -> Json:
    return {
        "track": tracks[0] if len(tracks) == 1 else tracks,
        "@attr": {
            "user": listener.name,
            "totalPages": str(ceil(total / size)),
            "page": str(number),
            "perPage": str(size),
            "total": str(total),
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


def _named_alone(artist: str, title: str) -> Json:
    """A track as in lists that are not of plays."""
    page = f"https://www.last.fm/music/{quote_plus(artist)}"
    return {
        "name": title,
        "mbid": "",
        "url": f"{page}/_/{quote_plus(title)}",
        "streamable": {"fulltrack": "0", "#text": "0"},
        "artist": {"name": artist, "mbid": "", "url": page},
        "image": [{"size": size, "#text": _PICTURE} for size in ("small", "medium", "large")],
    }


def _lower(name: Name) -> Name:
    artist, title = name
    return artist.casefold(), title.casefold()
