"""Each table of insights once more, in plain Python, by what its head comment says alone.

Add a function for each new table, of the same name; what is about single songs over all time is
`recomputed_songs.py`. Nothing here may look at how SQL does it.
"""

import math
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

from tests.support.insights.ground import (
    DAY,
    SOUND,
    SPOKEN,
    Ground,
    Scope,
    artist_key,
    by_month,
    counted,
    days_between,
    genre_key,
    grouped,
    mean,
    minutes_of,
    month_after,
    moved,
    music,
    number_of,
    ranked,
    share,
    times,
    unmeasured,
)
from tests.support.insights.lives import Row

Rows = Iterator[Row]


def recording(play: Row) -> Any:
    return play["recording_id"]


def amount(plays: list[Row]) -> Row:
    return {"plays": len(counted(plays)), "minutes": minutes_of(plays)}


def share_of(part: list[Row], whole: list[Row]) -> float:
    """A share of the minutes; of the plays where only scrobbles tell."""
    if all(play["source"] == "lastfm" for play in whole):
        return len(part) / len(whole)
    return share(minutes_of(part), minutes_of(whole))


def listening_by_hour(ground: Ground) -> Rows:
    lost = {(day.weekday(), hour) for day, hour in ground.lost}
    for scope in ground.scopes:
        for weekday in range(7):
            for hour in range(24):
                here = [
                    play
                    for play in scope.plays
                    if (play["local_weekday"], play["local_hour"]) == (weekday, hour)
                ]
                yield {
                    "scope": scope.name,
                    "weekday": weekday,
                    "hour": hour,
                    **amount(here),
                    "share": share(minutes_of(here), minutes_of(scope.plays)),
                    "at_least": (weekday, hour) in lost or unmeasured(here),
                }


def listening_by_day(ground: Ground) -> Rows:
    dates = [play["local_date"] for play in ground.plays]
    for scope in ground.scopes:
        streak = 0
        for day in days_between(min(dates), max(dates)):
            here = [play for play in scope.plays if play["local_date"] == day]
            everyone = [play for play in ground.plays if play["local_date"] == day]
            sources = {play["source"] for play in everyone}
            plays = music(counted(here))
            streak = streak + 1 if counted(here) else 0
            yield {
                "scope": scope.name,
                "day": day,
                **amount(here),
                "tracks": len({recording(play) for play in plays}),
                "artists": len({artist_key(play) for play in plays} - {None}),
                "streak": streak,
                "at_least": day in ground.lost_days or sources == {"api"} or unmeasured(everyone),
                "known": day not in ground.lost_days,
            }


def listening_by_month(ground: Ground) -> Rows:
    for scope in ground.scopes:
        before = None
        for month in ground.months:
            here = by_month(scope.plays).get(month, [])
            plays = music(counted(here))
            days = days_between(month, month_after(month) - DAY)
            known = [day for day in days if ground.is_known(day)]
            on_these = [play for play in here if ground.is_known(play["local_date"])]
            told = [play["skipped"] for play in music(here) if play["skipped"] is not None]
            yield {
                "scope": scope.name,
                "month": month,
                **amount(here),
                "spoken_minutes": minutes_of(play for play in here if play["kind"] in SPOKEN),
                "unknown_lengths": sum(play["ms_played"] is None for play in here),
                "short_plays": len(here) - len(counted(here)),
                "skips": sum(told) if told else None,
                "skip_share": mean(told),
                "tracks": len({recording(play) for play in plays}),
                "artists": len({artist_key(play) for play in plays} - {None}),
                "sessions": ground.sessions_of(scope.name, month),
                "days_heard": len({play["local_date"] for play in counted(here)}),
                "known_days": len(known),
                "whole": known == days,
                "minutes_per_day": minutes_of(on_these) / len(known) if known else None,
                "minutes_before": before,
                **ground.rests_on(month),
            }
            before = minutes_of(here)


def contexts_by_month(ground: Ground) -> Rows:
    for scope in ground.scopes:
        for month, heard in by_month(scope.plays).items():
            for context, here in grouped(heard, lambda play: play["context"]).items():
                weights = [play["ms_played"] or 0 for play in here]
                if not sum(weights):
                    weights = [1 for _ in here]
                sure = sum(
                    play["context_confidence"] * weight
                    for play, weight in zip(here, weights, strict=True)
                )
                yield {
                    "scope": scope.name,
                    "month": month,
                    "context": context,
                    **amount(here),
                    "share": share_of(here, heard),
                    "sessions": ground.sessions_of(scope.name, month, context),
                    "avg_confidence": sure / sum(weights),
                    **ground.rests_on(month),
                }


def played_from_by_month(ground: Ground) -> Rows:
    for scope in ground.scopes:
        for month, heard in by_month(scope.plays).items():
            places = grouped(
                heard, lambda play: (play["played_from_type"], play["played_from_uri"])
            )
            for (type_, uri), here in places.items():
                names = [play["played_from_name"] for play in here if play["played_from_name"]]
                yield {
                    "scope": scope.name,
                    "month": month,
                    "played_from_type": type_,
                    "played_from_uri": uri,
                    "played_from_name": names[-1] if names else None,
                    **amount(here),
                    "share": share_of(here, heard),
                    **ground.rests_on(month),
                }


def _top(
    ground: Ground, by: Callable[[Row], Any], describe: Callable[[Any, list[Row]], Row]
) -> Rows:
    for scope in ground.scopes:
        months = by_month(music(scope.plays))
        for month, heard in months.items():
            groups = grouped(heard, by)
            before = ranked(grouped(months.get(month_after(month, -1), []), by))
            for rank, key in enumerate(ranked(groups)[:100], 1):
                then = before.index(key) + 1 if key in before else None
                climbed = None if then is None else then - rank
                away, move = moved(
                    number_of(month),
                    {
                        number_of(one["local_date"])
                        for one in counted(scope.plays)
                        if by(one) == key
                    },
                    lambda number: ground.is_whole(date(number // 12, number % 12 + 1, 1)),
                    3,
                    climbed,
                )
                yield {
                    "scope": scope.name,
                    "month": month,
                    "rank": rank,
                    **describe(key, groups[key]),
                    **amount(groups[key]),
                    "rank_before": then,
                    "change": climbed,
                    "move": None if month == ground.months[0] else move,
                    "away_months": away,
                    **ground.rests_on(month),
                }


def top_tracks_by_month(ground: Ground) -> Rows:
    yield from _top(ground, recording, lambda key, _: ground.described(key))


def described_artist(ground: Ground, artist: str, plays: list[Row]) -> Row:
    return {
        "artist_key": artist,
        "artist_name": ground.spelled(artist),
        "artist_id": ground.artist_id(artist),
        "tracks": len({recording(play) for play in counted(plays)}),
    }


def top_artists_by_month(ground: Ground) -> Rows:
    yield from _top(ground, artist_key, lambda key, plays: described_artist(ground, key, plays))


def entropy(counts: list[int]) -> float:
    return -sum(n / sum(counts) * math.log(n / sum(counts)) for n in counts)


def genres_by_month(ground: Ground) -> Rows:
    spellings: dict[str, dict[str, int]] = {}
    for play in music(ground.plays):
        for genre in ground.genres(recording(play)):
            same = spellings.setdefault(genre_key(genre), {})
            same[genre] = same.get(genre, 0) + play["counts"]
    spelled = {
        key: min(same, key=lambda genre: (-same[genre], genre)) for key, same in spellings.items()
    }
    for scope in ground.scopes:
        for month, heard in by_month(music(scope.plays)).items():
            groups: dict[str, list[Row]] = {}
            for play in heard:
                for genre in ground.genres(recording(play)):
                    groups.setdefault(spelled[genre_key(genre)], []).append(play)
            plays = counted(heard)
            known = [play for play in plays if ground.genres(recording(play))]
            order = ranked(groups)
            counts = [len(counted(groups[genre])) for genre in order]
            for rank, genre in enumerate(order, 1):
                yield {
                    "scope": scope.name,
                    "month": month,
                    "rank": rank,
                    "genre": genre,
                    **amount(groups[genre]),
                    "share": len(counted(groups[genre])) / len(known),
                    "known_share": len(known) / len(plays),
                    "genres": len(order),
                    "diversity": math.exp(entropy(counts)),
                    **ground.rests_on(month),
                }


def _of_music(ground: Ground) -> Iterator[tuple[Scope, Row, list[Row]]]:
    """Months with music in each scope: their first columns, and their plays."""
    for scope in ground.scopes:
        for month, plays in by_month(music(counted(scope.plays))).items():
            yield scope, {"scope": scope.name, "month": month, "plays": len(plays)}, plays


def discovery_by_month(ground: Ground) -> Rows:
    for scope in ground.scopes:
        of_known = [play for play in music(counted(scope.plays)) if artist_key(play)]
        for month, plays in by_month(of_known).items():
            earlier = [play for play in of_known if play["local_date"] < month]
            counts = sorted(times(artist_key(play) for play in plays).values())
            artists = {artist_key(play) for play in plays}
            tracks = {recording(play) for play in plays}
            new = artists - {artist_key(play) for play in earlier}
            told = [play for play in plays if any(ground.released(play))]
            shannon, number = entropy(counts), len(counts)
            gini = sum(abs(a - b) for a in counts for b in counts) / (2 * number * sum(counts))
            yield {
                "scope": scope.name,
                "month": month,
                "plays": len(plays),
                "artists": number,
                "tracks": len(tracks),
                "artist_diversity": number / len(plays),
                "shannon": shannon,
                "effective_artists": math.exp(shannon),
                "evenness": shannon / math.log(number) if number > 1 else None,
                "gini": gini,
                "repeat_rate": 1 - len(tracks) / len(plays),
                "new_artists": len(new),
                "new_tracks": len(tracks - {recording(play) for play in earlier}),
                "new_artist_share": mean([artist_key(play) in new for play in plays]),
                "new_release_ratio": mean([_is_new(play, *ground.released(play)) for play in told]),
                "loyalty": sum(counts[-10:]) / len(plays),
                "history_starts_on": min(play["local_date"] for play in ground.plays),
                **ground.rests_on(month),
            }


def _is_new(play: Row, released: str | None, in_year: int | None) -> bool:
    parts = [int(part) for part in (released or str(in_year)).split("-")]
    year, month, day = [*parts, 1, 1][:3] if len(parts) < 3 else parts
    age = play["local_date"] - date(year, month, day)
    return timedelta(0) <= age <= timedelta(days=365)


def popularity_by_month(ground: Ground) -> Rows:
    for _, first, plays in _of_music(ground):
        told = [ground.popularity(recording(play)) for play in plays]
        known = [one for one in told if one is not None]
        lows = times(min(one // 10 * 10, 90) for one in known)
        yield {
            **first,
            "known_share": len(known) / len(plays),
            "mainstream_score": mean(known),
            "hits_share": mean([one >= 75 for one in known]),
            "distribution": [{"low": low, "plays": lows[low]} for low in sorted(lows)],
            **ground.rests_on(first["month"]),
        }


def release_years_by_month(ground: Ground) -> Rows:
    for _, first, plays in _of_music(ground):
        told = [ground.released(play)[1] for play in plays]
        years = [year for year in told if year is not None]
        decades = times(year // 10 * 10 for year in years)
        yield {
            **first,
            "known_share": len(years) / len(plays),
            "avg_release_year": mean(years),
            "oldest": min(years, default=None),
            "newest": max(years, default=None),
            "decades": [{"decade": one, "plays": decades[one]} for one in sorted(decades)],
            **ground.rests_on(first["month"]),
        }


def content_by_month(ground: Ground) -> Rows:
    for _, first, plays in _of_music(ground):
        explicit = [play["explicit"] for play in plays if play["explicit"] is not None]
        albums = times(
            kind
            for play in plays
            if (kind := ground.detail(play, "album_type", "reference_album_type"))
        )
        told = [ground.detail(play, "duration_ms", "reference_duration_ms") for play in plays]
        lasting = [length / 60_000 for length in told if length is not None]
        lengths = times(min(int(one), 10) for one in lasting)
        yield {
            **first,
            "explicit_share": mean(explicit),
            "explicit_known_share": len(explicit) / len(plays),
            "album_plays": albums["album"],
            "single_plays": albums["single"],
            "compilation_plays": albums["compilation"],
            "album_known_share": albums.total() / len(plays),
            "avg_length_minutes": mean(lasting),
            "lengths": [{"minutes": one, "plays": lengths[one]} for one in sorted(lengths)],
            **ground.rests_on(first["month"]),
        }


def audio_profile_by_month(ground: Ground) -> Rows:
    for _, first, plays in _of_music(ground):
        sounds = [ground.sound(recording(play)) for play in plays]
        known = [sound for sound in sounds if sound]
        yield {
            **first,
            "known_share": len(known) / len(plays),
            **{name: mean([sound[name] for sound in known]) for name in SOUND},
            "acoustic_share": mean([sound["acousticness"] > 0.5 for sound in known]),
            "instrumental_share": mean([sound["instrumentalness"] > 0.5 for sound in known]),
            **ground.rests_on(first["month"]),
        }
