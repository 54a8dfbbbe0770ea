"""The report's page: one HTML file with its data, its charts and all scripts.

What it shares with other pages is `embedding.py`; the columns that its charts need are in
`packed.py`. The same tables give the same bytes.
"""

from collections.abc import Mapping

import pyarrow as pa

from pipelines.report.embedding import self_contained
from pipelines.report.packed import pack_tables


def page(listener: str, tables: Mapping[str, pa.Table]) -> str:
    """The report of one listener.

    Args:
        listener: their name.
        tables: by name, the insights and `sessions` and `gaps`; any may be empty or missing.

    Returns:
        HTML in UTF-8, of less than six million bytes for ten years.
    """
    data = {"listener": listener, **pack_tables(tables)}
    return self_contained("page.html", "page.js", data, listener=listener)
