"""Rows that should not be there turn a check red, with counts and examples."""

from typing import Any

import pyarrow as pa
import pytest

from pipelines.checks import ledger, snapshots
from pipelines.checks.suite import Rule, evaluate
from pipelines.listening.schema.tables import PLAYS, RECENT_TRACKS, TOP_TRACKS
from sandbox import Sandbox
from testing.pipeline import Pipeline, failures, today


def red(rules: list[Rule], table: pa.Table) -> dict[str, dict[str, Any]]:
    found = evaluate([rule for rule in rules if not rule.table], table)
    return {rule.name: metadata for rule, passed, metadata in found if not passed}


@pytest.fixture
def plays(pipeline: Pipeline) -> pa.Table:
    assert failures(pipeline.run("poll_nico")) == []
    return pipeline.lake.of("nico").read_months(PLAYS)


def replaced(table: pa.Table, column: str, values: list[Any]) -> pa.Table:
    at = table.schema.get_field_index(column)
    return table.set_column(at, column, pa.array(values, table.schema.field(column).type))


def test_good_plays_are_green(plays: pa.Table) -> None:
    assert red(ledger.PLAYS_RULES, plays) == {}


def test_a_null_key_is_counted_and_shown(plays: pa.Table) -> None:
    ids = plays["play_id"].to_pylist()
    found = red(ledger.PLAYS_RULES, replaced(plays, "play_id", [None, *ids[1:]]))
    assert set(found) == {"required_columns_are_there"}
    told = found["required_columns_are_there"]
    assert told["examples"].data == [{"column": "play_id", "nulls": "1"}]


def test_a_play_that_stands_there_twice_is_shown(plays: pa.Table) -> None:
    found = red(ledger.PLAYS_RULES, pa.concat_tables([plays, plays.slice(0, 1)]))
    assert set(found) == {"key_is_unique"}
    assert found["key_is_unique"]["unexpected_count"] == 2


@pytest.mark.parametrize("year", [1999, 2100])
def test_a_play_before_spotify_or_in_the_future_is_shown(plays: pa.Table, year: int) -> None:
    times = [time.replace(tzinfo=None) for time in plays["played_at"].to_pylist()]
    times[3] = times[3].replace(year=year)
    found = red(ledger.PLAYS_RULES, replaced(plays, "played_at", times))
    assert set(found) == {"played_at_is_in_time"}
    assert str(year) in found["played_at_is_in_time"]["examples"].data[0]["played_at"]


def test_negative_milliseconds_are_shown(plays: pa.Table) -> None:
    values = [-1, *plays["ms_played"].to_pylist()[1:]]
    assert set(red(ledger.PLAYS_RULES, replaced(plays, "ms_played", values))) == {
        "ms_played_is_not_negative"
    }


def test_a_missing_column_is_red_and_says_so(plays: pa.Table) -> None:
    found = red(ledger.PLAYS_RULES, plays.drop_columns("kind"))
    assert set(found) == {"columns_as_declared", "required_columns_are_there"}
    assert found["required_columns_are_there"]["examples"].data[0]["column"] == "kind"


def test_an_empty_table_is_green() -> None:
    assert red(ledger.PLAYS_RULES, PLAYS.empty()) == {}
    assert red(snapshots.RECENT_RULES, RECENT_TRACKS.empty()) == {}


@pytest.mark.parametrize(
    ("ranks", "name"),
    [([1, 1, 3], "short_ranks_are_unique"), ([1, 2, 4], "short_ranks_have_no_holes")],
)
def test_ranks_with_holes_or_twice_are_red(ranks: list[int], name: str) -> None:
    schema = TOP_TRACKS.schema
    rows = [{"rank": r, "time_range": "short", "fetched_at": 0, "track_id": "x"} for r in ranks]
    table = pa.Table.from_pylist(rows, schema=schema)
    rules = [rule for rule in snapshots.TOP_TRACKS_RULES if rule.table == "short"]
    found = {rule.name for rule, passed, _ in evaluate(rules, table) if not passed}
    assert name in found


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
    assert "required_columns_are_there" in " ".join(failures(result))
    assert not list(pipeline.lake.store.list("users/nico/plays/"))


def test_warnings_do_not_stop_anything(pipeline: Pipeline, sandbox: Sandbox) -> None:
    sandbox.faults.add("null_track", "recently-played", at=3)
    sandbox.faults.add("empty_items", "top-tracks", times=None)
    result = pipeline.run("daily_nico")
    assert failures(result) == []
    not_met = {one.check_name for one in result.get_asset_check_evaluations() if not one.passed}
    assert {"no_row_was_refused", "short_list_is_not_empty"} <= not_met
    assert len(pipeline.plays()) == 49
    assert pipeline.table(f"snapshots/date={today()}/refused.parquet")[0]["item"] == 4
