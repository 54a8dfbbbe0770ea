"""What all insights and the report cost over 1,000,000 plays, both scopes.

In processes of their own: DuckDB merely looking at every value of the labelled plays (the floor),
all insights out of them, and the report out of these. The lake is made and labelled first.
"""

import json
import os
import sys
import tempfile
import time
from contextlib import suppress

from many import HOME, NICO, PLAYS_IN_ALL, in_a_process, look_at, most_mb, write_ledger

from pipelines.resources.lake.lakes import Lake
from pipelines.settings import Settings

MOST_SECONDS, MOST_MB = 8, 1536
MOST_SECONDS_OF_REPORT = 5


def main() -> None:
    """Print what it takes, beside the floor."""
    with tempfile.TemporaryDirectory() as temporary:
        os.environ["LAKE_URL"] = os.environ.get("LAKE", temporary)
        if "LAKE" not in os.environ:
            _, tracks = write_ledger(Lake.open(Settings()).of(NICO.name), new_music=True)
            print(f"{PLAYS_IN_ALL:,} plays of {len(tracks):,} tracks")
            in_a_process(__file__, "label")
        least = min(in_a_process(__file__, "floor")["seconds"] for _ in range(3))
        told = in_a_process(__file__, "insights")
        report = in_a_process(__file__, "report")
    fits = told["seconds"] <= MOST_SECONDS and told["mb"] <= MOST_MB
    print(
        f"DuckDB looks at every value of the labelled plays in {least:.2f} s: the floor\n"
        f"all insights in {told['seconds']:.1f} s, {told['seconds'] / least:.1f} x the floor; "
        f"at most {told['mb']:,.0f} MB; {'within' if fits else 'BEYOND'} the bar of "
        f"{MOST_SECONDS} s and {MOST_MB:,} MB\n"
        f"the report in {report['seconds']:.1f} s, {report['bytes'] / 1e6:.2f} MB; "
        f"{'within' if report['seconds'] <= MOST_SECONDS_OF_REPORT else 'BEYOND'} the bar of "
        f"{MOST_SECONDS_OF_REPORT} s"
    )


def once(what: str) -> None:
    """What one process does: prints seconds, and what else is told of it."""
    from pipelines.assets import contexts, insights, report  # noqa: PLC0415 Dagster takes a second
    from pipelines.listening.insights.runner import insights as all_insights  # noqa: PLC0415

    lake = Lake.open(Settings()).of(NICO.name)
    told: dict[str, float] = {}
    began = time.perf_counter()
    if what == "label":
        contexts.update_labelled_plays(lake, NICO)
    elif what == "insights":
        made = list(insights.update_insights(lake, NICO, list(all_insights())))
        assert len(made) == len(all_insights())
    elif what == "report":
        told["bytes"] = report.write_report(lake)
    else:
        with suppress(FileNotFoundError):
            look_at(f"{os.environ['LAKE_URL']}/{HOME}/labelled_plays/*/*/*.parquet")
    told["seconds"] = time.perf_counter() - began
    print(json.dumps(told | {"mb": most_mb()}))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        once(sys.argv[1])
    else:
        main()
