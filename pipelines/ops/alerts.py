"""Which notifications are due, so that each is sent once: pure, without Dagster, network or clock.

What is wrong now is compared with what each address was notified of; the difference is due. Add
here what decides whether and how something is reported. What is wrong is established by `health.py`
and `run_events.py`; how a notification is sent is `notify.py`.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Literal

import msgspec

from pipelines.errors import Subject
from pipelines.ops.health import Problem, topic_of

Kind = Literal["failure", "warning", "success"]

RESOLVED: Literal["success"] = "success"
KINDS: tuple[Kind, ...] = ("failure", "warning", RESOLVED)
CHECKS = "checks of {listener}"
"""The topic of checks that did not pass."""

ONE_OFF = "backfill "
"""Prefix of the keys of problems that nothing resolves later: reported once, then forgotten."""

MAX_LINES = 12


@dataclass(frozen=True)
class FinishedRun:
    """What a finished run says about problems.

    Attributes:
        run_id: Dagster's.
        listener: whose run it was; of a survey's, `survey <name>`.
        failure: key and problem, where it failed and that is to be reported.
        subject: what an expected failure is about; None for any other.
        resolves: keys of failures of earlier runs that its success resolves.
        checks: the problem of each check it evaluated, by key; None where the check passed.
        is_whole: whether it evaluated every check that they have.
    """

    run_id: str
    listener: str
    failure: tuple[str, Problem] | None = None
    subject: Subject | None = None
    resolves: Collection[str] = frozenset()
    checks: Mapping[str, Problem | None] = field(default_factory=dict)
    is_whole: bool = False


class State(msgspec.Struct):
    """What is kept from one tick to the next, as JSON in the sensor's cursor.

    The names of its fields in JSON stay, so that a new version can read an old cursor.

    Attributes:
        runs_read_until: until when finished runs have been read.
        runs_read: ids of runs that finished shortly before that.
        health_checked_at: when health was last checked.
        health: the problems at that time, by topic.
        runs: failures of runs that no later run has resolved.
        checks: checks that did not pass when last evaluated.
        notified: by address, the problems that it was notified of.
    """

    runs_read_until: datetime | None = msgspec.field(default=None, name="seen_at")
    runs_read: frozenset[str] = msgspec.field(default=frozenset(), name="handled")
    health_checked_at: datetime | None = msgspec.field(default=None, name="looked_at")
    health: dict[str, Problem] = {}
    runs: dict[str, Problem] = {}
    checks: dict[str, Problem] = {}
    notified: dict[str, dict[str, Problem]] = msgspec.field(default_factory=dict, name="told")

    @property
    def current_problems(self) -> dict[str, Problem]:
        """Everything that is wrong, by key."""
        return self.health | self.runs | self.checks

    @property
    def owners(self) -> set[str]:
        """Whose runs and checks they are of which something is wrong."""
        return {one.topic.rpartition(" of ")[2] for one in (self.runs | self.checks).values()}

    def add_run(self, run: FinishedRun) -> None:
        """Update the problems with one more run; runs come in the order of their creation."""
        if run.is_whole:  # what it did not evaluate is gone, as after an upgrade
            topic = CHECKS.format(listener=run.listener)
            gone = [key for key, problem in self.checks.items() if problem.topic == topic]
            for key in gone:
                del self.checks[key]
        for key, problem in run.checks.items():
            _set_or_remove(self.checks, key, problem)
        for key in run.resolves:
            self.runs.pop(key, None)
        if run.failure and not self._is_health_problem(run):
            key, problem = run.failure
            self.runs[key] = problem

    def _is_health_problem(self, run: FinishedRun) -> bool:
        """Whether health reports the cause, such as a lockout: one cause, one alert."""
        return run.subject is not None and topic_of(run.subject, run.listener) in self.health

    def drop_others(self, owners: Collection[str]) -> None:
        """Forget the runs and checks of all listeners and surveys but these."""
        for problems in (self.runs, self.checks):
            for key, problem in list(problems.items()):
                if problem.topic.rpartition(" of ")[2] not in owners:
                    del problems[key]

    def forget_delivered(self, addresses: Collection[str]) -> None:
        """Forget one-off problems that all addresses were notified of, and removed addresses.

        Args:
            addresses: names of the addresses there are now.
        """
        self.notified = {name: keys for name, keys in self.notified.items() if name in addresses}
        for key in [key for key in self.runs if key.startswith(ONE_OFF)]:
            if all(key in self.notified.get(name, ()) for name in addresses):
                del self.runs[key]
                for problems in self.notified.values():
                    del problems[key]


@dataclass(frozen=True)
class Notification:
    """One message to one address.

    Attributes:
        kind: `success` where the problems are resolved.
        topic: the topic of its problems.
        problems: what it reports, by key.
    """

    kind: Kind
    topic: str
    problems: Mapping[str, Problem]

    @property
    def title(self) -> str:
        """One line with the topic and, except for a failure, the kind."""
        suffix = {"failure": "", "warning": " (warning)", "success": " (resolved)"}[self.kind]
        return f"Playledger: {self.topic}{suffix}"

    @property
    def body(self) -> str:
        """A line for each problem, as many as a phone shows."""
        prefix = "Resolved: " if self.kind == RESOLVED else ""
        lines = [f"{prefix}{problem.sentence}" for problem in self.problems.values()]
        more = [f"and {len(lines) - MAX_LINES} more"] if len(lines) > MAX_LINES else []
        return "\n".join(lines[:MAX_LINES] + more)

    def mark_delivered(self, notified: dict[str, Problem]) -> None:
        """Record the delivery in the problems that an address was notified of."""
        for key, problem in self.problems.items():
            _set_or_remove(notified, key, None if self.kind == RESOLVED else problem)


def pending_notifications(
    current: Mapping[str, Problem], notified: Mapping[str, Problem]
) -> Iterator[Notification]:
    """What an address is still to be notified of: new, worse, resolved; one for each topic.

    Args:
        current: what is wrong now, by key.
        notified: what the address was notified of and not yet as resolved, by key.
    """
    rows: list[tuple[Kind, str, str, Problem]] = [
        (problem.level, problem.topic, key, problem)
        for key, problem in current.items()
        if key not in notified or (problem.level, notified[key].level) == ("failure", "warning")
    ]
    rows += [
        (RESOLVED, problem.topic, key, problem)
        for key, problem in notified.items()
        if key not in current
    ]
    rows.sort(key=lambda row: (KINDS.index(row[0]), row[1], row[2]))
    for (kind, topic), group in groupby(rows, key=lambda row: row[:2]):
        yield Notification(kind, topic, {key: problem for _, _, key, problem in group})


def _set_or_remove(problems: dict[str, Problem], key: str, problem: Problem | None) -> None:
    if problem:
        problems[key] = problem
    else:
        problems.pop(key, None)
