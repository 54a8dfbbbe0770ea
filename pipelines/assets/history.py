"""Stage 3: the history in privacy exports, beside the snapshots of Spotify's responses.

Add an asset here for another source of past plays that a listener provides. How an export is
imported is `ingest/privacy_export.py`, how it is matched with polls `listening/ledger/plays.py`.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg

from pipelines import run_context
from pipelines.errors import RefusedExport
from pipelines.ingest.archive import open_export
from pipelines.ingest.inbox import Inbox, InboxResult
from pipelines.ingest.privacy_export import BECAME, ProgressCallback, import_export
from pipelines.listening.schema.tables import HISTORY
from pipelines.resources.dagster_resources import LakeResource
from pipelines.run_context import expected_failures, listener_of


class ImportConfig(dg.Config):
    """What to import.

    Attributes:
        path: a zip, a folder or a JSON file on the machine of the run; none for the files in the
            listener's folder `imports/` in the lake.
    """

    path: str | None = None


@dg.asset(group_name="history", kinds={"parquet"}, metadata=run_context.column_schema(HISTORY))
def streaming_history(
    context: dg.AssetExecutionContext,
    config: ImportConfig,
    lake: LakeResource,
    progress: dg.ResourceParam[ProgressCallback],
) -> dg.MaterializeResult:
    """Every play in the listener's privacy exports, as Spotify recorded it.

    Imports the files in the inbox and deletes them once their rows are stored. Sends no request to
    Spotify.
    """
    with expected_failures():
        own = lake.of(listener_of(context))
        if config.path is not None:
            with open_export(Path(config.path)) as export:
                outcome = import_export(own, export, now=datetime.now(UTC), progress=progress)
            result = InboxResult([outcome], {})
        else:
            result = Inbox(own).import_all(progress)
        # A daily run continues without it, and a check fails as long as the file is there.
        if run_context.is_import(context) and result.refused and not result.outcomes:
            raise RefusedExport("; ".join(dict.fromkeys(result.refused.values())))
    return dg.MaterializeResult(metadata=_metadata(result))


def _metadata(result: InboxResult) -> dict[str, dg.MetadataValue[Any] | int]:
    """The counts of all exports together, and the outcome of each in full."""
    counts = {
        what: sum(outcome[what] for outcome in result.outcomes) for what in ("rows_read", *BECAME)
    }
    if not result.outcomes and not result.refused:
        return counts
    exports = {"exports": list(result.outcomes), "refused_files": result.refused}
    return counts | {"outcome": dg.MetadataValue.json(exports)}
