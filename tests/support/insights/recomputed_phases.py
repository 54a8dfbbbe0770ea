"""`phases` once more in plain Python, by what its head comment says alone."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tests.support.insights.ground import (
    DAY,
    Ground,
    artist_key,
    by_month,
    counted,
    genre_key,
    grouped,
    month_after,
    music,
    number_of,
    ranked,
    times,
)
from tests.support.insights.lives import Row
from tests.support.insights.recomputed import Rows, genres_by_month, recording

CHANCE = 3.0902
NUMBERS = (
    *("A", "Two", "Three", "Four", "Five", "Six"),
    *("Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve"),
)
SEASONS = ("winter", "spring", "summer", "autumn")


@dataclass
class Months:
    """What is compared in one scope: a month's plays of everything, and of each subject."""

    kind: str
    of_all: dict[date, int]
    plays: dict[date, Counter[Any]]
    top: dict[date, list[Any]]


def at_least_so_many(number: int) -> float:
    """The limit below which what is expected is not but for once in a thousand times."""
    return number * (1 - 1 / (9 * number) - CHANCE / (3 * math.sqrt(number))) ** 3


def phases(ground: Ground) -> Rows:
    genres = list(genres_by_month(ground))
    for scope in ground.scopes:
        heard = by_month(music(counted(scope.plays)))
        wide = {month: plays for month, plays in heard.items() if _spans(plays)}
        told = []
        for months in (_artists(scope.plays, wide), _genres(ground, scope.name, wide, genres)):
            found = list(_phases(months, wide, ground))
            kept = [one for one in found if not any(_covers(other, one) for other in found)]
            kept.sort(key=lambda one: (-one["strength"], one["first"], one["subject"]))
            told += kept[: 6 if months.kind == "genre" else None]
        told.sort(key=lambda one: (-one["strength"], one["first"], one["kind"], one["subject"]))
        for rank, one in enumerate(told[:12], 1):
            yield {"scope": scope.name, "rank": rank, **_told(ground, one)}


def _spans(plays: list[Row]) -> bool:
    days = [play["local_date"] for play in plays]
    return max(days) - min(days) >= timedelta(days=20)


def _artists(everything: list[Row], wide: dict[date, list[Row]]) -> Months:
    plays = {month: times(artist_key(play) for play in here) for month, here in wide.items()}
    for one in plays.values():
        one.pop(None, None)
    return Months(
        "artist",
        {month: one.total() for month, one in plays.items() if one.total() >= 30},
        plays,
        {
            month: ranked(grouped(here, artist_key))[:3]
            for month, here in by_month(music(everything)).items()
        },
    )


def _genres(ground: Ground, scope: str, wide: dict[date, list[Row]], rows: list[Row]) -> Months:
    known = {
        month: sum(bool(ground.genres(recording(play))) for play in here)
        for month, here in wide.items()
    }
    plays: dict[date, Counter[Any]] = defaultdict(Counter)
    top: dict[date, list[Any]] = defaultdict(list)
    for row in rows:
        if row["scope"] == scope:
            plays[row["month"]][row["genre"]] = row["plays"]
            if row["rank"] <= 5:
                top[row["month"]].append(row["genre"])
    of_all = {
        month: number
        for month, number in known.items()
        if number >= 30 and 2 * number >= len(wide[month])
    }
    return Months("genre", of_all, plays, top)


def _phases(months: Months, wide: dict[date, list[Row]], ground: Ground) -> Iterator[Row]:
    if len(months.of_all) < 6:
        return
    for subject in sorted({one for some in months.top.values() for one in some}):
        shares = {
            month: months.plays[month][subject] / number for month, number in months.of_all.items()
        }
        low = _quarter(sorted(shares.values()))
        strong = [
            month
            for month in sorted(shares)
            if subject in months.top.get(month, [])
            and months.plays[month][subject] >= 10
            and shares[month] >= 1.5 * low
            and at_least_so_many(months.plays[month][subject]) > low * months.of_all[month]
            and (months.kind == "genre" or _days(wide[month], subject) >= 4)
        ]
        for stretch in _in_a_row(strong):
            found = _phase(months, subject, stretch)
            if found and not (months.kind == "genre" and _of_one(ground, wide, subject, found)):
                yield found


def _phase(months: Months, subject: Any, stretch: list[date]) -> Row | None:
    others = [month for month in months.of_all if month not in stretch]
    if len(others) < 3:
        return None
    plays, of_all, other_plays, of_others = (
        sum(source(month) for month in some)
        for some in (stretch, others)
        for source in (lambda month: months.plays[month][subject], months.of_all.__getitem__)
    )
    share, usual = plays / of_all, other_plays / of_others
    if share < 0.05 or share < 2 * usual or at_least_so_many(plays) <= usual * of_all:
        return None
    return {
        "kind": months.kind,
        "subject": subject,
        "first": stretch[0],
        "last": stretch[-1],
        "months": len(stretch),
        "plays": plays,
        "share": share,
        "usual_share": usual,
        "strength": (share - usual) * len(stretch),
    }


def _quarter(shares: list[float]) -> float:
    """The share that is exceeded in three of four months, between two of them if need be."""
    place = (len(shares) - 1) / 4
    low = math.floor(place)
    high = min(low + 1, len(shares) - 1)
    return shares[low] + (shares[high] - shares[low]) * (place - low)


def _days(plays: list[Row], artist: str) -> int:
    return len({play["local_date"] for play in plays if artist_key(play) == artist})


def _in_a_row(months: list[date]) -> Iterator[list[date]]:
    stretch: list[date] = []
    for month in months:
        if stretch and month != month_after(stretch[-1]):
            yield stretch
            stretch = []
        stretch.append(month)
    if stretch:
        yield stretch


def _of_one(ground: Ground, wide: dict[date, list[Row]], genre: str, found: Row) -> bool:
    """Whether one artist has more than half of a genre's plays."""
    plays = [
        play
        for month, here in wide.items()
        if found["first"] <= month <= found["last"]
        for play in here
        if genre_key(genre) in map(genre_key, ground.genres(recording(play)))
    ]
    theirs = times(artist_key(play) for play in plays)
    theirs.pop(None, None)
    return 2 * max(theirs.values(), default=0) > len(plays)


def _covers(other: Row, one: Row) -> bool:
    stronger = (-other["strength"], other["subject"]) < (-one["strength"], one["subject"])
    return stronger and other["first"] <= one["first"] and other["last"] >= one["last"]


def _told(ground: Ground, one: Row) -> Row:
    artist = one["subject"] if one["kind"] == "artist" else None
    name = ground.spelled(artist) if artist else one["subject"]
    ends = month_after(one["last"]) - DAY
    assert ground.through is not None
    stretch = [month for month in ground.months if one["first"] <= month <= one["last"]]
    return {
        **{key: one[key] for key in ("kind", "months", "plays", "share", "usual_share")},
        "name": name,
        "artist_key": artist,
        "title": title(one["kind"], name, one["first"], one["last"], ground.settings["northern"]),
        "starts_on": one["first"],
        "ends_on": min(ends, ground.through),
        "at_least": any(ground.rests_on(month)["at_least"] for month in stretch),
    }


def title(kind: str, name: str, first: date, last: date, northern: bool | None) -> str:
    """What a phase is called."""
    months = number_of(last) - number_of(first) + 1
    season, in_year = _season(first)
    in_one_season = months > 1 and (season, in_year) == _season(last)
    if kind == "genre" and in_one_season and northern is not None:
        word = SEASONS[season if northern else (season + 2) % 4]
        year = f"{in_year - 1}/{in_year % 100:02}" if season == 0 else str(in_year)
        return f"Your {name} {word} of {year}"
    number = NUMBERS[months - 1] if months <= 12 else str(months)
    when = f"{last:%B %Y}"
    if months > 1:
        start = f"{first:%B}" if first.year == last.year else f"{first:%B %Y}"
        when = f"{start} {'and' if months == 2 else 'to'} {when}"
    return f"{number} month{'s' if months > 1 else ''} of {name}, {when}"


def _season(month: date) -> tuple[int, int]:
    """0 from December to February, 1 from March on, …; and the year in which it ends."""
    return month.month % 12 // 3, month.year + (month.month == 12)
