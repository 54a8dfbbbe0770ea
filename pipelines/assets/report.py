"""Stage 8: the page that a listener reads.

What it shows and how is `pipelines/report/`; what it tells is in the insights. Another thing made
to be looked at would be an asset here.
"""

from concurrent.futures import ThreadPoolExecutor

import dagster as dg
import pyarrow as pa

from pipelines import run_context
from pipelines.assets.contexts import context_tables
from pipelines.assets.insights import insight_tables
from pipelines.assets.ledger import gaps
from pipelines.listening.all_tables import TABLES
from pipelines.listening.schema.table import Table
from pipelines.report.packed import SELECTIONS
from pipelines.report.page import page
from pipelines.resources.lake.incremental_months import READERS
from pipelines.resources.lake.object_store import md5
from pipelines.resources.lake.tables import Lake
from pipelines.run_context import expected_failures

SHOWN = [table for table in TABLES if table.name in SELECTIONS]


@dg.asset(
    deps=[gaps, *context_tables.keys, *insight_tables.keys],
    group_name="report",
    kinds={"html"},
)
def report(context: dg.AssetExecutionContext, lake: dg.ResourceParam[Lake]) -> dg.MaterializeResult:
    """`report/index.html`: one file that needs nothing beside it, to be opened in any browser."""
    with expected_failures():
        listener = run_context.listener_of(context)
        size = write(lake, listener)
    where = dg.MetadataValue.path(lake.store.url(path_of(listener)))
    return dg.MaterializeResult(metadata={"report": where, "bytes": size})


def path_of(listener: str) -> str:
    """Where a listener's report lies."""
    return f"users/{listener}/report/index.html"


def write(lake: Lake, listener: str) -> int:
    """Make the report of the tables that there are.

    Returns:
        How many bytes it has.
    """

    def read(table: Table) -> pa.Table:
        return lake.read(f"users/{listener}/{table.path}", table)

    with ThreadPoolExecutor(READERS) as readers:
        names = [table.name for table in SHOWN]
        body = page(listener, dict(zip(names, readers.map(read, SHOWN), strict=True))).encode()
    path = path_of(listener)
    if lake.etag(path) != md5(body):
        lake.store.put(path, body)
    return len(body)
