"""The tables of insights about playlists, once more in plain Python.

Add a function for each new one, of the same name, by what its head comment says alone.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import date, datetime
from itertools import combinations
from typing import Any

from tests.support.insights.ground import SOUND, Ground, counted, genre_key, music
from tests.support.insights.lives import Row, local
from tests.support.insights.recomputed import Rows

ALWAYS = date(1, 1, 1)
NUMBERS = ("release_year", "popularity", *SOUND)


def playlist_items(ground: Ground) -> Rows:
    yield from ground.entries


def _songs(entries: Iterable[Row]) -> dict[str, list[Row]]:
    """Items that are songs, by recording, in order of their positions."""
    songs = defaultdict(list)
    for entry in entries:
        if entry["kind"] in {"track", "local"} and entry["recording_id"] is not None:
            songs[entry["recording_id"]].append(entry)
    return dict(songs)


def _lists(ground: Ground) -> dict[str, list[Row]]:
    """The items of each playlist that was read."""
    lists: dict[str, list[Row]] = {
        one["playlist_id"]: [] for one in ground.readings if one["items"] is not None
    }
    for entry in ground.entries:
        lists.setdefault(entry["playlist_id"], []).append(entry)
    return lists


def _day(ground: Ground, added: datetime | None) -> date:
    return ALWAYS if added is None else local(added, ground.zones).date()


def _byar(number: float, z: float) -> float:
    return number * (1 - 1 / (9 * number) + z / (3 * number**0.5)) ** 3


def _verdict(ever: int, since: int, expected: float) -> str:
    if not ever:
        return "never_played"
    low = _byar(since, -3.0902) if since else 0
    if since >= 2 * expected and low > expected:
        return "overplayed"
    if since <= expected / 2 and _byar(since + 1, 3.0902) < expected:
        return "underplayed"
    return "as_weighted" if expected >= 10 and expected / 2 < since < 2 * expected else "too_few"


def playlist_weights(ground: Ground) -> Rows:
    known = counted(music(ground.plays))
    covered_from = ground.settings["covered_from"]
    # Of a month of polls alone, or of which a length is not known, a day may lack plays.
    lacking = ground.lost_days | {
        play["local_date"]
        for day in {play["local_date"] for play in ground.plays}
        for play in [_told_of(ground, day)]
        if play["lacking"]
    }
    for playlist, entries in _lists(ground).items():
        songs = _songs(entries)
        items = [entry for some in songs.values() for entry in some]
        since = {
            key: min(_day(ground, entry["added_at"]) for entry in some)
            for key, some in songs.items()
        }
        counts = [
            play
            for play in known
            if play["recording_id"] in songs and play["local_date"] >= since[play["recording_id"]]
        ]
        ranks = sorted(songs, key=lambda key: (-len(songs[key]), songs[key][0]["position"]))
        up_to, half = 0, 0
        running = []
        for key in ranks:
            half += 2 * up_to < len(items)
            up_to += len(songs[key])
            running.append(up_to)
        for rank, key in enumerate(ranks, 1):
            some = songs[key]
            ever = [play for play in known if play["recording_id"] == key]
            plays_since = sum(play["recording_id"] == key for play in counts)
            expected = sum(
                1 / sum(_day(ground, other["added_at"]) <= play["local_date"] for other in items)
                for play in counts
                for entry in some
                if _day(ground, entry["added_at"]) <= play["local_date"]
            )
            uris = Counter(entry["track_uri"] for entry in some)
            undated = any(entry["added_at"] is None for entry in some)
            yield {
                "playlist_id": playlist,
                "rank": rank,
                "recording_id": key,
                **{name: some[0][name] for name in ("track_name", "artist_name", "track_id")},
                "occurrences": len(some),
                "by_uri": [
                    {"track_uri": uri, "occurrences": times}
                    for uri, times in sorted(uris.items(), key=lambda one: (-one[1], one[0]))
                ],
                "share": len(some) / len(items),
                "cumulative_share": running[rank - 1] / len(items),
                "songs": len(songs),
                "songs_for_half": half,
                "first_added_at": None if undated else min(entry["added_at"] for entry in some),
                "plays": len(ever),
                "plays_mine": sum(play["mine"] for play in ever),
                "plays_since": plays_since,
                "plays_share": plays_since / len(counts) if counts else None,
                "expected_plays": expected,
                "verdict": _verdict(len(ever), plays_since, expected),
                "at_least": not ground.plays
                or any(day >= since[key] for day in lacking)
                or (not undated and covered_from is not None and since[key] < covered_from.date()),
            }


def _told_of(ground: Ground, day: date) -> Row:
    here = [play for play in ground.plays if play["local_date"] == day]
    measured = any({"export", "account"} & set(play["source"].split("+")) for play in here)
    unknown = any(play["ms_played"] is None for play in here)
    return {"local_date": day, "lacking": not measured or unknown}


def _groups(entries: list[Row]) -> Iterable[tuple[int, bool, list[list[Row]]]]:
    """Where the first item of a group stands, whether it is probable, and its sets of the same."""
    sets: dict[int, list[Row]] = defaultdict(list)
    for entry in entries:
        if entry["same"] is not None:
            sets[entry["same"]].append(entry)
    for some in sets.values():
        if len(some) > 1:
            yield some[0]["position"], False, [some]
    by_name: dict[int, list[list[Row]]] = defaultdict(list)
    for some in sets.values():
        if some[0]["alike"] is not None:
            by_name[some[0]["alike"]].append(some)
    for alike in by_name.values():
        for some_sets in _near(alike):
            if len(some_sets) > 1:
                first = min(some[0]["position"] for some in some_sets)
                yield first, True, some_sets


def _near(sets: list[list[Row]]) -> list[list[list[Row]]]:
    """Sets of nearly one length; what has none is with the shortest."""
    lengths = sorted(
        sets,
        key=lambda some: (
            some[0]["duration_ms"] is not None,
            some[0]["duration_ms"] or 0,
            some[0]["position"],
        ),
    )
    islands: list[list[list[Row]]] = [[]]
    before = None
    for some in lengths:
        length = some[0]["duration_ms"]
        if before is not None and length - before > 5000:
            islands.append([])
        islands[-1].append(some)
        before = length
    parts: dict[tuple[int, int], list[list[Row]]] = defaultdict(list)
    for number, island in enumerate(islands):
        known = [some[0]["duration_ms"] for some in island if some[0]["duration_ms"] is not None]
        for some in island:
            length = some[0]["duration_ms"]
            parts[number, 0 if length is None else (length - min(known)) // 5001].append(some)
    return list(parts.values())


def playlist_duplicates(ground: Ground) -> Rows:
    for playlist, entries in _lists(ground).items():
        groups = sorted(_groups(entries), key=lambda group: group[:2])
        for number, (_, probable, sets) in enumerate(groups, 1):
            items = [entry for some in sets for entry in some]
            first = min(items, key=_added)
            last = max(items, key=_added)
            best = min(items, key=lambda entry: (*_quality(entry), *_added(entry)))
            ids = {entry["track"] for entry in items}
            kept = _kept(ground, items, (first, last, best))
            for entry in items:
                again = sum(other["track"] == entry["track"] for other in items) > 1
                yield {
                    "playlist_id": playlist,
                    "group_id": number,
                    "position": entry["position"],
                    "track_uri": entry["track_uri"],
                    "match": "probable" if probable else "same_id" if again else "same_isrc",
                    **{name: entry[name] for name in ("track_name", "artist_name", "added_at")},
                    "kept_first_added": entry is first,
                    "kept_last_added": entry is last,
                    "kept_best": entry is best,
                    "reason": _reason(probable, sets, items, len(ids)),
                    "kept_reason": kept,
                }


def _reason(probable: bool, sets: list[list[Row]], items: list[Row], ids: int) -> str:
    if probable:
        lengths = [some[0]["duration_ms"] for some in sets]
        apart = "as far as their lengths are known"
        if None not in lengths:
            apart = f"and lengths {(max(lengths) - min(lengths)) / 1000:.1f} s apart at most"
        return (
            f"Probably the same song: {len(items)} items under {ids} ids by one artist, with the "
            f"same title and version, {apart}; {len(sets)} of them have an ISRC or id of their own."
        )
    if ids == 1:
        return f"The same id {len(items)} times."
    isrc = min(entry["isrc"] for entry in items if entry["isrc"])
    return f"The same recording {len(items)} times, by its ISRC {isrc}, under {ids} ids."


def _kept(ground: Ground, items: list[Row], kept: tuple[Row, Row, Row]) -> str:
    first, last, best = kept
    times = [entry["added_at"] for entry in items]
    if None in times:
        first_of = "which is older than Spotify remembers"
    elif len(set(times)) == 1:
        first_of = "the first of those added together"
    else:
        first_of = f"added first, on {_in_words(ground, min(times))}"
    if len(set(times)) == 1:
        last_of = "the last of those added together"
    else:
        last_of = f"added last, on {_in_words(ground, max(t for t in times if t))}"
    quality, least = _quality(best), [max(_quality(one)[n] for one in items) for n in (0, 1)]
    if quality[0] < least[0]:
        best_of = "which can be played" if quality[0] == 0 else "which may be playable"
    elif quality[1] < least[1]:
        albums = ("which is on an album", "which is a single", "which is on a compilation")
        best_of = albums[quality[1]]
    else:
        best_of = "added before others that are as good"
    return (
        f"first_added keeps item {first['position']}, {first_of}; last_added item "
        f"{last['position']}, {last_of}; best item {best['position']}, {best_of}."
    )


def _in_words(ground: Ground, moment: datetime) -> str:
    shown = local(moment, ground.zones)
    return f"{shown.day} {shown:%B %Y}"


def _added(entry: Row) -> tuple[float, int]:
    added = entry["added_at"]
    return added.timestamp() if added else 0, entry["position"]


def _quality(entry: Row) -> tuple[int, int]:
    albums = ("album", "single", "compilation")
    playing = {"playable": 0, "unplayable": 2}.get(entry["state"], 1)
    return playing, albums.index(entry["album_type"]) if entry["album_type"] in albums else 3


def playlist_overlap(ground: Ground) -> Rows:
    songs = {
        playlist: Counter({key: len(some) for key, some in _songs(entries).items()})
        for playlist, entries in _lists(ground).items()
    }
    for one, other in combinations(sorted(songs), 2):
        a, b = songs[one], songs[other]
        both, either = len(a.keys() & b.keys()), len(a.keys() | b.keys())
        items = (a & b).total()
        yield {
            "playlist_a": one,
            "playlist_b": other,
            "songs_a": len(a),
            "songs_b": len(b),
            "in_both": both,
            "only_in_a": len(a.keys() - b.keys()),
            "only_in_b": len(b.keys() - a.keys()),
            "jaccard": both / either if either else None,
            "containment_a": both / len(a) if a else None,
            "containment_b": both / len(b) if b else None,
            "items_a": a.total(),
            "items_b": b.total(),
            "items_both": items,
            "items_only_in_a": (a - b).total(),
            "items_only_in_b": (b - a).total(),
            "jaccard_items": items / (a | b).total() if a or b else None,
        }


class _Described:
    """What is known of a recording by its tracks, the first by id that tells it."""

    def __init__(self, ground: Ground, recording: str) -> None:
        ids = {
            entry["track_id"] or entry["track_uri"]
            for entry in ground.entries
            if entry["recording_id"] == recording and entry["kind"] in {"track", "local"}
        }
        tracks = [t for t in ground.playlist_tracks if (t["track_id"] or t["track_uri"]) in ids]
        self._tracks = sorted(tracks, key=lambda one: one["track_id"] or one["track_uri"])
        told = {one["artist_key"]: one["genres"] for one in ground.artists if one["genres"]}
        found = self._first(lambda one: told.get(one["artist_key"]) or one["genres"] or None) or []
        spelled: dict[str, str] = {}
        for genre in found:
            spelled.setdefault(genre_key(genre), genre.lower().strip())
        self.genres = list(spelled.values())[:3]
        self.artist = self._first(lambda one: one["artist_key"])
        sound = self._first(lambda one: one if one["energy"] is not None else None) or {}
        self.numbers = {
            "release_year": self._earliest(),
            "popularity": self._told("popularity"),
            **{name: sound.get(name) for name in SOUND},
        }

    def _earliest(self) -> int | None:
        for name in ("release_year", "reference_release_year"):
            if years := [one[name] for one in self._tracks if one[name] is not None]:
                return min(years)
        return None

    def _told(self, name: str) -> Any:
        own = self._first(lambda one: one[name])
        return self._first(lambda one: one[f"reference_{name}"]) if own is None else own

    def _first(self, tell: Callable[[Row], Any]) -> Any:
        return next((told for one in self._tracks if (told := tell(one)) is not None), None)


def playlist_dna(ground: Ground) -> Rows:
    names: dict[str, str] = {}
    for track in sorted(ground.playlist_tracks, key=lambda t: t["track_id"] or t["track_uri"]):
        if track["recording"] is not None and track["artist_key"] is not None:
            names.setdefault(track["artist_key"], track["artist_name"])
    lists = {playlist: _songs(entries) for playlist, entries in _lists(ground).items()}
    described = {key: _Described(ground, key) for songs in lists.values() for key in songs}
    spelled = _spelled(lists.values(), described)
    aspects: dict[str, Callable[[_Described], list[Any]]] = {
        "genre": lambda one: [(spelled[genre_key(genre)],) * 2 for genre in one.genres],
        "decade": lambda one: _of(one.numbers["release_year"], lambda n: n // 10 * 10),
        "popularity": lambda one: _of(one.numbers["popularity"], lambda n: min(n // 10 * 10, 90)),
        "artist": lambda one: [(one.artist, names[one.artist])] if one.artist else [],
    }
    for playlist, songs in lists.items():
        for aspect, values in aspects.items():
            found = {key: values(described[key]) for key in songs}
            yield from _values(playlist, aspect, songs, found)
        yield from _averages(playlist, songs, described)


def _spelled(
    lists: Iterable[dict[str, list[Row]]], described: dict[str, _Described]
) -> dict[str, str]:
    """Of each genre the spelling that most items have."""
    spellings: dict[str, Counter[str]] = defaultdict(Counter)
    for songs in lists:
        for key, some in songs.items():
            for genre in described[key].genres:
                spellings[genre_key(genre)][genre] += len(some)
    return {
        key: min(times, key=lambda genre: (-times[genre], genre))
        for key, times in spellings.items()
    }


def _values(
    playlist: str, aspect: str, songs: dict[str, list[Row]], values: dict[str, list[Any]]
) -> Rows:
    items = Counter(value for key in songs for value in values[key] for _ in songs[key])
    times = Counter(value for key in songs for value in values[key])
    known = [key for key in songs if values[key]]
    known_items = sum(len(songs[key]) for key in known)
    ranks = sorted(items, key=lambda value: (-items[value], -times[value], value[1]))
    for rank, value in enumerate(ranks[:100], 1):
        yield {
            "playlist_id": playlist,
            "aspect": aspect,
            "rank": rank,
            "value": value[1],
            "values": len(items),
            "items": items[value],
            "items_share": items[value] / known_items,
            "items_mean": None,
            "items_coverage": known_items / sum(len(some) for some in songs.values()),
            "songs": times[value],
            "songs_share": times[value] / len(known),
            "songs_mean": None,
            "songs_coverage": len(known) / len(songs),
        }


def _of(number: int | None, low: Callable[[int], int]) -> list[tuple[str, str]]:
    return [] if number is None else [(str(low(number)),) * 2]


def _averages(playlist: str, songs: dict[str, list[Row]], described: dict[str, _Described]) -> Rows:
    told = {
        name: [
            (described[key].numbers[name], len(some))
            for key, some in songs.items()
            if described[key].numbers[name] is not None
        ]
        for name in NUMBERS
    }
    told = {name: values for name, values in told.items() if values}
    for rank, (name, values) in enumerate(told.items(), 1):
        items = sum(times for _, times in values)
        yield {
            "playlist_id": playlist,
            "aspect": "average",
            "rank": rank,
            "value": name,
            "values": len(told),
            "items": items,
            "items_share": None,
            "items_mean": sum(value * times for value, times in values) / items,
            "items_coverage": items / sum(len(some) for some in songs.values()),
            "songs": len(values),
            "songs_share": None,
            "songs_mean": sum(value for value, _ in values) / len(values),
            "songs_coverage": len(values) / len(songs),
        }


def playlist_history(ground: Ground) -> Rows:
    for row in ground.changes:
        came, went = row["after"] > row["before"], row["after"] < row["before"]
        gone, new = row["after"] == 0, row["before"] == 0
        others = [
            other
            for other in ground.changes
            if all(other[name] == row[name] for name in ("playlist_id", "read_at", "isrc"))
        ]
        yield {
            **row,
            "read_on": local(row["read_at"], ground.zones).date(),
            "change": "came" if new else "went" if gone else "more" if came else "fewer",
            "items_came": row["after"] - row["before"] if came else 0,
            "items_went": row["before"] - row["after"] if went else 0,
            "exchanged": row["isrc"] is not None
            and any(other["before"] == 0 for other in others)
            and any(other["after"] == 0 for other in others),
        }
