"""One rebuild after a backfill: what spans dates is made again when the last date is over.

A run leaves something behind where it derived dates but not what follows from them. The sensor
waits until nothing of the kind is under way, and then starts one run of the rebuild job. On that
run it writes up to which run it goes, so whether a rebuild is due is read from runs alone: order
is that of their storage, no clock's, and a tick that was cut off is simply made again. The cursor
only saves reading what was read before.

`decide` is pure, given what `History` answers. Add here what decides when a rebuild starts; what
it makes is the job in `definitions.py`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import dagster as dg
import msgspec

from pipelines import run_context
from pipelines.ops.run_events import FINISHED
from pipelines.ops.sensors import decode_cursor, encode_cursor

REBUILD_TAG = "playledger/rebuilt_through"
"""On a rebuild: the number in Dagster's storage of the last run that it is to follow."""

LOOK_EVERY_S = 90
"""Dagster stores each look for a day, 1.4 KB a time."""

LOOK_BACK = timedelta(days=30)
"""How far back is read where the cursor is lost, or the run that it names has been deleted."""

READ_AT_ONCE = 500

MOST_TRIES = 3

LAST_TRY_AFTER = timedelta(minutes=10)
"""The second try comes at once, for a run that was killed; the last when a fault had some time."""

SETTLED_AFTER = timedelta(minutes=5)
"""In Postgres a run may come to be seen after one with a higher number: so long ones are reread."""

SCHEDULE_TAG = "dagster/schedule_name"
RESUMED_TAG = "dagster/is_resume_retry"

UNDER_WAY = {"REQUESTED", "CANCELING", "FAILING"}
"""Statuses of a backfill that is not over."""

MOST_BACKFILLS = 50


class Cursor(msgspec.Struct, frozen=True, omit_defaults=True):
    """What need not be read again.

    Attributes:
        seen: the run up to which all have been looked at.
        left: the number of the last run that left something behind; 0 where all is rebuilt.
        ended: when the last of these ended, as a timestamp.
    """

    seen: str | None = None
    left: int = 0
    ended: float = 0.0


@dataclass(frozen=True)
class Family:
    """A listener's assets, by their names without the listener's.

    Attributes:
        listener: whose.
        dated: what is cut by date.
        following: what is made of it, and is not.
    """

    listener: str
    dated: frozenset[str]
    following: frozenset[str]

    @property
    def rebuild_job(self) -> str:
        """The job that makes all that follows."""
        return f"rebuild_{self.listener}"

    @property
    def daily_job(self) -> str:
        """The job that makes everything for one date."""
        return f"daily_{self.listener}"

    def own(self, keys: Collection[dg.AssetKey]) -> frozenset[str]:
        """The names of those that are the listener's."""
        return frozenset(key.path[-1] for key in keys if key.path[0] == self.listener)


@dataclass(frozen=True)
class Run:
    """What is known of a run.

    Attributes:
        number: its number in Dagster's storage: a later run has a higher one.
        run_id: Dagster's.
        job: of which job.
        status: how far it is.
        created_at: when it was created.
        tags: its tags.
        assets: names of the listener's assets that it is to make.
        complete: whether a success made all of these: not sure of a run that was started again.
        ended_at: when it ended.
    """

    number: int
    run_id: str
    job: str
    status: dg.DagsterRunStatus
    created_at: datetime
    tags: dict[str, str] = field(default_factory=dict)
    assets: frozenset[str] = frozenset()
    complete: bool = True
    ended_at: datetime | None = None

    @property
    def succeeded(self) -> bool:
        """Whether it came to a good end."""
        return self.status is dg.DagsterRunStatus.SUCCESS

    def is_awaited(self, now: datetime) -> bool:
        """Whether more is to be expected of it.

        However long it takes: Dagster's run monitoring ends those whose process is gone. Only one
        that was created and never handed over is nobody's to end.
        """
        if self.status is dg.DagsterRunStatus.NOT_STARTED:
            return abs(now - self.created_at) < SETTLED_AFTER
        return self.status not in FINISHED


@dataclass(frozen=True)
class History:
    """What Dagster's storage says; each is asked only where it is needed.

    Attributes:
        instance: whose.
        family: the listener's assets.
        now: the present.
    """

    instance: dg.DagsterInstance
    family: Family
    now: datetime

    def runs_after(self, run_id: str | None) -> Sequence[Run]:
        """Everybody's runs that were created after this one, oldest first: `READ_AT_ONCE` at most.

        Where there is no such run, those of the last `LOOK_BACK`.
        """
        order: dict[str, object] = {"ascending": True, "limit": READ_AT_ONCE}
        if run_id and self.instance.has_run(run_id):
            found = self.instance.get_run_records(cursor=run_id, **order)  # type: ignore[arg-type]
        else:
            recent = dg.RunsFilter(created_after=self.now - LOOK_BACK)
            found = self.instance.get_run_records(recent, **order)  # type: ignore[arg-type]
        return [self._run(record) for record in found]

    def rebuilds(self) -> Sequence[Run]:
        """The latest runs of the rebuild job, newest first."""
        of_job = dg.RunsFilter(job_name=self.family.rebuild_job)
        return [self._run(record) for record in self.instance.get_run_records(of_job, limit=50)]

    def backfills(self) -> Sequence[str]:
        """Ids of backfills of the listener's that are not over."""
        found = self.instance.get_backfills(limit=MOST_BACKFILLS)
        return [
            one.backfill_id
            for one in found
            if one.status.value in UNDER_WAY
            and (
                self.family.own(one.asset_selection or ()) or one.job_name == self.family.daily_job
            )
        ]

    def made_by(self, run: Run) -> frozenset[str]:
        """The listener's assets that a run has materialized."""
        entries = self.instance.all_logs(
            run.run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION
        )
        events = [entry.dagster_event for entry in entries]
        return self.family.own([event.asset_key for event in events if event and event.asset_key])

    def _run(self, record: dg.RunRecord) -> Run:
        run = record.dagster_run
        if run.asset_selection or run.asset_check_selection:
            assets = self.family.own(run.asset_selection or ())
        elif run.job_name == self.family.rebuild_job:
            assets = self.family.following
        elif run.job_name == self.family.daily_job:
            assets = self.family.dated | self.family.following
        else:
            assets = frozenset()  # another listener's, or one that derives no dates
        return Run(
            record.storage_id,
            run.run_id,
            run.job_name,
            run.status,
            record.create_timestamp.astimezone(UTC),
            dict(run.tags),
            assets,
            complete=run.parent_run_id is None and not run.op_selection,
            ended_at=datetime.fromtimestamp(record.end_time, UTC) if record.end_time else None,
        )


@dataclass(frozen=True)
class Request:
    """Start one rebuild.

    Attributes:
        left: the number of the last run that it is to follow.
        attempt: how many times it was tried before.
    """

    left: int
    attempt: int


Decision = Request | str
"""A rebuild, or the reason why there is none."""


def decide(
    family: Family, history: History, cursor: Cursor, now: datetime
) -> tuple[Decision, Cursor]:
    """Whether a rebuild is to start.

    Args:
        family: the listener's assets.
        history: what happened.
        cursor: what the last tick left.
        now: the present.

    Returns:
        The decision, and what the next tick need not read again.
    """
    runs = history.runs_after(cursor.seen)
    dating = [run for run in runs if _derives_dates(run, family)]
    if waiting := [run for run in dating if run.is_awaited(now)]:
        return f"dates are being derived: {_short(waiting)}", cursor
    cursor = _looked_at(family, history, cursor, dating, now)
    cursor = msgspec.structs.replace(cursor, seen=_seen(runs, now) or cursor.seen)
    if len(runs) == READ_AT_ONCE:
        return "there are more runs to look at", cursor
    if not cursor.left:
        return "nothing to rebuild: no date was derived since the last rebuild", cursor
    rebuilds = history.rebuilds()
    if any(_follows(run, cursor, family, history) for run in rebuilds):
        done = msgspec.structs.replace(cursor, left=0, ended=0.0)
        return "everything is rebuilt since dates were last derived", done
    return _due(history, rebuilds, cursor.left, now), cursor


def _due(history: History, rebuilds: Sequence[Run], left: int, now: datetime) -> Decision:
    """Start the rebuild that is due, or wait with it."""
    # One that was never handed over is requested again: by its key Dagster finds it.
    begun = [run for run in rebuilds if run.status is not dg.DagsterRunStatus.NOT_STARTED]
    if waiting := [run for run in begun if run.is_awaited(now)]:
        return f"a rebuild is under way: {_short(waiting)}"
    if waits_for := history.backfills():
        return f"waiting for backfill {waits_for[0]}"
    failed = [run for run in begun if not run.succeeded]
    tries = [run for run in failed if run.tags.get(REBUILD_TAG) == str(left)]
    if len(tries) >= MOST_TRIES:
        job, last = tries[0].job, _short(tries)
        return f"{job} has failed {len(tries)} times: look at {last}, and launch {job} by hand"
    if len(tries) == MOST_TRIES - 1 and tries[0].ended_at:
        since = now - tries[0].ended_at
        if timedelta(0) <= since < LAST_TRY_AFTER:
            return f"the rebuild has failed {len(tries)} times: next try after ten minutes"
    return Request(left, len(tries))


def _derives_dates(run: Run, family: Family) -> bool:
    """Whether a run may leave something behind.

    Polls, imports and the day's own runs bring what follows up to date by themselves, and where
    one fails, the next one does.
    """
    if run_context.POLL_TAG in run.tags or run_context.IMPORT_TAG in run.tags:
        return False
    if run.job == family.rebuild_job or not run.assets & family.dated:
        return False
    of_the_day = SCHEDULE_TAG in run.tags or (
        run_context.BACKFILL_TAG not in run.tags
        and run_context.date_of(run.tags) == f"{run.created_at.astimezone(UTC):%Y-%m-%d}"
    )
    whole = run.assets >= family.dated | family.following
    return not (run.job == family.daily_job and whole and of_the_day)


def _looked_at(
    family: Family, history: History, cursor: Cursor, runs: Sequence[Run], now: datetime
) -> Cursor:
    """The cursor with what these runs have left behind; they are over."""
    for run in reversed(runs):  # the last one counts: others need not be looked into
        if run.number <= cursor.left:
            break
        # A run that failed or was killed left what it had made until then.
        made = run.assets if run.succeeded and run.complete else history.made_by(run)
        if made & family.dated and not made >= family.following:
            ended = max((one.ended_at or now).timestamp() for one in runs)
            return Cursor(cursor.seen, run.number, max(ended, cursor.ended))
    return cursor


def _seen(runs: Sequence[Run], now: datetime) -> str | None:
    """The run from which on the next tick reads."""
    if len(runs) == READ_AT_ONCE:
        return runs[-1].run_id
    settled = [run for run in runs if abs(now - run.created_at) > SETTLED_AFTER]
    return settled[-1].run_id if settled else None


def _follows(rebuild: Run, cursor: Cursor, family: Family, history: History) -> bool:
    """Whether a rebuild has included what was left behind."""
    if not rebuild.succeeded or not rebuild.assets >= family.following:
        return False
    # One that was resumed had only to make what the failed one had not.
    whole = rebuild.complete or RESUMED_TAG in rebuild.tags
    if not whole and not history.made_by(rebuild) >= family.following:
        return False
    through = rebuild.tags.get(REBUILD_TAG, "")
    if through.isdecimal():
        return int(through) >= cursor.left
    # One that a person launched.
    return rebuild.number > cursor.left and rebuild.created_at.timestamp() >= cursor.ended


def _short(runs: Sequence[Run]) -> str:
    return f"run {runs[0].run_id}"


def rebuild_sensor(family: Family) -> dg.SensorDefinition:
    """One rebuild after a backfill of the listener's dates, of any number of them."""

    @dg.sensor(
        name=f"{family.rebuild_job}_sensor",
        job_name=family.rebuild_job,
        minimum_interval_seconds=LOOK_EVERY_S,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Rebuilds the ledger and what follows it, once, after a backfill of dates.",
    )
    def rebuild(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        now = datetime.now(UTC)
        history = History(context.instance, family, now)
        decision, cursor = decide(family, history, decode_cursor(context, Cursor), now)
        context.update_cursor(encode_cursor(cursor))
        if isinstance(decision, str):
            return dg.SkipReason(decision)
        through = str(decision.left)
        return dg.RunRequest(run_key=f"{through}-{decision.attempt}", tags={REBUILD_TAG: through})

    return rebuild
