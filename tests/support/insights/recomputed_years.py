"""The tables of years once more in plain Python, by what their head comments say alone."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from tests.support.insights.ground import (
    DAY,
    Ground,
    Scope,
    artist_key,
    counted,
    days_between,
    grouped,
    minutes_of,
    moved,
    music,
    ranked,
)
from tests.support.insights.lives import Row
from tests.support.insights.recomputed import Rows, amount, described_artist, recording

ALL_TIME = 0


def years_of(ground: Ground) -> list[int]:
    """Every year from the first play to the last."""
    return sorted({month.year for month in ground.months})


def rests_on(ground: Ground, year: int) -> Row:
    """The columns `coverage` and `at_least` of a year."""
    told = [ground.rests_on(month) for month in ground.months if year in {ALL_TIME, month.year}]
    names = {one["coverage"] for one in told} - {None}
    if "mixed" in names or {"export", "polled"} <= names:
        coverage: str | None = "mixed"
    else:
        coverage = next((one for one in ("export", "polled", "scrobbled") if one in names), None)
    return {"coverage": coverage, "at_least": any(one["at_least"] for one in told)}


def within_year(plays: list[Row], year: int) -> list[Row]:
    """The plays of a year, or all of them."""
    return [play for play in plays if year in {ALL_TIME, play["local_date"].year}]


def is_whole(ground: Ground, year: int) -> bool:
    return all(ground.is_whole(month) for month in ground.months if month.year == year)


def _of_years(ground: Ground) -> Iterator[tuple[Scope, int, list[Row]]]:
    for scope in ground.scopes:
        for year in (ALL_TIME, *years_of(ground)):
            yield scope, year, within_year(scope.plays, year)


def listening_by_year(ground: Ground) -> Rows:
    first = ground.months[0].year if ground.months else None
    for scope, year, here in _of_years(ground):
        plays = music(counted(here))
        earlier = [play for play in music(counted(scope.plays)) if play["local_date"].year < year]
        artists = {artist_key(play) for play in plays} - {None}
        tracks = {recording(play) for play in plays}
        dates = [play["local_date"] for play in ground.plays]
        days = days_between(min(dates), max(dates))
        here_days = [day for day in days if year in {ALL_TIME, day.year}]
        told = days_between(min(dates), ground.through or max(dates))
        is_first = year in {ALL_TIME, first}
        streak = _streak({play["local_date"] for play in counted(here)})
        minutes = {
            day: minutes_of(play for play in here if play["local_date"] == day) for day in here_days
        }
        busiest = max(here_days, key=lambda day: (minutes[day], -day.toordinal()))
        yield {
            "scope": scope.name,
            "year": year,
            **amount(here),
            "unknown_lengths": sum(play["ms_played"] is None for play in here),
            "tracks": len(tracks),
            "artists": len(artists),
            "new_artists": None
            if is_first
            else len(artists - {artist_key(play) for play in earlier}),
            "new_tracks": None if is_first else len(tracks - {recording(play) for play in earlier}),
            "days_heard": len({play["local_date"] for play in counted(here)}),
            "known_days": sum(
                ground.is_known(day)
                for day in told
                if year in {ALL_TIME, day.year} and day.replace(day=1) in ground.months
            ),
            "longest_streak": len(streak),
            "streak_from": streak[0] if streak else None,
            "streak_to": streak[-1] if streak else None,
            "busiest_day": busiest if minutes[busiest] else None,
            "busiest_day_minutes": minutes[busiest],
            **rests_on(ground, year),
        }


def _streak(days: set[date]) -> list[date]:
    """The first of the longest runs of days."""
    longest: list[date] = []
    for day in sorted(days):
        run = [day]
        while run[-1] + DAY in days:
            run.append(run[-1] + DAY)
        longest = run if len(run) > len(longest) else longest
    return longest


def _top(
    ground: Ground, by: Callable[[Row], Any], describe: Callable[[Any, list[Row]], Row]
) -> Rows:
    for scope, year, here in _of_years(ground):
        groups = grouped(music(here), by)
        before = ranked(grouped(music(within_year(scope.plays, year - 1)), by)) if year else []
        for rank, key in enumerate(ranked(groups)[:100], 1):
            then = before.index(key) + 1 if year and key in before else None
            away, move = moved(
                year,
                {play["local_date"].year for play in counted(scope.plays) if by(play) == key},
                lambda one: is_whole(ground, one),
                1,
                None if then is None else then - rank,
            )
            yield {
                "scope": scope.name,
                "year": year,
                "rank": rank,
                **describe(key, groups[key]),
                **amount(groups[key]),
                "rank_before": then,
                "move": None if year in {ALL_TIME, ground.months[0].year} else move,
                "away_years": away,
                **rests_on(ground, year),
            }


def top_tracks_by_year(ground: Ground) -> Rows:
    yield from _top(ground, recording, lambda key, _: ground.described(key))


def top_artists_by_year(ground: Ground) -> Rows:
    yield from _top(ground, artist_key, lambda key, plays: described_artist(ground, key, plays))
