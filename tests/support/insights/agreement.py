"""Whether the tables of a life are those that plain Python makes of it.

A table is compared here as a whole, row by row and column by column; lives belong in `lives.py`.
"""

from collections.abc import Iterable
from typing import Any

import pyarrow as pa
import pytest

from pipelines.listening.insights.runner import compute, insights
from tests.support.insights import (
    recomputed,
    recomputed_counts,
    recomputed_pages,
    recomputed_phases,
    recomputed_playlist_summary,
    recomputed_playlists,
    recomputed_songs,
    recomputed_taste,
    recomputed_years,
)
from tests.support.insights.ground import Ground
from tests.support.insights.lives import Life, Row, inputs

TOLD_IN_WORDS = "stories"


def expected(name: str, ground: Ground) -> list[Row]:
    """The rows of an insight by its head comment, in order of its key."""
    modules = (
        *(recomputed, recomputed_songs, recomputed_taste),
        *(recomputed_playlists, recomputed_playlist_summary, recomputed_counts),
        *(recomputed_years, recomputed_pages, recomputed_phases),
    )
    [recompute] = {getattr(one, name) for one in modules if hasattr(one, name)}
    return in_order(name, recompute(ground))


def in_order(name: str, rows: Iterable[Row]) -> list[Row]:
    """Rows in order of their key, nulls last."""
    key = insights()[name].table.key
    return sorted(rows, key=lambda row: [(row[one] is None, row[one]) for one in key])


def disagreements(name: str, found: pa.Table, ground: Ground) -> list[str]:
    """What a table says otherwise than plain Python, in words; nothing where they agree."""
    key = insights()[name].table.key
    wanted, rows = expected(name, ground), found.to_pylist()
    keys = [[tuple(row[one] for one in key) for row in part] for part in (wanted, rows)]
    if keys[0] != keys[1]:
        missing = [one for one in keys[0] if one not in keys[1]]
        besides = [one for one in keys[1] if one not in keys[0]]
        return [f"{name}: missing {missing}, besides {besides}, or in another order"]
    return [
        f"{name} {of}: {column} is {row[column]!r}, not {should.get(column, 'told')!r}"
        for of, row, should in zip(keys[0], rows, wanted, strict=True)
        for column in row
        if column not in should or not _same(row[column], should[column])
    ]


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, int | float):
        return bool(one == pytest.approx(other, abs=1e-6))
    return bool(one == other)


def agree(life: Life, *wanted: str) -> dict[str, pa.Table]:
    """The tables of a life, or those that are wanted; all are as they should be."""
    ready = inputs(life)
    ground = Ground(ready, life.zones)
    tables = dict(compute(wanted or insights(), ready, life.zones))
    compared = [name for name in wanted or tables if name != TOLD_IN_WORDS]
    wrong = [line for name in compared for line in disagreements(name, tables[name], ground)]
    assert not wrong, "\n".join(wrong)
    return tables


def rows(tables: dict[str, pa.Table], name: str, **where: object) -> list[Row]:
    """Rows of a table of which these columns have these values; of both scopes, `all` alone."""
    wanted = {"scope": "all"} | where
    found: list[Row] = tables[name].to_pylist()
    return [row for row in found if all(row[key] == value for key, value in wanted.items())]


def column(found: list[Row], *names: str) -> list[tuple[object, ...]]:
    """Some columns of rows."""
    return [tuple(row[name] for name in names) for row in found]
