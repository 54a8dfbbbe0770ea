"""Days of polls and dailies in minutes, as the daemon would run them, with faults at random.

Time is told to everybody: `moment` to the sandbox, and the same, but for the machine's clock being
wrong, to the pipeline. What must be true at the end belongs in the test.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import time_machine

from pipelines.automation.schedules import daily_schedule, poll_schedule
from pipelines.cli.import_history import QUIET
from pipelines.definitions import POLLED, defs
from pipelines.resources.spotify.token_store import TokenFile
from pipelines.settings import Settings
from sandbox import Sandbox
from sandbox.accounts import SCOPES, Grant
from sandbox.exports import write_export
from testing.pipeline import failures
from tests.support.ticks import tick
from tests.system.faults.shaky import Failure, Killed, Shaky

BEGIN = datetime(2026, 3, 2, 6, tzinfo=UTC)
STEPS = (15, 30, 45, 60, 90, 120, 180, 420)
"""Minutes from one tick to the next that the daemon lives to see."""

YEAR, DAY, HOUR = timedelta(days=365), timedelta(days=1), timedelta(hours=1)

ANSWERS: tuple[dict[str, Any], ...] = (
    {"what": "status", "code": 500, "times": 1},
    {"what": "status", "code": 503, "times": 12},
    {"what": "cut", "where": "recently-played", "at": "middle"},
    {"what": "cut", "where": "recently-played", "times": 3},
    {"what": "cut", "where": "token"},
    {"what": "hang", "seconds": 0.2},
    {"what": "not_json", "where": "recently-played"},
    {"what": "no_content", "where": "recently-played"},
    {"what": "empty_items", "where": "recently-played"},
    {"what": "rate_limit", "retry_after": 0},
    {"what": "rate_limit", "retry_after": 3600, "where": "recently-played"},
    {"what": "rate_limit", "retry_after": 20 * 3600, "quota": True, "where": "recently-played"},
    {"what": "null_track", "where": "recently-played", "at": 60},
    {"what": "invalid_grant", "where": "token"},
)
STORE: tuple[Failure, ...] = ("conflict", "unavailable", "lost answer", "killed", "killed")

LEDGER = (
    *("profile", "recently_played", "top_items", "playlists", "streaming_history"),
    *("recent_tracks", "top_tracks", "top_artists", "snapshot_metrics", "polled", "plays", "gaps"),
    *("unique_tracks", "known_artists", "unique_artists", "all_snapshots_metrics", "top_lists"),
)
"""What a day's run brings into the ledger; the rest is made of it."""

REBUILT = (
    *("polled", "plays", "gaps", "unique_tracks", "known_artists", "unique_artists"),
    *("all_snapshots_metrics", "top_lists"),
)


def _keys(names: tuple[str, ...]) -> set[dg.AssetKey]:
    return {dg.AssetKey(["nico", name]) for name in names}


@dataclass
class Soak:
    """One life under faults.

    Attributes:
        moment: the true time.
        skew: by how much the machine's clock is ahead of it.
        offline: stretches whose plays Spotify learns of later.
        happened: what went wrong how often, for whoever reads a failure.
        locked_until: when the last lockout that Spotify told is over.
        disobeyed: requests that were sent within a lockout.
    """

    sandbox: Sandbox
    store: Shaky
    instance: dg.DagsterInstance
    folder: Path
    chance: random.Random
    environment: pytest.MonkeyPatch
    moment: datetime = BEGIN
    skew: timedelta = timedelta()
    offline: list[tuple[datetime, datetime, datetime]] = field(default_factory=list)
    happened: Counter[str] = field(default_factory=Counter)
    locked_until: datetime = BEGIN
    disobeyed: list[str] = field(default_factory=list)

    def live(self, days: float) -> None:
        """So many days with faults."""
        end = BEGIN + timedelta(days=days)
        while self.moment < end:
            self.moment += timedelta(minutes=self.chance.choice(STEPS))
            self._spoil()
            with self._at():
                self._tick()
            self._mend()

    def last_day(self) -> list[str]:
        """One undisturbed day after all of it; what the steps of its daily run had to complain."""
        self.skew = timedelta()
        self.moment = max(self.moment, self.locked_until) + DAY
        self._log_in()
        self.store.order(None)
        with self._at():
            assert isinstance(self._asked(daily_schedule, "daily_nico"), dg.RunRequest)
            return self._run(self._whole_day)

    def rebuild(self) -> list[str]:
        """The ledger anew out of what was kept."""
        job = defs().resolve_implicit_global_asset_job_def()
        job = job.get_subset(asset_selection=_keys(REBUILT), asset_check_selection=frozenset())
        with self._at():
            result = job.execute_in_process(
                instance=self.instance, raise_on_error=False, run_config=QUIET
            )
        return failures(result)

    @contextmanager
    def _at(self) -> Iterator[None]:
        self.sandbox.clock.fix(self.moment)
        for start, end, seen in self.offline:
            self.sandbox.faults.add(
                "late", "recently-played", times=None, start=start, end=end, visible_from=seen
            )
        with time_machine.travel(self.moment + self.skew, tick=True):
            yield
        self.sandbox.faults.clear()

    def _tick(self) -> None:
        """What the daemon does at a tick: the day's run if it is due, and else a poll."""
        sent = len(self.sandbox.requests)
        with suppress(Killed):
            daily = self._asked(daily_schedule, "daily_nico")
            if isinstance(daily, dg.RunRequest) and self.moment.hour > 4:  # a.m.
                self._run(self._day)
            elif isinstance(self._asked(poll_schedule, "poll_nico"), dg.RunRequest):
                self._run(self._poll)
            else:
                self.happened["skipped"] += 1
        requests = self.sandbox.requests[sent:]
        if self.moment < self.locked_until:
            self.disobeyed += [one.path for one in requests]
        for one in requests:
            if one.status == 429:
                self.locked_until = max(self.locked_until, self.moment + self._told)

    def _asked(
        self, schedule: Callable[..., dg.ScheduleDefinition], job: str
    ) -> dg.RunRequest | dg.SkipReason:
        return tick(schedule, self.instance, job)

    def _run(self, job: dg.JobDefinition) -> list[str]:
        date = f"{self.moment + self.skew:%Y-%m-%d}"
        result = job.execute_in_process(
            instance=self.instance,
            partition_key=date,
            raise_on_error=False,
            run_config=QUIET,
            tags=dict(job.tags),
        )
        told = failures(result)
        self.happened["failed runs" if told else "good runs"] += 1
        for line in told:
            assert "\n" not in line or self.store.dead, line
        return told

    @cached_property
    def _poll(self) -> dg.JobDefinition:
        job = defs().resolve_job_def("poll_nico")
        return job.get_subset(asset_selection=_keys(POLLED), asset_check_selection=frozenset())

    @cached_property
    def _day(self) -> dg.JobDefinition:
        job = defs().resolve_job_def("daily_nico")
        return job.get_subset(asset_selection=_keys(LEDGER), asset_check_selection=frozenset())

    @cached_property
    def _whole_day(self) -> dg.JobDefinition:
        return defs().resolve_job_def("daily_nico")

    def _spoil(self) -> None:
        """Let something go wrong at the next tick, perhaps."""
        chance, self._told = self.chance, timedelta()
        if chance.random() < 0.3:
            self._spoil_answers(dict(chance.choice(ANSWERS)))
        if chance.random() < 0.2:
            self.store.order(chance.choice(STORE), chance.randrange(12))
            self.happened[f"store: {self.store.failure}"] += 1
        if chance.random() < 0.1:
            self._set_clock(chance.choice((-HOUR, -DAY, HOUR, YEAR)))
        if chance.random() < 0.03:
            self._hand_over_an_export()
        if chance.random() < 0.03:
            began = self.moment - 2 * HOUR
            self.offline.append((began, self.moment + HOUR, self.moment + 5 * HOUR))
            self.happened["offline"] += 1
        self.sandbox.accounts.rotate = chance.random() < 0.5

    def _spoil_answers(self, fault: dict[str, Any]) -> None:
        self.happened[f"{fault['what']} {fault.get('code', '')}".strip()] += 1
        self._told = timedelta(seconds=fault.get("retry_after", 0))
        self.sandbox.faults.add(**fault)

    def _set_clock(self, skew: timedelta) -> None:
        # No machine without another clock can obey a lockout that its only one says is over.
        if skew <= self.skew or self.moment >= self.locked_until:
            self.skew = skew
            self.happened[f"clock {skew}"] += 1

    def _hand_over_an_export(self) -> None:
        path = self.folder / "export.zip"
        days = self.chance.randrange(2, 20)
        write_export(path, "nico", self.moment - days * DAY, self.moment - HOUR)
        self.store.folder.put(f"users/nico/imports/{self.moment:%d%H%M}.zip", path.read_bytes())
        self.happened["export"] += 1

    def _mend(self) -> None:
        """What is over by the next tick."""
        if self.store.dead:
            self.store.order(None)
        if self.skew == YEAR or self.chance.random() < 0.2:
            self._set_clock(timedelta())
        if self.chance.random() < 0.5:
            self._log_in()

    def _log_in(self) -> None:
        """The listener logs in anew, if their login was refused."""
        token = TokenFile(Settings().tokens_dir, "nico").read()
        if token and token.refused:
            seed = self.sandbox.accounts._new_refresh_token(Grant("nico", SCOPES))
            self.environment.setenv("SPOTIFY_REFRESH_TOKEN_NICO", seed)
            self.happened["new login"] += 1
