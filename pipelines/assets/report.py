"""Stage 8: the page that a listener reads.

What it shows and how is `pipelines/report/`; the figures are the insights'. Add an asset here for
another document to look at.
"""

from concurrent.futures import ThreadPoolExecutor

import dagster as dg

from pipelines.assets.contexts import context_tables
from pipelines.assets.insights import insight_tables
from pipelines.assets.ledger import coverage_tables
from pipelines.listening.all_tables import TABLES
from pipelines.report.packed import SELECTIONS, columns_of
from pipelines.report.page import page
from pipelines.resources.dagster_resources import LakeResource
from pipelines.resources.lake.lakes import READERS, ListenerLake
from pipelines.resources.lake.object_store import md5
from pipelines.run_context import expected_failures, listener_of

SHOWN = [table for table in TABLES if table.name in SELECTIONS]
PAGE = "report/index.html"

_INPUTS = [*coverage_tables.keys, *context_tables.keys, *insight_tables.keys]


@dg.asset(
    deps=[key for key in _INPUTS if key.path[-1] in SELECTIONS],
    group_name="report",
    kinds={"html"},
)
def report(context: dg.AssetExecutionContext, lake: LakeResource) -> dg.MaterializeResult:
    """`report/index.html`: one self-contained file that opens in any browser."""
    with expected_failures():
        own = lake.of(listener_of(context))
        size = write_report(own)
    where = dg.MetadataValue.path(own.store.url(PAGE))
    return dg.MaterializeResult(metadata={"report": where, "bytes": size})


def write_report(lake: ListenerLake) -> int:
    """Write the report of the stored tables, unless the same one is stored.

    Returns:
        Its size in bytes.
    """
    with ThreadPoolExecutor(READERS) as readers:
        names = [table.name for table in SHOWN]
        read = readers.map(lambda table: lake.read(table, columns_of(table)), SHOWN)
        tables = dict(zip(names, read, strict=True))
    body = page(lake.listener, tables).encode()
    if lake.etag_of(PAGE) != md5(body):
        lake.store.put(PAGE, body)
    return len(body)
