"""What `playledger import` does: one run of the listener's import job, and what a person sees.

The same assets run as when an export is dropped into the lake; here are only the run, its
progress bar and its outcome table.
"""

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from pipelines.errors import ImportFailed
from pipelines.ingest import privacy_export
from pipelines.ingest.privacy_export import BECAME, Outcome
from pipelines.settings import Settings

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


ASSET = "streaming_history"


def run_import(listener: str, path: Path, progress: privacy_export.Progress) -> Outcome:
    """Import from a path on this machine and bring the ledger up to date.

    The run is recorded where DAGSTER_HOME says, and nowhere where it says nothing.

    Args:
        listener: a name in `listeners.toml`.
        path: a zip, a folder or a JSON file.
        progress: told how much has been read.

    Raises:
        ImportFailed: with the line that the failed step gives.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of libraries at their import; a person can do nothing
        import dagster as dg  # noqa: PLC0415 a second that other commands need not wait for

        from pipelines.definitions import build_definitions  # noqa: PLC0415

    settings = Settings()
    definitions = build_definitions(
        [settings.listener(listener)], resource_overrides={"progress": progress}
    )
    job = definitions.resolve_job_def(f"import_{listener}")
    kept = bool(os.environ.get("DAGSTER_HOME"))
    with dg.DagsterInstance.get() if kept else dg.DagsterInstance.ephemeral() as instance:
        config = {"ops": {ASSET: {"config": {"path": str(path)}}}}
        result = job.execute_in_process(
            instance=instance, run_config=config | QUIET, raise_on_error=False
        )
    for event in result.all_events:
        if event.is_step_failure:
            said = event.step_failure_data.user_failure_data
            error = event.step_failure_data.error
            # A mistake of ours keeps its traceback where the run is recorded.
            unexpected = error.cause.message if error and error.cause else error and error.message
            raise ImportFailed(said.description if said else str(unexpected).strip())
    [made] = result.asset_materializations_for_node(ASSET)
    told: Any = made.metadata["outcome"].value
    outcome: Outcome = told["exports"][0]
    return outcome


@contextmanager
def progress_bar(name: str) -> Iterator[privacy_export.Progress]:
    """A bar that shows how much of an export has been read."""
    columns = [TextColumn(name), BarColumn(), DownloadColumn(), TimeElapsedColumn()]
    with Progress(*columns, transient=True) as bar:
        task = bar.add_task(name, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def outcome_table(outcome: Outcome) -> Table:
    """What became of every row that was read."""
    table = Table(title=f"Import {outcome['import_id']}")
    table.add_column("rows")
    table.add_column("", justify="right")
    table.add_column("")
    table.add_row("read", f"{outcome['rows_read']:,}", _when(outcome), end_section=True)
    for what in BECAME:
        table.add_row(what.replace("_", " "), f"{outcome[what]:,}", MEANING[what])
    if outcome["ambiguous"]:
        table.add_row("ambiguous", f"{outcome['ambiguous']:,}", MEANING["ambiguous"])
    return table


def _when(outcome: Outcome) -> str:
    first, last = outcome["first_played_at"], outcome["last_played_at"]
    return f"{first[:10]} to {last[:10]}" if first and last else "nothing in it"


MEANING = {
    "new": "plays that nothing had told of",
    "seen_before": "in an earlier import, or twice in this one",
    "merged_with_polled": "plays that polls had shown; now with what was heard of them",
    "refused": "unreadable: see refused.parquet beside the outcome in the lake",
    "ambiguous": "polled plays in this time that the export does not show clearly",
}
