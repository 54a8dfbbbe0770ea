"""Stage 9: how fresh a listener's tables are.

Add here what describes all tables of one listener. Tables belong in the stages before; what
describes the whole lake is `shared/`.
"""

from datetime import UTC, datetime

import dagster as dg

from pipelines.assets.catalogue import all_snapshots_metrics, unique_artists, unique_tracks
from pipelines.assets.contexts import context_tables
from pipelines.assets.insights import insight_tables
from pipelines.assets.ledger import coverage_tables, plays
from pipelines.ingest.recent_tracks import ENDPOINT
from pipelines.listening.schema.tables import GAPS, PLAYS
from pipelines.resources.dagster_resources import LakeResource
from pipelines.resources.lake.lakes import folder_of
from pipelines.resources.lake.manifest import Manifest
from pipelines.resources.lake.raw import RawResponses
from pipelines.run_context import expected_failures, listener_of

LAST_UPDATED = "aggregated/last_updated.json"


@dg.asset(
    # It is written after all of these, and reports when they were updated.
    deps=[
        plays,
        *coverage_tables.keys,
        unique_tracks,
        unique_artists,
        all_snapshots_metrics,
        *context_tables.keys,
        *insight_tables.keys,
    ],
    group_name="publish",
    kinds={"json"},
)
def last_updated(context: dg.AssetExecutionContext, lake: LakeResource) -> dg.MaterializeResult:
    """`aggregated/last_updated.json`: when the tables were updated, and their latest response."""
    with expected_failures():
        own = lake.of(listener_of(context))
        months = Manifest(own, folder_of(PLAYS)).entries.values()
        last_response_at = RawResponses(own).last_fetched_at(ENDPOINT)
        document = {
            "updated_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "last_response_at": last_response_at and last_response_at.isoformat(),
            "plays": sum(month["rows"] for month in months),
            "months": sum(month["rows"] > 0 for month in months),
            "open_gaps": own.read(GAPS)["closed_at"].null_count,
        }
        own.write_document(LAST_UPDATED, document)
    return dg.MaterializeResult(metadata={"last_updated": dg.MetadataValue.json(document)})
