"""Assets as Dagster runs them, without Spotify: what comes out of kept responses alone."""

import gzip
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest

from pipelines import assets, run_context
from pipelines.assets.shared.views import views
from pipelines.errors import CorruptFile
from pipelines.ingest.privacy_export import no_progress
from pipelines.ingest.recent_tracks import RecentTracks
from pipelines.listening.all_tables import TABLES
from pipelines.listening.schema.tables import (
    PLAYS,
    RECENT_TRACKS,
    TIME_RANGES,
    TOP_ARTISTS,
    TOP_LISTS,
)
from pipelines.resources.dagster_resources import resources_from
from pipelines.resources.lake.folder import Folder
from pipelines.resources.lake.lakes import Lake
from pipelines.resources.lake.raw import RawResponses
from testing.pipeline import resource_of
from tests.support.environment import Environment
from tests.support.spotify_answers import (
    NOON,
    Heard,
    artist,
    iso,
    minutes,
    poll,
    respond,
    top,
    track,
)
from tests.support.world import Watched

DAY = "2026-05-01"
COLLECTED = (
    *("profile", "recently_played", "top_items", "playlists"),
    *("playlist_readings", "playlist_entries", "playlist_changes"),
)
SNAPSHOTS = ("recent_tracks", "top_tracks", "top_artists", "snapshot_metrics")


class Home:
    """A lake with listeners, and runs of everything that follows from raw/."""

    def __init__(self, root: Path) -> None:
        self.store = Watched(root)
        self.lake = Lake(self.store)
        self.own = self.lake.of("nico")
        self.instance = dg.DagsterInstance.ephemeral()

    def keep(self, listener: str, *, tops: bool = True, plays: int = 5) -> None:
        raw = RawResponses(self.lake.of(listener))
        heard = [Heard(NOON - minutes(n), f"{listener}{n}") for n in range(plays)]
        raw.keep(DAY, poll(heard))
        raw.keep(DAY, respond(b'{"id": "me", "display_name": "Me"}', endpoint="profile"))
        for time_range in TIME_RANGES:
            raw.keep(DAY, top("tracks", [track("a"), track("b")] if tops else [], time_range))
            raw.keep(DAY, top("artists", [artist("a")] if tops else [], time_range))

    def run(self, listener: str, *names: str, date: str = DAY) -> dg.ExecuteInProcessResult:
        loaded = dg.load_assets_from_modules(
            assets.STAGES, key_prefix=listener, source_key_prefix=listener
        )
        every = [one for one in loaded if isinstance(one, dg.AssetsDefinition)]
        every.append(views)
        keys = [key for one in every for key in one.keys]
        wanted = [
            k for k in keys if (k.path[-1] in names if names else k.path[-1] not in COLLECTED)
        ]
        partitioned = any(key.path[-1] in SNAPSHOTS for key in wanted)
        return dg.materialize(
            every,
            selection=wanted,
            partition_key=date if partitioned else None,
            tags=None if partitioned else {run_context.PARTITION_TAG: date},
            instance=self.instance,
            resources={
                **resources_from(os.environ),
                "lake": resource_of(self.lake),
                "progress": no_progress,
            },
            raise_on_error=False,
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )

    def failure(self, listener: str, name: str, date: str = DAY) -> str:
        result = self.run(listener, name, date=date)
        [failed] = result.get_step_failure_events()
        error = failed.step_failure_data.user_failure_data
        assert error is not None
        return str(error.description)

    def file(self, path: str) -> Path:
        return self.store.root / "users" / "nico" / path


@pytest.fixture
def home(tmp_path: Path, environment: Environment) -> Iterator[Home]:
    environment.listeners("nico", "maria")
    made = Home(tmp_path / "a [lake] of one's own" / "users" / "x")
    with made.instance:
        yield made


@pytest.fixture
def lived(home: Home, once: Callable[[str, Callable[[Path], object]], Path]) -> Home:
    """A lake with a day of nico's, and all that follows from it."""

    def make(folder: Path) -> None:
        first = Home(folder / "lake")
        with first.instance:
            first.keep("nico")
            assert first.run("nico").success

    shutil.copytree(once("a_day", make) / "lake", home.store.root, dirs_exist_ok=True)
    return home


def test_a_date_gives_all_its_files_with_ranks_from_one(home: Home):
    home.keep("nico")
    assert home.run("nico").success

    folder = f"snapshots/date={DAY}"
    for kind in ("top_tracks", "top_artists"):
        for time_range in TIME_RANGES:
            assert home.file(f"{folder}/{kind}_{time_range}.parquet").exists()
    ranked = home.own.read(TOP_ARTISTS, date=DAY, time_range="long")
    assert ranked["rank"].to_pylist() == [1]
    assert [
        (row["kind"], row["time_range"], [entry["id"] for entry in row["entries"]])
        for row in home.own.read(TOP_LISTS).to_pylist()
    ] == [
        *(("artists", time_range, ["artist-a"]) for time_range in sorted(TIME_RANGES)),
        *(("tracks", time_range, ["a", "b"]) for time_range in sorted(TIME_RANGES)),
    ]
    metadata = json.loads(home.file(f"{folder}/metadata.json").read_text())
    assert metadata == {
        "timestamp": NOON.isoformat(),
        "user_id": "me",
        "display_name": "Me",
        "country": None,
        "product": None,
        "api_version": "v1",
    }
    metrics = json.loads(home.file(f"{folder}/computed_metrics.json").read_text())
    assert metrics["recent_tracks"]["count"] == 5


def test_empty_top_lists_give_files_without_rows(home: Home):
    home.keep("nico", tops=False, plays=0)
    assert home.run("nico").success

    found = home.own.find(TOP_ARTISTS, date=DAY, time_range="short")
    assert found is not None
    assert len(found.rows) == 0
    assert len(home.own.read(TOP_LISTS)) == 0


@pytest.mark.parametrize("name", ["recent_tracks", "top_tracks", "top_artists"])
def test_a_date_that_was_never_collected_says_so(home: Home, name: str):
    said = home.failure("nico", name, date="2026-04-01")

    assert "collected on 2026-04-01, and Spotify only reports the present" in said


@pytest.mark.parametrize(
    ("path", "reader", "damage"),
    [
        (f"snapshots/date={DAY}/recent_tracks.parquet", "snapshot_metrics", b""),
        (f"snapshots/date={DAY}/top_artists_short.parquet", "known_artists", b"[]"),
        (f"snapshots/date={DAY}/top_tracks_long.parquet", "top_lists", b"[]"),
        (f"snapshots/date={DAY}/computed_metrics.json", "all_snapshots_metrics", b"[]"),
    ],
)
def test_a_damaged_file_is_named_and_comes_back_from_raw(
    lived: Home, path: str, reader: str, damage: bytes
):
    before = lived.file(path).read_bytes()
    lived.file(path).write_bytes(damage)

    assert path in lived.failure("nico", reader)
    if not path.startswith("snapshots/"):
        lived.file(path).unlink()
    assert lived.run("nico").success
    assert lived.file(path).read_bytes() == before


@pytest.mark.parametrize(
    "path",
    ["polled/_manifest.json", "plays/_manifest.json", "aggregated/covered.parquet.manifest.json"],
)
@pytest.mark.parametrize("damage", [b"\xff", b"", b"[]", b'{"version": null, "2026-11": null}'])
def test_damaged_notes_of_what_was_made_are_made_anew_at_once(
    lived: Home, path: str, damage: bytes
):
    before = lived.file(path).read_bytes()
    lived.file(path).write_bytes(damage)
    (lived.file("plays").parent / "plays/year=2026/.DS_Store").touch()
    assert lived.run("nico").success
    assert lived.file(path).read_bytes() == before


@pytest.mark.parametrize("damage", [b"half a resp", gzip.compress(b"{}", mtime=0), b""])
def test_a_damaged_profile_stops_no_figures(home: Home, damage: bytes):
    home.keep("nico")
    raw = RawResponses(home.own)
    for name in raw.names("profile", DAY):
        home.store.put(f"users/nico/raw/profile/date={DAY}/{name}", damage)
    assert home.run("nico").success
    assert home.file(f"snapshots/date={DAY}/computed_metrics.json").exists()


@pytest.mark.parametrize("name", ["polls", "recent_tracks", "refused"])
def test_a_damaged_or_older_table_of_polls_is_named_and_made_anew_at_once(
    lived: Home, name: str, caplog: pytest.LogCaptureFixture
):
    path = f"snapshots/date={DAY}/{name}.parquet"
    before = lived.file(path).read_bytes()
    lived.file(path).write_bytes(b"PAR1")
    snapshot = RecentTracks(lived.own, DAY)
    snapshot.update(full_refresh=False)
    assert lived.file(path).read_bytes() == before
    assert path in caplog.text


def test_a_flipped_bit_anywhere_in_a_table_does_not_pass(home: Home):
    home.keep("nico")
    home.run("nico", "recent_tracks")
    path = f"users/nico/snapshots/date={DAY}/recent_tracks.parquet"
    whole = home.store.get(path)
    assert whole is not None
    rows = home.own.read(RECENT_TRACKS, date=DAY)
    for at in range(4, len(whole.body), 37):
        home.store.put(path, whole.body[:at] + bytes([whole.body[at] ^ 4]) + whole.body[at + 1 :])
        with suppress(CorruptFile):
            assert home.own.read(RECENT_TRACKS, date=DAY) == rows, at


def test_names_that_come_after_a_killed_run_are_filled_in(home: Home):
    raw = RawResponses(home.own)
    context = {"type": "playlist", "uri": "spotify:playlist:p"}
    body = {
        "items": [{"track": track("a"), "played_at": iso(NOON), "context": context}],
        "next": None,
    }
    raw.keep(DAY, respond(body))
    home.run("nico", "recent_tracks", "polled", "plays")
    listed = {"items": [{"id": "p", "name": "Mine"}], "next": None, "offset": 0}
    raw.keep(DAY, respond(listed, NOON + timedelta(hours=1), endpoint="playlists"))
    home.run("nico", "polled", "plays")

    plays = home.own.read(PLAYS, year="2026", month="05")
    assert plays["played_from_name"].to_pylist() == ["Mine"]


def test_a_daily_run_reads_each_month_of_the_ledger_once(lived: Home):
    lived.store.reads.clear()
    assert lived.run("nico").success

    months = {key: n for key, n in lived.store.reads.items() if "/plays/year=" in key}
    assert list(months.values()) == [1]


def answers(home: Home, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect() as db:
        script = home.store.get("views.sql")
        assert script is not None
        db.execute(script.body.decode())
        return db.sql(sql).fetchall()


def test_every_view_answers_for_every_listener_whatever_the_folder_is_called(home: Home):
    for listener in ("nico", "maria"):
        home.keep(listener)
        assert home.run(listener).success

    for table in TABLES:
        found = answers(home, f"SELECT DISTINCT listener FROM {table.name} ORDER BY 1")  # noqa: S608
        assert found in ([("maria",), ("nico",)], []), table.name
    counted = answers(home, "SELECT listener, count(*) FROM plays GROUP BY 1 ORDER BY 1")
    assert counted == [("maria", 5), ("nico", 5)]
    days = answers(home, "SELECT DISTINCT date::VARCHAR FROM recent_tracks")
    assert days == [(DAY,)]


def test_a_listener_who_has_just_begun_takes_no_view_away(home: Home):
    home.keep("nico")
    assert home.run("nico").success
    home.run("maria", "last_updated", "views")

    assert answers(home, "SELECT count(*) FROM unique_tracks") == [(5,)]


def test_every_view_answers_for_a_listener_without_a_single_play(home: Home):
    home.keep("nico", tops=False, plays=0)
    assert home.run("nico").success

    assert not home.file("plays").joinpath("year=2026").exists()
    for table in TABLES:
        counted = answers(home, f"SELECT count(listener) FROM {table.name}")  # noqa: S608
        assert counted == [
            (1 if table.name in {"polls", "covered", "all_snapshots_metrics"} else 0,)
        ]


def test_a_folder_of_another_name_is_the_same_lake(home: Home, tmp_path: Path):
    home.keep("nico")
    home.run("nico")
    moved = Lake(Folder(home.store.root))

    assert len(moved.of("nico").read(PLAYS, year="2026", month="05")) == 5
