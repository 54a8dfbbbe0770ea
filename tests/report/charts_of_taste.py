"""What charts of how well known, how old and how the music is should tell, and how taste moves.

Add a chart here that is of what is known about songs. Who plays them and when belongs to
`charts_of_listening.py`.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from math import pi
from statistics import quantiles
from typing import Any

import pytest

from tests.report.charts_told import (
    Rows,
    Seen,
    Told,
    away,
    chart,
    exactly,
    fine,
    least,
    missing_over,
    name_of,
    over,
    share,
    tenths,
    under,
    values,
    well_known,
)

SOUNDS = {
    "energy": "energy",
    "danceability": "danceability",
    "valence": "valence",
    "liveness": "liveness",
    "speechiness": "speech",
    "acousticness": "acoustic",
    "instrumentalness": "instrumental",
}


@chart
def mainstream(seen: Seen) -> Told:
    told = well_known(seen.rows("popularity_by_month"))
    table = [
        [
            name_of(row["month"]),
            tenths(row["mainstream_score"]),
            share(row["hits_share"]),
            share(row["known_share"]),
        ]
        for row in told
    ]
    line = over(seen, told, lambda row: tenths(row["mainstream_score"]))
    return Told(table, [line], missing={0: missing_over(seen, told)})


def parts(rows: Rows, entries: str, key: str, places: Iterable[int], last: int) -> list[float]:
    """Of the plays of some rows, the share in each place; what is above the last goes with it."""
    plays: dict[int, int] = defaultdict(int)
    for row in rows:
        for entry in row[entries]:
            plays[min(entry[key], last)] += entry["plays"]
    return [plays[place] / sum(plays.values()) for place in places]


@chart
def popularity(seen: Seen) -> Told:
    tens = range(0, 100, 10)
    now, ever = (
        parts(rows, "distribution", "low", tens, 90)
        for rows in (
            seen.now("popularity_by_month"),
            well_known(seen.rows("popularity_by_month")),
        )
    )
    table = [
        [f"{low} to {100 if low == 90 else low + 9}", share(now[n]), share(ever[n])]
        for n, low in enumerate(tens)
    ]
    x = [0, *(low + 5 for low in tens), 100]
    lines = [values(x, exactly([line[0], *line, line[-1]])) for line in (now, ever)]
    return Told(table, lines)


@chart
def popularity_and_plays(seen: Seen) -> Told:
    told = [row for row in seen.rows("favourite_tracks") if row["popularity"] is not None]
    table = [
        [row[name] for name in ("track_name", "artist_name", "plays", "popularity")] for row in told
    ]
    points = values([row["popularity"] for row in told], [row["plays"] for row in told])
    return Told(table, [points])


@chart
def plays_of_the_world(seen: Seen) -> Told:
    known = [row for row in seen.rows("play_counts") if row["lastfm_global_plays"]]
    told = sorted(known, key=lambda row: (-row["local_plays"], row["lastfm_global_plays"]))
    told = [row for row in told if row["local_plays"]]
    table = [
        [
            *(row[name] for name in ("track_name", "artist_name", "local_plays")),
            row["lastfm_user_plays"],
            row["agreement"] and pytest.approx(row["agreement"], abs=0.006),
            *(row[name] for name in ("lastfm_global_plays", "lastfm_global_listeners")),
            "yes" if row["lastfm_corrected"] else "",
            row["spotify_global_plays"],
        ]
        for row in told
    ]
    points = values(
        [row["lastfm_global_plays"] for row in told], [row["local_plays"] for row in told]
    )
    return Told(table, [points])


@chart
def release_years(seen: Seen) -> Told:
    told = well_known(seen.rows("release_years_by_month"))
    table = [
        [
            name_of(row["month"]),
            pytest.approx(row["avg_release_year"], abs=0.56),
            row["oldest"],
            row["newest"],
            share(row["known_share"]),
        ]
        for row in told
    ]
    line = over(seen, told, lambda row: tenths(row["avg_release_year"]))
    return Told(table, [line], missing={0: missing_over(seen, told)})


@chart
def decades(seen: Seen) -> Told:
    told = well_known(seen.rows("release_years_by_month"))
    shares: dict[date, dict[int, float]] = {}
    for row in told:
        plays: dict[int, int] = defaultdict(int)
        for entry in row["decades"]:
            plays[max(entry["decade"], 1950)] += entry["plays"]
        shares[row["month"]] = {one: count / sum(plays.values()) for one, count in plays.items()}
    present = sorted({decade for month in shares.values() for decade in month})
    table = [
        [name_of(month), *(share(told_.get(decade, 0)) for decade in present)]
        for month, told_ in shares.items()
    ]
    bars = [
        values(shares, exactly(told_.get(decade, 0) for told_ in shares.values()))
        for decade in present
    ]
    return Told(table, bars, under=under(told))


@chart
def releases(seen: Seen) -> Told:
    kinds = ("album_plays", "single_plays", "compilation_plays")
    told = well_known(seen.rows("content_by_month"), "album_known_share")
    table = [
        [
            name_of(row["month"]),
            *(row[kind] for kind in kinds),
            share(row["album_known_share"]),
            least(row),
        ]
        for row in told
    ]
    dates = [row["month"] for row in told]
    bars = [
        values(dates, exactly(row[kind] / sum(row[one] for one in kinds) for row in told))
        for kind in kinds
    ]
    return Told(table, bars, under=under(told))


@chart
def explicit(seen: Seen) -> Told:
    told = well_known(seen.rows("content_by_month"), "explicit_known_share")
    table = [
        [
            name_of(row["month"]),
            share(row["explicit_share"]),
            share(row["explicit_known_share"]),
            least(row),
        ]
        for row in told
    ]
    line = over(seen, told, lambda row: fine(row["explicit_share"]))
    return Told(table, [line], missing={0: missing_over(seen, told)})


@chart
def lengths(seen: Seen) -> Told:
    minutes = range(11)
    now, ever = (
        parts(rows, "lengths", "minutes", minutes, 10)
        for rows in (seen.now("content_by_month"), seen.rows("content_by_month"))
    )
    names = [
        "less than a minute",
        "1 to 2 minutes",
        *(f"{n} to {n + 1} minutes" for n in range(2, 10)),
        "10 minutes or more",
    ]
    table = [[names[n], share(now[n]), share(ever[n])] for n in minutes]
    x = [n + 0.5 for n in minutes]
    return Told(table, [values(x, exactly(now)), values(x, exactly(ever))])


@chart
def taste_overlap(seen: Seen) -> Told:
    told = seen.now("taste_overlap")
    table = [
        [
            *(
                row[name]
                for name in ("kind", "told_by", "short_entries", "long_entries", "in_both")
            ),
            share(row["overlap"]),
        ]
        for row in told
    ]
    played = {row["kind"]: row for row in told if row["told_by"] == "plays"}
    circles: list[Any] = []
    counts: list[int] = []
    for row in (played["tracks"], played["artists"]):
        sizes = row["short_entries"], row["long_entries"]
        # As large as what they hold; the larger one has the radius 1.
        circles += [pytest.approx(pi * size / max(sizes), abs=0.001) for size in sizes]
        only = [size - row["in_both"] for size in sizes]
        counts += [count for count in (only[0], row["in_both"], only[1]) if count]
    return Told(table, [{"circles": circles, "counts": counts}])


@chart
def artists_half_year(seen: Seen) -> Told:
    ago = seen.top("top_artists_by_month", 30, away(seen.month, -6))
    then = {row["artist_name"].lower(): row["rank"] for row in ago}
    now = seen.top("top_artists_by_month", 10)
    ranks = [(row, then.get(row["artist_name"].lower())) for row in now]
    table = [
        [row["artist_name"], row["rank"], was or "below 30 or not played"] for row, was in ranks
    ]
    # Who was not among the ten comes from below them.
    lines = [
        values([0, 1], [was if was and was <= 10 else pytest.approx(11.5, abs=0.5), row["rank"]])
        for row, was in ranks
    ]
    return Told(table, lines)


@chart
def genres(seen: Seen) -> Told:
    told = well_known(seen.rows("genres_by_month"))
    plays: dict[str, int] = defaultdict(int)
    for row in told:
        plays[row["genre"]] += row["plays"]
    most = sorted(plays, key=lambda genre: -plays[genre])[:7]
    shares = {(row["month"], row["genre"]): row["share"] for row in told}
    dates = sorted({row["month"] for row in told})
    table = [
        [name_of(month), *(share(shares.get((month, genre), 0)) for genre in most)]
        for month in dates
    ]
    streams = [
        values(dates, exactly(shares.get((month, genre), 0) for month in dates)) for genre in most
    ]
    if dates != [away(dates[0], n) for n in range(len(dates))]:
        return Told(table, streams, under=under(told))
    # The bed lifts the stream so that its middle is level.
    bed = [
        pytest.approx(1 - sum(shares.get((month, genre), 0) for genre in most) / 2, abs=0.005)
        for month in dates
    ]
    return Told(table, [values(dates, bed), *streams], under=under(told))


@chart
def audio_profile(seen: Seen) -> Told:
    [now] = seen.now("audio_profile_by_month")
    known = well_known(seen.rows("audio_profile_by_month"))
    weights = [row["plays"] * row["known_share"] for row in known]

    def ever(key: str) -> float:
        told = sum(row[key] * weight for row, weight in zip(known, weights, strict=True))
        return float(told / sum(weights))

    table = [[name, fine(now[key]), fine(ever(key))] for key, name in SOUNDS.items()]
    tempo = [pytest.approx(one, abs=1.1) for one in (now["tempo"], ever("tempo"))]
    lines = [[fine(ever(key)) for key in SOUNDS], [fine(now[key]) for key in SOUNDS]]
    return Told([*table, ["beats per minute", *tempo]], [{"r": [*line, line[0]]} for line in lines])


@chart
def sound_of_favourites(seen: Seen) -> Told:
    known = [row for row in seen.rows("favourite_tracks") if row["energy"] is not None]
    each = {key: sorted(row[key] for row in known) for key in SOUNDS}
    table = [
        [name, *(fine(one) for one in quantiles(each[key], n=4, method="inclusive"))]
        for key, name in SOUNDS.items()
    ]
    return Told(table, [{"x": exactly(each[key])} for key in SOUNDS])


@chart
def mood(seen: Seen) -> Told:
    told = well_known(seen.rows("audio_profile_by_month"))
    table = [
        [name_of(row["month"]), fine(row["mood_score"]), share(row["known_share"]), least(row)]
        for row in told
    ]
    line = over(seen, told, lambda row: fine(row["mood_score"]))
    return Told(table, [line], missing={0: missing_over(seen, told)})


@chart
def acoustic(seen: Seen) -> Told:
    told = well_known(seen.rows("audio_profile_by_month"))
    shares = ("acoustic_share", "instrumental_share")
    table = [
        [
            name_of(row["month"]),
            *(share(row[name]) for name in (*shares, "known_share")),
            least(row),
        ]
        for row in told
    ]
    lines = [
        over(seen, told, lambda row: fine(row["acoustic_share"])),
        over(seen, told, lambda row: fine(row["instrumental_share"])),
    ]
    marked = missing_over(seen, told)
    return Told(table, lines, missing={0: marked, 1: marked})
