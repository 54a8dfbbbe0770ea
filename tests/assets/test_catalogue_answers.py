"""From an export that knows ids and names alone to tables without nulls, through the daily run."""

import json
from typing import Any

import dagster as dg
import pytest

from pipelines.definitions import defs
from pipelines.ingest import catalogue as asking
from pipelines.listening.insights.runner import insights
from pipelines.listening.schema.tables import CACHE_OUTCOMES, UNIQUE_TRACKS
from pipelines.resources.spotify.client import Spotify
from pipelines.resources.spotify.lockouts import Lockouts
from pipelines.settings import Settings
from sandbox import Sandbox
from sandbox.catalogue import Track, catalogue
from testing.pipeline import Pipeline, failures, today
from tests.support.asking import gets
from tests.support.environment import Environment
from tests.support.export_files import AUDIO, MUSIC

ONE, TWO, THREE = sorted(
    (one for one in catalogue().tracks.values() if one.isrc), key=lambda one: one.id
)[:3]
GONE = "spotify:track:" + "0" * 22


def extended(uri: str, title: str, artist: str, album: str, day: int) -> dict[str, Any]:
    return {
        "ts": f"2024-05-{day:02}T12:00:00Z",
        "ms_played": 200_000,
        "master_metadata_track_name": title,
        "master_metadata_album_artist_name": artist,
        "master_metadata_album_album_name": album,
        "spotify_track_uri": uri,
        "reason_start": "trackdone",
        "reason_end": "trackdone",
    }


def of(track: Track, day: int) -> dict[str, Any]:
    return extended(track.uri, track.name, track.album.artist.name, track.album.name, day)


def account(track: Track, day: int) -> dict[str, Any]:
    return {
        "endTime": f"2025-05-{day:02} 12:00",
        "artistName": track.album.artist.name,
        "trackName": track.name,
        "msPlayed": 200_000,
    }


@pytest.fixture
def imported(pipeline: Pipeline, environment: Environment) -> Pipeline:
    """Two tracks known by id, one by names, and one that Spotify no longer has."""
    environment.set(CATALOGUE_READS_PER_DAY="4")
    environment.listeners("nico", "mira")
    rows = [of(ONE, day) for day in range(1, 7)] + [of(TWO, day) for day in range(11, 13)]
    rows += [extended(GONE, "Gone", "Nobody Here", "Nowhere", day) for day in range(21, 26)]
    pipeline.drop(AUDIO, json.dumps(rows).encode())
    pipeline.drop(MUSIC, json.dumps([account(THREE, day) for day in range(1, 5)]).encode())
    result = pipeline.run_import()
    assert result.success, failures(result)
    return pipeline


def daily(pipeline: Pipeline) -> dict[str, Any]:
    result = pipeline.run("daily_nico")
    assert result.success, failures(result)
    return told(result)


def told(result: dg.ExecuteInProcessResult) -> dict[str, Any]:
    [made] = result.asset_materializations_for_node("catalogue_answers")
    return {name: value.value for name, value in made.metadata.items()}


def read(sandbox: Sandbox) -> list[str]:
    asked = (one.removeprefix("GET ").partition("?")[0] for one in gets(sandbox))
    return [one for one in asked if one.startswith(("tracks/", "search"))]


def track_of(pipeline: Pipeline, key: str) -> dict[str, Any]:
    rows = pipeline.table("aggregated/unique_tracks.parquet")
    [found] = [row for row in rows if row["track_key"] == key]
    return found


def labelled(pipeline: Pipeline, title: str) -> list[dict[str, Any]]:
    paths = [path for path in pipeline.bodies("labelled_plays/year=") if path.endswith(".parquet")]
    rows = [row for path in paths for row in pipeline.table(path)]
    return [row for row in rows if row["track_name"] == title]


def tables(pipeline: Pipeline) -> dict[str, bytes]:
    bodies = pipeline.bodies("aggregated/") | pipeline.bodies("labelled_plays/")
    return {path: body for path, body in bodies.items() if path.endswith(".parquet")}


@pytest.mark.rare
def test_what_exports_do_not_tell_is_known_everywhere_after_two_days(
    imported: Pipeline, sandbox: Sandbox, environment: Environment
) -> None:
    assert read(sandbox) == [], "an import waits for nobody"
    assert track_of(imported, ONE.id)["release_date"] is None

    first = daily(imported)
    assert read(sandbox) == [f"tracks/{ONE.id}", f"tracks/{GONE.rpartition(':')[2]}"]
    assert (first["learned"], first["left"], first["budget_left"]) == (1, 2, 0), "mira has the rest"
    assert "CATALOGUE_READS_PER_DAY" in first["stopped"]
    [asked] = imported.table(CACHE_OUTCOMES.path)
    assert (asked["kind"], asked["misses"], asked["saved_requests"]) == ("track", 2, 0)
    assert (first["cache_misses"], first["cache_backend"], first["cache_entries"]) == (
        *(2, "sqlite", 1),
    )
    row = track_of(imported, ONE.id)
    assert (row["isrc"], row["album_id"]) == (ONE.isrc, ONE.album.id)
    assert (row["release_date"], row["duration_ms"]) == (ONE.album.release_date, ONE.duration_ms)

    again = daily(imported)
    assert (again["requests"], again["left"]) == (0, 2)
    environment.set(CATALOGUE_READS_PER_DAY="400")
    last = daily(imported)
    assert (last["answered"], last["left"]) == (2, 0)
    assert len(read(sandbox)) == len(set(read(sandbox))) == 4
    years = imported.table(insights()["release_years_by_month"].table.path)
    known = {row["known_share"] for row in years if row["month"].year == 2025}
    assert known == {1.0}
    for track in (ONE, TWO, THREE):
        for row in labelled(imported, track.name):
            assert row["release_year"] == track.album.released.year
            assert row["album_id"]
    [named] = [
        row
        for row in imported.table("aggregated/unique_tracks.parquet")
        if row["track_name"] == THREE.name
    ]
    assert (named["track_id"], named["isrc"]) == (None, None), "a search is a guess"
    before = tables(imported)
    rebuilt = imported.rebuild()
    assert rebuilt.success, failures(rebuilt)
    assert tables(imported) == before
    assert len(read(sandbox)) == 4, "a rebuild asks for nothing"


def test_before_any_run_made_tracks_those_of_the_ledger_are_asked_for(
    imported: Pipeline, sandbox: Sandbox
) -> None:
    own = imported.lake.of("nico")
    own.store.delete(UNIQUE_TRACKS.path)
    result = asking.look_up_tracks(own, Spotify(Settings(), imported.lake), per_day=9, day=today())
    assert (result.answered, result.left, len(read(sandbox))) == (4, 0, 4)


def test_while_spotify_refuses_requests_the_step_is_green_and_says_what_is_left(
    imported: Pipeline, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "A_MOMENT_S", 0)
    sandbox.faults.add("rate_limit", "track", retry_after=7200)
    first = daily(imported)
    assert (first["requests"], first["answered"], first["left"]) == (1, 0, 4)
    assert "refuses requests until" in first["stopped"]
    assert Lockouts(imported.lake, sandbox.client_id, Settings().tokens_dir).in_force()
    sandbox.requests.clear()
    second = told(imported.run("daily_nico"))
    assert sandbox.requests == []
    assert (second["requests"], second["left"]) == (0, 4)


def test_with_a_budget_of_nothing_nothing_is_asked_and_its_turn_is_last(
    imported: Pipeline, sandbox: Sandbox, environment: Environment
) -> None:
    environment.set(CATALOGUE_READS_PER_DAY="0")
    result = imported.run("daily_nico")
    assert "CATALOGUE_READS_PER_DAY is 0" in told(result)["outcome"]
    assert read(sandbox) == []
    steps = [str(event.step_key) for event in result.all_events if event.is_step_start]
    at = {name.removeprefix("nico__"): place for place, name in enumerate(steps)}
    assert at["catalogue_answers"] > max(at[one] for one in ("playlists", "plays", "gaps"))


@pytest.mark.parametrize("wrong", ["many", "-1", "1e9"])
def test_a_budget_that_is_no_number_stops_nothing_but_the_questions(
    imported: Pipeline, sandbox: Sandbox, environment: Environment, wrong: str
) -> None:
    environment.set(CATALOGUE_READS_PER_DAY=wrong)
    imported.lake.of("nico").store.delete(UNIQUE_TRACKS.path)
    said = daily(imported)
    assert said["stopped"] == (
        f"CATALOGUE_READS_PER_DAY: {wrong!r} is not a number from 0 to 10,000"
    )
    assert read(sandbox) == []
    assert track_of(imported, ONE.id)["plays"] == 6


def test_settings_of_the_cache_that_are_wrong_stop_no_poll(
    pipeline: Pipeline, sandbox: Sandbox, environment: Environment
) -> None:
    environment.set(CACHE_TTL_HOURS="half a day")
    result = pipeline.run("poll_nico")
    assert result.success, failures(result)


def test_it_is_part_of_the_daily_run_alone_and_tracks_follow_it(environment: Environment) -> None:
    def key(name: str) -> dg.AssetKey:
        return dg.AssetKey(["nico", name])

    graph = defs().resolve_asset_graph()
    assert key("described_tracks") in graph.get(key("unique_tracks")).parent_keys
    assert key("catalogue_answers") in graph.get(key("described_tracks")).parent_keys
    for job in ("poll_nico", "import_nico", "rebuild_nico", "playlists_nico"):
        nodes = {node.name for node in defs().resolve_job_def(job).nodes}
        assert not [name for name in nodes if name.endswith("catalogue_answers")], job
