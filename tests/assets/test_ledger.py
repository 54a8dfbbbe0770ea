import json
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipelines.assets import ledger
from pipelines.assets.ledger import update_gaps, update_plays, update_polled
from pipelines.ingest import recent_tracks
from pipelines.listening.api import polled
from pipelines.listening.api.responses import Response
from pipelines.listening.schema.tables import POLLS, REFUSED
from pipelines.listening.time.local_time import Zone
from pipelines.resources.lake.tables import to_parquet
from tests.support.examples import of_whole_runs
from tests.support.spotify_answers import Heard, item, minutes, page, respond, track
from tests.support.world import HOME, NAME, Crash, World, life, local_date

MONTH_EDGE = datetime(2026, 4, 29, 20, tzinfo=UTC)


def in_month(name: str) -> tuple[int, int]:
    year, month = name.split("/")
    return int(year.removeprefix("year=")), int(month.removeprefix("month="))


def assert_all_is_true(world: World) -> None:
    """Every play shown is there once, in the right month, under a name of its own."""
    assert world.rows() == world.truth()
    plays = world.plays()
    assert len({row["play_id"] for row in plays}) == len(plays)
    for name, rows in world.months().items():
        for row in rows.to_pylist():
            day = local_date(row["played_at"], world.listener.zones)
            assert row["local_date"] == day
            assert (day.year, day.month) == in_month(name)
            assert row["local_weekday"] == day.weekday()


def assert_a_rebuild_gives_the_same(world: World) -> None:
    before = world.files()
    world.forget_derived()
    world.run(None)
    assert world.files() == before


@of_whole_runs(1, rare=3)
@example(seed=20261128, crashes=True)
@given(seed=st.integers(0, 2**32), crashes=st.booleans())
def test_whatever_runs_in_whatever_order_every_play_shown_is_there_once(
    tmp_path_factory: pytest.TempPathFactory, seed: int, crashes: bool
):
    chance = random.Random(seed)
    world = World(tmp_path_factory.mktemp("lake"))
    heard = life(MONTH_EDGE, 3, chance=chance)
    days: list[str] = []
    moment = MONTH_EDGE
    while moment < MONTH_EDGE + timedelta(days=3):
        moment += minutes(chance.choice((15, 60, 600)))
        days.append(world.keep(heard, moment))
        run = chance.choice(("poll", "poll", "daily", "any day", "rebuild", "none"))
        day = {"any day": chance.choice(days), "rebuild": None}.get(run, days[-1])
        if run == "none":
            continue
        if crashes and chance.random() < 0.5:
            world.store.crash_after = chance.randrange(8)
            try:
                world.run(day, daily=run == "daily")
            except Crash:
                if chance.random() < 0.5:
                    continue
        world.store.crash_after = None
        if run == "poll":
            world.poll(days[-1])
        else:
            world.run(day, daily=run == "daily")
    world.store.crash_after = None
    world.run(days[-1])

    assert_all_is_true(world)
    assert_a_rebuild_gives_the_same(world)


def test_taking_answers_in_one_by_one_gives_the_bytes_of_all_at_once(tmp_path: Path):
    world = World(tmp_path)
    heard = life(MONTH_EDGE, 1, chance=random.Random(1))
    for hour in range(1, 20, 3):
        world.run(world.keep(heard, MONTH_EDGE + timedelta(hours=hour)))
    one_by_one = world.files()
    for day in ("2026-04-29", "2026-04-30"):
        world.run(day, daily=True)

    assert world.files() == one_by_one
    assert_a_rebuild_gives_the_same(world)


def test_a_poll_with_nothing_new_rewrites_no_month(tmp_path: Path):
    world = World(tmp_path)
    heard = life(MONTH_EDGE, 1, chance=random.Random(2))
    end = MONTH_EDGE + timedelta(days=1, hours=1)
    world.run(world.keep(heard, end))
    world.store.writes.clear()
    outcome = world.run(world.keep(heard, end + minutes(15)))

    assert outcome["months_changed"] == 0
    assert not [key for key in world.store.writes if "/data.parquet" in key]


def test_polls_that_trust_manifests_give_the_bytes_of_runs_that_look(tmp_path: Path):
    polled_, looked = World(tmp_path / "polled"), World(tmp_path / "looked")
    heard = life(MONTH_EDGE, 2, chance=random.Random(5))
    moments = [MONTH_EDGE + timedelta(hours=hour) for hour in (1, 2, 2.2, 3, 8, 27, 30, 49, 49.5)]
    for moment in moments:
        polled_.poll(polled_.keep(heard, moment))
        looked.run(looked.keep(heard, moment))

    ours, theirs = polled_.files(), looked.files()
    assert ours == theirs
    assert_all_is_true(polled_)
    assert_a_rebuild_gives_the_same(polled_)


def test_a_poll_with_nothing_new_reads_and_writes_each_file_once_at_most(tmp_path: Path):
    world = World(tmp_path)
    heard = life(MONTH_EDGE, 1, chance=random.Random(2))
    end = MONTH_EDGE + timedelta(days=1, hours=1)
    world.poll(world.keep(heard, end))
    day = world.keep(heard, end + minutes(15))
    world.store.reads.clear()
    world.store.writes.clear()
    world.poll(day)

    assert set(world.store.reads.values()) | set(world.store.writes.values()) == {1}
    written = sorted(key.removeprefix(HOME) for key in world.store.writes)
    assert written == [
        "aggregated/covered.parquet",
        "aggregated/covered.parquet.manifest.json",
        f"snapshots/date={day}/_manifest.json",
        f"snapshots/date={day}/polls.parquet",
    ]


def test_a_file_that_a_poll_does_not_miss_is_made_again_by_the_daily_run(tmp_path: Path):
    world = World(tmp_path)
    heard = life(MONTH_EDGE, 1, chance=random.Random(6))
    day = world.keep(heard, MONTH_EDGE + timedelta(hours=20))
    world.poll(day)
    before = world.files()
    for path in ("plays/", "polled/year=", "aggregated/gaps.parquet"):
        for key in [key for key in before if key.startswith(f"{HOME}{path}")]:
            if not key.endswith(".json"):
                world.store.delete(key)
    world.run(day, daily=True)

    assert world.files() == before


def test_dates_whose_footer_tells_of_what_they_were_made_are_not_read_from_answers_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """As versions wrote them that had no manifest."""
    world = World(tmp_path)
    heard = life(MONTH_EDGE, 1, chance=random.Random(7))
    day = world.keep(heard, MONTH_EDGE + timedelta(hours=3))
    world.run(day)
    before = world.files("plays/", "polled/", "aggregated/")
    names = json.loads(world.files()[f"{HOME}snapshots/date={day}/_manifest.json"])
    [names] = {entry["inputs"][recent_tracks.NAMES] for entry in names.values()}
    rows = world.own.read(POLLS, date=day)
    footer = {"version": recent_tracks.VERSION, "names": names}
    world.store.put(f"{HOME}{POLLS.path.format(date=day)}", to_parquet(rows, footer))
    for path in (f"snapshots/date={day}/_manifest.json", "plays/", "polled/", "aggregated/"):
        world.store.delete(f"{HOME}{path}")
    monkeypatch.setattr(polled, "parse_response", None)
    update_polled(world.own, world.listener, date=day, full_refresh=False)
    update_plays(world.own, world.listener)
    update_gaps(world.own, date=day, full_refresh=False)

    assert world.files("plays/", "polled/", "aggregated/") == before


def test_an_answer_kept_but_never_derived_is_taken_in_by_the_next_run(tmp_path: Path):
    world = World(tmp_path)
    heard = [Heard(MONTH_EDGE + timedelta(hours=n), f"t{n}") for n in range(80)]
    world.run(world.keep(heard, MONTH_EDGE + timedelta(hours=2)))
    world.keep(heard, MONTH_EDGE + timedelta(hours=3))  # the process dies here, at 23 o'clock
    day = world.keep(heard, MONTH_EDGE + timedelta(hours=75))
    world.run(day)

    assert_all_is_true(world)
    assert len(world.truth()) == 4 + 50
    world.run(day, daily=True)  # which also writes the snapshots of earlier dates
    assert_all_is_true(world)
    assert_a_rebuild_gives_the_same(world)


@pytest.mark.parametrize("write", range(11))
@pytest.mark.parametrize("run", [World.run, World.poll])
def test_a_crash_at_any_write_loses_and_doubles_nothing(
    tmp_path: Path, write: int, run: Callable[[World, str], object]
):
    world = World(tmp_path)
    heard = life(MONTH_EDGE, 2, chance=random.Random(3))
    world.run(world.keep(heard, MONTH_EDGE + timedelta(hours=20)))
    last = world.keep(heard, MONTH_EDGE + timedelta(days=2, hours=1))
    world.store.crash_after = write
    with pytest.raises(Crash):
        run(world, last)
    run(world, last)

    assert_all_is_true(world)
    assert_a_rebuild_gives_the_same(world)


@pytest.mark.parametrize(
    ("zones", "start"),
    [
        ([Zone("Europe/Berlin")], datetime(2026, 3, 28, 20, tzinfo=UTC)),
        ([Zone("Europe/Berlin")], datetime(2026, 10, 24, 20, tzinfo=UTC)),
        ([Zone("Pacific/Auckland")], datetime(2026, 4, 29, 20, tzinfo=UTC)),
        ([Zone("Pacific/Honolulu")], datetime(2026, 4, 30, 20, tzinfo=UTC)),
        ([Zone("Asia/Kathmandu")], datetime(2024, 2, 28, 12, tzinfo=UTC)),
        ([Zone("Europe/Berlin")], datetime(2024, 12, 31, 12, tzinfo=UTC)),
        (
            [Zone("Europe/Berlin"), Zone("Pacific/Auckland", date(2026, 5, 1))],
            datetime(2026, 4, 29, 20, tzinfo=UTC),
        ),
        (
            [Zone("Pacific/Auckland"), Zone("Pacific/Honolulu", date(2026, 5, 1))],
            datetime(2026, 4, 29, 20, tzinfo=UTC),
        ),
    ],
)
def test_months_are_cut_on_the_listeners_calendar(
    tmp_path: Path, zones: list[Zone], start: datetime
):
    world = World(tmp_path, *zones)
    heard = [Heard(start + minutes(30 * n), f"t{n}") for n in range(110)]
    for n in (40, 80, 110):
        world.run(world.keep(heard, start + minutes(30 * n)))

    assert_all_is_true(world)
    assert len(world.truth()) == len(heard)
    assert len(world.months()) == 2 or start.month in (3, 10, 2)


def test_local_time_goes_back_at_night_in_autumn(tmp_path: Path):
    world = World(tmp_path)
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    heard = [Heard(first, "a"), Heard(first + timedelta(hours=1), "b")]
    world.run(world.keep(heard, first + timedelta(hours=2)))

    assert [row["local_hour"] for row in world.plays()] == [2, 2]
    assert_all_is_true(world)


def test_another_time_zone_moves_plays_and_leaves_no_old_month(tmp_path: Path):
    world = World(tmp_path)
    start = datetime(2026, 4, 30, 22, 30, tzinfo=UTC)
    heard = [Heard(start + minutes(n), f"t{n}") for n in range(30)]
    day = world.keep(heard, start + timedelta(hours=1))
    world.run(day)
    names = {row["play_id"] for row in world.plays()}
    assert list(world.months()) == ["year=2026/month=05"]

    moved = World(tmp_path, Zone("America/New_York"))
    moved.shown = world.shown
    moved.run(day)

    assert list(moved.months()) == ["year=2026/month=04"]
    assert {row["play_id"] for row in moved.plays()} == names
    assert_all_is_true(moved)
    assert_a_rebuild_gives_the_same(moved)


def test_play_ids_survive_rebuilds_and_further_polls(tmp_path: Path):
    world = World(tmp_path)
    heard = life(MONTH_EDGE, 1, chance=random.Random(4))
    world.run(world.keep(heard, MONTH_EDGE + timedelta(hours=12)))
    before = {row["play_id"]: row["played_at"] for row in world.plays()}
    world.run(world.keep(heard, MONTH_EDGE + timedelta(hours=14)))
    world.forget_derived()
    world.run(None)
    after = {row["play_id"]: row["played_at"] for row in world.plays()}

    assert before.items() <= after.items()


def test_a_damaged_response_is_named_and_stops_nothing(tmp_path: Path):
    world = World(tmp_path)
    heard = [Heard(MONTH_EDGE + minutes(n), f"t{n}") for n in range(90)]
    day = world.keep(heard, MONTH_EDGE + minutes(20))
    folder = tmp_path / HOME / "raw" / "recently_played" / f"date={day}"
    (folder / "20260429T203000.000000Z.json.gz").write_bytes(b"half a f")
    (folder / "notes.txt").write_text("not ours")
    world.run(world.keep(heard, MONTH_EDGE + minutes(45)))

    assert_all_is_true(world)
    refused = world.own.find(REFUSED, date=day)
    assert refused is not None
    named = refused.rows["response"].to_pylist()
    assert named == ["20260429T203000.000000Z.json.gz", "notes.txt"]
    assert_a_rebuild_gives_the_same(world)


def test_after_an_upgrade_of_how_answers_are_read_the_next_poll_reads_all_dates_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    world = World(tmp_path)
    heard = [Heard(MONTH_EDGE + timedelta(hours=hour), "song") for hour in range(48)]
    days = [world.keep(heard, MONTH_EDGE + timedelta(days=day, hours=20)) for day in (0, 1)]
    for day in days:
        world.run(day)
    monkeypatch.setattr(recent_tracks, "VERSION", "next")
    monkeypatch.setattr(ledger, "READ_BY", "next")
    genuine = polled.parse_response

    def read(response: Response, name: str) -> polled.PolledRows:
        found = genuine(response, name)
        renamed = pa.array(["new"] * len(found.plays))
        at = found.plays.schema.get_field_index("track_name")
        return replace(found, plays=found.plays.set_column(at, "track_name", renamed))

    monkeypatch.setattr(polled, "parse_response", read)
    world.run(days[-1])
    assert {row["track_name"] for row in world.plays()} == {"new"}
    assert_all_is_true(world)


def test_a_field_that_changes_its_type_at_spotify_loses_no_play(tmp_path: Path):
    world = World(tmp_path)
    heard = [Heard(MONTH_EDGE + minutes(5 * n), f"t{n}") for n in range(90)]
    for n, odd in ((20, {}), (40, {"popularity": 12.5}), (70, {"id": 5, "album": []}), (90, {})):
        seen = heard[max(0, n - 50) : n]
        shown = [item(one, track=track(one.track, **odd)) for one in reversed(seen)]
        day = f"{seen[-1].at:%Y-%m-%d}"
        world.raw.keep(day, respond(page(shown), seen[-1].at))
        world.shown |= set(seen)
        world.run(day)

    assert_all_is_true(world)
    one_by_one = world.files()
    for day in ("2026-04-29", "2026-04-30"):
        world.run(day, daily=True)
    assert world.files() == one_by_one
    assert_a_rebuild_gives_the_same(world)


def history(world: World, months: int) -> datetime:
    """So many months before May 2026 with one day of plays each."""
    for back in range(months, 0, -1):
        at = datetime(2026, 5, 15, tzinfo=UTC) - timedelta(days=30.44 * back)
        heard = [Heard(at + minutes(n), "old") for n in range(3)]
        world.keep(heard, at + timedelta(hours=1))
    world.run(None)
    return datetime(2026, 5, 15, 12, tzinfo=UTC)


@pytest.mark.parametrize("anew", [True, False])
def test_a_days_cost_does_not_grow_with_the_years(tmp_path: Path, anew: bool):
    writes, reads = [], []
    for months in (1, 24):
        world = World(tmp_path / str(months))
        now = history(world, months)
        day = world.keep([Heard(now - minutes(n), "new") for n in range(5)], now)
        world.store.reads.clear()
        world.store.writes.clear()
        world.run(day, daily=anew)
        writes.append(sorted(world.store.writes.items()))
        read = world.store.reads
        reads.append(read.total())
        # The last date taken in is taken in again, whatever its month. A month of `polled` that
        # changes is read once by each stage that finds it; what was made of it is not read at all.
        assert {key: n for key, n in read.items() if "/polled/year=" in key} == {
            f"{HOME}polled/year=2026/month=04/data.parquet": 1,
            f"{HOME}polled/year=2026/month=05/data.parquet": 1,
        }
        assert not [key for key in read if "/plays/year=" in key]
        assert_all_is_true(world)

    assert writes[0] == writes[1]
    assert reads[0] == reads[1]


@pytest.mark.parametrize("rebuilding", [True, False])
def test_runs_at_the_same_time_lose_nothing(tmp_path: Path, rebuilding: bool):
    world = World(tmp_path)
    heard = [Heard(MONTH_EDGE + minutes(20 * n), f"t{n}") for n in range(120)]
    world.run(world.keep(heard, MONTH_EDGE + minutes(600)))

    def polls(offset: int) -> None:
        mine = World(tmp_path)
        for n in range(4):
            mine.run(mine.keep(heard, MONTH_EDGE + minutes(700 + offset + 300 * n)))
        world.shown |= mine.shown

    def rebuilds() -> None:
        for _ in range(4):
            World(tmp_path).run(None)

    with ThreadPoolExecutor(3) as threads:
        tasks = [threads.submit(polls, 0), threads.submit(polls, 150)]
        tasks += [threads.submit(rebuilds)] if rebuilding else []
        for task in tasks:
            task.result()

    assert [row[1] for row in world.rows()] == [row[1] for row in world.truth()]
    world.run("2026-05-01")
    assert_all_is_true(world)
    assert_a_rebuild_gives_the_same(world)


def test_nobody_elses_plays_are_in_a_ledger(tmp_path: Path):
    world = World(tmp_path)
    world.run(world.keep([Heard(MONTH_EDGE, "a")], MONTH_EDGE))

    assert {row["listener"] for row in world.plays()} == {NAME}
