"""Charts in a page of the dashboard: a lake for them, and a server whose page has nothing else."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.dashboard.reading import BY_NAME
from pipelines.report.packed import SELECTIONS, columns_of
from pipelines.resources.lake.lakes import Lake
from testing.dashboard import answering
from testing.servers import free_ports
from tests.report.listeners import Tables
from tests.support.environment import Environment

PAGE = Path(__file__).parent / "charts_page.py"


def written(lake: Lake, listener: str, tables: Tables) -> None:
    """Put tables where a run of the pipeline would."""
    for name in set(tables) & set(SELECTIONS):
        write(lake, listener, name, tables[name])


def write(lake: Lake, listener: str, name: str, rows: pa.Table) -> None:
    """Put one of them there, in place of what is there."""
    # Not as a run does: of some tables these lives have only the columns that charts read.
    file = io.BytesIO()
    pq.write_table(rows.select(columns_of(BY_NAME[name])), file)
    lake.of(listener).store.put(BY_NAME[name].path, file.getvalue())


@contextmanager
def served(environment: Environment) -> Iterator[str]:
    """The address of a server whose page shows the charts that its address names."""
    (port,) = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    variables = {**os.environ, **environment.variables}
    with answering([str(PAGE), str(port)], variables, url, environment.folder / "charts.log"):
        yield f"{url}/"
