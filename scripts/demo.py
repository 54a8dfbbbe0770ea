"""`make demo`: a life of many months against the sandbox, and what then lies in the lake.

A privacy export and a file of audio features are handed over; polls, a daily run, some requests to
Last.fm and readings of playlists do the rest.
"""

import re
import shutil
import sys
import time
import warnings
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from demo_setting import FEATURES, HOME, LAKE, fill_in_survey, point_at
from rich.console import Console
from rich.table import Table

from sandbox import Sandbox

if TYPE_CHECKING:
    import dagster as dg
    import duckdb

POLLS = 3
MONTHS = 17
"""So many whole months before this one the export begins."""

UNTOLD = timedelta(weeks=2)
"""An export ends on the day on which it was asked for, and comes later: an open gap."""

EXPORT = HOME / "my_spotify_data.zip"
FEATURES_SHARE = 0.8
"""Of the tracks, so many as let the report speak of sound."""

console = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 100)


def main() -> None:
    """Run the demo."""
    began = time.monotonic()
    with Sandbox("demo") as sandbox:
        point_at(sandbox)
        console.print(f"A sandbox answers as Spotify at {sandbox.api_url}")
        hand_over_export()
        hand_over_audio_features()
        run_jobs(sandbox)
    show_lake()
    console.print(f"\nDone in {time.monotonic() - began:.0f} s. `make dev` shows it in Dagster.")


def hand_over_export() -> None:
    """Put the listener's privacy export where the daily run finds it, the same one each time."""
    from sandbox.exports import write_export  # noqa: PLC0415 what it needs takes a second

    began = time.monotonic()
    with console.status("export"):
        if not EXPORT.exists():
            write_export(EXPORT, "demo", *months_before())
        box = LAKE / "users/demo/imports"
        box.mkdir(parents=True, exist_ok=True)
        shutil.copy(EXPORT, box)
    size = f"{EXPORT.stat().st_size / 1e6:.1f} MB"
    step("export", began, f"{EXPORT.name}, {size}, dropped into users/demo/imports/")


def months_before() -> tuple[datetime, datetime]:
    """First instant of the export, and the first that is too late for it."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    year, month = divmod(12 * today.year + today.month - 1 - MONTHS, 12)
    return datetime(year, month + 1, 1, tzinfo=UTC), today - UNTOLD


def hand_over_audio_features() -> None:
    """What `playledger reference add` does, with what the sandbox's music sounds like."""
    import pyarrow.csv  # noqa: PLC0415

    from pipelines.ingest import reference_files  # noqa: PLC0415
    from pipelines.resources.lake.lakes import Lake  # noqa: PLC0415
    from pipelines.settings import Settings  # noqa: PLC0415
    from sandbox.ledger import audio_features  # noqa: PLC0415

    began = time.monotonic()
    pyarrow.csv.write_csv(audio_features(share=FEATURES_SHARE), HOME / FEATURES)
    outcome = reference_files.add(HOME / FEATURES, Lake.open(Settings()))
    step("reference", began, f"{FEATURES}, {outcome.tracks:,} tracks")


def run_jobs(sandbox: Sandbox) -> None:
    """Polls, a daily run and readings of playlists, through Dagster, with a line for each."""
    warnings.simplefilter("ignore")
    import dagster as dg  # noqa: PLC0415 after the environment is set

    from pipelines.definitions import defs  # noqa: PLC0415
    from pipelines.run_context import DAY_TAG  # noqa: PLC0415

    definitions = defs()
    today = datetime.now(UTC).strftime("%Y-%m-%d")

    def run(name: str, **of_what: Any) -> dg.ExecuteInProcessResult:
        sent = len(sandbox.requests)
        began = time.monotonic()
        with console.status(f"{name} {today}"):
            result = definitions.resolve_job_def(name).execute_in_process(
                instance=instance,
                run_config={"loggers": {"console": {"config": {"log_level": "ERROR"}}}},
                **of_what,
            )
        checks = result.get_asset_check_evaluations()
        requests = len(sandbox.requests) - sent
        step(name, began, f"{today}, {requests} requests, {len(checks)} checks")
        red = [check.check_name for check in checks if not check.passed]
        if red:
            note(f"not met: {', '.join(red)}")
        return result

    with dg.DagsterInstance.get() as instance:
        for _ in range(POLLS):
            run("poll_demo", partition_key=today)
        daily = run("daily_demo", partition_key=today)
        note(f"of the export: {what_became_of_it(daily)}")
        ask_lastfm(sandbox)
        run("playlists_demo", tags={DAY_TAG: today})
        tidy_up(sandbox)
        run("playlists_demo", tags={DAY_TAG: today})
        answers = fill_in_survey(sandbox)
        note(f"a class fills in a form: {answers} rows")
        run("survey_class")


def ask_lastfm(sandbox: Sandbox) -> None:
    """What the daily run does for somebody with a name at Last.fm, but for their scrobbles."""
    from pipelines.assets.insights import update_insights  # noqa: PLC0415
    from pipelines.ingest.lastfm_counts import Counts  # noqa: PLC0415
    from pipelines.resources.lake.lakes import Lake  # noqa: PLC0415
    from pipelines.resources.lastfm.client import Lastfm  # noqa: PLC0415
    from pipelines.settings import Settings  # noqa: PLC0415

    began, settings = time.monotonic(), Settings()
    sandbox.lastfm.begin(months_before()[0])
    with console.status("last.fm"):
        lake = Lake.open(settings).of("demo")
        counts = Counts(lake, "demo")
        client = Lastfm(settings).client("demo", "demo", lambda: 60.0)
        collected = counts.collect(client, datetime.now(UTC))
        counts.update()
        list(update_insights(lake, settings.listener("demo"), ["play_counts"]))
    told = f"{collected.requests} requests, {collected.names} tracks, {collected.left:,} left"
    step("last.fm", began, told)


def tidy_up(sandbox: Sandbox) -> None:
    """The listener edits their largest playlist, so that the next reading finds a difference."""
    mine = max(sandbox.playlists.library("demo"), key=lambda one: len(one.items))
    liked = sandbox.playlists.liked("demo")
    sandbox.playlists.change(mine.id, [*mine.items[:-3], *liked[:2]])


def what_became_of_it(daily: "dg.ExecuteInProcessResult") -> str:
    """How many rows of the export are new, and what became of the others."""
    [made] = daily.asset_materializations_for_node("streaming_history")
    counts = {name: made.metadata[name].value for name in ("rows_read", "new", "seen_before")}
    return ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in counts.items())


def step(name: str, began: float, told: str) -> None:
    """One line of progress."""
    console.print(f"  {name:<14} {time.monotonic() - began:4.1f} s  {told}")


def note(told: str) -> None:
    """A further line on the step above it."""
    console.print(f"{'':25}{told}")


def show_lake() -> None:
    """The tables, their rows and where they are; and how to read them."""
    import duckdb  # noqa: PLC0415

    console.print(f"\nThe lake in {LAKE}:\n")
    with duckdb.connect() as db:
        db.execute((LAKE / "views.sql").read_text())
        console.print(tables(db))
        show_life(db)
    files = LAKE / "users/*/plays/year=*/month=*/*.parquet"
    console.print("\nOpen the report in a browser:")
    console.print(f"  {LAKE / 'users/demo/report/index.html'}", style="bold")
    console.print("And the page of the class's survey:")
    console.print(f"  {LAKE / 'surveys/class/page/index.html'}", style="bold")
    console.print("\nRead the tables with DuckDB:")
    code = f"import duckdb; duckdb.read_parquet('{files}').show()"
    console.print(f'  .venv/bin/python -c "{code}"', style="bold")


def tables(db: "duckdb.DuckDBPyConnection") -> Table:
    """Every view with the number of its rows and what one of them is, in a sentence or less."""
    table = Table(box=None, header_style="bold")
    table.add_column("table", no_wrap=True)
    table.add_column("rows", justify="right", no_wrap=True)
    table.add_column("one row is")
    views = db.sql("SELECT view_name, comment FROM duckdb_views() WHERE NOT internal ORDER BY 1")
    for name, grain in views.fetchall():
        (rows,) = db.sql(f"SELECT count(*) FROM {name}").fetchone() or (0,)  # noqa: S608
        table.add_row(name, f"{rows:,}", re.split(r"[.;] ", grain.removesuffix("."))[0])
    return table


def show_life(db: "duckdb.DuckDBPyConnection") -> None:
    """What the plays were heard in, where some are missing, and the last ones."""
    contexts = db.sql(
        "SELECT context, sum(ms_played) / sum(sum(ms_played)) OVER () AS share "
        "FROM labelled_plays GROUP BY 1 ORDER BY 2 DESC"
    ).fetchall()
    console.print("\nHeard in: " + ", ".join(f"{name} {share:.0%}" for name, share in contexts))
    gaps = db.sql("SELECT gap_start, gap_end FROM gaps WHERE closed_at IS NULL").fetchall()
    for start, end in gaps:
        span = f"{start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC"
        console.print(f"A gap, open until an export tells of it: {span}")
    console.print("\nThe last plays:")
    last = db.sql(
        "SELECT local_time, track_name, artist_name FROM plays ORDER BY played_at DESC LIMIT 3"
    ).fetchall()
    for local_time, track, artist in last:
        console.print(f"  {local_time:%Y-%m-%d %H:%M}  {track} ({artist})")


if __name__ == "__main__":
    main()
