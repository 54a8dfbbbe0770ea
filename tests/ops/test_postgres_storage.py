"""Dagster's records in a real Postgres: how many connections it takes to ask them."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import sqlalchemy

from tests.support.dagster_processes import until
from tests.support.places import ROOT
from tests.system.deploy.deployment import postgres, postgres_bin

pytestmark = [
    pytest.mark.rare,
    pytest.mark.skipif(postgres_bin() is None, reason="no Postgres: run `make postgres`"),
]

Ask = Callable[[str], Any]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """`DAGSTER_HOME` as containers have it."""
    folder = tmp_path_factory.mktemp("home")
    shutil.copy(ROOT / "deploy" / "dagster.yaml", folder)
    with pytest.MonkeyPatch.context() as patch, postgres() as database:
        for name, value in database.items():
            patch.setenv(name, value)
        yield folder


@pytest.fixture
def ask(home: Path) -> Iterator[Ask]:
    """One value of Postgres', asked over a connection of the test's own."""
    assert home
    address = sqlalchemy.URL.create(
        "postgresql+psycopg2",
        os.environ["POSTGRES_USER"],
        os.environ["POSTGRES_PASSWORD"],
        os.environ["POSTGRES_HOST"],
        int(os.environ["POSTGRES_PORT"]),
        os.environ["POSTGRES_DB"],
    )
    engine = sqlalchemy.create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as own:
        yield lambda question: own.scalar(sqlalchemy.text(question))
    engine.dispose()


OTHERS = "FROM pg_stat_activity WHERE datname = 'dagster' AND pid <> pg_backend_pid()"


def look(home: Path) -> None:
    """What a tick or a run does: it makes an instance and asks its three storages."""
    with dg.DagsterInstance.from_config(str(home)) as instance:
        assert instance.get_run_records(limit=1) == []
        assert instance.all_asset_keys() == []
        assert instance.all_instigator_state() == []


def test_a_process_asks_over_one_connection_however_many_instances_it_makes(
    home: Path, ask: Ask
) -> None:
    look(home)
    kept = ask(f"SELECT array_agg(pid) {OTHERS}")
    assert len(kept) == 1
    for _ in range(5):
        look(home)
    assert ask(f"SELECT array_agg(pid) {OTHERS}") == kept


def test_a_connection_that_postgres_has_closed_is_replaced(home: Path, ask: Ask) -> None:
    look(home)
    assert ask(f"SELECT count(pg_terminate_backend(pid)) {OTHERS}") == 1
    until(lambda: ask(f"SELECT count(*) {OTHERS}") == 0, "the end of the connection")
    look(home)


def test_a_process_that_was_forked_has_a_connection_of_its_own(home: Path, ask: Ask) -> None:
    look(home)
    before = ask(f"SELECT array_agg(pid) {OTHERS}")
    child = os.fork()
    if not child:
        status = 1
        try:
            look(home)
            status = 0
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    look(home)
    until(lambda: ask(f"SELECT count(*) {OTHERS}") == 1, "the end of the child's connection")
    assert ask(f"SELECT array_agg(pid) {OTHERS}") == before
