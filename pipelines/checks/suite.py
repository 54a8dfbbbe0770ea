"""Great Expectations inside Dagster: a list of rules becomes one asset check per rule.

Declaring rules and running them live here; which rules hold for which table is said in the
module of its stage. Great Expectations is imported inside the check, since that takes 2 seconds.
"""

import logging
import numbers
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any

import dagster as dg
import pyarrow as pa
import pyarrow.compute as pc

from pipelines import run_context
from pipelines.errors import RefusedTable
from pipelines.listening.schema.table import Table
from pipelines.listening.time.months import Month
from pipelines.resources.lake.tables import Lake
from pipelines.run_context import expected_failures

EXAMPLES = 5

ERROR, WARN = dg.AssetCheckSeverity.ERROR, dg.AssetCheckSeverity.WARN

Load = Callable[[Lake, str, str | None], Mapping[str, pa.Table]]
"""From the lake, the listener and the run's date (or None) to the tables that rules speak of."""


@dataclass(frozen=True)
class Rule:
    """One expectation about one table.

    Attributes:
        name: name of the check in the UI.
        expectation: name of a class in `great_expectations.expectations`.
        about: its arguments; values that are functions are called with the table.
        table: which of the loaded tables it speaks of.
        blocking: whether the data must not go on where it fails; otherwise it warns.
        figures: numbers of the table that the UI shows whether or not the rule is met.
        nulls_of: a declaration; the rule then speaks of how many nulls each of its required
            columns has.
    """

    name: str
    expectation: str
    about: Mapping[str, Any] = field(default_factory=dict)
    table: str = ""
    blocking: bool = True
    figures: Callable[[pa.Table], Mapping[str, float]] | None = None
    nulls_of: Table | None = None


def rules_of(table: Table, *, called: str = "") -> list[Rule]:
    """What a table's declaration says: its columns, no nulls where required, unique keys.

    Args:
        table: the declaration.
        called: which of the loaded tables it is about.
    """
    prefix = f"{called}_" if called else ""
    key = list(table.key)
    unique = (
        Rule(f"{prefix}key_is_unique", "ExpectColumnValuesToBeUnique", {"column": key[0]}, called)
        if len(key) == 1
        else Rule(
            f"{prefix}key_is_unique",
            "ExpectCompoundColumnsToBeUnique",
            {"column_list": key, "ignore_row_if": "never"},
            called,
        )
    )
    return [
        Rule(
            f"{prefix}columns_as_declared",
            "ExpectTableColumnsToMatchOrderedList",
            {"column_list": table.schema.names},
            called,
        ),
        # One rule for them all: each costs the daily run a hundredth of a second.
        Rule(
            f"{prefix}required_columns_are_there",
            "ExpectColumnValuesToBeBetween",
            {"column": "nulls", "max_value": 0},
            called,
            nulls_of=table,
        ),
        unique,
    ]


def _required(table: Table) -> list[str]:
    return [column.name for column in table.fields if not column.nullable]


def nulls_in(rows: pa.Table, table: Table) -> pa.Table:
    """For each required `column` of a table its number of `nulls`; all, where it is missing."""
    required = _required(table)
    there = rows.column_names
    nulls = [rows[name].null_count if name in there else len(rows) for name in required]
    return pa.table({"column": required, "nulls": nulls})


def checks(
    asset: dg.AssetsDefinition,
    rules: Sequence[Rule],
    load: Load,
    *,
    of: str | None = None,
    partitions: dg.PartitionsDefinition | None = None,
) -> dg.AssetChecksDefinition:
    """One asset check per rule, all of them run together.

    Args:
        asset: what they look at.
        rules: what holds for it.
        load: reads what the rules speak of.
        of: name of the one that is meant where `asset` makes several.
        partitions: how `asset` is cut.
    """
    (key,) = (key for key in asset.keys if of in (None, key.path[-1]))
    with warnings.catch_warnings():  # that checks with partitions are new in Dagster is known
        warnings.simplefilter("ignore", dg.PreviewWarning)
        specs = [
            dg.AssetCheckSpec(
                rule.name,
                asset=key,
                blocking=rule.blocking,
                partitions_def=partitions,
                description=_in_words(rule),
            )
            for rule in rules
        ]

    @dg.multi_asset_check(name=f"{key.path[-1]}_checks", specs=specs, can_subset=True)
    def run(
        context: dg.AssetCheckExecutionContext, lake: dg.ResourceParam[Lake]
    ) -> Iterator[dg.AssetCheckResult]:
        selected = {key.name: key.asset_key for key in context.selected_asset_check_keys}
        listener = next(iter(selected.values())).path[0]
        with expected_failures():
            tables = load(lake, listener, run_context.date_of(context.run.tags))
        wanted = [rule for rule in rules if rule.name in selected]
        for name, table in tables.items():
            of_this = [rule for rule in wanted if rule.table == name]
            for rule, passed, metadata in evaluate(of_this, table):
                yield dg.AssetCheckResult(
                    passed=passed,
                    check_name=rule.name,
                    asset_key=selected[rule.name],
                    severity=ERROR if rule.blocking else WARN,
                    metadata=metadata,
                )

    return run


def _in_words(rule: Rule) -> str:
    """What the UI says of a rule: its name as a sentence, and how it is put to the test."""
    how = ", ".join(f"{name}: {told}" for name, told in rule.about.items() if not callable(told))
    sentence = rule.name.replace("_", " ").capitalize()
    return f"{sentence}. ({rule.expectation}{f', {how}' if how else ''})"


def as_declared(rows: pa.Table, table: Table) -> pa.Table:
    """What figures can be made of; none of what is not as declared, since other rules say so."""
    try:
        return table.validate(rows)
    except RefusedTable:
        return table.empty()


def latest_months(lake: Lake, listener: str, table: Table, day: str | None) -> pa.Table:
    """The months that a run for a date can have changed last; all of them without a date."""
    home = f"users/{listener}/"
    if day is None:
        folder = table.path.partition("{")[0]
        paths = [entry.key for entry in lake.store.list(f"{home}{folder}")]
    else:
        last = run_context.as_date(day) + timedelta(days=1)
        months = {Month.of(one) for one in (last, last - timedelta(days=31))}
        paths = [home + month.path(table.path) for month in sorted(months)]
    # The empty table of a month without plays would lend its columns to the others.
    found = [rows for path in paths if len(rows := lake.peek(path, table))]
    return pa.concat_tables(found or [table.empty()], promote_options="permissive")


def evaluate(rules: Sequence[Rule], table: pa.Table) -> Iterator[tuple[Rule, bool, dict[str, Any]]]:
    """Each rule with whether the table meets it, and counts and examples of rows that do not."""
    yield from _evaluated([rule for rule in rules if not rule.nulls_of], table)
    for rule in rules:
        if rule.nulls_of:
            yield from _evaluated([rule], nulls_in(table, rule.nulls_of))


def _evaluated(
    rules: Sequence[Rule], table: pa.Table
) -> Iterator[tuple[Rule, bool, dict[str, Any]]]:
    if not rules:
        return
    import great_expectations as gx  # noqa: PLC0415 2 seconds

    batch = _frames().get_batch({"dataframe": _flat(table).to_pandas()})
    suite = gx.ExpectationSuite("rules")
    for rule in rules:
        about = {name: told(table) if callable(told) else told for name, told in rule.about.items()}
        expectation = getattr(gx.expectations, rule.expectation)
        suite.add_expectation(expectation(meta={"rule": rule.name}, **about))
    found = batch.validate(
        suite, result_format={"result_format": "COMPLETE", "partial_unexpected_count": EXAMPLES}
    )
    by_rule = {_rule_name(one): one for one in found.results}
    for rule in rules:
        result = by_rule[rule.name]
        figures = rule.figures(table) if rule.figures else {}
        yield rule, bool(result.success), {**figures, **_metadata(table, result)}


@cache
def _frames() -> Any:
    """Where Great Expectations is handed data frames, each in place of the one before."""
    import great_expectations as gx  # noqa: PLC0415 2 seconds
    from great_expectations.data_context.types.base import ProgressBarsConfig  # noqa: PLC0415

    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    frames = context.data_sources.add_pandas("lake").add_dataframe_asset("table")
    return frames.add_batch_definition_whole_dataframe("all")


def _flat(table: pa.Table) -> pa.Table:
    """The table with lists by their length: pandas would make an object of every element."""
    for at, field_ in enumerate(table.schema):
        if pa.types.is_list(field_.type):
            table = table.set_column(at, field_.name, pc.list_value_length(table[field_.name]))
    return table


def _problem(info: Mapping[str, Any]) -> str:
    """Why a rule could not be evaluated: one message, or one for each of its metrics."""
    each = [info] if "exception_message" in info else info.values()
    return "; ".join(str(one["exception_message"]) for one in each if one["exception_message"])


def _rule_name(result: Any) -> str:
    return str(result.expectation_config.meta["rule"])


def _metadata(table: pa.Table, found: Any) -> dict[str, Any]:
    """What the UI shows of a result: numbers as numbers, failing rows as rows."""
    told = found.result
    metadata: dict[str, Any] = {"rows": len(table)}
    for name in ("element_count", "unexpected_count", "unexpected_percent", "observed_value"):
        if isinstance(told.get(name), numbers.Number):
            metadata[name] = round(float(told[name]), 4)
    if problem := _problem(found.exception_info):
        metadata["problem"] = problem
    if rows := (told.get("unexpected_index_list") or [])[:EXAMPLES]:
        examples = table.take([int(row) for row in rows]).to_pylist()
        metadata["examples"] = dg.MetadataValue.json(
            [{name: str(value) for name, value in row.items()} for row in examples]
        )
    return metadata
