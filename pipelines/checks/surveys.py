"""Checks on surveys: are tables as declared, is anything published of too few, is enough known?

Add here what an operator should see of a survey. Rows of persons are never shown as examples, since
Dagster keeps what a check shows: these checks are `private`. What is hidden, and why, is decided in
`listening/survey/suppression.py`, and these checks do not ask it.
"""

from collections.abc import Sequence

import dagster as dg
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.assets.shared.surveys import name_of
from pipelines.checks.structure import as_declared
from pipelines.checks.suite import (
    Check,
    Load,
    Stored,
    asset_checks,
    check,
    of_survey,
    structure_of,
)
from pipelines.listening.schema.survey_tables import (
    CLUSTERS,
    COMPONENTS,
    FEED,
    GROUP_PROFILE,
    KEPT,
    MAJOR_PREDICTOR,
    MAP,
    SURVEY_COVERAGE,
    SURVEY_TABLES,
)
from pipelines.listening.schema.table import Table
from pipelines.resources.lake.lakes import SurveyLake
from pipelines.settings.surveys import Survey

ENOUGH_KNOWN = 0.5
"""Share of songs: with audio features of fewer, figures are about those that reference data
happens to have, and songs that are new or in other languages are missing from it more often."""

COUNTED = {
    GROUP_PROFILE.name: ("people", "of_people"),
    SURVEY_COVERAGE.name: ("people", "people_compared"),
    FEED.name: ("people",),
    MAP.name: ("people",),
}
"""By table, columns that count people; null is hidden."""

OR_NOBODY = (COMPONENTS, CLUSTERS, MAJOR_PREDICTOR)
"""Tables whose `people` is 0 where that is hidden: these rows are there all the same."""

CELLS = "cells"
"""The cells of a table that lie in a list of its rows."""


def survey_checks(
    survey: Survey, assets: Sequence[dg.AssetsDefinition]
) -> list[dg.AssetChecksDefinition]:
    """The checks of one survey.

    Args:
        survey: its settings.
        assets: that `survey_assets` made of them.
    """
    made_by = {key.path[-1]: asset for asset in assets for key in asset.keys}
    return [
        asset_checks(
            made_by[name_of(table)],
            checks_of(table, survey.k),
            _load(table),
            of=name_of(table),
            folder=of_survey,
        )
        for table in SURVEY_TABLES
    ]


def checks_of(table: Table, k: int) -> list[Check]:
    """The checks of one table.

    Args:
        table: of a survey.
        k: of fewer people nothing is to be published.
    """
    found = [structure_of(table, private=table in KEPT)]
    found += [
        check(
            f"{column}_are_at_least_{k}_or_hidden",
            "ExpectColumnValuesToBeBetween",
            {"column": column, "min_value": k},
        )
        for column in COUNTED.get(table.name, ())
    ]
    if table in OR_NOBODY:
        found.append(
            check(
                f"people_are_at_least_{k}_or_0",
                "ExpectColumnValuesToNotBeInSet",
                {"column": "people", "value_set": list(range(1, k))},
            )
        )
    if table is MAJOR_PREDICTOR:
        found.append(
            check(
                f"people_in_cells_are_at_least_{k}_or_hidden",
                "ExpectColumnValuesToBeBetween",
                {"column": "people", "min_value": k},
                CELLS,
                counted=CELLS,
            )
        )
    if table is SURVEY_COVERAGE:
        found.append(
            check(
                "most_songs_have_audio_features",
                "ExpectColumnValuesToBeBetween",
                {"column": "with_features", "min_value": ENOUGH_KNOWN},
                blocking=False,
            )
        )
    return found


def _load(table: Table) -> Load[SurveyLake]:
    def load(lake: SurveyLake, _: str | None) -> Stored:
        rows = lake.read_unvalidated(table)
        others = {CELLS: cells(as_declared(rows, table))} if table is MAJOR_PREDICTOR else {}
        return Stored.one(table.path, rows, **others)

    return load


def cells(rows: pa.Table) -> pa.Table:
    """The cells of the confusion matrix, a row each."""
    lists = rows["confusion"].combine_chunks()
    flat = pc.list_flatten(lists)
    return pa.table({name: pc.struct_field(flat, name) for name in ("major", "told", "people")})
