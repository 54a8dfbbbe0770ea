"""Pages about a period say what the tables say of it, in both scopes, for every listener."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from pipelines.dashboard.choices import ALL_TIME, SCOPES, Choices, Scope, periods
from pipelines.dashboard.figures import Figure
from pipelines.dashboard.menu import (
    discovery,
    mainstream,
    now_and_then,
    overview,
    sound,
    when,
    years,
)
from pipelines.dashboard.reading import Reading
from pipelines.dashboard.words import number
from tests.dashboard.lakes import nothing, one_day, reading_of, varied_life, write_life
from tests.support.insights.lives import Life, daily, gap, song

PAGES = (overview, when, discovery, mainstream, years, now_and_then, sound)

Tables = dict[str, pa.Table]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Tables]:
    folder = tmp_path_factory.mktemp("lake")
    tables = write_life(folder, "nico", varied_life(1, 1200))
    write_life(folder, "mira", one_day())
    write_life(folder, "nobody", nothing())
    return folder, tables


@pytest.fixture
def reading(made: tuple[Path, Tables]) -> Reading:
    return reading_of(made[0])


def rows_of(tables: Tables, name: str, scope: Scope) -> list[dict[str, Any]]:
    return [row for row in tables[name].to_pylist() if row["scope"] == scope]


def by_label(figures: Sequence[Figure]) -> dict[str, Figure]:
    assert len({one.label for one in figures}) == len(figures)
    return {one.label: one for one in figures}


def of_month(rows: list[dict[str, Any]], period: str) -> dict[str, Any]:
    [row] = [row for row in rows if f"{row['month']:%Y-%m}" == period]
    return row


@pytest.mark.parametrize("scope", SCOPES)
def test_the_cover_has_the_row_of_its_period(
    made: tuple[Path, Tables], reading: Reading, scope: Scope
) -> None:
    yearly = rows_of(made[1], "listening_by_year", scope)
    monthly = rows_of(made[1], "listening_by_month", scope)
    seen = 0
    for period in periods(reading.months):
        cover = overview.load(reading, Choices("nico", scope, period))
        told = by_label(cover.figures)
        if len(period) == 7:
            row = of_month(monthly, period)
        else:
            [row] = [one for one in yearly if one["year"] == int(period.replace(ALL_TIME, "0"))]
        assert told["Plays"].value == number(row["plays"])
        assert told["Artists"].value == number(row["artists"])
        assert told["Songs"].value == number(row["tracks"])
        assert told["Days with music"].value == number(row["days_heard"])
        if row["minutes"] >= 600:
            assert told["Hours"].value == number(row["minutes"] / 60)
        assert {one.at_least for one in cover.figures} == {row["at_least"]}
        seen += 1
    assert seen > 14


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("kind", ["artists", "tracks"])
def test_the_cover_lists_the_first_of_its_period(
    made: tuple[Path, Tables], reading: Reading, scope: Scope, kind: str
) -> None:
    for period in periods(reading.months):
        cover = overview.load(reading, Choices("nico", scope, period))
        shown = cover.artists if kind == "artists" else cover.songs
        if len(period) == 7:
            rows = [
                row
                for row in rows_of(made[1], f"top_{kind}_by_month", scope)
                if f"{row['month']:%Y-%m}" == period
            ]
        else:
            year = int(period.replace(ALL_TIME, "0"))
            rows = [r for r in rows_of(made[1], f"top_{kind}_by_year", scope) if r["year"] == year]
        first = sorted(rows, key=lambda row: row["rank"])[:5]
        name = "artist_name" if kind == "artists" else "track_name"
        assert [(one.rank, one.name, one.figure) for one in shown] == [
            (row["rank"], row[name], number(row["plays"])) for row in first
        ]
        assert all(one.link and one.link.page and one.link.parameters for one in shown)


def test_the_cover_tells_of_the_last_play_of_its_scope(
    made: tuple[Path, Tables], reading: Reading
) -> None:
    plays = made[1]["labelled_plays"].to_pylist()
    for scope in SCOPES:
        latest = overview.latest_play(reading, Choices("nico", scope))
        of_scope = [one["played_at"] for one in plays if one["mine"] or scope == "all"]
        assert latest
        assert latest["played_at"] == max(of_scope)


def test_the_cover_tells_of_an_open_gap_where_it_is(reading: Reading) -> None:
    assert "3 to 5 March 2025" in overview.load(reading, Choices("nico", "all", "2025-03")).gaps[0]
    assert not overview.load(reading, Choices("nico", "all", "2025-05")).gaps


@pytest.mark.parametrize("scope", SCOPES)
def test_what_is_new_is_the_sum_of_the_months(
    made: tuple[Path, Tables], reading: Reading, scope: Scope
) -> None:
    rows = rows_of(made[1], "discovery_by_month", scope)
    told = by_label(discovery.load(reading, Choices("nico", scope)))
    assert told["New artists"].value == number(sum(row["new_artists"] for row in rows))
    assert told["New songs"].value == number(sum(row["new_tracks"] for row in rows))


@pytest.mark.parametrize("scope", SCOPES)
def test_the_busiest_day_and_the_days_with_music_are_those_of_the_table(
    made: tuple[Path, Tables], reading: Reading, scope: Scope
) -> None:
    rows = rows_of(made[1], "listening_by_day", scope)
    for period in periods(reading.months):
        prefix = "" if period == ALL_TIME else period
        in_period = [row for row in rows if f"{row['day']:%Y-%m}".startswith(prefix)]
        told = by_label(when.load(reading, Choices("nico", scope, period)))
        assert told["Days with music"].value == number(sum(r["plays"] > 0 for r in in_period))
        busiest = max(row["minutes"] for row in in_period)
        noted = told["Busiest day"].note
        assert any(
            f"{r['day'].day} {r['day']:%B %Y}" == noted
            for r in in_period
            if r["minutes"] == busiest
        )


@pytest.mark.parametrize("scope", SCOPES)
def test_the_busiest_hour_is_told_to_its_end(
    made: tuple[Path, Tables], reading: Reading, scope: Scope
) -> None:
    shares = [0.0] * 24
    for row in rows_of(made[1], "listening_by_hour", scope):
        shares[row["hour"]] += row["share"]
    hour = shares.index(max(shares))
    told = by_label(when.load(reading, Choices("nico", scope)))["Busiest hour"]
    assert told.value == f"{hour:02}:00"
    assert told.note.startswith(f"to {(hour + 1) % 24:02}:00, ")


def test_of_a_sound_that_is_hardly_known_nothing_is_told_but_that(reading: Reading) -> None:
    told = sound.load(reading, Choices("nico", "all"))
    assert len(told) <= 1


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.__name__.rpartition(".")[2])
@pytest.mark.parametrize("listener", ["nico", "mira", "nobody"])
def test_every_page_can_be_loaded_for_every_listener_scope_and_period(
    made: tuple[Path, Tables], page: Any, listener: str
) -> None:
    reading = reading_of(made[0], listener)
    for scope in SCOPES:
        for period in periods(reading.months):
            page.load(reading, Choices(listener, scope, period))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.__name__.rpartition(".")[2])
def test_a_page_reads_aggregated_tables_each_once_and_of_plays_the_last_month(
    made: tuple[Path, Tables], page: Any
) -> None:
    reading = reading_of(made[0])
    page.load(reading, Choices("nico"))
    plays = [path for path in reading.read if not path.startswith("aggregated/")]
    last = list(reading.play_months)[-1]
    assert set(plays) <= {last.path("labelled_plays/year={year}/month={month}/data.parquet")}
    before = len(reading.read)
    page.load(reading, Choices("nico"))
    assert len(reading.read) == before
    assert len(set(reading.read)) <= 9


def test_a_lake_of_an_older_version_lacks_tables_and_the_cover_lacks_their_figures(
    tmp_path: Path,
) -> None:
    write_life(tmp_path, "nico", one_day(), "listening_by_year", "phases", "top_artists_by_year")
    cover = overview.load(reading_of(tmp_path), Choices("nico"))
    assert not cover.figures
    assert not cover.artists
    assert cover.songs


def gap_in_the_middle() -> Life:
    """Two whole months of two plays a day; within the second a gap, in which much was heard."""
    return Life(
        plays=[
            *daily("2026-01-01", 31, times=2),
            *daily("2026-02-01", 28, times=2),
            *daily("2026-02-10", 4, song("Other"), times=40, source="api"),
        ],
        gaps=[gap("2026-02-10 00:00", "2026-02-14 00:00")],
    )


def figures_of(reading: Reading, period: str) -> dict[str, Figure]:
    return by_label(overview.load(reading, Choices("nico", "all", period)).figures)


def test_what_is_heard_a_day_leaves_days_out_of_which_nobody_knows_all(tmp_path: Path) -> None:
    tables = write_life(tmp_path, "nico", gap_in_the_middle())
    reading = reading_of(tmp_path)
    monthly = rows_of(tables, "listening_by_month", "all")
    february = of_month(monthly, "2026-02")
    assert february["minutes_per_day"] == pytest.approx(8)
    assert february["minutes"] / february["known_days"] > 30
    for period in ("2026-02", "2026", ALL_TIME):
        told = figures_of(reading, period)
        [time] = [one for label, one in told.items() if label in {"Hours", "Time"}]
        assert time.note == "8 min a day", "nor is it compared while plays may be missing"


def test_periods_are_compared_where_both_are_known_well_enough(tmp_path: Path) -> None:
    plays = [
        *daily("2025-12-25", 7, times=2),
        *daily("2026-01-01", 31, times=3),
        *daily("2026-02-01", 6, times=3),
    ]
    write_life(tmp_path, "nico", Life(plays=plays))
    reading = reading_of(tmp_path)
    assert figures_of(reading, "2026-01")["Time"].note == (
        "12 min a day, 50 % more than in December 2025"
    )
    assert figures_of(reading, "2026")["Time"].note == "12 min a day, 50 % more than in 2025"
    assert figures_of(reading, "2026-02")["Time"].note == "12 min a day", "of six days"


def test_days_with_music_are_not_of_fewer_days_that_are_known(tmp_path: Path) -> None:
    plays = [*daily("2026-02-01", 3), *daily("2026-02-10", 10, source="api")]
    life = Life(plays=plays, gaps=[gap("2026-02-04 00:00", "2026-02-18 00:00")])
    write_life(tmp_path, "nico", life)
    reading = reading_of(tmp_path)
    choices = Choices("nico", "all", "2026-02")
    for told in (figures_of(reading, "2026-02"), by_label(when.load(reading, choices))):
        assert told["Days with music"].value == "13"
        assert told["Days with music"].note == ""


def test_of_scrobbles_alone_no_time_is_claimed(tmp_path: Path) -> None:
    plays = daily("2026-02-01", 20, times=3, ms_played=None, source="lastfm", counts=True)
    write_life(tmp_path, "nico", Life(plays=plays))
    reading = reading_of(tmp_path)
    for period in (ALL_TIME, "2026", "2026-02"):
        time = figures_of(reading, period)["Time"]
        assert (time.value, time.note, time.at_least) == ("not known", "", False)
        labels = [one.label for one in when.load(reading, Choices("nico", "all", period))]
        assert labels == ["Days with music"]


def test_a_period_within_a_gap_says_that_plays_may_be_missing(tmp_path: Path) -> None:
    plays = [*daily("2025-10-01", 20), *daily("2026-03-10", 5)]
    life = Life(plays=plays, gaps=[gap("2025-10-25 10:00", "2026-03-05 09:00")])
    write_life(tmp_path, "nico", life)
    reading = reading_of(tmp_path)
    for period in ("2025-10", "2025-12", "2026-01", "2026-03", "2025", "2026", ALL_TIME):
        [first, _] = overview.load(reading, Choices("nico", "all", period)).gaps
        assert "25 October 2025 to 5 March 2026" in first, period
