"""Responses recorded at Spotify, played back over HTTP, through the whole daily job."""

from collections.abc import Callable

import pytest

from sandbox import Recordings, Sandbox
from testing.pipeline import failures
from tests.support.environment import Environment
from tests.support.places import RECORDED


@pytest.fixture(params=["old", "new"])
def shape(request: pytest.FixtureRequest) -> str:
    return request.param


def test_48_recorded_plays_become_48_rows(
    shape: str,
    environment: Environment,
    new_pipeline: Callable,
) -> None:
    with Sandbox("nico", recordings=Recordings(RECORDED), shape=shape) as sandbox:
        environment.ask(sandbox, "nico")
        pipeline = new_pipeline()
        result = pipeline.run("daily_nico")
    assert failures(result) == []
    plays = pipeline.plays()
    assert len(plays) == 48
    assert len({play["play_id"] for play in plays}) == 48
    by_time = sorted(plays, key=lambda play: play["played_at"])
    assert by_time[-1]["track_name"] == "We'll Fight! - Re-recorded"
    assert by_time[-1]["played_at"].isoformat() == "2026-02-25T20:15:20.497000+00:00"
    assert by_time[-1]["local_time"].isoformat() == "2026-02-25T21:15:20.497000"
    assert by_time[-1]["isrc"] == "GXF972482646"
    date = pipeline.instance.get_run_records()[0].dagster_run.tags["dagster/partition"]
    artists = pipeline.table(f"snapshots/date={date}/top_artists_short.parquet")
    recent = pipeline.table(f"snapshots/date={date}/recent_tracks.parquet")
    told = shape == "old"
    assert all((play["popularity"] is not None) == told for play in plays)
    assert all((artist["popularity"] is not None) == told for artist in artists)
    assert all((artist["followers"] is not None) == told for artist in artists)
    assert all((artist["genres"] is not None) == told for artist in artists)
    assert any(artist["genres"] for artist in artists) == told
    assert any(row["genres"] for row in recent) == told
    assert [artist["rank"] for artist in artists] == list(range(1, 49))
