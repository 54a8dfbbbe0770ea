"""Rows that should not be there turn a check red, with counts and examples."""

from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipelines.checks import ledger, snapshots
from pipelines.checks.suite import Check, Stored, evaluate, latest_months, structure_of
from pipelines.listening.schema.tables import PLAYS, RECENT_TRACKS, REFUSED, TOP_TRACKS
from pipelines.listening.time.months import Month
from pipelines.resources.lake.lakes import Lake
from pipelines.resources.lake.opening import open_store
from sandbox import Sandbox
from testing.pipeline import Pipeline, failures, today


def red(checks: list[Check], table: pa.Table) -> dict[str, dict[str, Any]]:
    """Metadata by check of what is not passed where a table is all that is stored."""
    stored = Stored.one("a file", table, refused=REFUSED.empty(), measured=table)
    found = evaluate(checks, stored)
    return {one.name: metadata for one, passed, metadata in found if not passed}


@pytest.fixture
def plays(pipeline: Pipeline) -> pa.Table:
    assert failures(pipeline.run("poll_nico")) == []
    return pipeline.lake.of("nico").read_months(PLAYS)


def replaced(table: pa.Table, column: str, values: list[Any]) -> pa.Table:
    at = table.schema.get_field_index(column)
    return table.set_column(at, column, pa.array(values, table.schema.field(column).type))


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return Lake(open_store(str(tmp_path_factory.mktemp("empty"))))


@given(day=st.dates(date(2024, 1, 1), date(2031, 12, 31)))
@example(day=date(2026, 11, 30))  # a month between two others, which neither end of 31 days is in
@example(day=date(2026, 1, 31))
@example(day=date(2028, 2, 29))
def test_each_month_of_the_days_before_a_run_is_checked(empty: Lake, day: date) -> None:
    days = {day - timedelta(days=back) for back in range(-1, 30)}
    found = latest_months(empty.of("nico"), PLAYS, str(day))
    assert set(found) >= {Month.of(one).path(PLAYS.path) for one in days}
    assert len(found) <= 3


def test_good_plays_are_green(plays: pa.Table) -> None:
    assert red(ledger.PLAYS_CHECKS, plays) == {}


def test_a_null_key_is_counted_and_shown(plays: pa.Table) -> None:
    ids = plays["play_id"].to_pylist()
    found = red(ledger.PLAYS_CHECKS, replaced(plays, "play_id", [None, *ids[1:]]))
    assert set(found) == {"plays_as_declared"}
    metadata = found["plays_as_declared"]
    assert metadata["nulls"].data == [{"file": "a file", "column": "play_id", "nulls": "1"}]
    assert (metadata["unexpected_count"], metadata["rows"]) == (1, len(plays))
    [example] = metadata["examples"].data
    assert (example["play_id"], example["listener"]) == ("None", "nico")
    assert not {"columns", "types", "keys"} & set(metadata)


def test_a_play_that_stands_there_twice_is_shown(plays: pa.Table) -> None:
    found = red(ledger.PLAYS_CHECKS, pa.concat_tables([plays, plays.slice(0, 1)]))
    assert set(found) == {"plays_as_declared"}
    metadata = found["plays_as_declared"]
    assert metadata["unexpected_count"] == 2
    once = {"file": "a file", "play_id": plays["play_id"][0].as_py(), "times": "2"}
    assert metadata["keys"].data == [once, once]
    assert not {"columns", "types", "nulls"} & set(metadata)


@pytest.mark.parametrize("year", [1999, 2100])
def test_a_play_before_spotify_or_in_the_future_is_shown(plays: pa.Table, year: int) -> None:
    times = [time.replace(tzinfo=None) for time in plays["played_at"].to_pylist()]
    times[3] = times[3].replace(year=year)
    found = red(ledger.PLAYS_CHECKS, replaced(plays, "played_at", times))
    assert set(found) == {"played_at_is_in_time"}
    assert str(year) in found["played_at_is_in_time"]["examples"].data[0]["played_at"]


def test_negative_milliseconds_are_shown(plays: pa.Table) -> None:
    values = [-1, *plays["ms_played"].to_pylist()[1:]]
    assert set(red(ledger.PLAYS_CHECKS, replaced(plays, "ms_played", values))) == {
        "ms_played_is_not_negative"
    }


def test_a_missing_column_is_red_and_says_so(plays: pa.Table) -> None:
    found = red(ledger.PLAYS_CHECKS, plays.drop_columns("kind"))
    assert set(found) == {"plays_as_declared"}
    missing = {"file": "a file", "column": "kind", "declared": "string", "stored": "None"}
    assert found["plays_as_declared"]["columns"].data == [missing]
    assert not {"types", "nulls", "keys"} & set(found["plays_as_declared"])


def test_columns_that_changed_places_and_others_beside_them_are_named(plays: pa.Table) -> None:
    names = plays.column_names
    other = plays.select([names[1], names[0], *names[2:]]).append_column("mood", plays["kind"])
    metadata = red(ledger.PLAYS_CHECKS, other)["plays_as_declared"]
    columns = [one["column"] for one in metadata["columns"].data]
    assert columns == ["play_id", "listener", "mood"]


def test_a_column_of_another_type_is_named_with_both(plays: pa.Table) -> None:
    longer = plays.schema.get_field_index("ms_played")
    wide = plays.set_column(longer, "ms_played", plays["ms_played"].cast(pa.int64()))
    assert red(ledger.PLAYS_CHECKS, wide) == {}  # every reader takes it for what is declared
    at = plays.schema.get_field_index("local_hour")
    other = plays.set_column(at, "local_hour", pa.array(["noon"] * len(plays)))
    metadata = red(ledger.PLAYS_CHECKS, other)["plays_as_declared"]
    [one] = metadata["types"].data
    assert (one["column"], one["declared"], one["stored"]) == ("local_hour", "int8", "string")
    assert not {"columns", "nulls", "keys"} & set(metadata)


def test_a_key_in_two_files_is_repeated_unless_each_file_has_its_own(plays: pa.Table) -> None:
    def not_passed(check: Check) -> list[bool]:
        files = {"one": plays, "other": plays.slice(0, 1)}
        return [passed for _, passed, _ in evaluate([check], Stored(files=files))]

    assert not_passed(structure_of(PLAYS)) == [False]
    assert not_passed(structure_of(PLAYS, apart=True)) == [True]


def test_an_empty_table_is_green() -> None:
    assert red(ledger.PLAYS_CHECKS, PLAYS.empty()) == {}
    assert red(snapshots.RECENT_CHECKS, RECENT_TRACKS.empty()) == {}


@pytest.mark.parametrize(
    ("ranks", "name"),
    [([1, 1, 3], "top_tracks_as_declared"), ([1, 2, 4], "ranks_have_no_holes")],
)
def test_ranks_with_holes_or_twice_are_red(ranks: list[int], name: str) -> None:
    schema = TOP_TRACKS.schema
    rows = [{"rank": r, "time_range": "short", "fetched_at": 0, "track_id": "x"} for r in ranks]
    table = pa.Table.from_pylist(rows, schema=schema)
    figures = snapshots.lists({"short": table, "medium": table.slice(0, 1)}, "track_id")
    stored = Stored({"lists": figures}, {"short": table, "medium": table.slice(0, 1)})
    checked = evaluate(snapshots.TOP_TRACKS_CHECKS, stored)
    found = {one.name: metadata for one, passed, metadata in checked if not passed}
    assert name in found
    named = found[name]["keys" if "declared" in name else "examples"].data
    assert {one.get("file", one.get("time_range")) for one in named} == {"short"}


def test_a_blocking_check_stops_the_ledger_and_names_the_check(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an asset would never write, as if the disk had changed under it."""
    from pipelines.resources.lake.lakes import ListenerLake

    genuine = ListenerLake.read_unvalidated

    def spoilt(self: ListenerLake, table: Any, **parts: Any) -> pa.Table:
        found = genuine(self, table, **parts)
        if table.name != "recent_tracks":
            return found
        return replaced(found, "kind", [None] * len(found))

    monkeypatch.setattr(ListenerLake, "read_unvalidated", spoilt)
    result = pipeline.run("daily_nico")
    assert not result.success
    assert "recent_tracks_as_declared" in " ".join(failures(result))
    assert not list(pipeline.lake.store.list("users/nico/plays/"))


def test_warnings_do_not_stop_anything(pipeline: Pipeline, sandbox: Sandbox) -> None:
    sandbox.faults.add("null_track", "recently-played", at=3)
    sandbox.faults.add("empty_items", "top-tracks", times=None)
    result = pipeline.run("daily_nico")
    assert failures(result) == []
    not_met = {
        one.check_name: one for one in result.get_asset_check_evaluations() if not one.passed
    }
    assert {"no_row_was_refused", "lists_are_not_empty"} <= set(not_met)
    empty = not_met["lists_are_not_empty"].metadata["examples"].value
    assert [one["time_range"] for one in empty] == ["short", "medium", "long"]  # type: ignore[union-attr]
    assert len(pipeline.plays()) == 49
    assert pipeline.table(f"snapshots/date={today()}/refused.parquet")[0]["item"] == 4
