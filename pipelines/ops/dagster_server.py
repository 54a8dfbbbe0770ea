"""Dagster's webserver, asked as its own UI asks it: what runs, how far it is, and starting a run.

Whoever runs nothing of Dagster themselves starts runs here and nowhere else, so that all of them
are recorded and wait for each other. A run that is under way is returned instead of a second one
being started. Add here another question to the server; what runs may be started, and when, is
`starting.py`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import requests

from pipelines.errors import DagsterAway, DagsterRefused

TIMEOUT_S = 20
LAUNCH_TIMEOUT_S = 120
"""Where all definitions are looked at, as for a run: seconds, or more where a machine is busy."""

ASSET_JOB = "__ASSET_JOB"
"""What Dagster calls the job of selected assets, such as a person starts in its UI."""

UNDER_WAY = ("QUEUED", "NOT_STARTED", "MANAGED", "STARTING", "STARTED", "CANCELING")
STEPS_DONE = ("SUCCESS", "FAILURE", "SKIPPED")

_RUN = """
runId jobName status creationTime startTime endTime
tags { key value }
stepKeysToExecute
stepStats { status }
assetSelection { path }
"""
_RUNS = f"""
query ($filter: RunsFilter!, $limit: Int) {{
  runsOrError(filter: $filter, limit: $limit) {{
    ... on Runs {{ results {{ {_RUN} }} }}
    ... on Error {{ message }}
  }}
}}
"""
_ONE = f"""
query ($id: ID!) {{
  runOrError(runId: $id) {{ ... on Run {{ {_RUN} }} ... on Error {{ message }} }}
}}
"""
_FAILURES = """
query ($id: ID!, $after: String) {
  logsForRun(runId: $id, afterCursor: $after) {
    ... on EventConnection {
      cursor hasMore
      events {
        ... on ExecutionStepFailureEvent {
          failureMetadata { description }
          error { message cause { message } }
        }
        ... on RunFailureEvent { failureMessage: message }
      }
    }
    ... on Error { message }
  }
}
"""
_WORKSPACE = """
{ repositoriesOrError {
    ... on RepositoryConnection { nodes {
        name location { name }
        jobs { name }
        assetNodes { assetKey { path } dependedByKeys { path } isMaterializable }
    } }
    ... on Error { message }
} }
"""
_LAUNCH = """
mutation ($selector: JobOrPipelineSelector!, $tags: [ExecutionTag!], $config: RunConfigData) {
  launchRun(executionParams: {
    selector: $selector, runConfigData: $config, executionMetadata: {tags: $tags}
  }) {
    ... on LaunchRunSuccess { run { runId } }
    ... on Error { message }
  }
}
"""

Path = tuple[str, ...]


@dataclass(frozen=True)
class Run:
    """A run, as Dagster tells of it.

    Attributes:
        id: of the run.
        job: of which job.
        status: Dagster's word for it.
        steps_done: steps that have ended.
        steps: how many there are; 0 where that is not known yet.
        created_at, ended_at: UTC; None where it has not ended.
        tags: of the run.
        assets: keys of assets, where only some of a job's were selected.
    """

    id: str
    job: str
    status: str
    steps_done: int
    steps: int
    created_at: datetime | None
    ended_at: datetime | None
    tags: Mapping[str, str]
    assets: tuple[Path, ...]

    @property
    def is_under_way(self) -> bool:
        """Whether it has not ended."""
        return self.status in UNDER_WAY

    @property
    def is_good(self) -> bool:
        """Whether it has ended well."""
        return self.status == "SUCCESS"

    @property
    def share_done(self) -> float:
        """Of its steps, 0 to 1."""
        return min(1.0, self.steps_done / self.steps) if self.steps else 0.0


@dataclass(frozen=True)
class Repository:
    """Where the code is loaded, and what is there.

    Attributes:
        name, location: what Dagster calls it.
        jobs: names.
        following: by the key of each asset that can be made, those made of it directly.
    """

    name: str
    location: str
    jobs: frozenset[str]
    following: Mapping[Path, frozenset[Path]]

    def from_asset_on(self, first: Path) -> list[Path]:
        """An asset and all of the same listener that are made of it, in the order of their keys."""
        found, left = set[Path](), [first]
        while left:
            one = left.pop()
            if one not in found and one in self.following and one[0] == first[0]:
                found.add(one)
                left.extend(self.following[one])
        return sorted(found)


@dataclass(frozen=True)
class DagsterServer:
    """The webserver.

    Attributes:
        url: its address.
    """

    url: str

    def ask(self, query: str, *, timeout_s: float = TIMEOUT_S, **variables: Any) -> dict[str, Any]:
        """What it answers to GraphQL.

        Args:
            query: the question.
            timeout_s: how long to wait for an answer.
            **variables: of the question.

        Raises:
            DagsterAway: where nobody answers there, or somebody else.
            DagsterRefused: where it does not take the question.
        """
        try:
            answer = requests.post(
                f"{self.url}/graphql",
                json={"query": query, "variables": variables},
                timeout=timeout_s,
                allow_redirects=False,
            )
            told = answer.json()
        except (requests.RequestException, ValueError):
            raise DagsterAway(self.url) from None
        if not isinstance(told, dict) or not ("data" in told or "errors" in told):
            raise DagsterAway(self.url)
        if told.get("errors"):
            message = str(told["errors"][0].get("message", "no reason given"))
            raise DagsterRefused(f"Dagster did not take the question: {_one_line(message)}")
        data: dict[str, Any] = told["data"]
        return data

    def is_there(self) -> bool:
        """Whether it answers."""
        try:
            self.ask("{ version }")
        except (DagsterAway, DagsterRefused):
            return False
        return True

    def repository(self, job: str) -> Repository:
        """Where a job is.

        Raises:
            DagsterRefused: where none of what is loaded has it.
        """
        found = _good(self.ask(_WORKSPACE, timeout_s=LAUNCH_TIMEOUT_S)["repositoriesOrError"])
        for node in found["nodes"]:
            jobs = frozenset(one["name"] for one in node["jobs"])
            if job in jobs:
                following = {
                    tuple(one["assetKey"]["path"]): frozenset(
                        tuple(key["path"]) for key in one["dependedByKeys"]
                    )
                    for one in node["assetNodes"]
                    if one["isMaterializable"]
                }
                return Repository(node["name"], node["location"]["name"], jobs, following)
        raise DagsterRefused(
            f"Dagster at {self.url} has no job {job}: was it started again since listeners.toml "
            "was changed?"
        )

    def runs(
        self, *, job: str = "", statuses: Sequence[str] = (), limit: int | None = None
    ) -> list[Run]:
        """Runs, the newest first.

        Args:
            job: of this one only.
            statuses: only with one of these.
            limit: how many at most.
        """
        wanted: dict[str, Any] = {}
        if job:
            wanted["pipelineName"] = job
        if statuses:
            wanted["statuses"] = list(statuses)
        told = _good(self.ask(_RUNS, filter=wanted, limit=limit)["runsOrError"])
        return [_run(one) for one in told["results"]]

    def run(self, run_id: str) -> Run:
        """One run.

        Raises:
            DagsterRefused: where there is none.
        """
        return _run(_good(self.ask(_ONE, id=run_id)["runOrError"]))

    def why_failed(self, run_id: str) -> str:
        """Why a run has failed, in one sentence: that of its first step that did."""
        after: str | None = None
        lost = ""
        while True:
            told = _good(self.ask(_FAILURES, id=run_id, after=after)["logsForRun"])
            for event in told["events"]:
                if reason := _reason(event):
                    return reason
                lost = lost or _one_line(event.get("failureMessage") or "")
            if not told["hasMore"] or told["cursor"] == after:
                return lost or "Dagster does not say why."
            after = told["cursor"]

    def launch(
        self,
        job: str,
        *,
        tags: Mapping[str, str],
        assets: Iterable[Path] | None = None,
        repository: Repository,
        config: Mapping[str, Any] | None = None,
    ) -> str:
        """Start a run; returns its id.

        Args:
            job: of which job.
            tags: of the run.
            assets: only these, without checks; None for all of the job.
            repository: where the job is.
            config: what its steps are told.
        """
        selector: dict[str, Any] = {
            "jobName": job,
            "repositoryName": repository.name,
            "repositoryLocationName": repository.location,
        }
        if assets is not None:
            selector["assetSelection"] = [{"path": list(path)} for path in assets]
            selector["assetCheckSelection"] = []
        told = self.ask(
            _LAUNCH,
            timeout_s=LAUNCH_TIMEOUT_S,
            selector=selector,
            tags=[{"key": key, "value": value} for key, value in tags.items()],
            config=dict(config or {}),
        )["launchRun"]
        run_id: str = _good(told)["run"]["runId"]
        return run_id


def _good(told: Any) -> dict[str, Any]:
    if isinstance(told, dict) and set(told) - {"message", "__typename"}:
        return told
    message = told.get("message") if isinstance(told, dict) else None
    raise DagsterRefused(f"Dagster did not do it: {_one_line(message or 'it does not say why')}")


def _reason(event: Mapping[str, Any]) -> str:
    """What a failed step says: our own sentence, or else the kind of error."""
    described = (event.get("failureMetadata") or {}).get("description")
    if described:
        return _one_line(described)
    error = event.get("error") or {}
    return _one_line((error.get("cause") or error).get("message") or "")


def _one_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[0][:400] if lines else ""


def _run(told: Mapping[str, Any]) -> Run:
    stats = told.get("stepStats") or []
    # Those of the plan are listed from the start; before it starts nothing is.
    planned = told.get("stepKeysToExecute") or []
    return Run(
        told["runId"],
        told["jobName"],
        told["status"],
        sum(one["status"] in STEPS_DONE for one in stats),
        max(len(planned), len(stats)),
        _time(told.get("creationTime")),
        _time(told.get("endTime")),
        {one["key"]: one["value"] for one in told["tags"]},
        tuple(tuple(one["path"]) for one in told.get("assetSelection") or ()),
    )


def _time(seconds: float | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None
