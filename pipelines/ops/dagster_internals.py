"""The private names of Dagster that we cannot do without, and why.

Dagster may rename any of them in a patch release. So they are imported only here, each with the
reason and with where Dagster's own project discusses it; `tests/ops/test_dagster_internals.py`
says which of them an upgrade has taken away. Add one here only where no public name does it, and
import it from here.
"""

from typing import Any, Protocol, cast

from dagster import DefaultRunLauncher

# Under this id events lie that belong to no run; with SQLite they have a database of their own,
# which deleting runs and wiping assets leaves as it is: https://github.com/dagster-io/dagster/issues/4100.
from dagster._core.instance.utils import RUNLESS_RUN_ID

# What run monitoring asks of a launcher, and what it understands as the answer. The interface is
# meant to be implemented by others, yet neither class is exported:
# https://github.com/dagster-io/dagster/pull/5197 and pull/14553.
from dagster._core.launcher import CheckRunHealthResult, WorkerStatus

# The question whether a code server still has a run's process: `DefaultRunLauncher` ends runs by
# asking the same server, but cannot say whether they live.
from dagster._grpc.types import CanCancelExecutionRequest

__all__ = [
    "RUNLESS_RUN_ID",
    "CanCancelExecutionRequest",
    "CheckRunHealthResult",
    "CodeServer",
    "WorkerStatus",
    "code_server_of",
]


class CodeServer(Protocol):
    """The server whose child a run's process is."""

    def can_cancel_execution(self, request: CanCancelExecutionRequest, timeout: int) -> str:
        """Whether it could end a run now.

        Args:
            request: which run.
            timeout: seconds to wait for the response.

        Returns:
            Dagster's result object, serialized.
        """


def code_server_of(launcher: DefaultRunLauncher, run_id: str) -> CodeServer | None:
    """The code server that a run was handed to; None where no run by this id is under way.

    Only Dagster's own launcher knows the address of that server, and has no public method for it.

    Args:
        launcher: the launcher that started the run.
        run_id: Dagster's.
    """
    launched: Any = launcher
    return cast("CodeServer | None", launched._get_grpc_client_for_termination(run_id))  # noqa: SLF001
