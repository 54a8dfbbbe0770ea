"""The page as a file: what it carries, that nothing in it can break out of it, and its size."""

import json
import re
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from hashlib import sha256
from itertools import accumulate, chain
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.listening.all_tables import TABLES
from pipelines.report.packed import (
    _BASE,
    _NULL,
    _SIGNS,
    SELECTIONS,
    Numbers,
    _shortest,
    columns_of,
    pack_tables,
)
from pipelines.report.page import page
from tests.report.files import Read, typed, types_of
from tests.report.listeners import (
    HOSTILE,
    LINKED,
    Tables,
    nothing,
    one_play,
    small_life,
    ten_years,
    told_by,
)

Json = dict[str, Any]
SMALL = 2_500_000


@cache
def small() -> Tables:
    return told_by(small_life())


@cache
def carried_of_ten_years() -> Json:
    return pack_tables(ten_years())


def unpacked(carried: Json, name: str, scope: str) -> list[Json]:
    """The rows that a page carries; what `js/data/unpack.js` does."""
    table = carried["tables"][name][scope]
    return _rows(table["rows"], table["columns"], carried["strings"])


def _rows(count: int, columns: Json, strings: list[str]) -> list[Json]:
    values = {name: _values(column, strings) for name, column in columns.items()}
    return [{name: column[n] for name, column in values.items()} for n in range(count)]


def _values(column: Json, strings: list[str]) -> list[Any]:
    numbers = _numbers(column["of"])
    if column["as"] == "list":
        ends = list(accumulate(one or 0 for one in numbers))
        entries = _rows(ends[-1] if ends else 0, column["each"], strings)
        return [
            entries[end - (length or 0) : end] for length, end in zip(numbers, ends, strict=True)
        ]
    tell: Callable[[Any], Any] = {
        "number": lambda one: one / column["by"] if "by" in column else one,
        "bool": bool,
        "string": lambda one: strings[one],
        "date": lambda one: date(1970, 1, 1) + timedelta(days=one),
        "instant": lambda one: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(minutes=one),
    }[column["as"]]
    return [None if one is None else tell(one) for one in numbers]


def _numbers(told: str | Json) -> list[int | None]:
    if isinstance(told, str):
        return _written(told)
    if "runs" in told:
        runs = _written(told["runs"])
        pairs = zip(runs[::2], runs[1::2], strict=True)
        return list(chain.from_iterable([one] * (times or 0) for one, times in pairs))
    found: list[int | None] = []
    before = 0
    for step in _numbers(told["steps"]):
        found.append(None if step is None else before + step)
        before += step or 0
    return found


def _written(text: str) -> list[int | None]:
    found: list[int | None] = []
    number, times = 0, 1
    for sign in text:
        if sign == _NULL:
            found.append(None)
            continue
        digit = _SIGNS.index(sign)
        number, times = number + digit % _BASE * times, times * _BASE
        if digit >= _BASE:
            found.append(-(number // 2) if number % 2 else number // 2)
            number, times = 0, 1
    return found


def alike(told: Any, meant: Any) -> bool:
    """Whether a value is what was packed, but for decimals that nobody sees."""
    if isinstance(meant, float):
        return bool(abs(told - meant) <= 0.06)
    if isinstance(meant, datetime):
        return bool(abs(told - meant) < timedelta(minutes=1))
    return bool(told == meant)


def in_scope(table: pa.Table, scope: str) -> list[Json]:
    rows: list[Json] = table.to_pylist()
    return rows if scope == "" else [row for row in rows if row["scope"] == scope]


def test_every_value_that_was_packed_comes_out_again() -> None:
    tables = small()
    carried = Read(page("nico", tables)).carried
    compared = 0
    for name, scopes in carried["tables"].items():
        for scope in scopes:
            found, meant = unpacked(carried, name, scope), in_scope(tables[name], scope)
            if len(found) < len(meant):  # thinned: of what, is tested below
                continue
            for got, row in zip(found, meant, strict=True):
                assert all(alike(value, row[column]) for column, value in got.items())
                compared += 1
    assert compared > 500


@pytest.mark.parametrize("value", [0, 1, -1, 15, 16, -16, 31, 32, 1000, -1000, 2_000_000_000])
def test_numbers_of_every_size_can_be_packed(value: int) -> None:
    tables = nothing()
    rows = [
        {field.name: 0 for field in tables["listening_by_day"].schema}
        | {"scope": "all", "day": date(2026, 1, 1 + n), "plays": plays}
        | {"at_least": False, "known": True}
        for n, plays in enumerate([7, value, value, value, -value, 7])
    ]
    table = pa.Table.from_pylist(rows, tables["listening_by_day"].schema)
    carried = pack_tables(tables | {"listening_by_day": table})
    days = unpacked(carried, "listening_by_day", "all")
    assert [row["plays"] for row in days] == [7, value, value, value, -value, 7]


@given(
    st.lists(st.none() | st.integers(-3, 3) | st.integers(-(2**60), 2**60))
    | st.lists(st.sampled_from([None, 0, 1]), min_size=20, max_size=90)
    | st.lists(st.integers(0, 5), min_size=20, max_size=90).map(lambda steps: [*accumulate(steps)])
)
def test_numbers_come_out_again_whichever_way_is_shortest(numbers: list[int | None]) -> None:
    column = pa.array(numbers, pa.int64())
    told = _shortest(column)
    assert _numbers(told) == numbers
    as_they_are = Numbers.of(column)
    steps = as_they_are.steps()
    texts = []
    for one in (as_they_are, as_they_are.runs(), steps, steps.runs()):
        texts.append(one.text())
        assert one.length() == len(one.text())
    plain, runs, by_steps, runs_of_steps = texts
    ways = [plain, {"runs": runs}, {"steps": by_steps}, {"steps": {"runs": runs_of_steps}}]
    assert told == min(ways, key=lambda way: len(json.dumps(way)))


def test_of_ranks_only_the_first_are_carried() -> None:
    carried = carried_of_ten_years()
    assert max(row["rank"] for row in unpacked(carried, "top_tracks_by_month", "mine")) == 10


def test_of_places_those_of_most_minutes_are_carried() -> None:
    tables = ten_years()
    month = date(2020, 5, 1)
    meant = sorted(
        (
            row["minutes"]
            for row in in_scope(tables["played_from_by_month"], "all")
            if row["month"] == month
        ),
        reverse=True,
    )
    found = [
        row["minutes"]
        for row in unpacked(carried_of_ten_years(), "played_from_by_month", "all")
        if row["month"] == month
    ]
    assert found == pytest.approx(meant[: len(found)], abs=0.06)
    assert len(found) < len(meant)


def test_ten_years_make_a_page_of_less_than_two_and_a_half_million_bytes() -> None:
    assert len(page("nico", ten_years()).encode()) < SMALL


def test_the_same_tables_make_the_same_bytes() -> None:
    assert page("nico", small()) == page("nico", told_by(small_life()))


def test_names_cannot_end_the_script_in_which_they_stand() -> None:
    read = Read(page(HOSTILE, small(), HOSTILE))
    assert len(read.scripts) == 3
    assert {HOSTILE, LINKED} <= set(read.carried["strings"])
    assert read.carried["listener"] == HOSTILE
    assert f"{HOSTILE}\u2019s music" in read.text


@pytest.mark.parametrize(
    ("listener", "display_name", "meant"),
    [("me", None, "My music"), ("nico", "me", "My music"), ("me", "Mel", "Mel\u2019s music")],
)
def test_who_is_called_me_reads_of_themselves(
    listener: str, display_name: str | None, meant: str
) -> None:
    assert meant in Read(page(listener, small(), display_name)).text.split("\n")


def test_nothing_in_the_page_points_anywhere_else() -> None:
    pointing = {"src", "href", "action", "data", "poster", "srcset", "formaction", "background"}
    attributes = Read(page("nico", small())).attributes
    told = [value or "" for _, name, value in attributes if name in pointing]
    assert told
    assert all(value.startswith("#") or value == "data:," for value in told)
    style = re.search(r"<style>(.*?)</style>", page("nico", small()), re.DOTALL)
    assert style
    assert not re.search(r"url\(|@import", style[1])


def test_the_policy_lets_the_pages_own_scripts_run_and_no_others() -> None:
    read = Read(page("nico", small()))
    [policy] = [
        value or ""
        for _, name, value in read.attributes
        if name == "content" and "default-src" in (value or "")
    ]
    own = [told for attributes, told in read.scripts if "type" not in attributes]
    hashes = {f"'sha256-{b64encode(sha256(told.encode()).digest()).decode()}'" for told in own}
    [allowed] = [part for part in policy.split("; ") if part.startswith("script-src ")]
    assert set(allowed.split()[1:]) == hashes
    assert policy.startswith("default-src 'none';")


def test_a_page_can_be_made_of_few_tables_and_of_empty_ones() -> None:
    for tables in ({}, nothing(), told_by(one_play())):
        carried = Read(page("nico", tables)).carried
        assert set(carried["tables"]) == set(tables) & set(SELECTIONS)


def test_the_scripts_types_are_those_of_the_tables() -> None:
    assert types_of("tables.d.ts") == {
        name: [typed(table.schema.field(column)) for column in SELECTIONS[name].columns.split()]
        for name, table in nothing().items()
    }


def test_rows_are_dropped_by_columns_that_are_read() -> None:
    for table in TABLES:
        if wanted := SELECTIONS.get(table.name):
            read = table.with_columns(columns_of(table)).empty()
            assert wanted.filter_rows(read).column_names == read.column_names, table.name


def test_what_the_page_wants_is_there() -> None:
    declared = nothing()
    assert set(declared) == set(SELECTIONS)
    for name, wanted in SELECTIONS.items():
        assert set(wanted.columns.split()) <= set(declared[name].column_names), name
