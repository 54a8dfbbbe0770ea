"""Dagster's records in Postgres, asked over a connection that stays.

By itself `dagster_postgres` opens a connection for every question, and each is a new process of
Postgres and some thousand rounds of hashing a password: 5 ms, where the question takes 0.3. Here a
process keeps one, and opens more only while several of its threads ask at once. What is asked of
the records does not belong here. `deploy/dagster.yaml` names this module. The webserver has three
connections of its own, as Dagster wants it.
"""

import os
from typing import TYPE_CHECKING, Any

from dagster_postgres import (
    DagsterPostgresStorage,
    PostgresEventLogStorage,
    PostgresRunStorage,
    PostgresScheduleStorage,
)
from dagster_postgres.utils import (
    create_pg_engine,
    get_token_provider_from_config,
    pg_url_from_config,
)

if TYPE_CHECKING:
    from sqlalchemy import Engine

KEPT = 1
"""Connections that a process keeps. Those of 25 apps' code servers, a daemon and five runs, and
three of a webserver, are a third of the 100 that Postgres allows."""

KEPT_S = 240
"""What is older is replaced: on its way to another machine, one that is idle may be forgotten."""

_engines: dict[str, "Engine"] = {}
"""By address. Each tick and each run makes a storage of its own; what is kept outlives it."""


class _Pooled:
    """A part of the storage, which asks over what its process keeps."""

    def __init__(self, url: str, token_provider: Any, engine: "Engine") -> None:
        part: Any = super()
        part.__init__(url, should_autocreate_tables=False, token_provider=token_provider)
        self._engine = engine


class _Runs(_Pooled, PostgresRunStorage):
    pass


class _Events(_Pooled, PostgresEventLogStorage):
    pass


class _Schedules(_Pooled, PostgresScheduleStorage):
    pass


class PooledPostgresStorage(DagsterPostgresStorage):
    """Dagster's own storage in Postgres; its settings are the same, under `config`."""

    def __init__(
        self,
        postgres_url: str,
        should_autocreate_tables: bool = True,
        inst_data: Any = None,
        token_provider: Any = None,
    ) -> None:
        is_known = postgres_url in _engines  # then this process has seen that the tables are there
        should_look = should_autocreate_tables and not is_known
        super().__init__(postgres_url, should_look, inst_data, token_provider)
        if not is_known:
            engine = create_pg_engine(
                postgres_url,
                token_provider,
                isolation_level="AUTOCOMMIT",
                pool_size=KEPT,
                max_overflow=-1,
                pool_pre_ping=True,  # Postgres may have started anew
                pool_recycle=KEPT_S,
            )
            _engines.setdefault(postgres_url, engine)  # of two threads the first one's counts
        parts = (postgres_url, token_provider, _engines[postgres_url])
        self._run_storage = _Runs(*parts)
        self._event_log_storage = _Events(*parts)
        self._schedule_storage = _Schedules(*parts)

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> "PooledPostgresStorage":
        """As Dagster makes it of its settings.

        Args:
            inst_data: where these were.
            config_value: the settings.
        """
        return cls(
            pg_url_from_config(config_value),
            config_value.get("should_autocreate_tables", True),
            inst_data,
            get_token_provider_from_config(config_value),
        )


def _leave_to_parent() -> None:
    """A process that was forked must not speak on connections of the one that it came from."""
    for engine in _engines.values():
        engine.dispose(close=False)


os.register_at_fork(after_in_child=_leave_to_parent)
