"""Pictures of insights for the metadata of their assets."""

from collections.abc import Callable, Mapping

import pyarrow as pa

PICTURES: Mapping[str, Callable[[pa.Table], str]] = {}
"""By the name of an insight what draws it, as a line of Markdown."""
