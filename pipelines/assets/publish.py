"""Stage 9: what a reader opens first: how fresh the tables are, and views over all of them.

Add here what speaks of the lake as a whole. Tables belong in the stages before.
"""

from datetime import UTC, datetime

import dagster as dg

from pipelines import run_context
from pipelines.assets.catalogue import all_snapshots_metrics, unique_artists, unique_tracks
from pipelines.assets.contexts import context_tables
from pipelines.assets.insights import insight_tables
from pipelines.assets.ledger import gaps, plays
from pipelines.listening.all_tables import TABLES
from pipelines.listening.schema.reference_tables import REFERENCE_TABLES
from pipelines.listening.schema.tables import GAPS
from pipelines.listening.schema.views import shared_views_sql, views_sql
from pipelines.resources.lake.raw import Raw
from pipelines.resources.lake.tables import Lake
from pipelines.run_context import expected_failures


@dg.asset(
    deps=[
        plays,
        gaps,
        unique_tracks,
        unique_artists,
        all_snapshots_metrics,
        *context_tables.keys,
        *insight_tables.keys,
    ],
    group_name="publish",
    kinds={"json", "sql"},
)
def last_updated(
    context: dg.AssetExecutionContext, lake: dg.ResourceParam[Lake]
) -> dg.MaterializeResult:
    """`aggregated/last_updated.json`, and `views.sql` for DuckDB."""
    with expected_failures():
        listener = run_context.listener_of(context)
        home = f"users/{listener}"
        manifest = lake.sound_document(f"{home}/plays/_manifest.json") or {}
        open_gaps = lake.read(f"{home}/{GAPS.path}", GAPS)["closed_at"].null_count
        last_response_at = Raw(lake, listener).last_fetched_at("recently_played")
        document = {
            "updated_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "last_response_at": last_response_at and last_response_at.isoformat(),
            "plays": sum(month["plays"] for month in manifest.values()),
            "months": sum(month["plays"] > 0 for month in manifest.values()),
            "open_gaps": open_gaps,
        }
        lake.write_document(f"{home}/aggregated/last_updated.json", document)
        written = _written_for_anyone(lake)
        written |= {table.name for table in REFERENCE_TABLES if lake.etag(table.path)}
        sql = views_sql(TABLES, lake.store.url("users"), written=written)
        sql += "\n" + shared_views_sql(REFERENCE_TABLES, lake.store.url(""), written=written)
        stored = lake.store.get("views.sql")
        if stored is None or stored.body != sql.encode():
            lake.store.put("views.sql", sql.encode())
    return dg.MaterializeResult(metadata={"last_updated": dg.MetadataValue.json(document)})


def _written_for_anyone(lake: Lake) -> set[str]:
    """Names of the tables that any listener has; with few requests, as most lie in one folder."""
    written: set[str] = set()
    for listener in lake.store.folders("users/"):
        home = f"users/{listener}/"
        aggregated = {entry.key for entry in lake.store.list(f"{home}aggregated/")}
        written |= {
            table.name
            for table in TABLES
            if table.name not in written
            and (home + table.path in aggregated or _exists(lake, home, table.path))
        }
    return written


def _exists(lake: Lake, home: str, template: str) -> bool:
    """Whether there is any file of a table that lies elsewhere, as one cut by date or month."""
    folder = template.partition("{")[0].rpartition("/")[0]
    if folder == "aggregated":
        return False
    name = template.rsplit("/", 1)[1].split("{", maxsplit=1)[0]
    entries = lake.store.list(f"{home}{folder}/")
    return any(entry.key.rsplit("/", 1)[1].startswith(name) for entry in entries)
