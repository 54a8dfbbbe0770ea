"""Dagster's records in a real Postgres: how many connections it takes to ask them."""

import os
import shutil
import subprocess
import sys
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


SESSIONS = "SELECT sessions FROM pg_stat_database WHERE datname = 'dagster'"


def look(home: Path) -> None:
    """What a tick or a run does: it makes an instance and asks its three storages."""
    with dg.DagsterInstance.from_config(str(home)) as instance:
        assert instance.get_run_records(limit=1) == []
        assert instance.all_asset_keys() == []
        assert instance.all_instigator_state() == []


def kept(ask: Ask) -> int:
    """The one connection that is kept; those that are no longer needed end by and by."""
    until(lambda: ask(f"SELECT count(*) {OTHERS}") == 1, "the end of all connections but one")
    number: int = ask(f"SELECT pid {OTHERS}")
    return number


def test_a_process_asks_over_one_connection_however_many_instances_it_makes(
    home: Path, ask: Ask
) -> None:
    look(home)
    before = kept(ask)
    began = ask(SESSIONS)
    for _ in range(5):
        look(home)
    assert kept(ask) == before
    assert ask(SESSIONS) == began


def test_a_connection_that_postgres_has_closed_is_replaced(home: Path, ask: Ask) -> None:
    look(home)
    before = kept(ask)
    assert ask(f"SELECT pg_terminate_backend({before})")
    look(home)
    assert kept(ask) != before


FORKED = """
import os, sys, dagster as dg, sqlalchemy

def number():
    with dg.DagsterInstance.from_config(sys.argv[1]) as instance:
        with instance.run_storage.connect() as connection:
            return connection.scalar(sqlalchemy.text("SELECT pg_backend_pid()"))

before = number()
child = os.fork()
if not child:
    os._exit(number() == before)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0, "it speaks on its parent's"
assert number() == before
"""


def test_a_process_that_was_forked_has_a_connection_of_its_own(home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORKED, str(home)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
