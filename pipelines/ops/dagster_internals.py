"""The private names of Dagster that we cannot do without, and why.

Dagster may rename any of them in a patch release. So they are imported only here, each with the
reason and with where Dagster's own project discusses it; `tests/ops/test_dagster_internals.py`
says which of them an upgrade has taken away. Add one here only where no public name does it, and
import it from here.
"""

from collections import defaultdict
from typing import Any, Protocol, cast
from weakref import WeakKeyDictionary

from dagster import DefaultRunLauncher

# What `define_asset_job` returns. It goes through all assets of a code location, job by job.
from dagster._core.definitions.unresolved_asset_job_definition import (
    UnresolvedAssetJobDefinition,
)

# Under this id events lie that belong to no run; with SQLite they have a database of their own,
# which deleting runs and wiping assets leaves as it is: https://github.com/dagster-io/dagster/issues/4100.
from dagster._core.instance.utils import RUNLESS_RUN_ID

# What run monitoring asks of a launcher, and what it understands as the answer. The interface is
# meant to be implemented by others, yet neither class is exported:
# https://github.com/dagster-io/dagster/pull/5197 and pull/14553.
from dagster._core.launcher import CheckRunHealthResult, WorkerStatus

# How often the daemon and the webserver ask a code server that somebody else has started whether it
# is still the same: every second, each time over a new connection. There is no setting for it.
from dagster._grpc import server_watcher

# The question whether a code server still has a run's process: `DefaultRunLauncher` ends runs by
# asking the same server, but cannot say whether they live.
from dagster._grpc.types import CanCancelExecutionRequest

__all__ = [
    "RUNLESS_RUN_ID",
    "CanCancelExecutionRequest",
    "CheckRunHealthResult",
    "CodeServer",
    "OwnAssetJob",
    "WorkerStatus",
    "code_server_of",
    "reload_workspace_every",
    "server_watcher",
    "watch_code_server_every",
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


def watch_code_server_every(seconds: float) -> None:
    """Ask the code server less often whether it is still the same.

    Args:
        seconds: from one question to the next, in this process.
    """
    watcher: Any = server_watcher
    watcher.WATCH_INTERVAL = seconds


def reload_workspace_every(seconds: float) -> None:
    """Let the daemon ask the code servers less often for all that they have.

    It does so every minute, and there is no setting for it either. Of servers that somebody else
    has started it knows anyway when they are others: it watches them, but for one that is replaced
    while the daemon begins. So the first time stays where it is, after a minute. The minute itself
    has to stay what it is: backfills wait as long for a code server that changes.

    Args:
        seconds: from one time to the next, in this process.
    """
    from dagster._daemon import controller  # noqa: PLC0415 only the daemon needs it

    daemon: Any = controller.DagsterDaemonController
    reload, later = daemon.check_workspace_freshness, seconds - controller.RELOAD_WORKSPACE_INTERVAL

    has_reloaded = False

    def reload_seldom(self: Any, last: float) -> float:
        nonlocal has_reloaded
        begins = last + (later if has_reloaded else 0)
        told: float = reload(self, begins)
        if told == begins:
            return last
        has_reloaded = True
        return told

    daemon.check_workspace_freshness = reload_seldom


class OwnAssetJob(UnresolvedAssetJobDefinition):
    """An asset job whose assets are one listener's, or one survey's, and those of no listener.

    What `define_asset_job` makes finds them among everybody's.
    """

    def resolve(self, asset_graph: Any, *bound: Any, **named: Any) -> Any:
        """The job, once all assets are known.

        Args:
            asset_graph: everybody's assets.
            bound: the executor and the resources.
            named: likewise.
        """
        keys = self.selection.resolve(asset_graph)
        keys |= {parent for key in keys for parent in asset_graph.get(key).parent_keys}
        subjects = frozenset(key.path[0] for key in keys)
        return super().resolve(_without_others(asset_graph, subjects), *bound, **named)


_assets: WeakKeyDictionary[Any, dict[str, list[Any]]] = WeakKeyDictionary()
_graphs: WeakKeyDictionary[Any, dict[frozenset[str], Any]] = WeakKeyDictionary()


def _without_others(asset_graph: Any, subjects: frozenset[str]) -> Any:
    """The assets whose keys begin with one of some names, with their checks."""
    if asset_graph not in _assets:
        by_subject = _assets[asset_graph] = defaultdict(list)
        for one in asset_graph.assets_defs:
            keys = one.keys or {check.asset_key for check in one.check_keys}
            by_subject[next(iter(keys)).path[0]].append(one)
    graphs = _graphs.setdefault(asset_graph, {})
    if subjects not in graphs:
        own = [one for subject in subjects for one in _assets[asset_graph][subject]]
        graphs[subjects] = type(asset_graph).from_assets(own)
    return graphs[subjects]
