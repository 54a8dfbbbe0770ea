"""The run launcher: it starts runs on this machine and detects those whose process has died.

`dagster.yaml` names it. Dagster's own launcher cannot tell whether a run's process is alive: after
a power cut or `kill -9` a run counts as running until `dagster/max_runtime` is over, and four such
runs block the queue for hours. Launchers for other environments (`dagster_k8s`) detect it
themselves. What a run does, and how long it may take, belongs in `definitions.py`.
"""

from typing import Any

from dagster import DagsterError, DagsterRun, DefaultRunLauncher, deserialize_value

from pipelines.ops.dagster_internals import (
    CanCancelExecutionRequest,
    CheckRunHealthResult,
    WorkerStatus,
    code_server_of,
)

HEALTH_CHECK_TIMEOUT_S = 10


class WatchedRunLauncher(DefaultRunLauncher):
    """Starts runs in the code server, and asks that server whether they are still alive."""

    @property
    def supports_check_run_worker_health(self) -> bool:
        """Whether run monitoring should call `check_run_worker_health`."""
        return True

    def check_run_worker_health(self, run: DagsterRun) -> CheckRunHealthResult:
        """Whether the run's process is alive; it is not if its code server is gone.

        A server that is slow or reports an error does not count as gone.
        """
        server = code_server_of(self, run.run_id)
        if server is None:
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        request = CanCancelExecutionRequest(run_id=run.run_id)
        try:
            answer = server.can_cancel_execution(request, timeout=HEALTH_CHECK_TIMEOUT_S)
        except DagsterError as problem:
            if _is_gone(problem):
                return CheckRunHealthResult(WorkerStatus.FAILED, "its code server is gone")
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        response: Any = deserialize_value(answer)
        if response.can_cancel:
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        return CheckRunHealthResult(WorkerStatus.FAILED, "its process is gone")


def _is_gone(problem: DagsterError) -> bool:
    code = getattr(problem.__cause__, "code", None)
    return code is not None and code().name == "UNAVAILABLE"
