"""What a person is told of, and that it is told once: pure, without Dagster, network or clock.

What is wrong now is compared with what each address was told; the difference is its messages. Add
here what decides whether and how something is told. What is wrong is found out by `health.py` and
`run_events.py`; how a message goes out is `notify.py`.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Literal

import msgspec

from pipelines.errors import Subject
from pipelines.ops.health import Problem, about

Kind = Literal["failure", "warning", "success"]

OVER: Literal["success"] = "success"
KINDS: tuple[Kind, ...] = ("failure", "warning", OVER)
ONE_OFF = "backfill "
"""Keys of what happened and is not mended by something later: told, and then forgotten."""

MOST_LINES = 12


@dataclass(frozen=True)
class Ended:
    """What a run that is over says.

    Attributes:
        run_id: Dagster's.
        listener: whose run it was.
        failure: key and problem, where it failed and that is to be told.
        subject: what an expected failure is about; None for any other.
        mends: keys of the failures that it shows to be over.
        checks: what each of its checks found: nothing, or a problem.
    """

    run_id: str
    listener: str
    failure: tuple[str, Problem] | None = None
    subject: Subject | None = None
    mends: Collection[str] = frozenset()
    checks: Mapping[str, Problem | None] = field(default_factory=dict)


class State(msgspec.Struct):
    """What is remembered from one tick to the next.

    Attributes:
        seen_at: until when ended runs were read.
        handled: ids of runs ended shortly before that.
        looked_at: when health was last looked at.
        health: what it found wrong.
        runs: failures of runs that no later run has mended.
        checks: checks whose last evaluation was not passed.
        told: for each address the problems that it was told of.
    """

    seen_at: datetime | None = None
    handled: frozenset[str] = frozenset()
    looked_at: datetime | None = None
    health: dict[str, Problem] = {}
    runs: dict[str, Problem] = {}
    checks: dict[str, Problem] = {}
    told: dict[str, dict[str, Problem]] = {}

    @property
    def present(self) -> dict[str, Problem]:
        """Everything that is wrong, by key."""
        return self.health | self.runs | self.checks

    def take_in(self, run: Ended) -> None:
        """Learn what one more run says; runs come in the order in which they were made."""
        for key, problem in run.checks.items():
            _keep(self.checks, key, problem)
        for key in run.mends:
            self.runs.pop(key, None)
        if run.failure and not self._told_already(run):
            key, problem = run.failure
            self.runs[key] = problem

    def _told_already(self, run: Ended) -> bool:
        """Whether health tells of the cause, such as a lockout: one cause, one alert."""
        return run.subject is not None and about(run.subject, run.listener) in self.health

    def only_of(self, listeners: Collection[str]) -> None:
        """Forget runs and checks of listeners that are no more."""
        for problems in (self.runs, self.checks):
            for key, problem in list(problems.items()):
                if problem.about.rpartition(" of ")[2] not in listeners:
                    del problems[key]

    def settle(self, addresses: Collection[str]) -> None:
        """Forget addresses that are no more, and what happened once and was told everywhere."""
        self.told = {name: told for name, told in self.told.items() if name in addresses}
        for key in [key for key in self.runs if key.startswith(ONE_OFF)]:
            if all(key in self.told.get(name, ()) for name in addresses):
                del self.runs[key]
                for told in self.told.values():
                    del told[key]


@dataclass(frozen=True)
class Message:
    """One message to one address.

    Attributes:
        kind: what it is; `success` where something is over.
        about: what it is about.
        problems: what it tells of, by key.
    """

    kind: Kind
    about: str
    problems: Mapping[str, Problem]

    @property
    def title(self) -> str:
        """One line that says what it is about."""
        added = {"failure": "", "warning": " (warning)", "success": " (over)"}[self.kind]
        return f"Playledger: {self.about}{added}"

    @property
    def body(self) -> str:
        """A line for each problem, as many as a phone shows."""
        begin = "Over: " if self.kind == OVER else ""
        lines = [f"{begin}{problem.sentence}" for problem in self.problems.values()]
        more = [f"and {len(lines) - MOST_LINES} more"] if len(lines) > MOST_LINES else []
        return "\n".join(lines[:MOST_LINES] + more)

    def delivered(self, told: dict[str, Problem]) -> None:
        """Remember that an address has it."""
        for key, problem in self.problems.items():
            _keep(told, key, None if self.kind == OVER else problem)


def news(present: Mapping[str, Problem], told: Mapping[str, Problem]) -> Iterator[Message]:
    """What an address has yet to be told: new, worse, over; each subject in one message.

    Args:
        present: what is wrong now.
        told: what the address was told to be wrong.
    """
    rows: list[tuple[Kind, str, str, Problem]] = [
        (_kind_of(problem), problem.about, key, problem)
        for key, problem in present.items()
        if key not in told or (problem.level, told[key].level) == ("failure", "warning")
    ]
    rows += [(OVER, gone.about, key, gone) for key, gone in told.items() if key not in present]
    rows.sort(key=lambda row: (KINDS.index(row[0]), row[1], row[2]))
    for (kind, about), group in groupby(rows, key=lambda row: row[:2]):
        yield Message(kind, about, {key: problem for _, _, key, problem in group})


def _kind_of(problem: Problem) -> Kind:
    return problem.level


def _keep(problems: dict[str, Problem], key: str, problem: Problem | None) -> None:
    if problem:
        problems[key] = problem
    else:
        problems.pop(key, None)
