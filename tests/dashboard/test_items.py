"""Lists and pages of artists and songs say what their tables and the plays themselves say."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.dashboard.choices import Choices
from pipelines.dashboard.item_pages import listing_of
from pipelines.dashboard.items import (
    ARTISTS,
    PER_PAGE,
    SONGS,
    SORTS,
    Asked,
    Kind,
    away_words,
    every_month,
    load_item,
    load_list,
)
from pipelines.dashboard.menu.artists import top_songs
from pipelines.dashboard.reading import Kept, Reading
from pipelines.listening.time.months import Month
from tests.dashboard.lakes import (
    HOSTILE,
    OF_ITEMS,
    lake_in,
    nothing,
    one_day,
    reading_of,
    varied_life,
    write_life,
)

Row = dict[str, Any]
KINDS = [ARTISTS, SONGS]
SCOPES = ["all", "mine"]
asks = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def make_lake(folder: Path) -> None:
    write_life(folder, "nico", varied_life(1, 1500), wanted=OF_ITEMS)
    write_life(folder, "uno", one_day(), wanted=OF_ITEMS)
    write_life(folder, "ola", nothing(), wanted=OF_ITEMS)


@pytest.fixture(scope="module")
def lake(once: Callable[[str, Callable[[Path], object]], Path]) -> Path:
    return once("lake-of-items", make_lake)


@pytest.fixture(scope="module")
def reading(lake: Path) -> Reading:
    return reading_of(lake)


@pytest.fixture(scope="module")
def plays(reading: Reading) -> pa.Table:
    return reading.plays(list(reading.play_months))


def recounted(plays: pa.Table, kind: Kind, scope: str, period: str) -> dict[str, int]:
    """Plays by key, counted by DuckDB from the plays themselves."""
    column = "artist_key" if kind is ARTISTS else "recording_id"
    rows = duckdb.sql(
        f"SELECT {column}, count(*) FROM plays WHERE counts AND kind = 'track' "  # noqa: S608
        f"AND {column} IS NOT NULL AND (mine OR '{scope}' = 'all') "
        f"AND ('{period}' = 'all' OR strftime(local_date, '%Y-%m') LIKE '{period}%') GROUP BY 1"
    ).fetchall()
    return dict(rows)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.page)
@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("period", ["all", "2025", "2025-06", "2026-01"])
def test_a_list_counts_the_plays_themselves(
    reading: Reading, plays: pa.Table, kind: Kind, scope: Any, period: str
) -> None:
    choices = Choices("nico", scope, period)
    pages = load_list(kind, reading, choices, Asked()).pages
    lists = [load_list(kind, reading, choices, Asked(page=n + 1)) for n in range(pages)]
    shown = [row for one in lists for row in one.rows]
    expected = recounted(plays, kind, scope, period)
    if period != "all":
        least = sorted(expected.values(), reverse=True)[:100]
        assert [row["plays"] for row in shown] == least
        assert all(expected[row["key"]] == row["plays"] for row in shown)
    else:
        assert {row["key"]: row["plays"] for row in shown} == expected
        assert lists[0].found == len(expected)
    assert [row["rank"] for row in shown] == list(range(1, len(shown) + 1))


@asks
@given(
    kind=st.sampled_from(KINDS),
    scope=st.sampled_from(SCOPES),
    period=st.sampled_from(["all", "2025", "2025-06", "2026"]),
    sort=st.sampled_from(SORTS),
    search=st.sampled_from(["", "artist 1", "SONG", *HOSTILE, "nowhere"]),
    page=st.integers(1, 4),
)
def test_whatever_is_asked_a_list_is_a_part_of_the_whole_in_order(
    reading: Reading,
    *,
    kind: Kind,
    scope: Any,
    period: str,
    sort: str,
    search: str,
    page: int,
) -> None:
    choices = Choices("nico", scope, period)
    listed = load_list(kind, reading, choices, Asked(search, sort, page))
    assert len(listed.rows) <= PER_PAGE
    assert listed.found or not listed.rows
    words = search.lower().replace("\u202e", "").split()
    for row in listed.rows:
        names = " ".join(str(row[name] or "") for name in kind.texts).lower()
        assert all(word in names.replace("\u202e", "") for word in words)
    by: dict[str, Callable[[Row], Any]] = {
        "plays": lambda row: row["rank"],
        "minutes": lambda row: -row["minutes"],
        "name": lambda row: (row[kind.name] or "").lower().encode(),
        "first": lambda row: -row.get("first_heard_on", date.min).toordinal(),
        "last": lambda row: -row.get("last_heard_on", date.min).toordinal(),
    }
    values = [by[sort](row) for row in listed.rows]
    assert values == sorted(values)
    # Every row can be shown.
    assert len(listing_of(kind, listed, choices).rows) == len(listed.rows)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.page)
@pytest.mark.parametrize("scope", SCOPES)
def test_the_page_of_each_item_counts_the_plays_themselves(
    reading: Reading, plays: pa.Table, kind: Kind, scope: Any
) -> None:
    choices = Choices("nico", scope)
    column = "artist_key" if kind is ARTISTS else "recording_id"
    for row in load_list(kind, reading, choices, Asked()).rows[:12]:
        item = load_item(kind, reading, choices, row["key"])
        assert item is not None
        [(count, days, first, last)] = duckdb.execute(
            "SELECT count(*), count(DISTINCT local_date), min(local_date), max(local_date) "  # noqa: S608
            "FROM plays WHERE counts AND kind = 'track' "
            f"AND {column} = $1 AND (mine OR $2 = 'all')",
            [row["key"], scope],
        ).fetchall()
        assert (item.row["plays"], item.row["days_heard"]) == (count, days)
        assert (item.row["first_heard_on"], item.row["last_heard_on"]) == (first, last)
        assert sum(one.plays for one in item.months) == count
        assert sum(item.hours) == count
        assert sum(number for _, number in item.contexts) == count
        months = [one.month for one in item.months]
        assert months == sorted(set(months))
        assert months[-1] == reading.months[-1].first


def test_only_one_part_of_the_file_is_decoded_for_one_item(lake: Path) -> None:
    reading = reading_of(lake)
    load_item(ARTISTS, reading, Choices("nico", "all"), "artist 12")
    assert all(path.startswith("aggregated/") for path in reading.read)


def test_songs_of_an_artist_lead_to_their_pages(reading: Reading) -> None:
    choices = Choices("nico", "all")
    item = load_item(ARTISTS, reading, choices, "artist 12")
    assert item is not None
    for row in top_songs(item, choices).rows:
        assert row[1].link is not None
        song = load_item(SONGS, reading, choices, row[1].link.parameters["song"])
        assert song is not None
        assert f"{song.row['plays']:,}" == row[2].text


def test_who_was_never_heard_has_no_page(reading: Reading) -> None:
    assert load_item(ARTISTS, reading, Choices("nico"), "nobody' OR 1=1 --") is None


def test_a_listener_of_one_day_and_one_of_nothing_have_lists(lake: Path) -> None:
    day, none = reading_of(lake, "uno"), reading_of(lake, "ola")
    assert [row["plays"] for row in load_list(SONGS, day, Choices("uno"), Asked()).rows] == [2]
    item = load_item(ARTISTS, day, Choices("uno"), "band")
    assert item is not None
    assert [(one.plays, one.rank) for one in item.months] == [(2, 1)]
    assert load_list(ARTISTS, none, Choices("ola"), Asked()).rows == ()


def test_tables_that_were_never_made_are_no_failure(tmp_path: Path) -> None:
    reading = Reading(lake_in(tmp_path), "nico", Kept())
    assert not reading.has("artists")
    assert load_list(ARTISTS, reading, Choices("nico"), Asked()).found == 0


def test_months_without_a_play_are_there() -> None:
    heard = [
        {"month": date(2025, 11, 1), "plays": 2, "minutes": 8.0, "rank": 1},
        {"month": date(2026, 1, 1), "plays": 1, "minutes": 4.0, "rank": 3},
    ]
    months = every_month(heard, Month(2026, 2))
    assert [(one.month, one.plays, one.rank) for one in months] == [
        (date(2025, 11, 1), 2, 1),
        (date(2025, 12, 1), 0, None),
        (date(2026, 1, 1), 1, 3),
        (date(2026, 2, 1), 0, None),
    ]
    assert every_month([], Month(2026, 2)) == []


def test_an_absence_is_told_where_it_is_known() -> None:
    assert away_words({"away_months": 14}) == "14 months"
    assert away_words({"away_years": 1}) == "1 year"
    assert away_words({"away_months": None}) == ""


def test_an_order_of_another_period_changes_nothing(reading: Reading) -> None:
    choices = Choices("nico", period="2025")
    usual = load_list(SONGS, reading, choices, Asked())
    assert load_list(SONGS, reading, choices, replace(Asked(), sort="first")).rows == usual.rows
