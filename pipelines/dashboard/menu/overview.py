"""The first page, a cover: how much was heard in the period, of whom most, and what stands out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import streamlit as st

from pipelines.dashboard.charts import show_charts
from pipelines.dashboard.choices import ALL_TIME, Choices, period_words
from pipelines.dashboard.figures import (
    Entry,
    Figure,
    Line,
    show_cover,
    show_lines,
    show_notice,
    show_ranking,
)
from pipelines.dashboard.frame import opened
from pipelines.dashboard.item_pages import item_link
from pipelines.dashboard.items import ARTISTS, SONGS, Kind, away_words, top
from pipelines.dashboard.reading import Reading
from pipelines.dashboard.words import (
    UNTITLED,
    counted,
    day_words,
    days,
    duration,
    months,
    move_words,
    number,
    of_known,
    percent,
)
from pipelines.ingest.manual_labels import clock_times
from pipelines.listening.time.local_time import Zone
from pipelines.listening.time.months import Month

FIRST = 5
"""How many artists and songs are listed."""

DAYS_TO_COMPARE = 7
"""Of fewer known days nothing can be said of a period, as in the report."""

LATEST = ("played_at", "track_name", "artist_name", "mine")

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Cover:
    """What the first page says of a period.

    Attributes:
        figures: the greatest first.
        artists: the first of them.
        songs: likewise.
        phases: kinds of music and artists that came and went.
        stories: sentences of the last whole month; only of all time.
        gaps: what is missing, in sentences.
        latest: the last play of all; None where there is none.
        known: first and last month of the period that is known; None where none is.
    """

    figures: Sequence[Figure] = ()
    artists: Sequence[Entry] = ()
    songs: Sequence[Entry] = ()
    phases: Sequence[Line] = ()
    stories: Sequence[Line] = ()
    gaps: Sequence[str] = ()
    latest: Row | None = None
    known: tuple[date, date] | None = None


def load(reading: Reading, choices: Choices) -> Cover:
    """Read what the first page says.

    Args:
        reading: the listener's tables.
        choices: whose plays, which, and of which period.
    """
    in_period = choices.months(reading.months)
    if not in_period:
        return Cover()
    return Cover(
        figures=_figures(reading, choices),
        artists=_ranking(ARTISTS, reading, choices),
        songs=_ranking(SONGS, reading, choices),
        phases=_phases(reading, choices),
        stories=_stories(reading, choices),
        gaps=_gaps(reading, choices),
        latest=latest_play(reading, choices),
        known=(in_period[0].first, in_period[-1].first),
    )


def _figures(reading: Reading, choices: Choices) -> list[Figure]:
    """Of a month from its row, of a year and of all time from theirs."""
    monthly = _of_scope(reading, choices, "listening_by_month")
    if choices.month:
        by_period = {str(Month.of(row["month"])): row for row in monthly}
        before = str(choices.month.plus_months(-1))
    else:
        years = _of_scope(reading, choices, "listening_by_year")
        by_period = {str(row["year"] or ALL_TIME): row for row in years}
        before = str((choices.year or 0) - 1)
    row = by_period.get(choices.period)
    if row is None:
        return []
    least = bool(row["at_least"])
    told = [
        _time(row, _pace_words(_pace(row, monthly), _pace(by_period.get(before), monthly), before)),
        Figure("Plays", number(row["plays"]), "of 30 seconds or more", least),
        Figure("Artists", number(row["artists"]), _new(row.get("new_artists")), least),
        Figure("Songs", number(row["tracks"]), _new(row.get("new_tracks")), least),
        Figure(
            "Days with music",
            number(row["days_heard"]),
            of_known(row["days_heard"], row["known_days"]),
            least,
        ),
    ]
    if row.get("longest_streak"):
        told.append(
            Figure(
                "Longest streak",
                counted(row["longest_streak"], "day"),
                days(row["streak_from"], row["streak_to"]),
                least,
            )
        )
    return told


def _time(row: Row, note: str) -> Figure:
    """Whole hours from ten on."""
    minutes, least = row["minutes"], bool(row["at_least"])
    if not minutes and row["unknown_lengths"]:
        return Figure("Time", "not known")
    if minutes < 10 * 60:
        return Figure("Time", duration(minutes), note, least)
    return Figure("Hours", number(minutes / 60), note, least)


@dataclass(frozen=True)
class _Pace:
    """Minutes a day of a period, and whether another can be compared with them."""

    minutes: float
    comparable: bool


def _pace(row: Row | None, months: Sequence[Row]) -> _Pace | None:
    """How much is heard on a known day; None where none is known.

    Args:
        row: of a month, a year or all time; None where there is no such row.
        months: of all months, which tell it of known days alone: nobody knows how much is missing
            on the others.
    """
    if row is None:
        return None
    own = [row] if "month" in row else [m for m in months if row["year"] in (0, m["month"].year)]
    paces = [
        (m["minutes_per_day"], m["known_days"]) for m in own if m["minutes_per_day"] is not None
    ]
    known = sum(days for _, days in paces)
    if not known:
        return None
    enough = not row["at_least"] and known >= DAYS_TO_COMPARE
    return _Pace(sum(pace * days for pace, days in paces) / known, enough)


def _pace_words(now: _Pace | None, then: _Pace | None, before: str) -> str:
    return f"{duration(now.minutes)} a day{_compared(now, then, before)}" if now else ""


def _compared(now: _Pace, then: _Pace | None, name: str) -> str:
    """Known days are compared, not sums: of a year that has only begun, few are known."""
    if not (then and now.minutes and then.minutes and now.comparable and then.comparable):
        return ""
    change = now.minutes / then.minutes - 1
    if abs(change) < 0.005:  # noqa: PLR2004
        return f", as in {period_words(name)}"
    return (
        f", {percent(abs(change))} {'more' if change > 0 else 'less'} than in {period_words(name)}"
    )


def _new(count: int | None) -> str:
    return f"{number(count)} of them new" if count is not None else ""


def _ranking(kind: Kind, reading: Reading, choices: Choices) -> list[Entry]:
    """The first of a ranking, longest bar first."""
    first = top(kind, reading, choices).slice(0, FIRST).to_pylist()
    return [_entry(kind, row, first[0]["plays"], choices) for row in first]


def _entry(kind: Kind, row: Row, most: int, choices: Choices) -> Entry:
    move = row["move"] or ""
    return Entry(
        rank=row["rank"],
        name=row[kind.name] or UNTITLED,
        by=(row["artist_name"] or "") if kind is SONGS else counted(row["tracks"], "song"),
        figure=number(row["plays"]),
        part=row["plays"] / most if most else 0,
        move=move_words(move, row["rank_before"], away_words(row)),
        tone=move,
        link=item_link(kind, row["key"], choices),
    )


def _phases(reading: Reading, choices: Choices) -> list[Line]:
    """Those that touch the period, the strongest first."""
    rows = _of_scope(reading, choices, "phases")
    months_of = {month.first for month in choices.months(reading.months)}
    first, last = min(months_of), max(months_of)
    touching = [
        row
        for row in rows
        if row["starts_on"] < Month.of(last).plus_months(1).first and row["ends_on"] >= first
    ]
    strongest = sorted(touching, key=lambda row: row["rank"])[:4]
    return [
        Line(
            row["title"],
            f"{percent(row['share'])} of the plays of {months(row['starts_on'], row['ends_on'])}"
            + (f", {percent(row['usual_share'])} otherwise" if row["usual_share"] else ""),
        )
        for row in strongest
    ]


def _stories(reading: Reading, choices: Choices) -> list[Line]:
    """Sentences are about the last whole month and all time: of no other period."""
    if choices.period != ALL_TIME:
        return []
    rows = _of_scope(reading, choices, "stories")
    return [Line(row["sentence"]) for row in sorted(rows, key=lambda row: row["place"])]


def _gaps(reading: Reading, choices: Choices) -> list[str]:
    """How many open gaps touch the period, and since when the last one is."""
    rows = reading.table("gaps", ["gap_start", "gap_end", "closed_at"]).to_pylist()
    in_period = choices.months(reading.months)
    begins, ends = in_period[0].first, in_period[-1].plus_months(1).first
    touching = [
        row
        for row in rows
        if row["closed_at"] is None
        and row["gap_start"].date() < ends
        and row["gap_end"].date() >= begins
    ]
    if not touching:
        return []
    longest = max(touching, key=lambda row: row["gap_end"] - row["gap_start"])
    first, last = longest["gap_start"].date(), longest["gap_end"].date()
    many = f"{counted(len(touching), 'stretch', 'stretches')} of time"
    return [
        f"Plays may be missing in {many}, the longest of them {days(first, last)}.",
        "Figures that this touches say “at least”. An export from Spotify tells what was played.",
    ]


def latest_play(reading: Reading, choices: Choices) -> Row | None:
    """The last play of the scope that is known, whatever period is chosen.

    Args:
        reading: the listener's tables.
        choices: whose plays, and which.
    """
    for month in reversed(list(reading.play_months)):
        rows = reading.plays([month], LATEST).to_pylist()
        heard = [row for row in rows if row["mine"] or choices.scope == "all"]
        if heard:
            latest: Row = max(heard, key=lambda row: row["played_at"])
            return latest
    return None


def latest_words(play: Row, zones: Sequence[Zone]) -> str:
    """When and what the last play was.

    Args:
        play: of `latest_play`.
        zones: of the listener's clock, in order of time.
    """
    [at] = clock_times([play["played_at"]], zones)
    title = play["track_name"] or UNTITLED
    by = f" by {play['artist_name']}" if play["artist_name"] else ""
    return f"{title}{by}, {day_words(at.date())} at {at:%H:%M}"


def _of_scope(reading: Reading, choices: Choices, name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = reading.table(name, (), {"scope": choices.scope}).to_pylist()
    return rows


def below(cover: Cover, choices: Choices) -> str:
    """What stands below the title: the months, where the period is not one, and what is left out.

    Args:
        cover: of a listener who has heard something.
        choices: whose plays, which, and of which period.
    """
    told = [] if choices.month or cover.known is None else [months(*cover.known)]
    if choices.scope == "mine":
        told.append("without what counts as heard by others or asleep")
    line = ", ".join(told)
    return f"{line[:1].upper()}{line[1:]}." if line else ""


def show() -> None:
    """The page."""
    page = opened()
    cover = load(page.reading, page.choices)
    if cover.known is None:
        show_cover("Playledger", page.listener.display_name, "Nothing was heard yet.", ())
        st.text("As soon as plays are collected, or an export is imported, they are here.")
        return
    over = period_words(page.choices.period)
    show_cover(over, page.listener.display_name, below(cover, page.choices), cover.figures)
    if not cover.figures:
        show_notice(["The figures of this period were not made yet: the next run makes them."])
    show_notice(cover.gaps)
    artists, songs = st.columns(2, gap="large")
    nothing = "Nothing of 30 seconds or more."
    with artists:
        show_ranking("Artists", "plays", cover.artists, nothing)
    with songs:
        show_ranking("Songs", "plays", cover.songs, nothing)
    charts, told = st.columns(2, gap="large")
    latest: Sequence[Line] = ()
    if cover.latest:
        latest = (Line(latest_words(cover.latest, page.listener.zones)),)
    with charts:
        show_charts(["days"] if page.choices.month else ["months"], page.choices, page.reading)
    # Stories are many, and of all time alone: what there is else then fills the other side.
    with charts if cover.stories else told:
        show_lines("Phases", cover.phases)
        show_lines("Played last", latest)
    with told:
        show_lines("What stands out", cover.stories)
    show_charts(["calendar"], page.choices, page.reading, key="calendar")


if __name__ == "__main__":
    show()
