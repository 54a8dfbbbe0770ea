"""How the rows of `labels` are read."""

import pyarrow as pa

from pipelines.listening.contexts.overrides import Label


def read_labels(rows: pa.Table) -> tuple[Label, ...]:
    """The labels in the order in which they were given, as `overrides.given` wants them.

    Args:
        rows: `labels` rows.
    """
    ordered = rows.sort_by([("given_at", "ascending"), ("heard_at", "ascending")])
    return tuple(Label(row["heard_at"], row["context"]) for row in ordered.to_pylist())
