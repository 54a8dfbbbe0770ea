"""Whether a run's process lives, as its code server answers; with real processes: tests/faults."""

from enum import Enum

import dagster as dg
import pytest
from dagster._core.errors import DagsterUserCodeUnreachableError
from dagster._grpc.types import CanCancelExecutionResult

from pipelines.ops.dagster_internals import CanCancelExecutionRequest, WorkerStatus
from pipelines.ops.run_launcher import WatchedRunLauncher

RUN = dg.DagsterRun(job_name="poll_nico", status=dg.DagsterRunStatus.STARTED)


class Code(Enum):
    """Names of gRPC's codes."""

    UNAVAILABLE = 14
    DEADLINE_EXCEEDED = 4


class RpcError(Exception):
    def __init__(self, code: Code) -> None:
        super().__init__(code.name)
        self.code = lambda: code


class Server:
    def __init__(self, answer: bool | Code) -> None:
        self._answer = answer

    def can_cancel_execution(self, request: CanCancelExecutionRequest, timeout: int) -> str:
        assert (request.run_id, timeout > 0) == (RUN.run_id, True)
        if isinstance(self._answer, Code):
            raise DagsterUserCodeUnreachableError from RpcError(self._answer)
        return dg.serialize_value(CanCancelExecutionResult(can_cancel=self._answer))


@pytest.mark.parametrize(
    ("server", "status"),
    [
        (Server(answer=True), WorkerStatus.RUNNING),
        (Server(answer=False), WorkerStatus.FAILED),
        (Server(Code.UNAVAILABLE), WorkerStatus.FAILED),
        (Server(Code.DEADLINE_EXCEEDED), WorkerStatus.RUNNING),
        (None, WorkerStatus.RUNNING),
    ],
    ids=["it has it", "it has it not", "it is gone", "it is slow", "nobody knows"],
)
def test_only_who_is_surely_dead_is_taken_for_dead(
    monkeypatch: pytest.MonkeyPatch, server: Server | None, status: WorkerStatus
) -> None:
    launcher = WatchedRunLauncher()
    monkeypatch.setattr(launcher, "_get_grpc_client_for_termination", lambda _: server)
    assert launcher.check_run_worker_health(RUN).status is status
