"""Real runs of small jobs, called as the pipeline's are, that fail or not as a test wants."""

from collections.abc import Callable, Mapping

import dagster as dg

from pipelines import run_context
from pipelines.run_context import expected_failures
from testing.pipeline import today

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def well() -> None:
    """What an asset does that does not fail."""


def failing(problem: BaseException) -> Callable[[], None]:
    def fail() -> None:
        raise problem

    return fail


def execute(
    instance: dg.DagsterInstance,
    job: str = "daily_nico",
    does: Callable[[], None] = well,
    *,
    check: dg.AssetCheckResult | None = None,
    blocking: bool = False,
    date: str | None = None,
    tags: Mapping[str, str] | None = None,
) -> dg.ExecuteInProcessResult:
    """Run a job of one asset, `plays`, with a check where a result is given for it."""
    listener = job.partition("_")[2]

    @dg.asset(key_prefix=listener, partitions_def=run_context.dates)
    def plays() -> None:
        with expected_failures():
            does()

    @dg.asset_check(asset=plays, blocking=blocking)
    def key_is_unique() -> dg.AssetCheckResult:
        assert check
        return check

    defined = dg.Definitions(
        assets=[plays],
        asset_checks=[key_is_unique] if check else [],
        jobs=[dg.define_asset_job(job, selection=dg.AssetSelection.all())],
    )
    return defined.resolve_job_def(job).execute_in_process(
        instance=instance,
        partition_key=date or today(),
        tags=dict(tags or {}),
        run_config=QUIET,
        raise_on_error=False,
    )
