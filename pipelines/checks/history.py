"""Checks on privacy exports: were all of them imported, and is every row of them counted?

Add here what an operator should see of exports as a whole. What is wrong with a row is recorded in
the table `refused_history` when it is read.
"""

import dagster as dg

from pipelines.assets.history import streaming_history
from pipelines.ingest.inbox import Inbox
from pipelines.ingest.privacy_export import BECAME
from pipelines.resources.dagster_resources import LakeResource
from pipelines.resources.lake.imported_exports import ImportedExports


def _listener(context: dg.AssetCheckExecutionContext) -> str:
    (key,) = {key.asset_key for key in context.selected_asset_check_keys}
    return str(key.path[0])


@dg.asset_check(
    asset=streaming_history, description="No file is left in imports/ that could not be imported."
)
def every_dropped_file_was_taken_in(
    context: dg.AssetCheckExecutionContext, lake: LakeResource
) -> dg.AssetCheckResult:
    """Red as long as the file is there; the reason is in the metadata and in refused.json."""
    refused = Inbox(lake.of(_listener(context))).refused()
    return dg.AssetCheckResult(
        passed=not refused,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"refused_files": dg.MetadataValue.json(refused)},
    )


@dg.asset_check(
    asset=streaming_history, description="Every row read is new, seen before, merged or refused."
)
def every_row_is_accounted_for(
    context: dg.AssetCheckExecutionContext, lake: LakeResource
) -> dg.AssetCheckResult:
    """Also reports how many rows of all imports were refused."""
    imports = ImportedExports(lake.of(_listener(context)))
    outcomes = [outcome for one in imports.all if (outcome := imports.outcome(one.id))]
    wrong = [
        one["import_id"]
        for one in outcomes
        # Imports of before `merged` was told apart do not have it.
        if one["rows_read"] != sum(one.get(kind, 0) for kind in BECAME)
    ]
    return dg.AssetCheckResult(
        passed=not wrong,
        metadata={
            "imports": len(outcomes),
            "rows_read": sum(one["rows_read"] for one in outcomes),
            "refused": sum(one["refused"] for one in outcomes),
            "wrong": dg.MetadataValue.json(wrong),
        },
    )
