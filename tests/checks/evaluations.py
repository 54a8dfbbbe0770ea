"""Checks run on a lake as it is, without the assets that they look at.

Add here how checks are run for a test. What they must find belongs in the tests themselves.
"""

from collections.abc import Collection

import dagster as dg

from pipelines import run_context
from pipelines.cli.import_history import QUIET


def evaluations(
    job: dg.JobDefinition,
    instance: dg.DagsterInstance,
    assets: Collection[str],
    *,
    date: str | None,
) -> dict[str, dg.AssetCheckEvaluation]:
    """By its name the evaluation of every check of some assets.

    Args:
        job: one that has all assets of one listener.
        instance: where the run is recorded.
        assets: their names, without the listener's.
        date: the date that the run is for.
    """
    wanted = {
        key
        for key in job.asset_layer.asset_graph.asset_check_keys
        if key.asset_key.path[-1] in assets
    }
    result = job.get_subset(asset_selection=set(), asset_check_selection=wanted).execute_in_process(
        run_config=QUIET,
        instance=instance,
        raise_on_error=False,
        tags={run_context.PARTITION_TAG: date} if date else {},
    )
    found = {one.check_name: one for one in result.get_asset_check_evaluations()}
    assert set(found) == {key.name for key in wanted}
    return found
