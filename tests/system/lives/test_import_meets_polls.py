"""Exports of a life that was polled too: every play once, whatever came first or was killed."""

import json
import logging
import random
import re
import shutil
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import dagster as dg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import time_machine

from pipelines.listening.schema.tables import HISTORY
from pipelines.listening.time.months import Month
from pipelines.resources.lake.imported_exports import ImportedExports
from pipelines.resources.lake.lakes import Lake
from pipelines.settings import Settings
from sandbox import Play, Sandbox, truth
from sandbox.life import latest
from testing.pipeline import (
    Killable,
    Pipeline,
    bytes_at,
    everything_in,
    failures,
    outcomes,
)
from tests.support.export_files import MUSIC, SECRETS, heard, zipped
from tests.support.export_files import play as extended_row

NOON = datetime(2026, 11, 17, 12, tzinfo=UTC)
POLLS = [NOON + timedelta(hours=hours) for hours in (0, 2, 26, 28)]
"""Between the second and the third lie more plays than a poll shows."""

IMPORT, LATER = NOON + timedelta(hours=29), NOON + timedelta(hours=30)
FROM, TO = NOON - timedelta(days=3), NOON + timedelta(hours=26)
"""What the exports tell of: not yet the newest plays that polls have shown."""

ROUNDS = 2

Row = dict[str, Any]
Once = Callable[[str, Callable[[Path], object]], Path]


def whole_second(moment: datetime) -> datetime:
    return (moment + timedelta(milliseconds=500)).replace(microsecond=0)


def extended(plays: Iterable[Play]) -> bytes:
    """The plays as the extended history tells them, with what must stay private."""
    rows = [
        extended_row(
            ts=f"{whole_second(play.played_at):%Y-%m-%dT%H:%M:%SZ}",
            ms_played=play.ms_played,
            master_metadata_track_name=play.track.name,
            master_metadata_album_artist_name=play.track.album.artist.name,
            master_metadata_album_album_name=play.track.album.name,
            spotify_track_uri=f"spotify:track:{play.track.id}",
            reason_end="fwdbtn" if play.skipped else "trackdone",
            skipped=play.skipped,
        )
        for play in plays
    ]
    name = "my_spotify_data/Streaming_History_Audio_2026_0.json"
    return zipped({name: json.dumps(rows).encode()})


def account(plays: Iterable[Play]) -> bytes:
    """The plays as account data tells them."""
    rows = [
        heard(
            endTime=f"{play.played_at:%Y-%m-%d %H:%M}",
            msPlayed=play.ms_played,
            trackName=play.track.name,
            artistName=play.track.artists[0].name,
        )
        for play in plays
    ]
    return zipped({MUSIC: json.dumps(rows).encode()})


def lived() -> list[Play]:
    return truth("nico", FROM, TO)


def shown(*polls: datetime) -> set[datetime]:
    """When the plays ended that these polls have shown."""
    return {play.played_at for at in polls for play in latest("nico", at, 50)}


def ledger(polls: Iterable[datetime]) -> list[tuple[datetime, str, int, str]]:
    """Time, track, milliseconds and source of every play, out of the truth."""
    polled = shown(*polls)
    found = []
    for play in truth("nico", FROM - timedelta(days=9), LATER + timedelta(days=1)):
        told = [("api", play.played_at in polled), ("export", FROM <= play.played_at < TO)]
        at = play.played_at if told[0][1] else whole_second(play.played_at)
        if source := "+".join(name for name, tells in told if tells):
            found.append((at, play.track.id, play.ms_played, source))
    return sorted(found)


def told(pipeline: Pipeline) -> list[tuple[object, ...]]:
    columns = ("played_at", "track_id", "ms_played", "source")
    return sorted(tuple(play[name] for name in columns) for play in pipeline.plays())


def without(rows: Iterable[Row], *columns: str) -> list[Row]:
    return [{name: value for name, value in row.items() if name not in columns} for row in rows]


def poll(pipeline: Pipeline, sandbox: Sandbox, at: datetime, job: str = "poll_nico") -> None:
    with time_machine.travel(at):
        sandbox.clock.fix(at)
        assert failures(pipeline.run(job)) == []


def imported(pipeline: Pipeline, body: bytes, at: datetime = IMPORT) -> Row:
    """Drop an export, take it in, and return its outcome."""
    pipeline.drop("my_spotify_data.zip", body)
    with time_machine.travel(at):
        result = pipeline.run_import()
    assert failures(result) == []
    [outcome] = outcomes(result)
    return outcome


@dataclass(frozen=True)
class Told:
    """A polled lake to which an export of the same life has come.

    Attributes:
        pipeline: the pipeline on it.
        outcome: what the import said.
        before: the plays before it.
        gaps_before: the gaps before it.
    """

    pipeline: Pipeline
    outcome: Row
    before: list[Row]
    gaps_before: list[Row]


@pytest.fixture
def template(pipeline: Pipeline, sandbox: Sandbox, tmp_path: Path, once: Once) -> Path:
    """A lake with four polls in it, and a gap between two of them; not to be changed."""

    def make(folder: Path) -> None:
        for at in POLLS:
            poll(pipeline, sandbox, at)
        shutil.move(tmp_path / "lake", folder)

    return once("polled", make) / "lake"


@pytest.fixture
def polled(pipeline: Pipeline, sandbox: Sandbox, tmp_path: Path, template: Path) -> Pipeline:
    """The pipeline on a copy of it."""
    shutil.copytree(template, tmp_path / "lake")
    sandbox.requests.clear()
    return pipeline


@pytest.fixture
def exported(polled: Pipeline, sandbox: Sandbox, tmp_path: Path, once: Once) -> Told:
    """The same with an export."""
    before, gaps = polled.plays(), polled.table("aggregated/gaps.parquet")

    def make(folder: Path) -> None:
        outcome = imported(polled, extended(lived()))
        assert sandbox.requests == [], "Spotify is not asked"
        (folder / "outcome.json").write_text(json.dumps(outcome))
        shutil.copytree(tmp_path / "lake", folder / "lake")

    made = once("polled_and_exported", make)
    shutil.rmtree(tmp_path / "lake")
    shutil.copytree(made / "lake", tmp_path / "lake")
    return Told(polled, json.loads((made / "outcome.json").read_text()), before, gaps)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    """A file of everything that any library logs."""
    path = tmp_path / "debug.log"
    root = logging.getLogger()
    handler, level = logging.FileHandler(path), root.level
    root.addHandler(handler)
    root.setLevel("DEBUG")
    yield path
    root.removeHandler(handler)
    root.setLevel(level)
    handler.close()


def test_an_export_and_polls_give_every_play_once(exported: Told) -> None:
    before, after = (
        {play["play_id"] for play in one} for one in (exported.before, plays(exported))
    )
    outcome = exported.outcome
    merged = sum(play.played_at in shown(*POLLS) for play in lived())
    assert {name: outcome[name] for name in ("rows_read", "new", "merged_with_polled")} == {
        "rows_read": len(lived()),
        "new": len(lived()) - merged,
        "merged_with_polled": merged,
    }
    assert (outcome["seen_before"], outcome["refused"], outcome["ambiguous"]) == (0, 0, 0)
    assert told(exported.pipeline) == ledger(POLLS)
    assert {play["source"] for play in plays(exported)} == {"api", "api+export", "export"}
    assert before <= after, "no polled play is renamed"


def plays(exported: Told) -> list[Row]:
    return exported.pipeline.plays()


def test_what_was_measured_is_told_of_plays_that_polls_had_shown(exported: Told) -> None:
    for play in plays(exported):
        heard_of = "export" in play["source"]
        assert play["ms_played_source"] == ("measured" if heard_of else "assumed")
        assert play["country"] == ("US" if heard_of else None)
        assert play["counts"] == (play["ms_played"] >= 30_000)


def test_an_export_closes_the_gap_between_polls(exported: Told) -> None:
    [gap] = exported.gaps_before
    assert gap["gap_end"] == min(shown(POLLS[2])), "the oldest play of a full answer"
    assert gap["closed_by"] is None
    [closed] = exported.pipeline.table("aggregated/gaps.parquet")
    assert closed["closed_by"] == exported.outcome["import_id"]
    assert closed["closed_at"] == datetime.fromisoformat(exported.outcome["imported_at"])
    assert (closed["gap_start"], closed["gap_end"]) == (gap["gap_start"], gap["gap_end"])


@pytest.mark.rare
def test_polls_go_on_and_a_rebuild_from_nothing_gives_the_same_bytes(
    polled: Pipeline, sandbox: Sandbox
) -> None:
    imported(polled, extended(lived()))
    poll(polled, sandbox, LATER)
    assert told(polled) == ledger([*POLLS, LATER])
    assert failures(polled.run_import()) == []  # polls leave the catalogue to others
    undated = ("aggregated/all_snapshots_metrics.parquet", "aggregated/last_updated.json")
    folders = ("polled/", "plays/", "aggregated/")

    def derived() -> dict[str, bytes]:
        found = {path: body for one in folders for path, body in polled.bodies(one).items()}
        return {path: body for path, body in found.items() if path not in undated}

    before = derived()
    for folder in (*folders, "snapshots/"):
        polled.lake.store.delete(f"users/nico/{folder}")
    assert failures(polled.rebuild()) == []
    assert derived().items() >= before.items()  # a rebuild makes empty tables too


@pytest.mark.rare
def test_account_data_before_or_after_an_export_adds_its_name_alone(
    polled: Pipeline, template: Path, tmp_path: Path
) -> None:
    soon = IMPORT + timedelta(minutes=1)
    imported(polled, extended(lived()))
    alone = polled.plays()
    second = imported(polled, account(lived()), soon)
    assert (second["seen_before"], second["new"]) == (len(lived()), 0)
    after = polled.plays()
    assert without(after, "source") == without(alone, "source")
    more = ["+account" if "export" in play["source"] else "" for play in alone]
    expected = [play["source"] + name for play, name in zip(alone, more, strict=True)]
    assert [play["source"] for play in after] == expected

    shutil.rmtree(tmp_path / "lake")
    shutil.copytree(template, tmp_path / "lake")
    first = imported(polled, account(lived()))
    assert first["merged_with_polled"] == sum(p.played_at in shown(*POLLS) for p in lived())
    assert len(polled.plays()) == len(after), "account data alone names them all"
    assert imported(polled, extended(lived()), soon)["seen_before"] == len(lived())
    # The id remembers what was seen first.
    assert without(polled.plays(), "play_id") == without(after, "play_id")


@pytest.mark.rare
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_two_exports_that_overlap_count_every_row_once(
    polled: Pipeline, order: tuple[int, int]
) -> None:
    middle = len(lived()) // 2
    halves = [lived()[: middle + 40], lived()[middle - 40 :]]
    outcome: Row = {}
    for number in order:
        at = IMPORT + timedelta(minutes=order.index(number))
        outcome = imported(polled, extended(halves[number]), at)
    assert outcome["seen_before"] == 80
    assert told(polled) == ledger(POLLS)


@pytest.mark.rare
def test_an_import_beside_a_daily_run_gives_the_ledger_of_one_after_the_other(
    polled: Pipeline, sandbox: Sandbox, new_pipeline: Callable[[], Pipeline], tmp_path: Path
) -> None:
    other = new_pipeline()
    export = tmp_path / "export.zip"
    export.write_bytes(extended(lived()))
    polled.drop("bad.zip", export.read_bytes()[:100])  # which no daily run fails for
    failed: list[str] = []
    sandbox.clock.fix(LATER)
    with time_machine.travel(LATER):
        runs = [
            Thread(target=lambda: failed.extend(failures(polled.run("daily_nico")))),
            Thread(target=lambda: failed.extend(failures(other.run_import(export)))),
        ]
        for run in runs:
            run.start()
        for run in runs:
            run.join()
    assert failed == []
    assert told(polled) == ledger([*POLLS, LATER])
    before = polled.bodies("plays/") | polled.bodies("aggregated/gaps")
    assert failures(polled.rebuild()) == []
    assert polled.bodies("plays/") | polled.bodies("aggregated/gaps") == before


def tables_of(lake: Lake) -> dict[str, pa.Table]:
    """All tables but for the moment of the import."""
    told_when = {"imported_at", "closed_at", "known_at", "last_at"}
    found = {}
    for entry in lake.store.list("users/nico/"):
        if entry.key.endswith(".parquet"):
            rows = pq.read_table(pa.BufferReader(bytes_at(lake, entry.key)))
            names = [n for n in rows.column_names if n not in told_when]
            found[entry.key] = rows.select(names).replace_schema_metadata()
    return found


def assert_all_or_nothing(lake: Lake, count: int) -> None:
    """An import that can be seen is whole; one that cannot has reached no play."""
    own = lake.of("nico")
    found = ImportedExports(own).all
    stored = [
        len(own.read(HISTORY, **{"import": found_parts[1], "year": found_parts[2]}))
        for entry in own.store.list("streaming_history/")
        if (found_parts := re.match(r"streaming_history/(.+)/year=(\d+)", entry.key))
    ]
    sources = {
        source
        for entry in lake.store.list("users/nico/plays/year=")
        for source in pq.read_table(pa.BufferReader(bytes_at(lake, entry.key)))["source"]
        .unique()
        .to_pylist()
    }
    if found:
        assert sum(stored) == count
        assert Month.of(FROM.date()) in found[0].months
    else:
        assert sources == {"api"}


@pytest.mark.rare
def test_imports_killed_at_random_are_whole_or_as_if_never_begun(
    polled: Pipeline, template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    chance = random.Random(20261121)
    months = truth("nico", NOON - timedelta(days=20), TO)
    export = tmp_path / "export.zip"
    export.write_bytes(extended(months))

    def copied(name: str) -> tuple[Path, Lake]:
        shutil.copytree(template, tmp_path / name)
        return tmp_path / name, Lake.open(Settings({"LAKE_URL": str(tmp_path / name)}))

    ends = []
    with Killable() as killable:
        calm, undisturbed = copied("calm")
        began = time.monotonic()
        assert killable.run(calm, export) == 0
        lasted = time.monotonic() - began
        for number in range(ROUNDS):
            folder, lake = copied(f"killed-{number}")
            ends.append(killable.run(folder, export, chance.uniform(0, lasted)))
            assert_all_or_nothing(lake, len(months))
            assert killable.run(folder, export) == 0
            assert tables_of(lake) == tables_of(undisturbed)
    assert -signal.SIGKILL in ends, "some were killed while they were at work"


@pytest.mark.rare
def test_nothing_that_a_run_writes_or_logs_holds_what_is_private(
    polled: Pipeline, tmp_path: Path, log: Path
) -> None:
    rows = [
        extended_row(),
        extended_row(ms_played="many"),
        extended_row(ts="yesterday"),
        extended_row(ts={"ip_addr": SECRETS[0]}, ms_played=[SECRETS[1]]),
        extended_row(),
    ]
    text = json.dumps(rows)
    cut = text[: text.rindex(SECRETS[0]) + 9]
    (tmp_path / "dagster").mkdir()
    quiet = {"telemetry": {"enabled": False}}
    home = str(tmp_path / "dagster")
    with dg.DagsterInstance.local_temp(home, overrides=quiet) as polled.instance:
        imported(polled, extended(lived()))
        outcome = imported(polled, zipped({"Streaming_History_Audio_2026_1.json": cut.encode()}))
        assert outcome["new"] == 1
        assert outcome["refused"] >= 4
        polled.drop("no_export.json", json.dumps([{"username": SECRETS[1]}]).encode())
        assert len(failures(polled.run_import())) == 1
    shutil.rmtree(tmp_path / "lake/users/nico/imports")  # where the listener put it
    written = everything_in(tmp_path)
    assert any(b"only my railgun" in body for body in written.values()), "what is there is found"
    assert {"lake", "dagster", "debug.log"} <= {name.split("/")[0] for name in written}
    for secret in SECRETS:
        assert [name for name, body in written.items() if secret.encode() in body] == []
