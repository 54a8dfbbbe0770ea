"""Stage 8: the page that a listener reads.

What it shows and how is `pipelines/report/`; what it tells is in the insights. Another thing made
to be looked at would be an asset here.
"""

from concurrent.futures import ThreadPoolExecutor

import dagster as dg

from pipelines import runs
from pipelines.assets.contexts import context_tables
from pipelines.assets.insights import insight_tables
from pipelines.assets.ledger import gaps
from pipelines.failures import plainly
from pipelines.listening.all_tables import TABLES
from pipelines.month_files import READERS
from pipelines.report.packed import WANTED
from pipelines.report.page import page
from pipelines.resources.lake import Lake
from pipelines.resources.stores import md5

SHOWN = [table for table in TABLES if table.name in WANTED]


@dg.asset(
    deps=[gaps, *context_tables.keys, *insight_tables.keys],
    group_name="report",
    kinds={"html"},
)
def report(context: dg.AssetExecutionContext, lake: dg.ResourceParam[Lake]) -> dg.MaterializeResult:
    """`report/index.html`: one file that needs nothing beside it, to be opened in any browser."""
    with plainly():
        listener = runs.listener_of(context)
        home = f"users/{listener}/"
        with ThreadPoolExecutor(READERS) as readers:
            rows = readers.map(lambda table: lake.read(f"{home}{table.path}", table), SHOWN)
            tables = {table.name: found for table, found in zip(SHOWN, rows, strict=True)}
        body = page(listener, tables).encode()
        path = f"{home}report/index.html"
        if lake.etag(path) != md5(body):
            lake.store.put(path, body)
    where = dg.MetadataValue.path(lake.store.url(path))
    return dg.MaterializeResult(metadata={"report": where, "bytes": len(body)})
