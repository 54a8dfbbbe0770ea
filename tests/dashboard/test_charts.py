"""Which tables charts have in a page of the dashboard, and that they are packed once.

What a browser shows of them is `test_charts_in_a_browser.py`.
"""

import pytest

from pipelines.dashboard.charts import chart_routes, packed_for, tables_of
from pipelines.dashboard.reading import Kept, Reading
from pipelines.report.packed import SELECTIONS
from pipelines.report.playlists import CHOSEN
from pipelines.resources.lake.lakes import Lake
from pipelines.settings import Settings
from tests.dashboard.charts_served import write, written
from tests.report import (  # noqa: F401 importing them fills CHARTS
    charts_of_habits,
    charts_of_listening,
    charts_of_playlists,
    charts_of_taste,
)
from tests.report.charts_told import CHARTS
from tests.report.libraries import many_playlists
from tests.report.listeners import small_life, told_by
from tests.report.test_page import unpacked
from tests.support.environment import Environment


def test_every_chart_of_the_report_has_the_tables_that_it_reads() -> None:
    for chart in CHARTS:
        needed = tables_of([chart])
        assert "listening_by_month" in needed
        assert set(needed) <= set(SELECTIONS)


def test_a_chart_that_does_not_exist_is_named() -> None:
    with pytest.raises(ValueError, match="no such chart in the report: sunburst"):
        tables_of(["hours", "sunburst"])


def test_what_is_packed_is_kept_until_a_table_changes(environment: Environment) -> None:
    lake, kept = Lake.open(Settings()), Kept()
    tables = told_by(small_life())
    written(lake, "nico", tables)
    first = packed_for(["hours"], Reading(lake, "nico", kept))
    assert set(first["tables"]) == {"listening_by_hour", "listening_by_month"}
    assert packed_for(["hours"], Reading(lake, "nico", kept)) is first
    assert packed_for(["hours"], Reading(lake, "mira", kept)) is not first
    write(lake, "nico", "listening_by_hour", tables["listening_by_hour"].slice(0, 1))
    assert packed_for(["hours"], Reading(lake, "nico", kept)) is not first


def test_a_playlist_beyond_the_first_is_packed_for_itself(environment: Environment) -> None:
    lake, kept = Lake.open(Settings()), Kept()
    written(lake, "nico", {**told_by(small_life()), **many_playlists(CHOSEN + 2, 4)})
    asked = [f"{CHOSEN + n:022}" for n in range(2)]
    reading = Reading(lake, "nico", kept)
    for one in asked:
        packed = packed_for(["playlist-top-weights"], reading, one)
        carried = {row["playlist_id"] for row in unpacked(packed, "playlist_weights", "")}
        assert carried & set(asked) == {one}


def test_the_address_of_a_script_changes_with_it_and_may_be_kept_forever() -> None:
    addresses = [route.path for route in chart_routes()]
    assert all(address.startswith("/playledger/") for address in addresses)
    assert len(set(addresses)) == len(addresses)
