"""`make demo`: a few polls and a daily run against the sandbox, and what then lies in the lake."""

import time
import warnings
from datetime import UTC, datetime

from demo_setting import LAKE, point_at
from rich.console import Console
from rich.table import Table

from sandbox import Sandbox

POLLS = 3

console = Console(highlight=False, soft_wrap=True)


def main() -> None:
    """Run the demo."""
    began = time.monotonic()
    with Sandbox("demo") as sandbox:
        point_at(sandbox)
        console.print(f"A sandbox answers as Spotify at {sandbox.api_url}")
        run_jobs(sandbox)
    show_lake()
    console.print(f"\nDone in {time.monotonic() - began:.0f} s. `make dev` shows it in Dagster.")


def run_jobs(sandbox: Sandbox) -> None:
    """Polls and a daily run for today, through Dagster, with a line for each."""
    warnings.simplefilter("ignore")
    import dagster as dg  # noqa: PLC0415 after the environment is set

    from pipelines.definitions import defs  # noqa: PLC0415

    definitions = defs()
    today = datetime.now(UTC).strftime("%Y-%m-%d")
    with dg.DagsterInstance.get() as instance:
        for name in ["poll_demo"] * POLLS + ["daily_demo"]:
            sent = len(sandbox.requests)
            began = time.monotonic()
            with console.status(f"{name} {today}"):
                result = definitions.resolve_job_def(name).execute_in_process(
                    partition_key=today,
                    instance=instance,
                    run_config={"loggers": {"console": {"config": {"log_level": "ERROR"}}}},
                )
            checks = result.get_asset_check_evaluations()
            red = [check.check_name for check in checks if not check.passed]
            console.print(
                f"  {name:<11} {today}  {time.monotonic() - began:4.1f} s  "
                f"{len(sandbox.requests) - sent:2} requests  {len(checks):2} checks"
                + (f", not met: {', '.join(red)}" if red else "")
            )


def show_lake() -> None:
    """The tables, their rows and where they are; and how to read them."""
    import duckdb  # noqa: PLC0415

    table = Table("table", "rows", "one row is", box=None, header_style="bold")
    with duckdb.connect() as db:
        db.execute((LAKE / "views.sql").read_text())
        views = db.sql(
            "SELECT view_name, comment FROM duckdb_views() WHERE NOT internal ORDER BY 1"
        )
        for name, grain in views.fetchall():
            (rows,) = db.sql(f"SELECT count(*) FROM {name}").fetchone() or (0,)  # noqa: S608
            table.add_row(name, f"{rows:,}", grain)
        last = db.sql(
            "SELECT local_time, track_name, artist_name FROM plays ORDER BY played_at DESC LIMIT 3"
        ).fetchall()
    console.print(f"\nThe lake in {LAKE}:\n")
    console.print(table)
    console.print("\nThe last plays:")
    for local_time, track, artist in last:
        console.print(f"  {local_time:%Y-%m-%d %H:%M}  {track} ({artist})")
    files = LAKE / "users/*/plays/year=*/month=*/*.parquet"
    console.print("\nRead them with DuckDB:")
    code = f"import duckdb; duckdb.read_parquet('{files}').show()"
    console.print(f'  .venv/bin/python -c "{code}"', style="bold")


if __name__ == "__main__":
    main()
