"""The tables of insights about single songs over all time, once more in plain Python.

Add a function for each new one, of the same name, by what its head comment says alone.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from tests.support.insights.ground import (
    DAY,
    SOUND,
    Ground,
    Scope,
    counted,
    days_between,
    grouped,
    minutes_of,
    music,
    ranked,
    unmeasured,
)
from tests.support.insights.lives import Row
from tests.support.insights.recomputed import Rows, amount, recording

DAYS_OF_WEEK, SILENCE, YEAR, WINDOW = 7, 60, 365, 28


def within(plays: list[Row], first: date, last: date) -> list[Row]:
    return [play for play in plays if first <= play["local_date"] <= last]


def days_of(plays: list[Row]) -> set[date]:
    return {play["local_date"] for play in plays}


def favourite_tracks(ground: Ground) -> Rows:
    for scope in ground.scopes:
        groups = grouped(music(scope.plays), recording)
        for rank, key in enumerate(ranked(groups)[:200], 1):
            days = days_of(counted(groups[key]))
            sound = {name: None for name in SOUND if name != "loudness"} | ground.sound(key)
            sound.pop("loudness", None)
            plays = [play for play in ground.plays if recording(play) == key]
            years = [play["release_year"] for play in reversed(plays)]
            yield {
                "scope": scope.name,
                "rank": rank,
                **ground.described(key),
                **amount(groups[key]),
                "first_played_on": min(days),
                "last_played_on": max(days),
                "release_year": next(
                    (year for year in years if year is not None),
                    ground.known(key, lambda track: track["reference_release_year"]),
                ),
                "popularity": ground.popularity(key),
                **sound,
                "at_least": bool(ground.lost_days) or unmeasured(groups[key]),
            }


def forgotten_favourites(ground: Ground) -> Rows:
    if ground.through is None:
        return
    silence = ground.through - (SILENCE - 1) * DAY
    for scope in ground.scopes:
        groups = grouped(music(scope.plays), recording)
        before = {
            key: found
            for key, plays in groups.items()
            if (found := within(plays, silence - YEAR * DAY, silence - DAY))
            and len(counted(found)) >= 5
            and not within(counted(plays), silence, ground.through)
        }
        for rank, key in enumerate(ranked(before)[:50], 1):
            last = max(days_of(counted(groups[key])))
            yield {
                "scope": scope.name,
                "rank": rank,
                **ground.described(key),
                "plays": len(counted(before[key])),
                "plays_ever": len(counted(groups[key])),
                "last_played_on": last,
                "days_since": None
                if ground.touched(last, ground.through)
                else (ground.through - last).days,
                "in_all": len(before),
                "at_least": ground.touched(silence, ground.through),
            }


def obsessions(ground: Ground) -> Rows:
    for scope in ground.scopes:
        for key, heard in grouped(music(scope.plays), recording).items():
            plays = counted(heard)
            week: list[Row] = []
            for day in sorted(days_of(plays)):
                these = within(plays, day, day + 6 * DAY)
                enough = len(these) >= 10 and len(days_of(these)) >= 3
                if enough and len(these) > len(week):
                    week, starts = these, day
            if not week or 2 * len(week) < len(plays):
                continue
            ends = starts + 6 * DAY
            after = within(plays, ends + DAY, ends + SILENCE * DAY)
            over = ground.through is not None and ground.through >= ends + SILENCE * DAY
            over &= not ground.touched(ends + DAY, ends + SILENCE * DAY)
            loops = [
                loop
                for loop in ("sleep", "kids")
                if 2 * sum(play["context"] == loop for play in week) > len(week)
            ]
            yield {
                "scope": scope.name,
                **ground.described(key),
                "starts_on": starts,
                "ends_on": ends,
                "plays": len(week),
                "days": len(days_of(week)),
                "minutes": minutes_of(within(heard, starts, ends)),
                "share": len(week) / len(plays),
                "plays_ever": len(plays),
                "plays_after": len(after),
                "abandoned": len(after) <= 1 if over else None,
                "loop": loops[0] if loops else None,
                "at_least": ground.touched(starts, ends + SILENCE * DAY)
                or unmeasured(within(heard, starts, ends)),
            }


def heavy_rotation(ground: Ground) -> Rows:
    if ground.through is None:
        return
    for scope in ground.scopes:
        heard = grouped(music(scope.plays), recording)
        places = _places(ground, scope)
        for key in heard:
            for stay in _stays([day for day, ranks in places.items() if key in ranks]):
                best = min(places[day][key] for day in stay)
                yield {"peak_rank": best, **_told_of(ground, scope, key, heard[key], stay)}


def _places(ground: Ground, scope: Scope) -> dict[date, dict[str, int]]:
    """For each day the recordings in heavy rotation, with their rank."""
    asked = ground.settings
    plays = music(counted(scope.plays))
    assert ground.through is not None
    first = min((play["local_date"] for play in plays), default=ground.through)
    found = {}
    for day in days_between(first, ground.through):
        groups = grouped(within(plays, day - (WINDOW - 1) * DAY, day), recording)
        numbers = sorted((len(one) for one in groups.values()), reverse=True)
        found[day] = {
            key: rank
            for key, one in groups.items()
            if len(one) >= asked["rotation_plays"]
            and len(days_of(one)) >= asked["rotation_days"]
            and (rank := numbers.index(len(one)) + 1) <= asked["rotation_rank"]
        }
    return found


def _stays(days: list[date]) -> Iterator[list[date]]:
    """Days in a row."""
    stay: list[date] = []
    for day in days:
        if stay and day - stay[-1] > timedelta(days=1):
            yield stay
            stay = []
        stay.append(day)
    if stay:
        yield stay


def _told_of(ground: Ground, scope: Scope, key: str, heard: list[Row], stay: list[date]) -> Row:
    entered, last, through = stay[0], stay[-1], ground.through
    during = within(heard, entered, last)
    assert through is not None
    return {
        "scope": scope.name,
        **ground.described(key),
        "entered_on": entered,
        "left_on": None if last == through else last + DAY,
        "state": _state(counted(heard), entered, through) if last == through else "dropped",
        **amount(during),
        "days": len(stay),
        "days_played": len(days_of(counted(during))),
        "at_least": ground.touched(entered - (WINDOW - 1) * DAY, last) or unmeasured(during),
    }


def _state(plays: list[Row], entered: date, through: date) -> str:
    now = len(within(plays, through - 13 * DAY, through))
    before = len(within(plays, through - 27 * DAY, through - 14 * DAY))
    if through - entered < timedelta(days=7):
        return "new"
    if now >= 2 * before:
        return "rising"
    return "cooling" if 2 * now <= before else "heavy"
