"""Each check of a survey is green for what was made, red once that is changed, and shows nobody."""

import pyarrow as pa
import pytest

from pipelines.checks.suite import Stored, evaluate
from pipelines.checks.surveys import CELLS, OR_NOBODY, cells, checks_of
from pipelines.listening.schema.survey_tables import (
    FEED,
    GROUP_PROFILE,
    KEPT,
    MAJOR_PREDICTOR,
    MAP,
    SURVEY_COVERAGE,
    SURVEY_TABLES,
)
from pipelines.listening.schema.table import Table

K = 5
SECRET = "0123456789abcdef0123456789abcdef"


def row_of(table: Table, **values: object) -> pa.Table:
    """One row with anything in it, but for these values."""
    some = {
        pa.string(): SECRET,
        pa.int16(): 7,
        pa.int32(): 7,
        pa.float64(): 0.7,
        pa.bool_(): True,
        pa.date32(): 20_000,
    }
    row = {one.name: some.get(one.type, []) for one in table.fields} | values
    return pa.Table.from_pylist([row], pa.schema([one.with_nullable(True) for one in table.fields]))


def red(table: Table, rows: pa.Table) -> dict[str, dict[str, object]]:
    """Metadata by name of the checks that a table does not pass."""
    others = {CELLS: cells(rows)} if table is MAJOR_PREDICTOR else {}
    stored = Stored.one(table.path, rows, **others)
    found = evaluate(checks_of(table, K), stored)
    return {one.name: metadata for one, passed, metadata in found if not passed}


@pytest.mark.parametrize("table", SURVEY_TABLES, ids=lambda table: table.name)
def test_a_table_as_declared_is_green_and_one_without_a_value_is_red(table: Table) -> None:
    assert red(table, row_of(table)) == {}
    [required, *_] = [one.name for one in table.fields if not one.nullable]
    assert f"{table.name}_as_declared" in red(table, row_of(table, **{required: None}))


@pytest.mark.parametrize(
    ("table", "column"),
    [
        (GROUP_PROFILE, "people"),
        (GROUP_PROFILE, "of_people"),
        (SURVEY_COVERAGE, "people"),
        (SURVEY_COVERAGE, "people_compared"),
        (FEED, "people"),
        (MAP, "people"),
    ],
    ids=lambda one: getattr(one, "name", one),
)
def test_a_published_figure_of_too_few_people_is_red(table: Table, column: str) -> None:
    found = red(table, row_of(table, **{column: K - 1}))
    assert set(found) == {f"{column}_are_at_least_{K}_or_hidden"}
    assert red(table, row_of(table, **{column: K})) == {}


@pytest.mark.parametrize("table", OR_NOBODY, ids=lambda table: table.name)
def test_a_count_of_too_few_people_beside_what_was_found_is_red(table: Table) -> None:
    assert set(red(table, row_of(table, people=1))) == {f"people_are_at_least_{K}_or_0"}
    assert red(table, row_of(table, people=0)) == {}


def test_a_cell_of_too_few_people_in_the_predictors_table_is_red() -> None:
    cell = {"major": "Physics", "told": "History", "people": K - 1}
    found = red(MAJOR_PREDICTOR, row_of(MAJOR_PREDICTOR, confusion=[cell]))
    assert set(found) == {f"people_in_cells_are_at_least_{K}_or_hidden"}
    cell["people"] = None
    assert red(MAJOR_PREDICTOR, row_of(MAJOR_PREDICTOR, confusion=[cell])) == {}


def test_songs_that_are_mostly_unknown_are_a_warning() -> None:
    found = red(SURVEY_COVERAGE, row_of(SURVEY_COVERAGE, with_features=0.4))
    assert set(found) == {"most_songs_have_audio_features"}


@pytest.mark.parametrize("table", KEPT, ids=lambda table: table.name)
def test_rows_of_persons_are_counted_and_never_shown(table: Table) -> None:
    twice = pa.concat_tables([row_of(table), row_of(table)])
    [metadata] = red(table, twice).values()
    assert metadata["keys_unexpected_count"] == 2
    assert SECRET not in str(metadata)
    assert all(isinstance(value, int | float) for value in metadata.values())
