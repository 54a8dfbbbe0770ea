"""What charts of when, whom and how wide a listener plays should tell.

Add a chart here that is of plays, days or names alone. How the music is, belongs to
`charts_of_taste.py`; what it is played for and comes back to, to `charts_of_habits.py`.
"""

from datetime import timedelta
from statistics import mean
from typing import Any

import pytest

from tests.report.charts_told import (
    Row,
    Seen,
    Told,
    away,
    chart,
    cut,
    exactly,
    fine,
    least,
    least_of,
    missing,
    missing_over,
    name_of,
    over,
    share,
    tenths,
    under,
    values,
    well_known,
)

WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def moved(row: Row) -> str:
    if row["rank_before"] is None:
        return "+"
    climbed = row["rank_before"] - row["rank"]
    return "=" if not climbed else f"▲ {climbed}" if climbed > 0 else f"▼ {-climbed}"


@chart
def hours(seen: Seen) -> Told:
    told = seen.rows("listening_by_hour")
    minutes = {(row["weekday"], row["hour"]): row["minutes"] for row in told}
    grid = [[tenths(minutes.get((day, hour), 0)) for hour in range(24)] for day in range(7)]
    table = [
        [WEEKDAYS[row["weekday"]], row["hour"], tenths(row["minutes"]), row["plays"], least(row)]
        for row in told
    ]
    return Told(table, [values(range(24), [day[:3] for day in WEEKDAYS], z=grid)])


@chart
def calendar(seen: Seen) -> Told:
    days = [
        row
        for row in seen.rows("listening_by_day")
        if away(seen.month, -11) <= row["day"] < away(seen.month, 1)
    ]
    minutes = {row["day"]: row["minutes"] for row in days}
    first = days[0]["day"] - timedelta(days=days[0]["day"].weekday())
    weeks = [first + timedelta(days=n) for n in range(0, (days[-1]["day"] - first).days + 1, 7)]
    grid = [[tenths(minutes.get(week + timedelta(days=day))) for week in weeks] for day in range(7)]
    table = [
        [row["day"].isoformat(), tenths(row["minutes"]), row["plays"], row["streak"], least(row)]
        for row in days
    ]
    touched = dict.fromkeys(weeks, False)
    for row in days:
        touched[row["day"] - timedelta(days=row["day"].weekday())] |= row["at_least"]
    grids = values(weeks, [day[:3] for day in WEEKDAYS], z=grid)
    return Told(table, [grids], under=touched)


@chart
def days(seen: Seen) -> Told:
    told = seen.rows("listening_by_day")
    minutes = [row["minutes"] for row in told]
    means = []
    for n, row in enumerate(told):
        # What was heard on a day that an open gap touches is not known: such days are in no mean.
        known = [one["minutes"] for one in told[max(n - 27, 0) : n + 1] if one["known"]]
        enough = n >= 27 and row["known"] and len(known) >= 14
        means.append(tenths(mean(known)) if enough else None)
    dates = [row["day"] for row in told]
    table = [
        [row["day"].isoformat(), tenths(row["minutes"]), average, least(row)]
        for row, average in zip(told, means, strict=True)
    ]
    bars = values(dates, [tenths(one) for one in minutes])
    return Told(table, [bars, values(dates, means)], under=under(told, "day"))


@chart
def months(seen: Seen) -> Told:
    told = seen.rows("listening_by_month")
    dates = [row["month"] for row in told]
    music = [fine((row["minutes"] - row["spoken_minutes"]) / 60) for row in told]
    spoken = [fine(row["spoken_minutes"] / 60) for row in told]
    table = [
        [
            name_of(row["month"]),
            *(tenths(row[name]) for name in ("minutes", "spoken_minutes")),
            row["plays"],
            tenths(row["minutes_per_day"]),
            least(row),
        ]
        for row in told
    ]
    marked = {0: missing(cut(seen, told)), 1: missing(cut(seen, told))}
    return Told(table, [values(dates, music), values(dates, spoken)], missing=marked)


@chart
def skips(seen: Seen) -> Told:
    told = seen.rows("listening_by_month")
    known = [row for row in told if row["skip_share"] is not None]
    shares = exactly(row["skip_share"] for row in known)
    table = [
        [name_of(row["month"]), row["skips"], share(row["skip_share"]), row["short_plays"]]
        for row in told
    ]
    return Told(table, [values([row["month"] for row in known], shares)])


@chart
def artist_race(seen: Seen) -> Told:
    ever = [row["artist_name"] for row in seen.rows("top_artists_by_month") if row["rank"] <= 10]
    now = seen.top("top_artists_by_month", 10)
    # Bars keep their order over all months, so that they can run.
    running = sorted(now, key=lambda row: ever.index(row["artist_name"]))
    texts = [f"{row['artist_name']} {row['plays']} {moved(row)}" for row in running]
    bars = values([row["plays"] for row in running], [row["rank"] for row in running], text=texts)
    table = [[row["rank"], row["artist_name"], least_of(row), moved(row)] for row in now]
    return Told(table, [bars])


@chart
def songs(seen: Seen) -> Told:
    now = seen.top("top_tracks_by_month", 10)
    table = [
        [
            row["rank"],
            row["track_name"],
            row["artist_name"],
            row["plays"],
            tenths(row["minutes"]),
            row["rank_before"],
            least(row),
        ]
        for row in now
    ]
    names = [row["track_name"] for row in now]
    texts = [f"{row['plays']} {moved(row)}" for row in now]
    bars = values([row["plays"] for row in now], range(len(now)), text=texts)
    return Told(table, [bars], names, missing={0: missing(now)})


@chart
def artist_flow(seen: Seen) -> Told:
    columns = [away(seen.month, months) for months in (-2, -1, 0)]
    tops = [seen.top("top_artists_by_month", 8, month) for month in columns]
    table = [
        [
            name_of(row["month"]),
            row["rank"],
            row["artist_name"],
            least_of(row),
            "not played" if row["rank_before"] is None else row["rank_before"],
        ]
        for top in tops
        for row in top
    ]
    flows: list[list[Any]] = []
    for at in (0, 1):
        before, after = ({row["artist_name"]: row["plays"] for row in top} for top in tops[at:][:2])
        for name in before.keys() | after.keys():
            lost, won = before.get(name, 0), after.get(name, 0)
            flows += [
                [at, name, name, min(lost, won)],
                [at, name, "others", max(0, lost - won) if won else lost],
                [at, "others", name, max(0, won - lost) if lost else won],
            ]
    return Told(table, [{"flows": sorted(flow for flow in flows if flow[-1])}])


@chart
def artist_diversity(seen: Seen) -> Told:
    told = seen.rows("discovery_by_month")
    table = [
        [
            name_of(row["month"]),
            row["artists"],
            tenths(row["effective_artists"]),
            fine(row["evenness"]),
            row["plays"],
            least(row),
        ]
        for row in told
    ]
    lines = [
        over(seen, told, lambda row: row["artists"]),
        over(seen, told, lambda row: tenths(row["effective_artists"])),
    ]
    marked = missing_over(seen, cut(seen, told))
    return Told(table, lines, missing={0: marked, 1: marked})


@chart
def discovery(seen: Seen) -> Told:
    habits = {
        "artist_diversity": "diversity",
        "new_artist_share": "new artists",
        "new_release_ratio": "new releases",
        "repeat_rate": "repeats",
        "loyalty": "loyalty",
        "evenness": "evenness",
    }
    [now] = seen.now("discovery_by_month")
    # At first everything is new, and few plays look more varied than all.
    whole = [
        row
        for row in cut(seen, seen.rows("discovery_by_month"))
        if row["history_starts_on"] <= away(row["month"], -1)
        and row["new_artists"] < row["artists"]
        and not row["at_least"]
    ]
    dated = well_known(seen.now("release_years_by_month"))
    table, means, here = [], [], []
    for key, name in habits.items():
        if now[key] is None or (key == "new_release_ratio" and not dated):
            continue
        known = [row[key] for row in whole if row[key] is not None]
        table.append(
            [
                name,
                *(
                    pytest.approx(100 * one, abs=0.11)
                    for one in (now[key], mean(known), max(known))
                ),
            ]
        )
        means.append(pytest.approx(mean(known) / (max(known) or 1), abs=0.01))
        here.append(pytest.approx(min(now[key] / max(known), 1) if max(known) else 0, abs=0.01))
    return Told(table, [{"r": [*line, line[0]]} for line in (means, here)])


@chart
def new_and_familiar(seen: Seen) -> Told:
    told = seen.rows("discovery_by_month")
    dates = [row["month"] for row in told]
    table = [
        [
            name_of(row["month"]),
            *(row[name] for name in ("tracks", "new_tracks", "artists", "new_artists")),
            share(row["new_artist_share"]),
            least(row),
        ]
        for row in told
    ]
    known = values(dates, [row["tracks"] - row["new_tracks"] for row in told])
    new = values(dates, [row["new_tracks"] for row in told])
    marked = missing(cut(seen, told))
    return Told(table, [known, new], missing={0: marked, 1: marked})
