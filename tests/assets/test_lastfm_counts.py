"""Last.fm's counts in the daily run: beside the ledger's own, and never in its way."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg
import pytest

from pipelines.assets.lastfm import COUNTS_WERE_READ
from pipelines.definitions import defs
from pipelines.listening.insights.runner import insights
from pipelines.listening.schema.count_tables import LASTFM_TRACKS, LASTFM_USER_TRACKS
from pipelines.resources.lastfm import client as policy
from sandbox import Sandbox
from testing.pipeline import Pipeline
from tests.support.environment import Environment

COUNTS = [dg.AssetKey(["nico", table.name]) for table in (LASTFM_USER_TRACKS, LASTFM_TRACKS)]


@pytest.fixture(autouse=True)
def _scrobbling(
    environment: Environment, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    (environment.folder / "listeners.toml").write_text(
        '[nico]\ntimezone = "Europe/Berlin"\n[nico.lastfm]\nuser = "nico"\n[mira]\n'
    )
    monkeypatch.setattr(policy, "FIRST_WAIT_S", 0.001)
    sandbox.clock.fix(datetime.now(UTC))  # no play ends while they are counted
    sandbox.lastfm.begin(datetime.now(UTC) - timedelta(days=3))


def check(result: dg.ExecuteInProcessResult) -> dg.AssetCheckEvaluation:
    every = result.get_asset_check_evaluations()
    [found] = [one for one in every if one.check_name == COUNTS_WERE_READ]
    return found


def play_counts(pipeline: Pipeline) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = (
        pipeline.lake.of("nico").read(insights()["play_counts"].table).to_pylist()
    )
    return rows


def asked(sandbox: Sandbox, method: str) -> int:
    return sum(f"method={method}" in request.path for request in sandbox.requests)


def test_only_who_has_a_name_there_has_the_counts_and_only_the_daily_run_asks() -> None:
    graph = defs().resolve_asset_graph()
    found = [key for key in graph.get_all_asset_keys() if key.path[-1] == LASTFM_TRACKS.name]
    assert found == [COUNTS[1]]
    assert set(COUNTS) <= graph.get(dg.AssetKey(["nico", "play_counts"])).parent_keys
    for job, asks in {"daily": True, "scrobbles": True, "import": False, "rebuild": False}.items():
        keys = defs().resolve_job_def(f"{job}_nico").asset_layer.executable_asset_keys
        assert (set(COUNTS) <= keys) is asks, job
        assert asks or not set(COUNTS) & keys


def test_the_daily_run_puts_three_counts_beside_each_other(
    pipeline: Pipeline, sandbox: Sandbox
) -> None:
    result = pipeline.run("daily_nico")
    assert result.success
    assert check(result).passed
    rows = play_counts(pipeline)
    assert sum(row["local_plays_all"] for row in rows) == len(pipeline.plays())
    counted = Counter((one.artist, one.title) for one in _scrobbles(sandbox))
    known = [row for row in rows if row["lastfm_user_plays"]]
    assert len(known) > 5
    for row in known:
        spelled = row["artist_name"], row["track_name"]
        assert row["lastfm_user_plays"] == counted[spelled]
        assert row["agreement"] == row["local_plays"] / row["lastfm_user_plays"]
        assert row["lastfm_global_plays"] == sum(map(ord, "".join(spelled))) * 1009
        assert row["lastfm_names"] == [" - ".join(spelled)]
        assert row["lastfm_url"].startswith("https://www.last.fm/music/")
    once = asked(sandbox, "track.getInfo")
    assert once >= len(known)
    assert pipeline.run("daily_nico").success
    assert asked(sandbox, "track.getInfo") == once
    assert asked(sandbox, "user.getTopTracks") == 1


def _scrobbles(sandbox: Sandbox) -> list[Any]:
    listener = sandbox.app.listeners["nico"]
    return sandbox.lastfm.scrobbles(listener, sandbox.clock.now())


@pytest.mark.parametrize(
    ("number", "severity"), [(29, dg.AssetCheckSeverity.WARN), (10, dg.AssetCheckSeverity.ERROR)]
)
def test_last_fm_is_never_in_the_way(
    number: int, severity: dg.AssetCheckSeverity, pipeline: Pipeline, sandbox: Sandbox
) -> None:
    sandbox.faults.add("lastfm_error", "lastfm", number=number, code=403, times=None)
    result = pipeline.run("daily_nico")
    assert result.success
    failed = check(result)
    assert not failed.passed
    assert failed.severity == severity
    assert sandbox.lastfm.api_key not in str(failed.description)
    rows = play_counts(pipeline)
    assert rows
    assert all(row["lastfm_user_plays"] is None for row in rows)


def test_who_hides_what_they_hear_has_everyones_counts_all_the_same(
    pipeline: Pipeline, sandbox: Sandbox
) -> None:
    sandbox.lastfm.hidden.add("nico")
    result = pipeline.run("daily_nico")
    assert result.success
    assert "Hide recent listening" in str(check(result).description)
    rows = play_counts(pipeline)
    assert any(row["lastfm_global_plays"] for row in rows)
    assert all(row["lastfm_user_plays"] is None for row in rows)


def test_without_a_key_nothing_is_asked_and_that_is_no_fault(
    pipeline: Pipeline, sandbox: Sandbox, environment: Environment
) -> None:
    environment.unset("LASTFM_API_KEY")
    result = pipeline.run("daily_nico")
    assert result.success
    assert check(result).passed
    [made] = [
        one
        for one in result.asset_materializations_for_node("lastfm_count_tables")
        if one.asset_key == COUNTS[1]
    ]
    assert "LASTFM_API_KEY is not set" in str(made.metadata["outcome"].value)
    assert asked(sandbox, "track.getInfo") == asked(sandbox, "user.getTopTracks") == 0
