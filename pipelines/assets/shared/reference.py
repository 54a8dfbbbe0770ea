"""Reference data: audio features, genres and play counts from files.

`playledger reference add` writes these tables; runs only read them. Observing one records its
version, so that Dagster shows which assets were derived from an older one.
"""

import warnings

import dagster as dg

from pipelines.listening.schema.reference_tables import (
    REFERENCE_TABLES,
    SHARED_TABLES,
    SPOTIFY_PLAY_COUNTS,
)
from pipelines.listening.schema.table import Table
from pipelines.resources.dagster_resources import LakeResource
from pipelines.run_context import column_schema, expected_failures

GROUP = "shared"

REFERENCE_KEYS = [dg.AssetKey(["reference", table.name]) for table in REFERENCE_TABLES]

PLAY_COUNTS_KEY = dg.AssetKey(["reference", SPOTIFY_PLAY_COUNTS.name])


def _observed(table: Table) -> dg.SourceAsset:
    def version(lake: LakeResource) -> dg.DataVersion:
        with expected_failures():
            return dg.DataVersion(lake.open().etag(table) or "none")

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.BetaWarning)  # an operator can do nothing about it
        return dg.observable_source_asset(
            key=["reference", table.name],
            group_name=GROUP,
            description=table.grain,
            metadata=column_schema(table),
        )(version)


def reference_assets() -> list[dg.SourceAsset]:
    """The tables that all listeners share."""
    return [_observed(table) for table in SHARED_TABLES]
