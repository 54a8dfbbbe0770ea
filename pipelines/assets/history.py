"""Stage 3: the history in files of any source, beside the snapshots of Spotify's responses.

A further source of files needs no asset: it is a module in `listening/sources/`. How files are
imported is `ingest/privacy_export.py`, how they are matched `listening/ledger/plays.py`.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
from pydantic import Field

from pipelines import run_context
from pipelines.errors import RefusedExport
from pipelines.ingest.archive import Export, open_paths, opened_together, readable_name
from pipelines.ingest.inbox import Inbox, InboxResult
from pipelines.ingest.privacy_export import (
    BECAME,
    ImportOutcome,
    ProgressCallback,
    import_export,
)
from pipelines.listening.schema.tables import HISTORY
from pipelines.resources.dagster_resources import LakeResource, ListenersResource
from pipelines.resources.lake.lakes import ListenerLake
from pipelines.run_context import expected_failures, listener_of
from pipelines.settings import Listener

MAX_NAMED = 3
"""Files of one import that are named where it is told what was imported."""


class ImportConfig(dg.Config):
    """What to import.

    Attributes:
        path: a zip, a folder or a file on the machine of the run.
        paths: several of them. Without any, the files in the listener's folder `imports/` in the
            lake.
    """

    path: str | None = None
    paths: list[str] = Field(default_factory=list)


@dg.asset(group_name="history", kinds={"parquet"}, metadata=run_context.column_schema(HISTORY))
def streaming_history(
    context: dg.AssetExecutionContext,
    config: ImportConfig,
    lake: LakeResource,
    listeners: ListenersResource,
    progress: dg.ResourceParam[ProgressCallback],
) -> dg.MaterializeResult:
    """Every play in the listener's privacy exports and scrobbles, as the files have it.

    Imports the files in the inbox and deletes them once their rows are stored. Sends no request to
    Spotify.
    """
    with expected_failures():
        listener = listeners.get(listener_of(context))
        own = lake.of(listener.name)
        paths = [Path(one) for one in [*filter(None, [config.path]), *config.paths]]
        if paths:
            result = _import_paths(own, listener, paths, progress)
        else:
            result = Inbox(own).import_all(progress, listener.zones)
        # A daily run continues without it, and a check fails as long as the file is there.
        if run_context.is_import(context) and result.refused and not result.outcomes:
            raise RefusedExport("; ".join(dict.fromkeys(result.refused.values())))
    return dg.MaterializeResult(metadata=_metadata(result))


def _import_paths(
    lake: ListenerLake, listener: Listener, paths: Sequence[Path], progress: ProgressCallback
) -> InboxResult:
    """Import from this machine; what cannot be imported keeps nothing else from being so."""
    outcomes: list[ImportOutcome] = []
    refused: dict[str, str] = {}
    for group in opened_together(paths):
        try:
            with open_paths(group) as exports:
                for export in exports:
                    now = datetime.now(UTC)
                    try:
                        outcome = import_export(
                            lake, export, now=now, zones=listener.zones, progress=progress
                        )
                    except RefusedExport as problem:
                        refused |= {file.name: str(problem) for file in export.files}
                    else:
                        outcomes.append({**outcome, "given_as": _given_as(group, export)})
        except RefusedExport as problem:
            refused |= {path.name: str(problem) for path in group}
    return InboxResult(outcomes, refused)


def _given_as(group: Sequence[Path], export: Export) -> str:
    """How a person knows what was imported: the path's name, or the names of its files."""
    if len(group) == 1:
        return readable_name(group[0])
    names = [file.name for file in export.files]
    more = f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else ""
    return ", ".join(names[:MAX_NAMED]) + more


def _metadata(result: InboxResult) -> dict[str, dg.MetadataValue[Any] | int]:
    """The counts of all exports together, and the outcome of each in full."""
    counts = {
        what: sum(outcome[what] for outcome in result.outcomes) for what in ("rows_read", *BECAME)
    }
    if not result.outcomes and not result.refused:
        return counts
    exports = {"exports": list(result.outcomes), "refused_files": result.refused}
    return counts | {"outcome": dg.MetadataValue.json(exports)}
