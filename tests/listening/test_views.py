"""Views over tables that exist, and over those that no listener has yet."""

from collections.abc import Container, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from pipelines.listening.all_tables import TABLES
from pipelines.listening.table import Table
from pipelines.listening.views import views_sql
from pipelines.resources.lake import to_parquet

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
