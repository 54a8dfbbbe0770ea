"""What each question of docs/cookbook.md about plays costs over 1,000,000 of them.

Each as it stands on the page, in DuckDB with the lake's views: the first time, when every file is
opened, and the best of the times after. Beside it, as a floor, the rows of the same views merely
counted. The lake is made, labelled and summed up first, in `LAKE` if that is set: a lake that a run
before has left there is taken as it is.
"""

import json
import os
import re
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
from many import HOME, NICO, PLAYS_IN_ALL, START, in_a_process, write_ledger

from pipelines.listening.all_tables import TABLES
from pipelines.listening.schema.context_tables import SESSIONS
from pipelines.listening.schema.reference_tables import SHARED_TABLES
from pipelines.listening.schema.tables import GAPS
from pipelines.listening.schema.views import shared_views_sql, views_sql
from pipelines.resources.lake.lakes import Lake
from pipelines.settings import Settings

PAGE = Path(__file__).parent.parent / "docs" / "cookbook.md"
MOST_MS = 150
TIMES = 7


def main() -> None:
    """Print a line per question."""
    with tempfile.TemporaryDirectory() as temporary:
        os.environ["LAKE_URL"] = os.environ.get("LAKE", temporary)
        lake = Path(os.environ["LAKE_URL"])
        if not (lake / "views.sql").exists():
            in_a_process(__file__, "make")
        told: dict[str, Any] = in_a_process(__file__, "ask")
        months = len(list((lake / HOME / "plays").glob("*/*/*.parquet")))
    print(f"{PLAYS_IN_ALL:,} plays in {months} month files; milliseconds")
    print(f"{'':56}{'first':>6}{'again':>6}{'floor':>6}{'ratio':>6}")
    for question, (first, again, least) in told.items():
        print(f"{question[:55]:56}{first:6.0f}{again:6.0f}{least:6.0f}{again / least:6.1f}")
    slowest = max(first for first, _, _ in told.values())
    print(f"{'within' if slowest <= MOST_MS else 'BEYOND'} the bar of {MOST_MS} ms, first of all")


def questions() -> dict[str, str]:
    """The page's questions about plays, and the query of each: this lake has no playlists."""
    chapters = re.split(r"^## (?=\d+\. )", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    found = {
        chapter.partition("\n")[0]: chapter.split("```sql\n")[1].partition("```")[0]
        for chapter in chapters
    }
    return {title: query for title, query in found.items() if "FROM playlist_" not in query}


def make() -> None:
    """A lake in which each question finds something."""
    from pipelines.assets import contexts, insights  # noqa: PLC0415 Dagster takes a second
    from pipelines.listening.insights.runner import insights as all_insights  # noqa: PLC0415

    lake = Lake.open(Settings()).of(NICO.name)
    write_ledger(lake, new_music=True)
    lake.replace(GAPS, GAPS.from_rows([_open_gap()]))
    contexts.update_labelled_plays(lake, NICO)
    sessions, _ = contexts.Summaries(lake).sessions()
    lake.replace(SESSIONS, sessions)
    list(insights.update_insights(lake, NICO, list(all_insights())))
    _make_views(Path(os.environ["LAKE_URL"]))


def _open_gap() -> dict[str, object]:
    start = START - timedelta(days=40)
    return {"gap_start": start, "gap_end": start + timedelta(days=3), "detected_at": START}


def _make_views(lake: Path) -> None:
    written = {
        table.name
        for table in TABLES
        if any((lake / HOME).glob(re.sub(r"\{\w+\}", "*", table.path)))
    } | {table.name for table in SHARED_TABLES}
    script = views_sql(TABLES, f"{lake}/users", written=written)
    script += shared_views_sql(SHARED_TABLES, str(lake), written=written)
    (lake / "views.sql").write_text(script, encoding="utf-8")


def ask() -> dict[str, list[float]]:
    """By question: milliseconds of its first time and of its best, and of its floor."""
    return {question: _asked(query) for question, query in questions().items()}


def _asked(as_written: str) -> list[float]:
    # As if asked on the day on which the plays end.
    query = as_written.replace("current_date", f"DATE '{START.date()}'")
    counts = [f"SELECT count(*) FROM {view}" for view in _views(query)]  # noqa: S608 our names
    with duckdb.connect() as db:
        db.execute(Path(os.environ["LAKE_URL"], "views.sql").read_text(encoding="utf-8"))
        db.execute("SET parquet_metadata_cache = true")  # as the page says
        first, *later = (_ms(db, [query]) for _ in range(TIMES))
        return [first, min(later), min(_ms(db, counts) for _ in range(TIMES))]


def _views(query: str) -> set[str]:
    read = set(re.findall(r"(?:FROM|JOIN) (\w+)", query))
    return read & {table.name for table in TABLES}


def _ms(db: duckdb.DuckDBPyConnection, queries: list[str]) -> float:
    began = time.perf_counter()
    for query in queries:
        db.execute(query).fetchall()
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    if sys.argv[1:] == ["make"]:
        make()
        print("{}")
    elif sys.argv[1:] == ["ask"]:
        print(json.dumps(ask()))
    else:
        main()
