"""What several tables are recomputed from, in plain Python: scopes, months, gaps, who is who.

Add here what the head comments of two or more insights mean alike. Nothing here may ask DuckDB, nor
be made quicker: it has to be right at a glance.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

import pyarrow as pa

from pipelines.listening.time.local_time import Zone
from tests.support.insights.lives import Row, local

SPOKEN = ("episode", "audiobook")
QUARTER = timedelta(minutes=15)
DAY = timedelta(days=1)
MINUTE = 60_000
SOUND = (
    *("danceability", "energy", "loudness", "speechiness", "acousticness", "instrumentalness"),
    *("liveness", "valence", "tempo", "mood_score"),
)


def month_of(day: date) -> date:
    """The first day of its month."""
    return day.replace(day=1)


def month_after(month: date, count: int = 1) -> date:
    """The month so many months later, or earlier."""
    number = month.year * 12 + month.month - 1 + count
    return date(number // 12, number % 12 + 1, 1)


def days_between(first: date, last: date) -> list[date]:
    """Every day from the first to the last."""
    return [first + DAY * n for n in range((last - first).days + 1)]


def minutes_of(plays: Iterable[Row]) -> float:
    """Minutes heard, of all plays."""
    return sum(play["ms_played"] or 0 for play in plays) / MINUTE


def counted(plays: Iterable[Row]) -> list[Row]:
    """Plays of 30 seconds or more."""
    return [play for play in plays if play["counts"]]


def music(plays: Iterable[Row]) -> list[Row]:
    """What is neither an episode nor an audiobook."""
    return [play for play in plays if play["kind"] not in SPOKEN]


MEASURING = {"export", "account"}
ASKED = MEASURING | {"api"}
"""Who says for how long something was heard, and who has every play of a stretch of time."""


def grouped(plays: Iterable[Row], by: Callable[[Row], Any]) -> dict[Any, list[Row]]:
    """Plays by something about them, in order of time; what has it not is left out."""
    found = defaultdict(list)
    for play in plays:
        if by(play) is not None:
            found[by(play)].append(play)
    return dict(found)


def by_month(plays: Iterable[Row]) -> dict[date, list[Row]]:
    """Plays by their month."""
    return grouped(plays, lambda play: month_of(play["local_date"]))


def names_in(play: Row) -> set[str]:
    """The sources that tell of a play."""
    return set(play["source"].split("+"))


def unmeasured(plays: Iterable[Row]) -> bool:
    """Whether nobody knows of one of them for how long it was heard."""
    return any(play["ms_played"] is None for play in plays)


def mean(values: Sequence[float]) -> float | None:
    """Their mean; None where there are none."""
    return sum(values) / len(values) if values else None


def share(part: float, whole: float) -> float:
    """A part of a whole; 0 of nothing."""
    return part / whole if whole else 0.0


def genre_key(genre: str) -> str:
    """What the spellings of a genre have in common."""
    words = re.sub(r"(?<![^\W_])n(?![^\W_])", " and ", genre.lower().replace("&", " and "))
    return re.sub(r"[\W_]", "", words).replace("rnb", "randb")


def artist_key(play: Row) -> str | None:
    """Who it is by, as the tracks tell; nobody where only "Various Artists" are named."""
    key: str | None = play["artist_key"]
    return key


@dataclass(frozen=True)
class Scope:
    """The plays of one scope, in order of time."""

    name: str
    plays: list[Row]


class Ground:
    """The rows from which a life's insights are made.

    Args:
        made: what `lives.inputs` gives.
        zones: where the listener lived.
    """

    def __init__(self, made: Mapping[str, pa.Table], zones: Sequence[Zone]) -> None:
        self.zones = zones
        self.plays, self.sessions, self.gaps, self.tracks, self.artists, self.lists, told = (
            made[name].to_pylist()
            for name in (
                "labelled_plays",
                "sessions",
                "gaps",
                "known_tracks",
                "unique_artists",
                "top_lists",
                "settings",
            )
        )
        [self.settings] = told
        self.entries, self.playlist_tracks, self.readings, self.changes = (
            made[f"playlist_{name}"].to_pylist()
            for name in ("entries", "tracks", "readings", "changes")
        )
        self.scrobbled, self.everyones, self.on_spotify = (
            made[name].to_pylist()
            for name in ("lastfm_user_tracks", "lastfm_tracks", "spotify_play_counts")
        )
        self.entries.sort(key=lambda entry: (entry["playlist_id"], entry["position"]))
        self.through: date | None = self.settings["through"]

    @cached_property
    def both(self) -> list[Scope]:
        """Both scopes, though nothing may have been played."""
        mine = [play for play in self.plays if play["mine"]]
        return [Scope("all", self.plays), Scope("mine", mine)]

    @cached_property
    def scopes(self) -> list[Scope]:
        """Both of them, once anything was played."""
        return self.both if self.plays else []

    @cached_property
    def lost(self) -> set[tuple[date, int]]:
        """The hours on the listener's clock that an open gap touches, one quarter at a time."""
        hours = set()
        for gap in self.gaps:
            if gap["closed_at"] is None:
                start: datetime = gap["gap_start"]
                quarter = start - timedelta(
                    minutes=start.minute % 15,
                    seconds=start.second,
                    microseconds=start.microsecond,
                )
                while quarter < gap["gap_end"]:
                    shown = local(quarter, self.zones)
                    hours.add((shown.date(), shown.hour))
                    quarter += QUARTER
        return hours

    @cached_property
    def lost_days(self) -> set[date]:
        """The days that an open gap touches, or of which only scrobbles tell."""
        return {day for day, _ in self.lost} | self._uncovered

    @cached_property
    def _uncovered(self) -> set[date]:
        """The days before and after all covered time, from the first scrobble to the last."""
        scrobbled = [p["local_date"] for p in self.plays if not ASKED.intersection(names_in(p))]
        first, last = self.settings["covered_from"], self.settings["covered_to"]
        return {
            day
            for day in (days_between(min(scrobbled), max(scrobbled)) if scrobbled else [])
            if first is None or day < first.date() or day > last.date()
        }

    def is_known(self, day: date) -> bool:
        """Whether no open gap touches it, and it is not before the first play or yet to come."""
        first = min(play["local_date"] for play in self.plays)
        assert self.through is not None
        return first <= day <= self.through and day not in self.lost_days

    def is_whole(self, month: date) -> bool:
        """Whether every day of a month is known."""
        return all(map(self.is_known, days_between(month, month_after(month) - DAY)))

    def artist_id(self, artist: str) -> str | None:
        """Spotify's id of an artist, as the latest play with one tells it."""
        told = [play["artist_id"] for play in self.plays if artist_key(play) == artist]
        return next((one for one in reversed(told) if one), None)

    def sessions_of(self, scope: str, month: date, context: str | None = None) -> int:
        """How many sessions began in a month, of all contexts or of one."""
        return sum(
            month_of(one["local_date"]) == month
            and (one["mine"] or scope == "all")
            and context in {None, one["context"]}
            for one in self.sessions
        )

    def touched(self, first: date, last: date) -> bool:
        """Whether an open gap touches one of these days."""
        return any(first <= day <= last for day in self.lost_days)

    def coverage(self, month: date) -> str | None:
        """Who tells of a month; None where nobody does."""
        here = [play for play in self.plays if month_of(play["local_date"]) == month]
        if not here:
            return None
        measured = [bool(MEASURING.intersection(names_in(play))) for play in here]
        polled = [
            "api" in names_in(play) and not told for play, told in zip(here, measured, strict=True)
        ]
        if not any(measured):
            return "polled" if any(polled) else "scrobbled"
        return "mixed" if any(polled) else "export"

    def rests_on(self, month: date) -> Row:
        """The columns `coverage` and `at_least` of a month."""
        told = self.coverage(month)
        lost = any(month_of(day) == month for day in self.lost_days)
        here = [play for play in self.plays if month_of(play["local_date"]) == month]
        poorly = told in {"polled", "scrobbled"} or unmeasured(here)
        return {"coverage": told, "at_least": lost or poorly}

    @cached_property
    def months(self) -> list[date]:
        """Every month from the first play to the last."""
        if not self.plays:
            return []
        found = [month_of(min(play["local_date"] for play in self.plays))]
        last = month_of(max(play["local_date"] for play in self.plays))
        while found[-1] < last:
            found.append(month_after(found[-1]))
        return found

    def described(self, recording: str) -> Row:
        """A recording as its latest play describes it."""
        latest = [play for play in self.plays if play["recording_id"] == recording][-1]
        named = {name: latest[name] for name in ("recording_id", "track_name", "track_id")}
        return named | {"artist_name": latest["artist_name"] if artist_key(latest) else None}

    def spelled(self, artist: str) -> str:
        """An artist's name, as the latest play of their music spells it."""
        plays = [play for play in music(self.plays) if artist_key(play) == artist]
        return str(plays[-1]["artist_name"])

    def known(self, recording: str, tell: Callable[[Row], Any]) -> Any:
        """What the most played of a recording's tracks tells, of those that tell it."""
        tracks = [track for track in self.tracks if track["recording_id"] == recording]
        tracks.sort(key=lambda track: (-track["plays"], track["track_key"]))
        told = (tell(track) for track in tracks)
        return next((one for one in told if one is not None), None)

    def popularity(self, recording: str) -> int | None:
        """As Spotify told it when it still did, else by reference data."""
        by_spotify: int | None = self.known(recording, lambda track: track["popularity"])
        if by_spotify is not None:
            return by_spotify
        return self.known(recording, lambda track: track["reference_popularity"])  # type: ignore[no-any-return]

    def sound(self, recording: str) -> Row:
        """Each feature of its sound; nothing where its sound is not known."""

        def told(track: Row) -> Row | None:
            return {name: track[name] for name in SOUND} if track["energy"] is not None else None

        return self.known(recording, told) or {}

    def genres(self, recording: str) -> list[str]:
        """Three at most: what Spotify told of its artist, else what reference data tells."""
        told_of = {
            artist["artist_key"]: artist["genres"] for artist in self.artists if artist["genres"]
        }
        by_spotify = self.known(recording, lambda track: told_of.get(track["artist_key"]))
        found = by_spotify or self.known(recording, lambda track: track["genres"] or None) or []
        spelled: dict[str, str] = {}
        for genre in found:
            spelled.setdefault(genre_key(genre), genre.lower())
        return list(spelled.values())[:3]

    def released(self, play: Row) -> tuple[str | None, int | None]:
        """Date and year of release: as the play tells, else by reference data."""
        if play["release_date"] is not None or play["release_year"] is not None:
            return play["release_date"], play["release_year"]
        date_, year = (
            self.known(play["recording_id"], lambda track, name=name: track[f"reference_{name}"])
            for name in ("release_date", "release_year")
        )
        return date_, year

    def detail(self, play: Row, name: str, reference: str) -> Any:
        """Something about the track of a play: as the play tells, else by reference data."""
        if play[name] is not None:
            return play[name]
        return self.known(play["recording_id"], lambda track: track[reference])


def moved(
    now: int, played: Iterable[int], is_known: Callable[[int], bool], long: int, climbed: int | None
) -> tuple[int | None, str | None]:
    """How many months, or years, something was away for, and what is said of its move.

    Args:
        now: the number of this month, or year.
        played: the numbers of those in which it was played.
        is_known: whether one is known as a whole.
        long: after how many of them it is back.
        climbed: by how many ranks since the one before; None where it was not played then.
    """
    before = max((one for one in played if one < now), default=None)
    if before is None:
        return None, "new"
    between = range(before + 1, now)
    away = len(between) if all(map(is_known, between)) else None
    if away is not None and away >= long:
        return away, "back"
    if climbed is None:
        return away, None
    return away, "same" if climbed == 0 else "up" if climbed > 0 else "down"


def number_of(month: date) -> int:
    """Months counted from the year 0 on."""
    return month.year * 12 + month.month - 1


def ranked(groups: Mapping[Any, list[Row]]) -> list[Any]:
    """Keys of groups of plays: most played first, then those heard longer, then by key."""
    heard = {key: plays for key, plays in groups.items() if counted(plays)}
    return sorted(heard, key=lambda key: (-len(counted(heard[key])), -minutes_of(heard[key]), key))


def times(values: Iterable[Any]) -> Counter[Any]:
    """How often each of them occurs."""
    return Counter(values)
