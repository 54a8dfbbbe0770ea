"""`playledger import`: runs the listener's import job once and shows what became of every row.

The assets are those that run when an export is put into the lake's inbox; only the run, its
progress and its result table are here. In a folder that knows nobody yet, it makes the listener.
"""

import os
import time
import uuid
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.progress import DownloadColumn
from rich.table import Table
from rich.text import Text

from pipelines.cli.terminal import progress_bar, show
from pipelines.errors import ImportFailed, PlayledgerError, SettingsError
from pipelines.ingest import privacy_export
from pipelines.ingest.archive import is_hidden
from pipelines.ingest.privacy_export import BECAME, ImportOutcome
from pipelines.ops.reports import report_address
from pipelines.ops.services import running_in
from pipelines.resources.lake.imported_exports import ImportedExports
from pipelines.resources.lake.lakes import Lake
from pipelines.settings import Listener, Settings
from pipelines.settings.time_zone import zone_named, zone_of_machine, zones_like
from pipelines.settings.writing import check_writable, replace_text, with_listener

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}

ASSET = "streaming_history"

ALWAYS = ("new", "seen_before", "merged_with_polled", "refused")
"""What is shown even where it is none."""

MAX_FILES = 12
"""Files of one import of which each is told; all of them are in the outcome."""

MAX_NAMES = 50
"""Names of files that are shown; all of them are in the outcome."""


STAGES = {
    "streaming_history": "Reading what is in the files",
    "plays": "Making one ledger of it",
    "labelled_plays": "Finding sessions and contexts",
    "insight_tables": "Counting",
    "report": "Drawing the report",
}
"""What is said when the first step of a stage begins, by a step of it."""

Heard = Callable[[str], None]
"""Called with the name of each step that begins."""


@click.command(name="import")
@click.argument("listener")
@click.argument(
    "paths",
    metavar="FILE...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, path_type=Path),
)
@click.option("--report", is_flag=True, help="Say what is being done, and where the report is.")
@click.option("--timezone", help="Of a listener who is made by this; guessed if not given.")
@click.pass_obj
def import_history(
    settings: Settings, listener: str, paths: Sequence[Path], timezone: str | None, *, report: bool
) -> None:
    """Import plays into LISTENER's ledger: zips as they were sent, folders, or single files.

    Privacy exports and scrobbles of every source are recognised by what is in them. No request goes
    to anybody. What was imported before is not imported twice. In a folder without listeners.toml
    the listener is made, and the report's address is the last line.
    """
    with _listener(settings, listener, timezone) as (of_listener, is_new):
        refused = _import(settings, of_listener, paths, tells=report or is_new)
    if refused:
        raise ImportFailed("; ".join(dict.fromkeys(refused.values())))


def _import(
    settings: Settings, listener: Listener, paths: Sequence[Path], *, tells: bool
) -> dict[str, str]:
    """Import, and show what came of it; the reasons by file for those that were refused."""
    label = paths[0].name if len(paths) == 1 else f"{len(paths)} files"
    home = settings.dagster_home
    if tells and home and running_in(home) is not None:
        show("Playledger runs here: this import is among its runs.")
    begun = time.monotonic()
    with progress_bar(label, DownloadColumn()) as progress:
        absolute = [one.absolute() for one in paths]
        heard = _telling() if tells else None
        outcomes, refused = run_imports(listener, absolute, progress, heard)
    for outcome in outcomes:
        show(outcome_table(outcome))
        for line in remarks(outcome):
            show(line, markup=False)  # names of files have brackets
    if tells and (address := report_address(Lake.open(settings).of(listener.name))):
        show(f"After {time.monotonic() - begun:.0f} seconds, the report of {listener.name}:")
        show(address, style="bold", markup=False)
    return refused


def _telling() -> Heard:
    """Shows each stage once, when it begins."""
    told: set[str] = set()

    def heard(step: str) -> None:
        if step in STAGES and step not in told:
            told.add(step)
            show(f"{STAGES[step]} …")

    return heard


@contextmanager
def _listener(
    settings: Settings, name: str, timezone: str | None
) -> Iterator[tuple[Listener, bool]]:
    """The listener, and whether they are new: made where the folder knows nobody yet.

    If nothing comes of the import, the folder knows nobody afterwards either: unless somebody wrote
    the file meanwhile, or something was stored, which is theirs.
    """
    path = settings.listeners_file
    if path.exists() or settings.listeners:
        if timezone is not None:
            raise SettingsError(f"--timezone is for a new listener; {name}'s is in {path}")
        yield settings.listener(name), False
        return
    check_writable(path)
    zone = _zone(settings, timezone)
    written = with_listener("", name, zone, "")
    replace_text(path, written, 0o644)
    show(f"{path} was made, with {name} in the time zone {zone}.", markup=False)
    if timezone is None:
        show("If yours is another, change it there and import the same again.")
    try:
        yield settings.listener(name), True
    except BaseException:
        if _is_still(path, written) and not _has_imports(settings, name):
            path.unlink(missing_ok=True)
        raise


def _is_still(path: Path, written: str) -> bool:
    try:
        return path.read_bytes() == written.encode()
    except OSError:
        return False


def _has_imports(settings: Settings, name: str) -> bool:
    """Whether something of theirs is stored; also where nobody can tell."""
    try:
        return bool(ImportedExports(Lake.open(settings).of(name)).ids)
    except PlayledgerError:
        return True


def _zone(settings: Settings, told: str | None) -> str:
    if told is not None:
        if zone := zone_named(told):
            return zone
        near = " or ".join(zones_like(told)) or "one such as Europe/Berlin"
        raise SettingsError(f"--timezone: {told!r} is not a time zone; try {near}")
    if zone := zone_of_machine(settings.variables.get("TZ", "").strip()):
        return zone
    show("This machine does not say in which time zone it is: hours are those of UTC.")
    return "UTC"


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
    listener: Listener,
    paths: Sequence[Path],
    progress: privacy_export.ProgressCallback,
    heard: Heard | None = None,
) -> tuple[list[ImportOutcome], dict[str, str]]:
    """Import from paths on this machine and bring the ledger up to date.

    The run is recorded in DAGSTER_HOME, or nowhere if that is not set.

    Args:
        listener: whose plays they are.
        paths: absolute; zips, folders and files.
        progress: called with the bytes read so far and their total.
        heard: called with the name of each step that begins.

    Returns:
        The `outcome.json` of each import with what it was given as, and the reason by file for
        those that were refused.

    Raises:
        ImportFailed: with the message of the first step that failed, as where all are refused.
        SettingsError: where DAGSTER_HOME is not a folder.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of libraries at their import; a person can do nothing
        import dagster as dg  # noqa: PLC0415 a second that other commands need not wait for

        from pipelines.definitions import build_definitions  # noqa: PLC0415

    definitions = build_definitions([listener], resource_overrides={"progress": progress})
    job = definitions.resolve_job_def(f"import_{listener.name}")
    home = os.environ.get("DAGSTER_HOME")
    if home and not Path(home).is_dir():
        raise SettingsError(
            f"DAGSTER_HOME: there is no folder {home}: make it, or unset DAGSTER_HOME"
        )
    with dg.DagsterInstance.get() if home else dg.DagsterInstance.ephemeral() as instance:
        config = {"ops": {ASSET: {"config": {"paths": [str(path) for path in paths]}}}}
        run_id = str(uuid.uuid4())
        if heard:

            def hear(event: Any) -> None:
                told = event.dagster_event
                if told and told.event_type == dg.DagsterEventType.STEP_START:
                    heard(str(told.step_key))

            instance.add_event_listener(run_id, hear)
        result = job.execute_in_process(
            instance=instance, run_config=config | QUIET, raise_on_error=False, run_id=run_id
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
