"""Stage 3: what privacy exports tell, beside the snapshots of what Spotify tells.

Add an asset here when there is a further way in which a listener hands over their own past. How
an export is read and counted is `pipelines/ingest/privacy_export.py`, how it meets polls `listening/ledger/plays.py`.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg

from pipelines import run_context
from pipelines.errors import RefusedExport
from pipelines.ingest.archive import open_export
from pipelines.ingest.inbox import DropBox, Taken
from pipelines.ingest.privacy_export import BECAME, Progress, import_export
from pipelines.listening.schema.tables import HISTORY
from pipelines.resources.lake.tables import Lake
from pipelines.run_context import expected_failures


class ImportConfig(dg.Config):
    """What to import.

    Attributes:
        path: a zip, a folder or a JSON file on the machine of the run; none for what lies in the
            listener's folder `imports/` in the lake.
    """

    path: str | None = None


@dg.asset(group_name="history", kinds={"parquet"}, metadata=run_context.column_schema(HISTORY))
def streaming_history(
    context: dg.AssetExecutionContext,
    config: ImportConfig,
    lake: dg.ResourceParam[Lake],
    progress: dg.ResourceParam[Progress],
) -> dg.MaterializeResult:
    """Every play in the listener's privacy exports, as it stands there.

    Takes in what lies in `imports/` and deletes it there once its rows are stored. Spotify is
    not asked for anything.
    """
    with expected_failures():
        listener = run_context.listener_of(context)
        if config.path is not None:
            with open_export(Path(config.path)) as export:
                now = datetime.now(UTC)
                outcome = import_export(lake, listener, export, now=now, progress=progress)
            taken = Taken([outcome], {})
        else:
            taken = DropBox(lake, listener).take_all(progress)
        # The daily run goes on without it, and a check is red as long as the file lies there.
        if run_context.is_import(context) and taken.refused and not taken.outcomes:
            raise RefusedExport("; ".join(dict.fromkeys(taken.refused.values())))
    return dg.MaterializeResult(metadata=_told(taken))


def _told(taken: Taken) -> dict[str, dg.MetadataValue[Any] | int]:
    """What became of all rows, and the outcome of each export in full."""
    counts = {
        what: sum(outcome[what] for outcome in taken.outcomes) for what in ("rows_read", *BECAME)
    }
    if not taken.outcomes and not taken.refused:
        return counts
    told = {"exports": list(taken.outcomes), "refused_files": taken.refused}
    return counts | {"outcome": dg.MetadataValue.json(told)}
