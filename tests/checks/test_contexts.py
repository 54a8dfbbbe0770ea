"""Labels that should make a person look turn a check red, and others do not.

Add a test here for what checks say of context labels. What labels are made of belongs in the
tests of evidence and labels.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow as pa
import pytest

from pipelines.definitions import build_definitions
from pipelines.listening.contexts import drift
from pipelines.listening.insights.runner import insights
from pipelines.listening.schema.context_tables import LABELLED_PLAYS, SESSIONS
from pipelines.listening.schema.table import Table
from pipelines.listening.time.local_time import Zone
from pipelines.listening.time.months import Month
from pipelines.resources.lake.folder import Folder
from pipelines.resources.lake.lakes import Lake
from pipelines.resources.lake.tables import to_parquet
from pipelines.settings import Listener
from tests.checks.evaluations import evaluations
from tests.support.environment import Environment

Row = dict[str, Any]
Evaluations = dict[str, dg.AssetCheckEvaluation]

NICO = Listener("nico", (Zone("Europe/Berlin"),))
HOME = "users/nico/"
CONTEXTS_BY_MONTH = insights()["contexts_by_month"].table
MAY, JUNE = Month(2026, 5), Month(2026, 6)
DAY = "2026-06-10"
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
MANIFEST = "labelled_plays/_manifest.json"
USUAL = {"sleep": 600.0, "everyday": 1400.0}

PLAIN: Sequence[tuple[Callable[[pa.DataType], bool], Any]] = (
    (pa.types.is_string, "x"),
    (pa.types.is_boolean, True),
    (pa.types.is_floating, 0.9),
    (pa.types.is_integer, 1),
    (pa.types.is_timestamp, NOON),
    (pa.types.is_date, NOON.date()),
    (pa.types.is_list, []),
)


def row(table: Table, **values: Any) -> Row:
    """A row of a table, with something plain where a value has to be."""
    fields = (field for field in table.fields if not field.nullable)
    plain = {f.name: next(v for fits, v in PLAIN if fits(f.type)) for f in fields}
    return plain | {"context": "everyday"} | values


def play(number: int, **values: Any) -> Row:
    at = {"play_id": f"p{number}", "ms_played": 60_000, "context_confidence": 0.9}
    return row(LABELLED_PLAYS, **at | values)


def month(first: date, minutes: Mapping[str, float]) -> list[Row]:
    """A month's rows; sleep is not mine."""
    scopes = {"all": minutes, "mine": {one: minutes[one] for one in minutes if one != "sleep"}}
    return [
        row(CONTEXTS_BY_MONTH, scope=scope, month=first, context=context)
        | {"minutes": heard, "share": heard / sum(contexts.values())}
        for scope, contexts in scopes.items()
        for context, heard in contexts.items()
    ]


def months(*by_month: Mapping[str, float], last: Month = MAY) -> pa.Table:
    """Months one after the other, up to the last."""
    firsts = [last.plus_months(back).first for back in range(1 - len(by_month), 1)]
    rows = [
        one
        for first, minutes in zip(firsts, by_month, strict=True)
        for one in month(first, minutes)
    ]
    return CONTEXTS_BY_MONTH.from_rows(rows)


def manifest(*coverage: Mapping[str, int], plays: int = 100) -> dict[str, Row]:
    return {
        Month(2026, 1).plus_months(number).path(LABELLED_PLAYS.path): {
            "etag": "0",
            "code": "",
            "inputs": {},
            "rows": plays,
            "coverage": one,
        }
        for number, one in enumerate(coverage)
    }


@cache
def every_asset() -> dg.JobDefinition:
    """Defined where the environment names a lake, as where it is deployed."""
    return build_definitions([NICO]).resolve_implicit_global_asset_job_def()


class World:
    """A lake with labels in it, and the checks that look at them."""

    def __init__(self, folder: Path, instance: dg.DagsterInstance) -> None:
        self.lake, self._instance = Lake(Folder(folder)), instance

    def put(self, path: str, table: Table, rows: Sequence[Row] | pa.Table) -> None:
        """What no asset would write, too: the gate before the lake is not asked."""
        found = rows if isinstance(rows, pa.Table) else lenient(table).from_rows(list(rows))
        self.lake.store.put(HOME + path, to_parquet(found, {}))

    def labelled(self, rows: Sequence[Row] | pa.Table, at: Month = JUNE) -> None:
        self.put(at.path(LABELLED_PLAYS.path), LABELLED_PLAYS, rows)

    def covered(self, document: Mapping[str, Row]) -> None:
        self.lake.store.put(HOME + MANIFEST, json.dumps(document).encode())

    def checked(self, *assets: str, date: str | None = DAY) -> Evaluations:
        """By its name every check's evaluation; only the checks are run."""
        return evaluations(every_asset(), self._instance, assets, date=date)


def lenient(table: Table) -> Table:
    """The same table with every column free to be null."""
    fields = tuple(field.with_nullable(True) for field in table.fields)
    return Table(table.name, table.path, table.grain, fields, table.key)


def not_met(found: Evaluations) -> dict[str, dg.AssetCheckEvaluation]:
    return {name: one for name, one in found.items() if not one.passed}


def examples(one: dg.AssetCheckEvaluation) -> list[Row]:
    told: list[Row] = one.metadata["examples"].value  # type: ignore[assignment]
    return told


@pytest.fixture
def world(environment: Environment, instance: dg.DagsterInstance) -> World:
    return World(environment.lake, instance)


def test_good_labels_are_green_and_say_what_they_rest_on(world: World) -> None:
    world.labelled([play(n, context_confidence=0.1 * n) for n in range(4, 10)])
    world.covered(manifest({"names": 40, "habits": 100}, {"names": 20, "habits": 100}))
    found = world.checked("labelled_plays")
    assert not_met(found) == {}
    rest = found["labels_rest_on_more_than_clock_and_habits"].metadata
    assert (rest["names"].value, rest["habits"].value) == (0.3, 1.0)
    sure = found["most_labels_are_sure"].metadata
    assert sure["unsure"].value == pytest.approx(1 / 6)
    assert sure["p50"].value == pytest.approx(0.6)


def test_labels_that_cannot_be_are_red(world: World) -> None:
    world.labelled([play(1, context="jogging"), play(2, context_confidence=1.5)] + [play(3)] * 2)
    found = not_met(world.checked("labelled_plays"))
    declared = "labelled_plays_as_declared"
    assert set(found) == {declared, "context_is_known", "context_confidence_is_a_share"}
    repeated: Any = found[declared].metadata["keys"].value
    assert [(one["play_id"], one["times"]) for one in repeated] == [("p3", "2")] * 2
    assert {one.severity for one in found.values()} == {dg.AssetCheckSeverity.ERROR}


def test_labels_that_rest_on_little_are_a_warning(world: World) -> None:
    world.labelled([play(1), play(2, context_confidence=0.2), play(3, context_confidence=0.3)])
    world.covered(manifest({"names": 2, "sound": 1, "habits": 100, "platform": 100}))
    found = not_met(world.checked("labelled_plays"))
    assert set(found) == {"labels_rest_on_more_than_clock_and_habits", "most_labels_are_sure"}
    assert {one.severity for one in found.values()} == {dg.AssetCheckSeverity.WARN}
    [rest] = examples(found["labels_rest_on_more_than_clock_and_habits"])
    assert (rest["names"], rest["sound"], rest["telling"]) == ("0.02", "0.01", "0.03")
    [sure] = examples(found["most_labels_are_sure"])
    assert float(sure["unsure"]) == pytest.approx(2 / 3)


def test_a_session_that_ends_before_it_starts_is_red(world: World) -> None:
    at_once = row(SESSIONS)
    backwards = row(SESSIONS, session_id="y", ended_at=NOON - timedelta(seconds=1))
    world.put(SESSIONS.path, SESSIONS, [at_once, backwards, row(SESSIONS, session_id=None)])
    found = not_met(world.checked("sessions"))
    assert set(found) == {"sessions_as_declared", "session_does_not_end_before_it_starts"}
    nulls: Any = found["sessions_as_declared"].metadata["nulls"].value
    assert [(one["column"], one["nulls"]) for one in nulls] == [("session_id", "1")]
    [one] = examples(found["session_does_not_end_before_it_starts"])
    assert one["session_id"] == "y"


def test_like_months_are_green_and_their_shares_are_shown(world: World) -> None:
    world.put(CONTEXTS_BY_MONTH.path, CONTEXTS_BY_MONTH, months(USUAL, USUAL, USUAL, USUAL))
    found = world.checked("contexts_by_month")
    assert not_met(found) == {}
    shares = found["no_share_jumped"].metadata
    assert (shares["sleep"].value, shares["sleep_usually"].value) == (0.3, 0.3)


def test_a_share_that_jumps_is_a_warning_and_stands_beside_the_usual_one(world: World) -> None:
    odd = months(USUAL, USUAL, USUAL, {"sleep": 1900.0, "everyday": 100.0})
    world.put(CONTEXTS_BY_MONTH.path, CONTEXTS_BY_MONTH, odd)
    found = not_met(world.checked("contexts_by_month"))
    assert set(found) == {"no_share_jumped"}
    assert found["no_share_jumped"].severity == dg.AssetCheckSeverity.WARN
    told = examples(found["no_share_jumped"])
    assert {(one["context"], one["share"], one["usual"]) for one in told} == {
        ("sleep", "0.95", "0.3"),
        ("everyday", "0.05", "0.7"),
    }


def test_shares_of_a_month_that_do_not_add_up_are_red(world: World) -> None:
    both = months(USUAL, USUAL)
    world.put(CONTEXTS_BY_MONTH.path, CONTEXTS_BY_MONTH, both.slice(1))
    found = not_met(world.checked("contexts_by_month"))
    assert set(found) == {"shares_of_a_month_add_up"}
    [one] = examples(found["shares_of_a_month_add_up"])
    assert (one["month"], one["share"]) == ("2026-04-01", "0.7")


def test_a_lake_without_labels_is_green(world: World) -> None:
    assert not_met(world.checked("labelled_plays", "sessions", "contexts_by_month")) == {}


def test_without_a_date_all_months_are_looked_at(world: World) -> None:
    world.labelled([play(1, context="jogging")], at=Month(2020, 1))
    world.labelled([play(2)])
    assert not_met(world.checked("labelled_plays")) == {}
    assert set(not_met(world.checked("labelled_plays", date=None))) == {"context_is_known"}


def test_a_missing_column_is_red_and_the_figures_wait(world: World) -> None:
    rows = LABELLED_PLAYS.from_rows([play(1, context_confidence=0.1)])
    world.labelled(rows.drop_columns(["ms_played", "mine"]))
    found = not_met(world.checked("labelled_plays"))
    assert set(found) == {"labelled_plays_as_declared"}
    missing: Any = found["labelled_plays_as_declared"].metadata["columns"].value
    assert [(one["column"], one["stored"]) for one in missing] == [
        ("ms_played", "None"),
        ("mine", "None"),
    ]


def jumped(*by_month: Mapping[str, float], today: date = date(2026, 6, 10)) -> set[str]:
    found = drift.jumps(months(*by_month), today).to_pylist()
    return {one["context"] for one in found if one["jumped"]}


PARTY = {"party": 700.0, "everyday": 1300.0}
CALM = {"everyday": 2000.0}


def test_a_context_that_is_new_jumps_and_the_one_it_thins_does_not() -> None:
    assert jumped(CALM, CALM, CALM, PARTY) == {"party"}


def test_a_context_that_is_gone_jumps() -> None:
    assert jumped(PARTY, PARTY, PARTY, CALM) == {"party"}


def test_one_odd_month_before_does_not_make_the_usual_one_jump() -> None:
    assert jumped(PARTY, CALM, CALM, CALM) == set()


@pytest.mark.parametrize(
    "now",
    [
        {"party": 500.0, "everyday": 1500.0},
        {"sleep": 480.0, "party": 0.0, "everyday": 1520.0},
    ],
)
def test_a_quarter_is_no_jump_yet(now: Mapping[str, float]) -> None:
    assert jumped(CALM, CALM, CALM, now) == set()


def test_three_times_as_much_is_no_jump_yet() -> None:
    before = {"party": 400.0, "everyday": 1600.0}
    assert jumped(before, before, before, {"party": 1200.0, "everyday": 800.0}) == set()
    assert jumped(before, before, before, {"party": 1240.0, "everyday": 760.0}) == {"party"}


def test_two_months_are_no_past() -> None:
    assert jumped(CALM, CALM, PARTY) == set()


def test_months_with_few_hours_are_neither_past_nor_judged() -> None:
    short = {"everyday": 599.0}
    assert jumped(CALM, short, CALM, PARTY) == set()
    assert jumped(CALM, CALM, CALM, {"party": 599.0}) == set()
    assert jumped(CALM, CALM, CALM, {"party": 600.0}) == {"party", "everyday"}


def test_the_month_under_way_is_not_judged() -> None:
    assert jumped(CALM, CALM, CALM, PARTY, today=date(2026, 5, 31)) == set()
    assert jumped(CALM, CALM, CALM, PARTY, today=date(2026, 6, 1)) == {"party"}


def test_what_lies_more_than_half_a_year_back_is_no_past() -> None:
    long_ago = months(CALM, CALM, CALM, last=Month(2025, 10)).to_pylist()
    rows = [*long_ago, *months(PARTY).to_pylist()]
    assert not len(drift.jumps(CONTEXTS_BY_MONTH.from_rows(rows), date(2026, 6, 10)))


def test_only_the_last_three_months_with_plays_count_as_evidence() -> None:
    document = manifest({"names": 100}, {"names": 9}, {}, {"sound": 3})
    empty = {Month(2026, 9).path(LABELLED_PLAYS.path): {"rows": 0, "coverage": {}}}
    [told] = drift.evidence_coverage(document | empty).to_pylist()
    assert told == {"plays": 300, "names": 0.03, "sound": 0.01, "telling": pytest.approx(0.04)}


def test_a_long_play_weighs_more_than_many_short_ones() -> None:
    short = [play(n, ms_played=60_000, context_confidence=0.2) for n in range(9)]
    rows = [*short, play(9, ms_played=600_000), play(10, ms_played=None, context_confidence=0.0)]
    [told] = drift.confidence_distribution(LABELLED_PLAYS.from_rows(rows)).to_pylist()
    assert told["minutes"] == 19
    assert told["unsure"] == pytest.approx(9 / 19)
    assert (told["p40"], told["p50"]) == (pytest.approx(0.2), pytest.approx(0.9))


def test_mine_is_part_of_all_or_the_month_is_named(world: World):
    table = insights()["listening_by_month"].table
    count = {"plays": 4, "minutes": 12.0, "tracks": 3, "artists": 2, "sessions": 1}
    right = [
        row(table, scope=scope, month=date(2026, month, 1), **count)
        for scope in ("all", "mine")
        for month in (5, 6)
    ]
    world.put(table.path, table, right)
    assert not_met(world.checked("listening_by_month")) == {}

    world.put(table.path, table, [*right[:3], {**right[3], "artists": 3}])
    found = not_met(world.checked("listening_by_month"))
    assert set(found) == {"mine_is_never_more_than_all"}
    [example] = examples(found["mine_is_never_more_than_all"])
    assert example["month"] == "2026-06-01"
