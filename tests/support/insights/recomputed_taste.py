"""The tables of insights that look at Spotify's own lists, once more in plain Python.

Add a function for each new one, of the same name, by what its head comment says alone.
"""

from typing import Any

from tests.support.insights.ground import (
    Ground,
    Scope,
    artist_key,
    by_month,
    counted,
    grouped,
    mean,
    month_after,
    month_of,
    music,
    ranked,
    share,
)
from tests.support.insights.lives import Row
from tests.support.insights.recomputed import Rows, recording


def _entries(ground: Ground, scope: Scope, one: Row) -> list[Row]:
    """Entries of one of Spotify's lists: mine, unless most of their plays were not."""

    def is_mine(entry: Row) -> bool:
        plays = [
            play
            for play in music(counted(ground.plays))
            if _is_of(ground, one["kind"], entry, play)
        ]
        return bool(2 * sum(play["mine"] for play in plays) >= len(plays))

    return [entry for entry in one["entries"] if scope.name == "all" or is_mine(entry)]


def _is_of(ground: Ground, kind: str, entry: Row, play: Row) -> bool:
    if kind == "artists":
        whose = [one for one in ground.plays if artist_key(one) == artist_key(play)]
        if any(one["artist_id"] for one in whose):
            return bool(artist_key(play) == entry["id"])
        name = ground.spelled(artist_key(play) or "") if artist_key(play) else ""
        return bool(name and name.lower() == (entry["name"] or "").lower())
    recordings = {t["recording_id"] for t in ground.tracks if t["track_id"] == entry["id"]}
    return recording(play) in recordings


def popularity_by_snapshot(ground: Ground) -> Rows:
    for scope in ground.both:
        for one in ground.lists:
            if not (entries := _entries(ground, scope, one)):
                continue
            told = [entry["popularity"] for entry in entries if entry["popularity"] is not None]
            followers = [entry["followers"] for entry in entries if entry["followers"] is not None]
            average = mean(told)
            yield {
                "scope": scope.name,
                **{name: one[name] for name in ("date", "kind", "time_range")},
                "entries": len(entries),
                "known": len(told),
                "avg_popularity": average,
                "obscurity": None if average is None else 100 - average,
                "hits_share": mean([one >= 75 for one in told]),
                "avg_followers": mean(followers),
            }


def taste_overlap(ground: Ground) -> Rows:
    for scope in ground.both:
        for kind, by in (("tracks", recording), ("artists", artist_key)):
            months = by_month(music(counted(scope.plays)))
            for month in months:
                year = [months.get(month_after(month, -back), []) for back in range(12)]
                short = set(ranked(grouped(months[month], by))[:50])
                long = set(ranked(grouped([p for one in reversed(year) for p in one], by))[:50])
                if short:
                    first = {"scope": scope.name, "month": month, "kind": kind, "told_by": "plays"}
                    yield first | _overlap(short, long) | ground.rests_on(month)
            yield from _overlap_of_lists(ground, scope, kind)


def _overlap_of_lists(ground: Ground, scope: Scope, kind: str) -> Rows:
    lists = {
        (one["date"], one["time_range"]): {
            entry["id"] or entry["name"] for entry in _entries(ground, scope, one)[:50]
        }
        for one in ground.lists
        if one["kind"] == kind
    }
    both = {day for day, _ in lists if (day, "short") in lists and (day, "long") in lists}
    for day in {month_of(day): day for day in sorted(both)}.values():
        short, long = lists[day, "short"], lists[day, "long"]
        if short:
            month = month_of(day)
            first = {"scope": scope.name, "month": month, "kind": kind, "told_by": "spotify"}
            known = ground.months[:1] <= [month] <= ground.months[-1:]
            rests_on = ground.rests_on(month) if known else {"coverage": None, "at_least": False}
            yield first | _overlap(short, long) | rests_on


def _overlap(short: set[Any], long: set[Any]) -> Row:
    return {
        "short_entries": len(short),
        "long_entries": len(long),
        "in_both": len(short & long),
        "overlap": share(len(short & long), len(short | long)),
    }
