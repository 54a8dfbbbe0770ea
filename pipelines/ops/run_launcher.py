"""How Dagster starts a run on this machine, and how it notices that one has died.

Named in `dagster.yaml`. Dagster's own launcher cannot say whether a run still lives: what a power
cut or `kill -9` ended counts as running until `dagster/max_runtime` is over, and four such runs
fill the queue for hours. Launchers for other places (`dagster_k8s`) know it by themselves. What a
run does, and how long it may take, belongs in `definitions.py`.
"""

from typing import Any

from dagster import DagsterError, DagsterRun, DefaultRunLauncher, deserialize_value

from pipelines.ops.dagster_internals import (
    CanCancelExecutionRequest,
    CheckRunHealthResult,
    WorkerStatus,
    code_server_of,
)

ANSWERS_WITHIN_S = 10


class WatchedRunLauncher(DefaultRunLauncher):
    """Starts runs in the code server, and asks that server whether they are still there."""

    @property
    def supports_check_run_worker_health(self) -> bool:
        """Whether run monitoring is to ask."""
        return True

    def check_run_worker_health(self, run: DagsterRun) -> CheckRunHealthResult:
        """Whether the run's process lives; one whose code server is gone does not.

        A server that is slow or in trouble is not taken for a dead one.
        """
        server = code_server_of(self, run.run_id)
        if server is None:
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        request = CanCancelExecutionRequest(run_id=run.run_id)
        try:
            answer = server.can_cancel_execution(request, timeout=ANSWERS_WITHIN_S)
        except DagsterError as problem:
            if _is_gone(problem):
                return CheckRunHealthResult(WorkerStatus.FAILED, "its code server is gone")
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        told: Any = deserialize_value(answer)
        if told.can_cancel:
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        return CheckRunHealthResult(WorkerStatus.FAILED, "its process is gone")


def _is_gone(problem: DagsterError) -> bool:
    code = getattr(problem.__cause__, "code", None)
    return code is not None and code().name == "UNAVAILABLE"
