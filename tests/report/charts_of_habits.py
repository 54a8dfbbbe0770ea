"""What charts of contexts, of what comes back and of how complete it all is should tell.

Add a chart here that is of why and from where something is played, or of songs over weeks. Months
and names alone belong to `charts_of_listening.py`.
"""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta

from tests.report.charts_told import (
    Row,
    Seen,
    Told,
    away,
    chart,
    exactly,
    fine,
    in_percent,
    least,
    missing,
    name_of,
    share,
    tenths,
    under,
    values,
)

CONTEXTS = ("everyday", "focus", "relaxation", "party", "workout", "kids", "sleep")


@chart
def contexts(seen: Seen) -> Told:
    told = seen.rows("contexts_by_month")
    table = [
        [
            name_of(row["month"]),
            row["context"],
            share(row["share"]),
            tenths(row["minutes"]),
            row["sessions"],
            fine(row["avg_confidence"]),
            least(row),
        ]
        for row in told
    ]
    shares = {(row["month"], row["context"]): row["share"] for row in told}
    dates = sorted({row["month"] for row in told})
    present = [name for name in CONTEXTS if any(row["context"] == name for row in told)]
    areas = [
        values(
            dates,
            exactly(shares.get((month, name), 0) for month in dates),
            name=f"{name} · {in_percent(shares.get((seen.month, name), 0))}",
        )
        for name in present
    ]
    return Told(table, areas, under=under(told))


@chart
def contexts_month(seen: Seen) -> Told:
    now = sorted(seen.now("contexts_by_month"), key=lambda row: -row["minutes"])
    table = [
        [
            row["context"],
            tenths(row["minutes"]),
            share(row["share"]),
            row["plays"],
            row["sessions"],
            fine(row["avg_confidence"]),
        ]
        for row in now
    ]
    x = [fine(row["minutes"] / 60) for row in now]
    return Told(table, [values(x, [row["context"] for row in now])], missing={0: missing(now)})


@chart
def sessions(seen: Seen) -> Told:
    now = [
        row
        for row in seen.tables["sessions"]
        if row["local_date"].replace(day=1) == seen.month and (row["mine"] or seen.scope == "all")
    ]
    bounds = [0.0, 15, 30, 60, 120, 240, float("inf")]

    def count(name: str, at: int) -> int:
        # The page carries tenths of minutes.
        lengths = [round(row["minutes"], 1) for row in now if row["context"] == name]
        return sum(bounds[at] <= length < bounds[at + 1] for length in lengths)

    present = [name for name in CONTEXTS if any(row["context"] == name for row in now)]
    heads = ["< 15 min", "15–30", "30–60", "1–2 h", "2–4 h", "4 h +"]  # noqa: RUF001 as the page has it
    each = [[count(name, at) for name in present] for at in range(6)]
    table = [[heads[at], *each[at], sum(each[at])] for at in range(6)]
    bars = [
        values(heads, [counts[n] for counts in each], name=name) for n, name in enumerate(present)
    ]
    return Told(table, bars)


@chart
def played_from(seen: Seen) -> Told:
    now = sorted(seen.now("played_from_by_month"), key=lambda row: -row["minutes"])[:10]
    table = [
        [
            row["played_from_type"] or "not told",
            row["played_from_name"],
            tenths(row["minutes"]),
            share(row["share"]),
            row["plays"],
        ]
        for row in now
    ]
    told = [row for row in now if row["played_from_type"]]
    bars = values([fine(row["minutes"] / 60) for row in told], range(len(told)))
    names = [row["played_from_name"] for row in told]
    return Told(table, [bars], names, missing={0: missing(told)})


@chart
def rotation(seen: Seen) -> Told:
    known = max(row["day"] for row in seen.rows("listening_by_day")) + timedelta(days=1)
    window = away(seen.month, -11), min(away(seen.month, 1), known)
    lines: dict[tuple[str, str], list[tuple[date, date, Row]]] = defaultdict(list)
    for row in seen.rows("heavy_rotation"):
        begins, ends = max(row["entered_on"], window[0]), min(row["left_on"] or known, window[1])
        if begins < ends and (row["days"] >= 7 or row["left_on"] is None):
            lines[row["track_name"], row["artist_name"]].append((begins, ends, row))

    def stayed(stays: list[tuple[date, date, Row]]) -> int:
        return sum((ends - begins).days for begins, ends, _ in stays)

    # Those that stayed longest; where two did as long, the one that came first.
    ordered = sorted(
        (sorted(stays, key=lambda stay: stay[0]) for stays in lines.values()),
        key=lambda stays: (-stayed(stays), stays[0][0]),
    )[:16]
    shown = [stay for stays in ordered for stay in stays]
    table = [
        [
            row["track_name"],
            row["artist_name"],
            row["entered_on"].isoformat(),
            row["left_on"].isoformat() if row["left_on"] else "lasts",
            *(row[name] for name in ("days", "plays", "peak_rank")),
            least(row),
        ]
        for _, _, row in shown
    ]
    bars = [
        [begins.isoformat(), (ends - begins).days, row["left_on"] is None, row["at_least"]]
        for begins, ends, row in shown
    ]
    return Told(sorted(table, key=str), [{"stays": sorted(bars)}])


@chart
def rotation_now(seen: Seen) -> Told:
    states = {"heavy": "steady"}
    told = [row for row in seen.rows("heavy_rotation") if row["left_on"] is None]
    told.sort(key=lambda row: -row["plays"])
    table = [
        [
            row["track_name"],
            row["artist_name"],
            states.get(row["state"], row["state"]),
            row["entered_on"].isoformat(),
            *(row[name] for name in ("days", "plays", "peak_rank")),
            least(row),
        ]
        for row in told
    ]
    shown = told[:12]
    bars = values([row["plays"] for row in shown], range(len(shown)))
    return Told(table, [bars], [row["track_name"] for row in shown])


@chart
def obsessions(seen: Seen) -> Told:
    told = sorted(seen.rows("obsessions"), key=lambda row: -row["plays"])
    table = [
        [
            row["track_name"],
            row["artist_name"],
            row["starts_on"].isoformat(),
            row["ends_on"].isoformat(),
            *(row[name] for name in ("plays", "plays_after", "plays_ever")),
            row["loop"] or "yours",
            least(row),
        ]
        for row in told
    ]
    shown = told[:10]
    bars = values([row["plays"] for row in shown], range(len(shown)))
    return Told(table, [bars], [row["track_name"] for row in shown])


@chart
def forgotten(seen: Seen) -> Told:
    told = sorted(seen.rows("forgotten_favourites"), key=lambda row: row["rank"])
    table = [
        [
            *(row[name] for name in ("track_name", "artist_name", "plays", "plays_ever")),
            row["last_played_on"].isoformat(),
            row["days_since"],
        ]
        for row in told
    ]
    shown = told[:12]
    bars = values([row["plays"] for row in shown], range(len(shown)))
    return Told(table, [bars], [row["track_name"] for row in shown])


@chart
def gaps(seen: Seen) -> Told:
    told = {"export": "an export: complete", "polled": "polls alone: at least"}
    lost = [row for row in seen.tables["gaps"] if row["closed_at"] is None]
    table = []
    for row in (row for row in seen.tables["listening_by_month"] if row["scope"] == "all"):
        begins, ends = (
            datetime(one.year, one.month, 1, tzinfo=UTC)
            for one in (row["month"], away(row["month"], 1))
        )
        hours_ = (
            sum(
                max(
                    timedelta(), min(gap["gap_end"], ends) - max(gap["gap_start"], begins)
                ).total_seconds()
                for gap in lost
            )
            // 3600
        )
        what = told.get(row["coverage"], "polls and an export")
        if row["coverage"] == "export" and row["at_least"]:
            what = "an export, with an open gap"
        elif row["coverage"] == "export" and not row["whole"]:
            what = "an export, of a part of the month"
        table.append([name_of(row["month"]), what, hours_ or ""])
    spans = [[gap["gap_start"], gap["gap_end"]] for gap in lost]
    return Told(table, [{"spans": [[f"{one:%Y-%m-%dT%H:%MZ}" for one in span] for span in spans]}])
