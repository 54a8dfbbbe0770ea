"""When a rebuild starts, and when none does: the decision alone, without a daemon."""

import random

import pytest

from pipelines.automation import rebuild_sensor
from pipelines.automation.rebuild_sensor import Cursor, Request
from pipelines.run_context import PARTITION_TAG
from tests.automation.happened import (
    BACKFILL,
    DATED,
    FOLLOWING,
    NAMED,
    Happened,
    Status,
)

NOTHING = "nothing to rebuild: no date was derived since the last rebuild"
DONE = "everything is rebuilt since dates were last derived"


@pytest.fixture
def happened() -> Happened:
    return Happened()


def test_one_rebuild_follows_a_backfill_of_any_number_of_dates(happened: Happened) -> None:
    assert happened.tick() == NOTHING
    happened.backfills_under_way = ["abcdefgh"]
    runs = [happened.create(tags={PARTITION_TAG: f"2026-11-0{day}", **BACKFILL}) for day in (1, 2)]
    happened.end(runs[0])
    assert happened.tick() == f"dates are being derived: run {runs[1]}"
    happened.end(runs[1])
    assert happened.tick() == "waiting for backfill abcdefgh"
    happened.date("2026-11-03")
    happened.backfills_under_way = []
    started = happened.start(happened.tick())
    assert happened.tick() == f"a rebuild is under way: run {started}"
    happened.end(started)
    assert happened.tick() == DONE
    happened.poll()
    happened.wait(hours=1)
    assert happened.tick() == DONE
    assert happened.tick() == NOTHING
    assert happened.cursor.left == 0


@pytest.mark.parametrize(
    "tags",
    [
        {PARTITION_TAG: "2026-11-02"},
        {
            "dagster/asset_partition_range_start": "2026-11-01",
            "dagster/asset_partition_range_end": "2026-11-09",
            **BACKFILL,
        },
    ],
    ids=["a date by hand", "a range in one run"],
)
def test_a_date_by_hand_and_a_range_in_one_run_count_as_well(
    happened: Happened, tags: dict[str, str]
) -> None:
    happened.run(tags=tags)
    happened.rebuild()
    assert happened.tick() == DONE


def test_what_brings_all_up_to_date_by_itself_starts_no_rebuild(happened: Happened) -> None:
    happened.poll()
    happened.imported()
    happened.end(happened.daily())
    happened.end(happened.daily(), Status.FAILURE, DATED)  # it is started again in an hour
    today = {PARTITION_TAG: f"{happened.now:%Y-%m-%d}"}
    happened.run("daily_nico", DATED | FOLLOWING, tags=today)  # from the Launchpad
    happened.run("daily_nico", DATED | FOLLOWING, tags={PARTITION_TAG: "2026-11-02", **BACKFILL})
    happened.run(assets=DATED | FOLLOWING)
    assert happened.tick() == NOTHING


def test_what_derives_no_date_of_the_listeners_starts_no_rebuild(happened: Happened) -> None:
    happened.run("daily_mira", frozenset())
    happened.run(assets=frozenset({"plays"}))
    happened.run(assets=frozenset())  # checks alone
    happened.create(assets=frozenset({"plays"}))
    assert happened.tick() == NOTHING


@pytest.mark.parametrize("status", [Status.FAILURE, Status.CANCELED])
def test_a_killed_run_leaves_what_it_had_made(happened: Happened, status: Status) -> None:
    happened.end(happened.create(tags={**BACKFILL}), status)
    assert happened.tick() == NOTHING, "a date that was never collected"
    happened.end(happened.create(tags={**BACKFILL}), status, frozenset({"recent_tracks"}))
    happened.end(happened.create(tags={**BACKFILL}), status)
    happened.rebuild()
    assert happened.tick() == DONE
    everything = happened.create("daily_nico", DATED | FOLLOWING, tags={**BACKFILL})
    happened.end(everything, status, DATED | NAMED)
    happened.rebuild()


def test_some_steps_of_a_run_once_more_make_no_more_than_these(happened: Happened) -> None:
    again = happened.run(complete=False)
    assert happened.tick() == NOTHING
    happened.made[again] = frozenset({"recent_tracks"})
    assert isinstance(happened.tick(), Request)


def test_nothing_is_swallowed_by_a_poll_or_a_daily_run_in_between(happened: Happened) -> None:
    happened.date()
    happened.poll()
    happened.end(happened.daily())
    happened.wait(hours=1)
    happened.rebuild()
    assert happened.tick() == DONE


def test_a_date_that_comes_while_a_rebuild_runs_has_one_of_its_own(happened: Happened) -> None:
    happened.date()
    first = happened.start(happened.tick())
    happened.date()
    assert happened.tick() == f"a rebuild is under way: run {first}"
    happened.end(first)
    happened.rebuild()
    assert happened.tick() == DONE


def test_a_tick_that_was_cut_off_requests_the_same_again(happened: Happened) -> None:
    happened.date()
    request = happened.tick(cut_off=True)
    assert isinstance(request, Request)
    assert happened.tick(cut_off=True) == happened.tick() == happened.tick() == request
    # Dagster finds a run by its key that was created and not handed over.
    happened.start(request, status=Status.NOT_STARTED)
    assert happened.tick() == request


def test_a_rebuild_that_fails_is_tried_three_times(happened: Happened) -> None:
    happened.date()
    for attempt in range(2):
        request = happened.tick()
        assert isinstance(request, Request)
        assert request.attempt == attempt
        happened.end(happened.start(request), Status.FAILURE)
    assert happened.tick() == "the rebuild has failed 2 times: next try after ten minutes"
    happened.wait(minutes=11)
    last = happened.start(happened.tick())
    happened.end(last, Status.CANCELED)
    happened.wait(days=40)
    given_up = (
        f"rebuild_nico has failed 3 times: look at run {last}, and launch rebuild_nico by hand"
    )
    assert [happened.tick(), happened.tick()] == [given_up] * 2
    happened.date()
    assert happened.tick() == Request(left=5, attempt=0), "a further date is a further reason"


def test_a_rebuild_by_hand_counts_where_it_makes_all(happened: Happened) -> None:
    happened.date()
    for _ in range(3):
        happened.wait(minutes=11)
        failed = happened.start(happened.tick())
        happened.end(failed, Status.FAILURE)
    given_up = happened.tick()
    happened.run("rebuild_nico", frozenset({"plays"}))
    assert happened.tick() == given_up
    tags = happened.rebuilds()[1].tags
    happened.run("rebuild_nico", FOLLOWING, tags=tags, complete=False)
    assert happened.tick() == given_up
    happened.run("rebuild_nico", FOLLOWING)
    assert happened.tick() == DONE


def test_a_rebuild_that_was_made_once_more_as_a_whole_counts(happened: Happened) -> None:
    happened.date()
    happened.end(happened.start(happened.tick()), Status.FAILURE)
    tags = happened.rebuilds()[0].tags
    again = happened.run("rebuild_nico", FOLLOWING, tags=tags, complete=False)
    happened.made[again] = FOLLOWING
    assert happened.tick() == DONE


def test_a_rebuild_that_was_resumed_from_its_failure_counts(happened: Happened) -> None:
    happened.date()
    happened.end(happened.start(happened.tick()), Status.FAILURE)
    tags = {**happened.rebuilds()[0].tags, "dagster/is_resume_retry": "true"}
    happened.run("rebuild_nico", FOLLOWING, tags=tags, complete=False)
    assert happened.tick() == DONE


def test_a_rebuild_by_hand_that_began_too_early_does_not_count(happened: Happened) -> None:
    date = happened.create(tags={**BACKFILL})
    happened.run("rebuild_nico", FOLLOWING)
    happened.wait(seconds=1)
    happened.end(date)
    assert isinstance(happened.tick(), Request)


@pytest.mark.parametrize("hours", [-30, 30], ids=["set back", "set forward"])
def test_a_clock_that_is_set_swallows_nothing(happened: Happened, hours: int) -> None:
    happened.date()
    happened.rebuild()
    assert happened.tick() == DONE
    happened.wait(hours=hours)
    happened.date()
    assert isinstance(happened.tick(), Request)
    happened.wait(hours=-hours)
    happened.date()
    happened.rebuild()
    assert happened.tick() == DONE
    happened.wait(hours=hours)
    assert happened.tick() == DONE


def test_runs_that_waited_for_a_daemon_for_days_are_waited_for(happened: Happened) -> None:
    happened.date()
    waiting = happened.create(status=Status.QUEUED, tags={**BACKFILL})
    happened.wait(days=9)
    assert happened.tick() == f"dates are being derived: run {waiting}"
    happened.end(waiting)
    happened.rebuild()
    assert happened.tick() == DONE


def test_a_run_that_was_never_handed_over_holds_nothing_up_for_ever(happened: Happened) -> None:
    never = happened.create(status=Status.NOT_STARTED, tags={**BACKFILL})
    happened.date()
    assert happened.tick() == f"dates are being derived: run {never}"
    happened.wait(minutes=6)
    happened.rebuild()
    assert happened.tick() == DONE


def test_with_the_cursor_lost_what_was_rebuilt_is_known_still(happened: Happened) -> None:
    happened.date()
    happened.rebuild()
    happened.cursor = Cursor()
    assert happened.tick() == DONE
    happened.date()
    happened.cursor = Cursor()
    happened.rebuild()
    assert happened.tick() == DONE


def test_where_the_run_that_the_cursor_names_is_deleted_all_is_read_again(
    happened: Happened,
) -> None:
    happened.poll()
    happened.wait(hours=1)
    assert happened.tick() == NOTHING
    assert happened.cursor.seen == "run-1"
    happened.date()
    del happened.runs[0]
    happened.rebuild()
    assert happened.tick() == DONE


def test_thousands_of_runs_are_read_in_parts(
    happened: Happened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebuild_sensor, "READ_AT_ONCE", 10)
    happened.date()
    for _ in range(24):
        happened.poll()
    assert [happened.tick() for _ in range(2)] == ["there are more runs to look at"] * 2
    happened.rebuild()
    assert happened.tick() == DONE


def test_old_dates_that_were_never_rebuilt_are_left_alone(happened: Happened) -> None:
    happened.date()
    happened.wait(days=31)
    assert happened.tick() == NOTHING


class Life:
    """Whatever may happen, at random: dates, polls, kills, cut-off ticks, clocks that are set."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.happened = Happened()
        self.dates: list[str] = []
        self.rebuilding: list[str] = []
        self.step = 0
        self.ended: dict[str, int] = {}
        self.begun: dict[str, int] = {}
        self.asked: list[Request] = []

    def go_on(self) -> None:
        chance, happened = self.chance, self.happened
        self.step += 1
        happened.wait(seconds=chance.randint(1, 400))
        if chance.random() < 0.05:
            happened.wait(hours=chance.choice([-1, 1]) * chance.randint(1, 99))
        do = chance.choice([self.begin, self.end, self.end, self.tick, self.tick, happened.poll])
        do()

    def begin(self) -> None:
        self.dates.append(self.happened.create(tags={**BACKFILL}))

    def end(self) -> None:
        if self.dates and self.chance.random() < 0.7:
            run = self.dates.pop(self.chance.randrange(len(self.dates)))
            made = self.chance.choice([frozenset(), DATED])
            status = self.chance.choice([Status.SUCCESS, Status.SUCCESS, Status.FAILURE])
            self.happened.end(run, status, made)
            if made or status is Status.SUCCESS:
                self.ended[run] = self.step
        elif self.rebuilding:
            status = self.chance.choice([Status.SUCCESS, Status.FAILURE])
            self.happened.end(self.rebuilding.pop(), status)

    def tick(self) -> None:
        decision = self.happened.tick(cut_off=self.chance.random() < 0.2)
        if not isinstance(decision, Request):
            return
        assert not self.rebuilding, "one rebuild at a time"
        assert not self.dates, "and none while a date is being derived"
        assert decision not in self.asked, "and none twice for the same reason"
        self.asked.append(decision)
        run = self.happened.start(decision)
        self.rebuilding.append(run)
        self.begun[run] = self.step

    def come_to_rest(self) -> None:
        self.happened.wait(days=2)
        for run in self.dates:
            self.happened.end(run)
            self.ended[run] = self.step
        self.dates = []
        for _ in range(6):
            self.step += 1
            self.happened.wait(minutes=11)
            for run in self.rebuilding:
                self.happened.end(run)
            self.rebuilding = []
            self.tick()


@pytest.mark.parametrize("seed", range(60))
def test_whatever_happens_each_date_is_followed_by_one_rebuild(seed: int) -> None:
    life = Life(seed)
    for _ in range(150):
        life.go_on()
    life.come_to_rest()
    last = life.happened.tick()
    good = [run.run_id for run in life.happened.rebuilds() if run.succeeded]
    given_up = isinstance(last, str) and "by hand" in last
    assert last in {DONE, NOTHING} or given_up, last
    if life.ended and not given_up:
        assert max(life.begun[run] for run in good) > max(life.ended.values())
    count = len(life.asked)
    life.happened.wait(days=1)
    life.tick()
    assert len(life.asked) == count, "then all is quiet"
