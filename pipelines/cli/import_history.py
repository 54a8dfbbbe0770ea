"""`playledger import`: runs the listener's import job once and shows what became of every row.

The assets are those that run when an export is put into the lake's inbox; only the run, its
progress bar and its result table are here.
"""

import os
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
from rich.progress import DownloadColumn
from rich.table import Table
from rich.text import Text

from pipelines.cli.terminal import progress_bar, show
from pipelines.errors import ImportFailed
from pipelines.ingest import privacy_export
from pipelines.ingest.archive import is_hidden
from pipelines.ingest.privacy_export import BECAME, ImportOutcome
from pipelines.settings import Listener, Settings

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}

ASSET = "streaming_history"

ALWAYS = ("new", "seen_before", "merged_with_polled", "refused")
"""What is shown even where it is none."""

MAX_FILES = 12
"""Files of one import of which each is told; all of them are in the outcome."""

MAX_NAMES = 50
"""Names of files that are shown; all of them are in the outcome."""


@click.command(name="import")
@click.argument("listener")
@click.argument(
    "paths",
    metavar="FILE...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, path_type=Path),
)
@click.pass_obj
def import_history(settings: Settings, listener: str, paths: Sequence[Path]) -> None:
    """Import plays into LISTENER's ledger: zips as they were sent, folders, or single files.

    Privacy exports and scrobbles of every source are recognised by what is in them. No request goes
    to anybody. What was imported before is not imported twice.
    """
    of_listener = settings.listener(listener)
    label = paths[0].name if len(paths) == 1 else f"{len(paths)} files"
    with progress_bar(label, DownloadColumn()) as progress:
        outcomes, refused = run_imports(of_listener, [one.absolute() for one in paths], progress)
    for outcome in outcomes:
        show(outcome_table(outcome))
        for line in remarks(outcome):
            show(line)
    if refused:
        raise ImportFailed("; ".join(dict.fromkeys(refused.values())))


def run_import(
    listener: Listener, path: Path, progress: privacy_export.ProgressCallback
) -> ImportOutcome:
    """Import one path, as `run_imports`, and give its outcome.

    Args:
        listener: whose plays they are.
        path: absolute; a zip, a folder or a file.
        progress: called with the bytes read so far and their total.

    Raises:
        ImportFailed: with the message of the first step that failed.
    """
    outcomes, _ = run_imports(listener, [path], progress)
    return outcomes[0]


def run_imports(
    listener: Listener, paths: Sequence[Path], progress: privacy_export.ProgressCallback
) -> tuple[list[ImportOutcome], dict[str, str]]:
    """Import from paths on this machine and bring the ledger up to date.

    The run is recorded in DAGSTER_HOME, or nowhere if that is not set.

    Args:
        listener: whose plays they are.
        paths: absolute; zips, folders and files.
        progress: called with the bytes read so far and their total.

    Returns:
        The `outcome.json` of each import with what it was given as, and the reason by file for
        those that were refused.

    Raises:
        ImportFailed: with the message of the first step that failed, as where all are refused.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of libraries at their import; a person can do nothing
        import dagster as dg  # noqa: PLC0415 a second that other commands need not wait for

        from pipelines.definitions import build_definitions  # noqa: PLC0415

    definitions = build_definitions([listener], resource_overrides={"progress": progress})
    job = definitions.resolve_job_def(f"import_{listener.name}")
    recorded = bool(os.environ.get("DAGSTER_HOME"))
    with dg.DagsterInstance.get() if recorded else dg.DagsterInstance.ephemeral() as instance:
        config = {"ops": {ASSET: {"config": {"paths": [str(path) for path in paths]}}}}
        result = job.execute_in_process(
            instance=instance, run_config=config | QUIET, raise_on_error=False
        )
    for event in result.all_events:
        if event.is_step_failure:
            expected = event.step_failure_data.user_failure_data
            error = event.step_failure_data.error
            # A bug of ours keeps its traceback where the run is recorded.
            unexpected = error.cause.message if error and error.cause else error and error.message
            raise ImportFailed(expected.description if expected else str(unexpected).strip())
    [materialization] = result.asset_materializations_for_node(ASSET)
    metadata: Any = materialization.metadata["outcome"].value
    return metadata["exports"], metadata["refused_files"]


def remarks(outcome: ImportOutcome) -> Iterator[str]:
    """What was not read, or only in part, and which files were left aside."""
    several = 1 < len(outcome["files"]) <= MAX_FILES
    for file in outcome["files"]:
        if several and file["rows"]:
            became = [f"{file[kind]:,} {kind.replace('_', ' ')}" for kind in BECAME if file[kind]]
            yield f"{file['name']}: {file['rows']:,} read, {', '.join(became)}"
        if len(file.get("reasons", {})) > 1:
            told = (f"{count:,} times {reason}" for reason, count in file["reasons"].items())
            yield f"refused of {file['name']}: {', '.join(told)}"
        if "problem" in file:
            how = "read in part" if file["rows"] > file["refused"] else "not read"
            yield f"{how}: {file['problem']}"
        if "note" in file:
            yield f"note: {file['note']}"
    aside = [name for name in outcome["left_aside"] if not is_hidden(name)]
    if aside:
        more = f" and {len(aside) - MAX_NAMES:,} more" if len(aside) > MAX_NAMES else ""
        yield f"left aside, since no plays are in them: {', '.join(aside[:MAX_NAMES])}{more}"


def outcome_table(outcome: ImportOutcome) -> Table:
    """How many rows were read, and what became of them."""
    # Not markup: names have brackets.
    table = Table(title=Text(f"{outcome['given_as']}\nImport {outcome['import_id']}"))
    table.add_column("rows")
    table.add_column("", justify="right")
    table.add_column("")
    table.add_row("read", f"{outcome['rows_read']:,}", _dates(outcome), end_section=True)
    for kind in BECAME:
        if outcome.get(kind) or kind in ALWAYS:
            table.add_row(kind.replace("_", " "), f"{outcome[kind]:,}", MEANING[kind])
    for kind in ("ambiguous", "probable_doubles"):
        if outcome.get(kind):
            table.add_row(kind.replace("_", " "), f"{outcome[kind]:,}", MEANING[kind])
    return table


def _dates(outcome: ImportOutcome) -> str:
    first, last = outcome["first_played_at"], outcome["last_played_at"]
    return f"{first[:10]} to {last[:10]}" if first and last else "no plays"


MEANING = {
    "new": "plays from no other source",
    "seen_before": "in an earlier import, or twice in this one",
    "merged_with_polled": "plays already polled: each is one play, with what this adds",
    "merged": "plays that another source told of before",
    "refused": "unreadable: see refused.parquet beside the outcome in the lake",
    "ambiguous": "polled plays of this period that cannot be matched to the export for certain",
    "probable_doubles": "began close to another play of the same recording: kept, but look at them",
}
