"""Views over tables that exist, and over those that no listener has yet."""

from collections.abc import Container, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.listening.all_tables import TABLES
from pipelines.listening.schema.table import Table
from pipelines.listening.schema.tables import GAPS, PLAYS
from pipelines.listening.schema.views import views_sql
from pipelines.resources.lake.tables import to_parquet

EVERY = {table.name for table in TABLES}


@contextmanager
def views(users: Path, written: Container[str]) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as db:
        db.execute(views_sql(TABLES, str(users), written=written))
        yield db


@pytest.fixture
def users(tmp_path: Path) -> Path:
    """A listener's files of every table, without rows."""
    for table in TABLES:
        told = {"date": "2026-05-01", "time_range": "short", "year": "2026", "month": "05"}
        told["playlist"] = "liked_songs"
        place = table.path.format(**told, **{"import": "0a1b"})
        file = tmp_path / "nico" / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(to_parquet(table.empty(), {}))
    return tmp_path


def test_a_new_listener_can_ask_every_view(tmp_path: Path) -> None:
    with views(tmp_path, written=()) as db:
        for name in EVERY:
            assert db.sql(f"SELECT count(listener) FROM {name}").fetchall() == [(0,)]  # noqa: S608
        looped = "SELECT artists[1].name, played_at - INTERVAL 1 DAY FROM plays WHERE NOT explicit"
        assert db.sql(looped).fetchall() == []


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_view_has_the_same_columns_with_and_without_files(users: Path, table: Table) -> None:
    described = f"DESCRIBE {table.name}"
    with views(users, written=EVERY) as some, views(users, written=()) as none:
        assert none.sql(described).fetchall() == some.sql(described).fetchall()


def test_making_the_views_opens_no_file(users: Path) -> None:
    for file in users.rglob("*.parquet"):
        file.write_bytes(b"not Parquet")
    with views(users, written=EVERY) as db, pytest.raises(duckdb.Error):
        db.sql("SELECT count(*) FROM plays").fetchall()


def test_files_of_older_and_newer_versions_lie_side_by_side(users: Path) -> None:
    file = users / "nico" / PLAYS.path.format(year="2026", month="05")
    older, newer = (file.parent.parent / f"month={month}" / file.name for month in ("04", "06"))
    for place in (older, newer):
        place.parent.mkdir()
    play = pa.table({"play_id": ["1"], "country": ["SE"], "artists": [[{"name": "Ada"}]]})
    pq.write_table(play.drop_columns("country"), older)
    pq.write_table(play.append_column("planet", pa.array(["Earth"])), newer)
    with views(users, written=EVERY) as db:
        rows = db.sql("SELECT country, artists[1].name, artists[1].id FROM plays ORDER BY ALL")
        assert rows.fetchall() == [("SE", "Ada", None), (None, "Ada", None)]
        assert "planet" not in db.sql("FROM plays").columns


def test_views_have_the_declared_columns_in_their_order(users: Path) -> None:
    with views(users, written=EVERY) as db:
        assert db.sql("FROM gaps").columns == ["listener", *GAPS.schema.names]
