"""The command line, `playledger`: what a person does by hand.

Each command is a few lines that call a resource. What runs by itself belongs in `assets/` and
`automation/schedules.py`.
"""

import webbrowser
from pathlib import Path

import click
from rich.console import Console

from pipelines.cli import export_command, forget_command, label_command, status_command
from pipelines.cli.import_command import outcome_table, progress_bar, run_import
from pipelines.errors import PlayledgerError
from pipelines.ingest import reference_files
from pipelines.listening.contexts import CONTEXTS
from pipelines.listening.schema.csv_json import TextFormat
from pipelines.ops import health, logs
from pipelines.resources.lake.tables import Lake
from pipelines.resources.spotify.client import Spotify
from pipelines.resources.spotify.consent import Authorization
from pipelines.resources.spotify.oauth import Login
from pipelines.resources.spotify.token_store import TokenFile
from pipelines.settings import Settings

PATIENCE_S = 300

console = Console(soft_wrap=True, highlight=False)


class OneLine(click.Group):
    """Shows an expected failure as its one line, without a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except PlayledgerError as problem:
            raise click.ClickException(str(problem)) from None


@click.group(cls=OneLine)
def main() -> None:
    """Playledger: a ledger of everything you heard on Spotify."""
    logs.prepare(Settings())


@main.command()
@click.argument("listener")
@click.option("--port", default=8888, show_default=True, help="Port of the redirect address.")
@click.option("--no-browser", is_flag=True, help="Print the address, take the redirect by hand.")
def login(listener: str, port: int, *, no_browser: bool) -> None:
    """Log LISTENER in at Spotify and keep the token.

    The app's settings at Spotify must list the redirect address http://127.0.0.1:PORT/callback.
    """
    settings = Settings()
    name = settings.listener(listener).name
    Spotify(settings, Lake.open(settings)).lockouts().check()
    authorization = Authorization(settings.app, port)
    console.print(f"Open this address to let Playledger read {name}'s plays:")
    console.print(authorization.address, style="bold")
    redirect = None if no_browser else _from_browser(authorization)
    redirect = redirect or click.prompt("Paste the address that you were sent to")
    file = TokenFile(settings.tokens_dir, name)
    keeper = Login(settings.app, file, settings.refresh_token(name))
    authorization.finish(authorization.code_in(redirect.strip()), keeper)
    console.print(f"{name} is logged in, for six months. The token is in {file.path}")


@main.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for probes.")
def status(*, as_json: bool) -> None:
    """Show how logins, collecting, lockouts and the lake are; exit with 1 when unhealthy.

    Nobody is asked but the lake: neither Spotify nor Dagster.
    """
    settings = Settings()
    try:
        found = health.health(settings, Lake.open(settings))
    except PlayledgerError as problem:
        if not as_json:
            raise
        found = health.unknown(str(problem))
    if as_json:
        click.echo(status_command.as_json(found))
    else:
        console.print(status_command.as_text(found))
    if not found.healthy:
        raise SystemExit(1)


@main.command(name="import")
@click.argument("listener")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
def import_(listener: str, path: Path) -> None:
    """Import LISTENER's privacy export: a zip as Spotify sends it, a folder, or one JSON file.

    Spotify is not asked for anything. What was imported before is not imported twice.
    """
    name = Settings().listener(listener).name
    with progress_bar(path.name) as progress:
        outcome = run_import(name, path.absolute(), progress)
    console.print(outcome_table(outcome))
    for file in outcome["files"]:
        if "problem" in file:
            console.print(f"not read: {file['problem']}")


@main.command()
@click.argument("listener")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--format",
    "format_",
    type=click.Choice(["csv", "json"]),
    default="csv",
    show_default=True,
    help="json: each file one array, a row per line.",
)
def export(listener: str, folder: Path, format_: TextFormat) -> None:
    """Export all tables of LISTENER to FOLDER, a new or empty one, as CSV or JSON.

    There is a file for every table, also for one without rows yet, and a README.md that says
    what each column means.
    """
    settings = Settings()
    name, lake = settings.listener(listener).name, Lake.open(settings)
    with export_command.progress_bar(name) as progress:
        outcome = export_command.export(name, lake, folder, format_, progress)
    console.print(export_command.outcome_table(outcome))
    for problem in outcome.problems:
        console.print(f"not read: {problem}", markup=False)
    if outcome.problems:
        raise click.ClickException(f"{folder} lacks what could not be read")


@main.command()
@click.argument("listener")
@click.argument("when", required=False)
@click.argument("context", required=False, type=click.Choice(CONTEXTS))
@click.option("--undo", is_flag=True, help="Take back what was said of this session.")
def label(listener: str, when: str | None, context: str | None, *, undo: bool) -> None:
    """Say in which CONTEXT LISTENER heard the session that was on at WHEN.

    WHEN is like 2026-11-20T23:40, by the listener's own clock unless an offset follows. Without
    it, what was said so far is shown. A session's last label holds, before every rule.
    """
    settings = Settings()
    who, lake = settings.listener(listener), Lake.open(settings)
    if not (when or context or undo):
        console.print(label_command.labels_table(who, lake))
        return
    if not when or undo == bool(context):
        raise click.UsageError("say WHEN it was, and either a CONTEXT or --undo")
    at = label_command.instant(when, who.zones)
    done = (
        label_command.give(at, context, who, lake) if context else label_command.undo(at, who, lake)
    )
    console.print(done)
    console.print(label_command.TAKES_EFFECT)


@main.command()
@click.argument("listener")
@click.option("--yes", is_flag=True, help="Do not ask first.")
@click.option("--without-dagster", is_flag=True, help="Leave Dagster's records aside.")
def forget(listener: str, *, yes: bool, without_dagster: bool) -> None:
    """Delete for good all that there is of LISTENER: lake, tokens, Dagster's records.

    They must no longer be in listeners.toml. Interrupted, it can be run again.
    """
    with forget_command.memory_of(listener, Settings(), without_dagster=without_dagster) as memory:
        found = memory.find()
        console.print(forget_command.told(listener, found))
        if found.counts and not yes:
            click.confirm("Delete all this for good?", abort=True)
        memory.forget(found)
    kept = " Dagster's records were left aside." if without_dagster else ""
    console.print(f"Nothing of {listener} is left.{kept} {forget_command.BEYOND_REACH}")


@main.group(name="reference")
def reference_() -> None:
    """What others know of tracks: audio features and genres, for all listeners."""


@reference_.command()
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def add(path: Path) -> None:
    """Add the tracks of a CSV (also with gzip) or Parquet file to the lake.

    Columns are those of the public "Spotify Tracks Dataset"; others are ignored. A later file
    counts where two tell of the same track.
    """
    outcome = reference_files.add(path, Lake.open(Settings()))
    console.print(reference_files.outcome_table(outcome))


def _from_browser(authorization: Authorization) -> str | None:
    """The redirect that a browser on this machine brought; None where there is no browser."""
    with authorization.listening() as wait:
        if webbrowser.open(authorization.address):
            return wait(PATIENCE_S)
    return None


if __name__ == "__main__":
    main()
