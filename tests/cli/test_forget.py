"""`playledger forget`: no file tells of a listener any more, and nobody else loses anything."""

import json
import re
import shutil
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pyarrow.parquet as pq
import pytest
import sqlalchemy as db
import yaml
from click.testing import CliRunner, Result
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.scheduler.instigation import TickData, TickStatus

from pipelines.cli.main import main
from pipelines.ops.starting import JOBS
from pipelines.resources.lake.lakes import Lake
from pipelines.settings import Settings
from testing.pipeline import everything_in
from testing.servers import S3Server
from tests.cli.two_listeners import GONE, STAYS, World, make, tick
from tests.support.environment import Environment
from tests.system.deploy.deployment import DEPLOY, postgres, postgres_bin

# SQLite cuts long values at the end of a page, and the other's name too, before or after its
# underscore: zeros may follow the cut.
NAME = re.compile(rb"(?i:marlene)(?!_2|_?\x00)")


def forget(*arguments: str, **options: str) -> Result:
    return CliRunner().invoke(main, ["forget", GONE, *arguments], **options)  # type: ignore[arg-type]


def everything(folder: Path) -> dict[str, bytes]:
    """All files' bytes, and what is compressed in them and in the rows of databases."""
    found = everything_in(folder)
    for path in folder.rglob("*.db"):
        found[f"{path.relative_to(folder)} rows"] = b"\n".join(unpacked(path))
    return found


def unpacked(path: Path) -> Iterator[bytes]:
    with closing(sqlite3.connect(path)) as database:
        for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'"):
            for row in database.execute(f"SELECT * FROM {table}"):  # noqa: S608 its own names
                for value in row:
                    if isinstance(value, bytes):
                        yield zlib.decompress(value)
                    elif isinstance(value, str):
                        yield value.encode()


def where(folder: Path, needles: re.Pattern[bytes]) -> set[str]:
    return {name for name, body in everything(folder).items() if needles.search(body)}


@pytest.fixture(scope="session")
def lived(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make(World(tmp_path_factory.mktemp("lived") / "world"))


@pytest.fixture
def world(lived: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A copy, out of whose list of listeners the one who is to be forgotten was taken."""
    copy = World(tmp_path / "copy")
    shutil.copytree(lived.folder, copy.folder)
    copy.name_in(monkeypatch, STAYS)
    return copy


def heard(world: World, name: str) -> set[str]:
    files = (world.folder / "lake" / "users" / name / "plays").rglob("*.parquet")
    rows = [row for file in files for row in pq.read_table(file).to_pylist()]
    return {row["track_id"] for row in rows if row["track_id"]}


def of_the_other(world: World) -> dict[str, bytes]:
    return {
        name: body
        for name, body in everything_in(world.folder).items()
        if f"/{STAYS}/" in name or name == f"tokens/{STAYS}.json"
    }


def test_no_file_tells_of_a_forgotten_listener_any_more(world: World) -> None:
    only_theirs = sorted(heard(world, GONE) - heard(world, STAYS))
    token = json.loads((world.folder / "tokens" / f"{GONE}.json").read_text())
    words = [token["access_token"], token["account"], *only_theirs]
    needles = re.compile(b"|".join([NAME.pattern, *(word.encode() for word in words)]))
    before = where(world.folder, needles)
    for place in ("runs.db", "index.db", "schedules.db", "runs.db rows", ".err", "plays", "tokens"):
        assert any(place in name for name in before), f"the search finds {place}"
    kept = of_the_other(world)
    result = forget("--yes")
    assert result.exit_code == 0, result.output
    assert where(world.folder, needles) == set()
    assert of_the_other(world) == kept


def test_the_other_listeners_records_are_still_there(world: World) -> None:
    with world.instance() as instance:
        storage = instance.event_log_storage
        touched = {
            run.run_id: storage.get_asset_keys_for_run(run.run_id) for run in instance.get_runs()
        }
    shared = {dg.AssetKey("views")}  # of everybody
    others = {
        run for run, keys in touched.items() if {key.path[0] for key in {*keys} - shared} == {STAYS}
    }
    assert (len(others), len(touched)) == (3, 7)
    forget("--yes")
    with world.instance() as instance:
        left = instance.get_runs()
        assert {run.run_id for run in left} == others
        assert all(instance.all_logs(run.run_id) for run in left)
        assert {key.path[0] for key in {*instance.all_asset_keys()} - shared} == {STAYS}
        assert instance.get_latest_materialization_event(dg.AssetKey([STAYS, "plays"]))
        states = instance.all_instigator_state()
        rebuilds = {f"rebuild_{STAYS}", f"rebuild_{STAYS}_sensor"}
        assert {state.instigator_name for state in states} == {*rebuilds, "alerts"}
        assert [one.backfill_id for one in instance.get_backfills()] == [f"back_{len(STAYS)}"]


def test_it_shows_what_is_to_be_deleted_and_asks_first(world: World) -> None:
    before = everything_in(world.folder)
    result = forget(input="n\n")
    assert result.exit_code == 1
    assert re.search(r"lake +│ files +│ +\d+", result.output)
    assert re.search(r"Dagster │ runs +│ +4", result.output)
    assert {n: b for n, b in everything_in(world.folder).items() if "dagster/" not in n} == {
        n: b for n, b in before.items() if "dagster/" not in n
    }
    with world.instance() as instance:
        assert len(instance.get_runs()) == 7


def test_logs_of_up_lose_their_lines_and_no_others(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    alike = f"{GONE}_b", f"x_{GONE}"
    world.name_in(monkeypatch, STAYS, *alike)
    theirs = (
        *(f"daily_{GONE} - RUN_START", f"{GONE}__plays began", f"SPOTIFY_{GONE.upper()}"),
        f"{alike[0]} after {GONE}",
    )
    others = (
        *(f"daily_{STAYS} - RUN_START", "the daemon began", f"x{GONE}y"),
        *(f"daily_{name} - RUN_START" for name in alike),
    )
    log = world.folder / "dagster" / "up" / "definitions.log"
    log.parent.mkdir()
    for path in (log, log.with_suffix(".log.1")):
        path.write_text("".join(f"{line}\n" for line in (*theirs, *others, *theirs)))
    with log.open("a") as writer:
        result = forget("--yes")
        assert result.exit_code == 0, result.output
        assert re.search(r"logs +│ lines +│ +16", result.output)
        writer.write("and it goes on\n")
    assert log.read_text().splitlines() == [*others, "and it goes on"]
    assert log.with_suffix(".log.1").read_text().splitlines() == [*others]


def test_a_second_time_there_is_nothing_left_to_forget(world: World) -> None:
    forget("--yes")
    result = forget()
    assert result.exit_code == 0
    assert f"Nothing is stored about {GONE}" in result.output


@pytest.mark.parametrize("step", ["_delete_file", "_batches", "_vacuum"])
def test_what_an_interrupted_command_has_left_goes_the_next_time(
    world: World, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(f"pipelines.ops.dagster_records.{step}", killed)
        forget("--yes")
    result = forget("--yes")
    assert result.exit_code == 0, result.output
    assert where(world.folder, NAME) == set()


def test_files_of_runs_that_were_deleted_before_go_too(world: World) -> None:
    with world.instance() as instance:
        for run in instance.get_runs():
            if run.job_name.endswith(f"_{GONE}"):
                instance.delete_run(run.run_id)
    assert any(name.endswith(".err") for name in where(world.home, NAME))
    assert forget("--yes").exit_code == 0
    assert where(world.folder, NAME) == set()


def test_rows_that_others_deleted_cannot_be_read_out_of_the_file_either(world: World) -> None:
    path = world.home / "schedules" / "schedules.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA secure_delete = OFF")  # as most builds of SQLite have it
        database.execute("DELETE FROM job_ticks")
        database.commit()
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"marlene has not logged in yet" in path.read_bytes(), "the row is gone, not its bytes"
    assert forget("--yes").exit_code == 0
    assert where(world.folder, NAME) == set()


@pytest.mark.parametrize(
    "name", ["../x", "*", "", ".", "/etc", "a/b", "marlene/", "Marlene", "a" * 41]
)
def test_what_is_no_listeners_name_is_refused_before_anything_is_looked_at(
    world: World, name: str
) -> None:
    before = everything_in(world.folder.parent)
    result = CliRunner().invoke(main, ["forget", name, "--yes"])
    assert result.exit_code == 1
    assert result.output == f"Error: {name!r} is not a listener's name: nothing was deleted\n"
    assert everything_in(world.folder.parent) == before


def refused(world: World, *arguments: str) -> str:
    """The line with which it refuses, having deleted nothing."""
    before = {name: body for name, body in everything_in(world.folder).items() if ".db" not in name}
    result = forget("--yes", *arguments)
    assert result.exit_code == 1
    left = {name: body for name, body in everything_in(world.folder).items() if ".db" not in name}
    assert left == before
    return result.output.removeprefix("Error: ").removesuffix("\n")


def test_who_is_still_a_listener_is_not_forgotten(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPOTIFY_REFRESH_TOKEN_MARLENE", "AQ-secret")
    assert refused(world) == (
        "SPOTIFY_REFRESH_TOKEN_MARLENE is set: unset it first, here and for Dagster"
    )
    monkeypatch.delenv("SPOTIFY_REFRESH_TOKEN_MARLENE")
    monkeypatch.setenv("SPOTIFY_WRITE_REFRESH_TOKEN_MARLENE", "AQ-secret")
    assert refused(world) == (
        "SPOTIFY_WRITE_REFRESH_TOKEN_MARLENE is set: unset it first, here and for Dagster"
    )
    monkeypatch.delenv("SPOTIFY_WRITE_REFRESH_TOKEN_MARLENE")
    world.name_in(monkeypatch, STAYS, GONE)
    assert refused(world) == (
        f"remove [marlene] from {world.folder}/listeners.toml first, "
        "and restart what holds the definitions (`playledger up`, the unit "
        "playledger-definitions, or the container code)"
    )


@pytest.mark.parametrize("status", ["QUEUED", "STARTED", "CANCELING"])
def test_nobody_is_forgotten_while_a_run_of_theirs_is_under_way(world: World, status: str) -> None:
    with world.instance() as instance:
        run = next(run for run in instance.get_runs() if run.job_name == f"import_{GONE}")
        instance.add_run(run._replace(run_id="on-its-way", status=dg.DagsterRunStatus(status)))
    assert refused(world) == (
        "marlene cannot be forgotten while a run is in progress (on-its-way): "
        "let it finish, or terminate it in Dagster's UI"
    )


def test_another_listeners_run_stands_against_nothing(world: World) -> None:
    with world.instance() as instance:
        run = next(run for run in instance.get_runs() if run.job_name == f"poll_{STAYS}")
        instance.add_run(run._replace(run_id="other", status=dg.DagsterRunStatus.STARTED))
    assert forget("--yes").exit_code == 0


def test_a_daemon_that_still_knows_the_listener_has_to_be_restarted_first(world: World) -> None:
    with world.instance() as instance:
        tick(instance, GONE, datetime.now(UTC))
    assert re.fullmatch(
        r"Dagster's daemon was still running marlene's schedules or sensors \d\d? s ago: restart "
        r"what holds the definitions \(`playledger up`, the unit playledger-definitions, or the "
        r"container code\), so that it reads listeners.toml again, and try again in two minutes",
        refused(world),
    )


def test_without_dagsters_home_nothing_is_deleted_unless_one_says_so(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DAGSTER_HOME")
    assert refused(world) == (
        "Dagster's records cannot be searched, because DAGSTER_HOME is not set: set it, "
        "or use --without-dagster; nothing was deleted"
    )
    result = forget("--yes", "--without-dagster")
    assert result.exit_code == 0
    assert "Dagster's records and logs were left alone." in result.output
    assert where(world.folder / "lake", NAME) | where(world.folder / "tokens", NAME) == set()
    assert where(world.home, NAME)


def test_where_nothing_says_where_the_records_are_nothing_is_deleted(world: World) -> None:
    (world.home / "dagster.yaml").unlink()
    assert refused(world) == (
        f"Dagster's records cannot be searched, because DAGSTER_HOME ({world.home}) has no "
        "dagster.yaml, which says where they are: put that of Dagster's daemon there, "
        "or use --without-dagster; nothing was deleted"
    )
    assert forget("--yes", "--without-dagster").exit_code == 0


@pytest.mark.parametrize("job", JOBS)
def test_ticks_of_all_their_schedules_are_forgotten(world: World, job: str) -> None:
    schedule = f"{job}_{GONE}_schedule"
    told = {"selector_id": "a-hash", "skip_reason": "they are read once a week"}
    an_hour_ago = (datetime.now(UTC) - timedelta(hours=1)).timestamp()
    with world.instance() as instance:
        instance.create_tick(
            TickData(
                "a-hash",
                schedule,
                InstigatorType.SCHEDULE,
                TickStatus.SKIPPED,
                an_hour_ago,
                **told,
            )
        )
    assert schedule.encode() in (world.home / "schedules" / "schedules.db").read_bytes()
    assert forget("--yes").exit_code == 0
    assert where(world.folder, NAME) == set()


def test_a_storage_that_cannot_be_read_is_one_line(world: World) -> None:
    (world.home / "dagster.yaml").write_text("storage: {sqlite: {base_dir: /proc/nowhere}}\n")
    assert refused(world).startswith("Dagster's records cannot be reached (")


def test_what_leads_out_of_the_folder_is_not_followed(world: World) -> None:
    outside = world.folder.parent / "outside"
    outside.mkdir()
    (outside / "photo").write_bytes(b"dear")
    home = world.folder / "lake" / "users" / GONE
    (home / "imports").mkdir(exist_ok=True)
    (home / "imports" / "link").symlink_to(outside)
    (home / "imports" / "no\\key").write_bytes(b"x")
    assert forget("--yes").exit_code == 0
    assert not home.exists()
    home.symlink_to(outside)
    assert forget("--yes").exit_code == 0
    assert not home.is_symlink()
    assert (outside / "photo").read_bytes() == b"dear"


def test_what_is_shared_holds_nobodys_name(world: World) -> None:
    lake = world.folder / "lake"
    shared = [path for path in lake.iterdir() if path.name != "users"]
    assert {path.name for path in shared} >= {"state"}
    assert not any(NAME.search(f"{where(path, NAME)}".encode()) for path in shared if path.is_dir())


def test_a_database_in_use_is_named_and_the_next_time_overwritten(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.ops.dagster_records.LOCK_TIMEOUT_S", 0.1)
    with closing(sqlite3.connect(world.home / "history" / "runs.db")) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM runs").fetchone()
        result = forget("--yes")
    assert result.exit_code == 1
    assert "history/runs.db (" in result.output
    assert (
        "stop all of Dagster's processes (`playledger up`, or its three units), and run this again"
    ) in result.output
    assert forget("--yes").exit_code == 0
    assert where(world.folder, NAME) == set()


@pytest.mark.rare
@pytest.mark.skipif(postgres_bin() is None, reason="Postgres is not installed: `make postgres`")
def test_no_row_of_postgres_tells_of_a_forgotten_listener_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = yaml.safe_load((DEPLOY / "dagster.yaml").read_text())["storage"]
    world = World(tmp_path / "world")
    with postgres() as variables:
        make(world, variables, storage=storage)
        world.name_in(monkeypatch, STAYS).set(**variables)
        before = postgres_rows(world)
        result = forget("--yes")
        after = postgres_rows(world)
    assert result.exit_code == 0, result.output
    assert sum(NAME.search(row) is not None for row in before) > 50
    assert not [row for row in after if NAME.search(row)]
    assert sum(STAYS.encode() in row for row in after) > 20
    assert where(world.folder, NAME) == set()


def postgres_rows(world: World) -> list[bytes]:
    rows = []
    with world.instance() as instance, instance.run_storage.connect() as connection:  # type: ignore[attr-defined]
        tables = db.MetaData()
        tables.reflect(connection)
        for table in tables.tables.values():
            for row in connection.execute(db.select(table)):
                packed = [zlib.decompress(value) for value in row if isinstance(value, bytes)]
                rows.append(b" ".join([str(row).encode(), *packed]))
    return rows


def test_a_bucket_is_emptied_of_the_listener_alone(
    bucket: S3Server, environment: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment.listeners()
    monkeypatch.chdir(tmp_path)
    store = Lake.open(Settings()).store
    kept = {f"users/{STAYS}/profile.json", "state/last_asked.json", f"users/{GONE}"}
    for key in (f"users/{GONE}/raw/a", f"users/{GONE}/plays/b", *kept):
        store.put(key, b"x")
    result = forget("--yes", "--without-dagster")
    assert result.exit_code == 0, result.output
    assert re.search(r"lake +│ files +│ +2 │", result.output)
    assert {entry.key for entry in store.list("")} == kept
