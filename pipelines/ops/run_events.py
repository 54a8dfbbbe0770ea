"""What finished runs report, read from Dagster's storage: failures, checks, resolved failures.

Only our own messages are passed on. An unexpected exception may quote anything, so only its class
and the step are reported. Add here what is read of a run; what follows from it is `alerts.py`.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import dagster as dg
from dagster import DagsterEventType as Type

from pipelines import run_context
from pipelines.errors import Subject
from pipelines.ops.alerts import CHECKS, ONE_OFF, FinishedRun
from pipelines.ops.health import Level, Problem, survey_topic
from pipelines.run_context import SUBJECT, SURVEY

VIEWS = "views"
EVERYBODY = "all listeners"
"""Whose the job is that makes the views; no listener's name has a space."""

JOBS = {
    "daily": "daily run",
    "poll": "poll",
    "import": "import",
    "rebuild": "rebuild",
    "playlists": "reading of playlists",
    "scrobbles": "reading of scrobbles",
    VIEWS: "making of the views",
    SURVEY: "run",
}
"""What to call our jobs in messages, by the first part of their names."""

WITH_EVERY_CHECK = {"daily", SURVEY}
"""The jobs that evaluate all checks of their owner."""

ASSETS = "materialization"
"""What to call a run of selected assets, such as a person starts."""

OVERLAP = timedelta(minutes=5)
"""How much later than its own time a run may be stored, because of other machines' clocks too."""

LOOK_BACK = timedelta(days=1)

READ = {
    Type.STEP_FAILURE,
    Type.STEP_SUCCESS,
    Type.PIPELINE_FAILURE,
    Type.ASSET_CHECK_EVALUATION,
}
LEFT_TO_HEALTH = {"login_lasts", "last_response_is_fresh"}
"""Checks of what `health.py` checks itself."""

FINISHED = [
    dg.DagsterRunStatus.SUCCESS,
    dg.DagsterRunStatus.FAILURE,
    dg.DagsterRunStatus.CANCELED,
]
STOPPED = "DagsterAssetCheckFailedError"
INTERRUPTED = "DagsterExecutionInterruptedError"
"""What a run fails with whose process was told to end, as all are when `up` ends."""

ENDED_FROM_OUTSIDE = "was ended from outside: its process was killed or gone, or it took too long"
COUNTS = ("rows", "unexpected_count")


def owner_of(path: Sequence[str]) -> str:
    """Whose an asset is, by its key: a listener's name, or `survey <name>`."""
    return survey_topic(path[1]) if path[0] == SURVEY and len(path) > 1 else path[0]


def subjects_of(run: dg.DagsterRun) -> set[str]:
    """Whose definitions a run needs: after whom its job is named, or those of its selection.

    Args:
        run: any run of ours.

    Returns:
        As `owner_of` names them; empty where the run says nothing of whom it is for.
    """
    kind, _, name = run.job_name.partition("_")
    return {_named(kind, name)} if kind else set(_selected(run))


def _named(kind: str, name: str) -> str:
    """After whom a job is named, by the two parts of its name."""
    if kind == VIEWS:
        return EVERYBODY
    return survey_topic(name) if kind == SURVEY else name


def _selected(run: dg.DagsterRun) -> Iterator[str]:
    """Whose assets are selected; a run of checks alone has no asset selection."""
    yield from sorted(owner_of(key.path) for key in run.asset_selection or ())
    checks = run.asset_check_selection or ()
    yield from sorted(owner_of(key.asset_key.path) for key in checks)


def finished_since(
    instance: dg.DagsterInstance, seen_at: datetime | None, now: datetime
) -> Sequence[dg.RunRecord]:
    """Runs that finished since a time, in the order of creation; some were returned before.

    Never more than those of a day: older ones have been followed by others.

    Args:
        instance: whose storage is read.
        seen_at: the time of the last call, UTC; None for the first. One in the future, of a clock
            that was set back, is ignored.
        now: the current time, UTC.
    """
    is_usable = seen_at is not None and now - LOOK_BACK <= seen_at <= now
    after = seen_at - OVERLAP if seen_at and is_usable else now - LOOK_BACK
    records = instance.get_run_records(dg.RunsFilter(statuses=FINISHED, updated_after=after))
    return sorted(records, key=lambda record: record.storage_id)


def read(
    instance: dg.DagsterInstance, run: dg.DagsterRun, owners: Collection[str]
) -> FinishedRun | None:
    """What a finished run reports.

    Args:
        instance: whose storage is read.
        run: the run.
        owners: whose runs count: names of listeners, `survey <name>`, and `EVERYBODY`.

    Returns:
        None where the run belongs to none of these.
    """
    # Successful polls, of which there are 96 a day, report nothing else.
    good_poll = run.status is dg.DagsterRunStatus.SUCCESS and run_context.POLL_TAG in run.tags
    entries = [] if good_poll else instance.all_logs(run.run_id, of_type=READ)
    events = [entry.dagster_event for entry in entries]
    reader = _Reader(instance, run, [event for event in events if event], owners)
    return reader.finished_run() if reader.owner else None


@dataclass
class _Reader:
    instance: dg.DagsterInstance
    run: dg.DagsterRun
    events: Sequence[dg.DagsterEvent]
    owners: Collection[str]

    def __post_init__(self) -> None:
        self.kind, _, self.name = self.run.job_name.partition("_")
        self.what = JOBS.get(self.kind, ASSETS)
        # The first step that failed, and why; without one, why the run did.
        self.failed = next((event for event in self.events if event.is_step_failure), None)
        step = self.failed.step_failure_data if self.failed else None
        ends = [event for event in self.events if event.event_type is Type.PIPELINE_FAILURE]
        end = ends[0].job_failure_data if ends and ends[0].event_specific_data else None
        error: Any = step.error if step else end and end.error
        while error and error.cause:
            error = error.cause
        self.error = (error and error.cls_name) or ""
        # Where a check stopped it, the check is reported instead.
        self.stopped_by_a_check = self.error == STOPPED
        self.expected: Any = step.user_failure_data if step else None
        told = self.expected.metadata.get(SUBJECT) if self.expected else None
        value = str(told.value) if told else ""
        # A run of another version may have given one that is unknown here.
        self.subject = Subject(value) if value in set(Subject) else None

    def finished_run(self) -> FinishedRun:
        backfill = run_context.BACKFILL_TAG in self.run.tags
        good = self.run.status is dg.DagsterRunStatus.SUCCESS
        return FinishedRun(
            self.run.run_id,
            self.owner,
            failure=self._failure(),
            subject=self.subject,
            resolves=frozenset(self._resolved() if good and not backfill else ()),
            # A check of an old date says nothing about the present.
            checks={} if backfill else dict(self._checks()),
            is_whole=good and not backfill and self._is_whole,
        )

    @property
    def _is_whole(self) -> bool:
        """Whether all of a job with every check was to run, and not what had failed."""
        run = self.run
        is_part = run.asset_selection or run.op_selection or run.parent_run_id
        return self.kind in WITH_EVERY_CHECK and not is_part

    @property
    def owner(self) -> str:
        """Whose run it is: after whom the job is named, or to whom the selected assets belong.

        Empty where it is none of these, as for a run of nothing but assets that all share: whoever
        started it sees it in Dagster.
        """
        candidates = [_named(self.kind, self.name)] if self.kind in JOBS else self._owners()
        return next((one for one in candidates if one in self.owners), "")

    def _owners(self) -> Iterator[str]:
        """Those whose assets it is about."""
        yield from _selected(self.run)
        for event in self.events:
            if event.event_type is Type.ASSET_CHECK_EVALUATION:
                yield owner_of(event.asset_check_evaluation_data.asset_key.path)
            elif event.step_key:
                yield owner_of(event.step_key.split("__"))

    def _failure(self) -> tuple[str, Problem] | None:
        if self.run.status is not dg.DagsterRunStatus.FAILURE:
            return None
        if backfill := self.run.tags.get(run_context.BACKFILL_TAG):
            topic = f"backfill of {self.owner}"
            return (ONE_OFF + backfill, self._problem(topic)) if self._is_first(backfill) else None
        if self.stopped_by_a_check:
            return None
        what = f"{self.what} of {self.owner}"
        if self.kind in JOBS:
            return what, self._problem(what)
        return self._key_of(self.failed.step_key if self.failed else None), self._problem(what)

    def _key_of(self, step: str | None) -> str:
        """The key of a failed materialization; without a step, any successful run resolves it."""
        return f"{ASSETS} of {self.owner} {step or ''}"

    def _problem(self, topic: str) -> Problem:
        date = run_context.date_of(self.run.tags)
        dated = f" for {date}" if date else ""
        return Problem(topic, f"{topic}{dated} {self._how} (run {self.run.run_id})")

    @property
    def _how(self) -> str:
        """How it failed; of an unexpected exception only the name of its class."""
        if self.error == INTERRUPTED:
            return ENDED_FROM_OUTSIDE
        if self.stopped_by_a_check:
            return "was stopped by a check: see the run in Dagster"
        if self.failed:
            place = f"failed at {str(self.failed.step_key).replace('__', '/')}"
            if self.subject:
                return f"{place}: {self.expected.description}"
            return f"{place} with an unexpected {self.error}: see the run in Dagster"
        if self.error:
            return f"could not run, with an unexpected {self.error}: see it in Dagster"
        return ENDED_FROM_OUTSIDE

    def _is_first(self, backfill: str) -> bool:
        """Whether no other run of the backfill failed before."""
        failed = dg.RunsFilter(
            tags={run_context.BACKFILL_TAG: backfill}, statuses=[dg.DagsterRunStatus.FAILURE]
        )
        first = self.instance.get_run_records(failed, limit=1, ascending=True)
        return not first or first[0].dagster_run.run_id == self.run.run_id

    def _resolved(self) -> Iterator[str]:
        if self.kind in JOBS:
            yield f"{self.what} of {self.owner}"
        if run_context.POLL_TAG not in self.run.tags:
            yield self._key_of(None)
        for event in self.events:
            if event.event_type is Type.STEP_SUCCESS:
                yield self._key_of(event.step_key)

    def _checks(self) -> Iterator[tuple[str, Problem | None]]:
        for event in self.events:
            if event.event_type is Type.ASSET_CHECK_EVALUATION:
                result = event.asset_check_evaluation_data
                if result.check_name not in LEFT_TO_HEALTH:
                    name = f"{result.asset_key.to_user_string()} {result.check_name}"
                    yield name, None if result.passed else _not_passed(name, result)


def _not_passed(name: str, result: dg.AssetCheckEvaluation) -> Problem:
    numbers = {key: value.value for key, value in result.metadata.items() if key in COUNTS}
    rows, unexpected = (numbers.get(key) for key in COUNTS)
    counts = f", {unexpected:g} of {rows} rows" if rows and unexpected else ""
    dated = f" for {result.partition}" if result.partition else ""
    level: Level = "failure" if result.severity is dg.AssetCheckSeverity.ERROR else "warning"
    what_to_do = result.description or "see Checks of the asset in Dagster"
    sentence = f"{name} failed{dated}{counts}: {what_to_do}"
    owner = owner_of(result.asset_key.path)
    return Problem(CHECKS.format(listener=owner), sentence, level)
