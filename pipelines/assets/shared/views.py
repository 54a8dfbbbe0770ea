"""`views.sql`: views over every table of all listeners, and over what surveys publish."""

from collections.abc import Sequence

import dagster as dg

from pipelines.assets.shared.reference import GROUP
from pipelines.listening.all_tables import TABLES
from pipelines.listening.schema.reference_tables import SHARED_TABLES
from pipelines.listening.schema.survey_tables import PUBLISHED
from pipelines.listening.schema.table import Table
from pipelines.listening.schema.views import shared_views_sql, survey_views_sql, views_sql
from pipelines.resources.dagster_resources import LakeResource, SurveysResource
from pipelines.resources.lake.lakes import LISTENERS, SURVEYS, Lake, ListenerLake, folder_of
from pipelines.run_context import expected_failures

VIEWS = "views.sql"


# It has no declared dependencies: Dagster would store the names of everybody's assets with each
# materialization, in runs of other listeners, and a listener may ask to be forgotten. The priority
# makes it the last step of a run instead, when the run's tables are written.
@dg.asset(group_name=GROUP, kinds={"sql"}, op_tags={"dagster/priority": "-1"})
def views(lake: LakeResource, surveys: SurveysResource) -> dg.MaterializeResult:
    """`views.sql`: CREATE VIEW for every table, over all listeners, ready for DuckDB."""
    with expected_failures():
        written = write_views(lake.open(), surveys.names())
    return dg.MaterializeResult(metadata={"tables_with_rows": written})


def write_views(lake: Lake, surveys: Sequence[str] = ()) -> int:
    """Write `views.sql` unless the same one is stored.

    Args:
        lake: the whole lake.
        surveys: names of the surveys; without any, their tables have no views.

    Returns:
        How many tables have any file; the views of the others have no rows.
    """
    stored_tables = _stored_for_anyone(lake)
    stored_tables |= {table.name for table in SHARED_TABLES if lake.etag(table)}
    sql = views_sql(TABLES, lake.store.url(LISTENERS.strip("/")), written=stored_tables)
    sql += "\n" + shared_views_sql(SHARED_TABLES, lake.store.url(""), written=stored_tables)
    if surveys:
        in_surveys = {path for name in surveys for path in lake.survey(name).etags()}
        published = {table.name for table in PUBLISHED if table.path in in_surveys}
        folder = lake.store.url(SURVEYS.strip("/"))
        sql += "\n" + survey_views_sql(PUBLISHED, folder, written=published)
        stored_tables |= published
    stored = lake.store.get(VIEWS)
    if stored is None or stored.body != sql.encode():
        lake.store.put(VIEWS, sql.encode())
    return len(stored_tables)


def _stored_for_anyone(lake: Lake) -> set[str]:
    """Names of the tables that any listener has; few requests, since most are in one folder."""
    names: set[str] = set()
    for listener in lake.listeners():
        own = lake.of(listener)
        aggregated = {entry.key for entry in own.store.list("aggregated/")}
        names |= {
            table.name
            for table in TABLES
            if table.name not in names and (table.path in aggregated or _is_stored(own, table))
        }
    return names


def _is_stored(lake: ListenerLake, table: Table) -> bool:
    """Whether there is any file of a table that is partitioned by date, month or import."""
    folder = folder_of(table)
    if folder == "aggregated/":
        return False
    name = table.path.rsplit("/", 1)[1].split("{", maxsplit=1)[0]
    return any(entry.key.rsplit("/", 1)[1].startswith(name) for entry in lake.store.list(folder))
