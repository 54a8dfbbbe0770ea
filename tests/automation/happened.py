"""What Dagster's storage would say of runs that a test makes up: no daemon, no instance, no clock.

Add here what may happen to a run. What the sensor is to make of it belongs in the tests.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import dagster as dg

from pipelines.automation import rebuild_sensor
from pipelines.automation.rebuild_sensor import (
    LOOK_BACK,
    REBUILD_TAG,
    Cursor,
    Family,
    Request,
    Run,
    decide,
)
from pipelines.run_context import BACKFILL_TAG, IMPORT_TAG, PARTITION_TAG, POLL_TAG

Status = dg.DagsterRunStatus
DATED = frozenset({"recently_played", "recent_tracks"})
FOLLOWING = frozenset({"polled", "plays", "report"})
NICO = Family("nico", DATED, FOLLOWING)
START = datetime(2026, 11, 20, 12, tzinfo=UTC)
BACKFILL = {BACKFILL_TAG: "abcdefgh"}
NAMED = frozenset({"polled", "plays"})


@dataclass
class Happened:
    """Runs in the order in which they were created, and a sensor that looks at them.

    Attributes:
        now: what the clock says.
        backfills_under_way: ids of backfills that are not over.
        cursor: what the sensor's last tick left.
    """

    now: datetime = START
    backfills_under_way: list[str] = field(default_factory=list)
    cursor: Cursor = field(default_factory=Cursor)
    runs: list[Run] = field(default_factory=list)
    made: dict[str, frozenset[str]] = field(default_factory=dict)
    _created: int = 0

    # What happens

    def create(
        self, job: str = "__ASSET_JOB", assets: frozenset[str] = DATED, **how: object
    ) -> str:
        """A run that is at work."""
        self._created += 1
        run_id = f"run-{self._created}"
        told: dict = {"status": Status.STARTED} | how
        run = Run(self._created, run_id, job, created_at=self.now, assets=assets, **told)
        self.runs.append(run)
        return run_id

    def end(
        self, run_id: str, status: Status = Status.SUCCESS, made: frozenset[str] = frozenset()
    ) -> None:
        """A run comes to an end, having made these assets where it failed."""
        at = next(at for at, run in enumerate(self.runs) if run.run_id == run_id)
        self.runs[at] = replace(self.runs[at], status=status, ended_at=self.now)
        self.made[run_id] = made

    def run(self, job: str = "__ASSET_JOB", assets: frozenset[str] = DATED, **how: object) -> str:
        """A good run from its beginning to its end."""
        run_id = self.create(job, assets, **how)
        self.end(run_id)
        return run_id

    def date(self, date: str = "2026-11-02", **tags: str) -> str:
        """A date of a backfill, derived."""
        return self.run(tags={PARTITION_TAG: date, **BACKFILL, **tags})

    def poll(self) -> str:
        return self.run("poll_nico", DATED | NAMED, tags={POLL_TAG: "true", PARTITION_TAG: "x"})

    def imported(self) -> str:
        return self.run("import_nico", FOLLOWING, tags={IMPORT_TAG: "true"})

    def daily(self, **how: object) -> str:
        tags = {PARTITION_TAG: f"{self.now:%Y-%m-%d}", "dagster/schedule_name": "daily"}
        return self.create("daily_nico", DATED | FOLLOWING, tags=tags, **how)

    def wait(self, **how: float) -> None:
        self.now += timedelta(**how)

    # What the sensor does

    def tick(self, *, cut_off: bool = False) -> Request | str:
        """What the sensor decides; a tick that is cut off leaves no cursor."""
        decision, cursor = decide(NICO, self, self.cursor, self.now)
        if not cut_off:
            self.cursor = cursor
        return decision

    def start(self, request: Request | str, **how: object) -> str:
        """The rebuild that was requested, at work."""
        assert isinstance(request, Request), request
        tags = {REBUILD_TAG: str(request.left)}
        return self.create("rebuild_nico", FOLLOWING, tags=tags, **how)

    def rebuild(self) -> None:
        """The rebuild that is due, from its request to its good end."""
        self.end(self.start(self.tick()))

    # What the storage says: see `History`

    def runs_after(self, run_id: str | None) -> Sequence[Run]:
        ids = [run.run_id for run in self.runs]
        if run_id in ids:
            found = self.runs[ids.index(run_id) + 1 :]
        else:
            found = [run for run in self.runs if run.created_at > self.now - LOOK_BACK]
        return found[: rebuild_sensor.READ_AT_ONCE]

    def rebuilds(self) -> Sequence[Run]:
        return [run for run in reversed(self.runs) if run.job == "rebuild_nico"][:50]

    def backfills(self) -> Sequence[str]:
        return self.backfills_under_way

    def made_by(self, run: Run) -> frozenset[str]:
        return self.made.get(run.run_id, frozenset())
