"""Great Expectations in Dagster: asset checks consist of rules, which are evaluated together.

Declaring and running checks live here; the checks of an asset are in the module of its stage. A
check belongs there only if it can fail on what was written: a wrong structure is refused at the
write, so each table has one structural check of the stored files, and the others are about the
meaning of rows. Great Expectations is imported by the first check of a run: see `expectations.py`.
"""

import numbers
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, TypeVar

import dagster as dg
import pyarrow as pa
import pyarrow.compute as pc

from pipelines import run_context
from pipelines.checks.expectations import data_frames, great_expectations
from pipelines.checks.structure import Structure
from pipelines.listening.schema.table import Table
from pipelines.listening.time.months import months_between
from pipelines.resources.dagster_resources import LakeResource
from pipelines.resources.lake.lakes import Lake, ListenerLake, SurveyLake
from pipelines.resources.lake.tables import TableStore
from pipelines.run_context import expected_failures

EXAMPLES = 5

_ABOUT_COLUMNS = ("column", "column_A", "column_B")
"""Arguments of expectations that name columns: no others have to become a data frame."""

ERROR, WARN = dg.AssetCheckSeverity.ERROR, dg.AssetCheckSeverity.WARN

COLUMNS, KEYS = "columns", "keys"
"""Names under which rules refer to the tables of a structure."""


@dataclass(frozen=True)
class Stored:
    """The stored data of an asset, for its checks.

    Attributes:
        tables: the tables that rules refer to, by name; the asset's own rows are "".
        files: the stored rows by path, not validated.
    """

    tables: Mapping[str, pa.Table] = field(default_factory=dict)
    files: Mapping[str, pa.Table] = field(default_factory=dict)

    @classmethod
    def one(cls, path: str, rows: pa.Table, **others: pa.Table) -> "Stored":
        """A table that is one file.

        Args:
            path: where it is stored.
            rows: as they are stored there.
            others: other tables that rules refer to, by name.
        """
        return cls({"": rows, **others}, {path: rows})


Folder = TypeVar("Folder", bound=TableStore)

Load = Callable[[Folder, str | None], Stored]
"""From the folder that the asset is in and the run's date (or None) to the stored data."""


def of_listener(lake: Lake, key: dg.AssetKey) -> ListenerLake:
    """The folder of a listener's asset."""
    return lake.of(key.path[0])


def of_survey(lake: Lake, key: dg.AssetKey) -> SurveyLake:
    """The folder of a survey's asset, `survey/<name>/<table>`."""
    return lake.survey(key.path[1])


@dataclass(frozen=True)
class Rule:
    """One expectation about one table.

    Rules pass on empty tables, so none may be about the number of rows.

    Attributes:
        expectation: name of a class in `great_expectations.expectations`.
        about: its arguments; values that are functions are called with the table.
        table: name of the table it is about.
        name: its name where a check has several rules.
        shown: columns of the examples; empty for all.
    """

    expectation: str
    about: Mapping[str, Any]
    table: str = ""
    name: str = ""
    shown: tuple[str, ...] = ()


@dataclass(frozen=True)
class Check:
    """An asset check, which passes if all of its rules do.

    Attributes:
        name: its name in the UI.
        rules: its rules.
        blocking: whether a failure stops downstream assets; otherwise it is a warning.
        figures: numbers of the table that the UI shows, passed or not.
        counted: what a row of the table is, where it is not a row of the asset.
        declaration: the table whose structure it checks, if it does.
        apart: whether a key may be in more than one file of that table.
        private: whether rows are of persons who did not ask to be in Dagster's storage: then
            failures are counted, and no row is shown.
    """

    name: str
    rules: tuple[Rule, ...]
    blocking: bool = True
    figures: Callable[[pa.Table], Mapping[str, float]] | None = None
    counted: str = "rows"
    declaration: Table | None = None
    apart: bool = False
    private: bool = False


def check(
    name: str,
    expectation: str,
    about: Mapping[str, Any],
    table: str = "",
    *,
    blocking: bool = True,
    figures: Callable[[pa.Table], Mapping[str, float]] | None = None,
    counted: str = "rows",
) -> Check:
    """A check with one rule.

    Args:
        name: its name in the UI.
        expectation: name of a class in `great_expectations.expectations`.
        about: its arguments, as in `Rule`.
        table: name of the table it is about.
        blocking: as in `Check`.
        figures: as in `Check`.
        counted: as in `Check`.
    """
    rule = Rule(expectation, about, table)
    return Check(name, (rule,), blocking=blocking, figures=figures, counted=counted)


_STRUCTURE = (
    # Positions among the columns that are both declared and stored.
    Rule(
        "ExpectColumnPairValuesToBeEqual",
        {"column_A": "position", "column_B": "stored_position"},
        COLUMNS,
        "columns",
        ("file", "column", "declared", "stored"),
    ),
    Rule(
        "ExpectColumnValuesToBeInSet",
        {"column": "readable", "value_set": [True]},
        COLUMNS,
        "types",
        ("file", "column", "declared", "stored"),
    ),
    Rule(
        "ExpectColumnValuesToBeBetween",
        {"column": "nulls", "max_value": 0},
        COLUMNS,
        "nulls",
        ("file", "column", "nulls"),
    ),
    Rule("ExpectColumnValuesToBeBetween", {"column": "times", "max_value": 1}, KEYS, "keys"),
)


def structure_of(table: Table, *, apart: bool = False, private: bool = False) -> Check:
    """The check that a table is stored as declared: columns, types, required values, unique keys.

    Args:
        table: its declaration.
        apart: whether a key may be in more than one of its files.
        private: as in `Check`.
    """
    name = f"{table.name}_as_declared"
    return Check(name, _STRUCTURE, declaration=table, apart=apart, private=private)


def asset_checks(
    asset: dg.AssetsDefinition,
    checks: Sequence[Check],
    load: Load[Folder],
    *,
    of: str | None = None,
    partitions: dg.PartitionsDefinition | None = None,
    folder: Callable[[Lake, dg.AssetKey], Folder] = of_listener,  # type: ignore[assignment]
) -> dg.AssetChecksDefinition:
    """The checks of an asset, which are run together.

    Args:
        asset: the asset, or the multi-asset.
        checks: its checks.
        load: reads the stored data.
        of: name of the asset, for a multi-asset.
        partitions: of the asset; None where it has none.
        folder: where the asset's files are.
    """
    (key,) = (key for key in asset.keys if of in (None, key.path[-1]))
    with warnings.catch_warnings():  # partitioned checks are a preview feature of Dagster
        warnings.simplefilter("ignore", dg.PreviewWarning)
        specs = [
            dg.AssetCheckSpec(
                one.name,
                asset=key,
                blocking=one.blocking,
                partitions_def=partitions,
                description=_in_words(one),
            )
            for one in checks
        ]

    @dg.multi_asset_check(name=f"{'__'.join(key.path)}_checks", specs=specs, can_subset=True)
    def run(
        context: dg.AssetCheckExecutionContext, lake: LakeResource
    ) -> Iterator[dg.AssetCheckResult]:
        selected = {key.name: key.asset_key for key in context.selected_asset_check_keys}
        own = folder(lake.open(), next(iter(selected.values())))
        wanted = [one for one in checks if one.name in selected]
        for one, passed, metadata in _worst(wanted, own, load, _days(context.run.tags, partitions)):
            yield dg.AssetCheckResult(
                passed=passed,
                check_name=one.name,
                asset_key=selected[one.name],
                severity=ERROR if one.blocking else WARN,
                metadata=metadata,
            )

    return run


def _days(tags: Mapping[str, str], partitions: dg.PartitionsDefinition | None) -> list[str | None]:
    """The dates to check: all of a backfill's range where the asset is partitioned by date."""
    first, last = run_context.date_of(tags), tags.get(run_context.RANGE_END_TAG)
    if partitions is None or not first or not last:
        return [first]
    return list(partitions.get_partition_keys_in_range(dg.PartitionKeyRange(first, last)))


def _worst(
    checks: Sequence[Check], lake: Folder, load: Load[Folder], days: Sequence[str | None]
) -> Iterator[tuple[Check, bool, dict[str, Any]]]:
    """Each check with its result; for several dates, that of the first on which it fails."""
    results: dict[str, tuple[Check, bool, dict[str, Any]]] = {}
    for day in days:
        with expected_failures():
            stored = load(lake, day)
        for one, passed, metadata in evaluate(checks, stored):
            if results.get(one.name, (one, True, {}))[1]:
                dated = {"date": day} if len(days) > 1 else {}
                results[one.name] = (one, passed, metadata | dated)
    yield from results.values()


def _in_words(one: Check) -> str:
    """The description of a check in the UI: its name as a sentence, and its rules."""
    sentence = f"{one.name.replace('_', ' ').capitalize()}."
    if one.declaration:
        key = ", ".join(one.declaration.key)
        return f"{sentence} Columns, types, no nulls where none may be, keys ({key}) once each."
    return f"{sentence} ({'; '.join(_rule_in_words(rule) for rule in one.rules)})"


def _rule_in_words(rule: Rule) -> str:
    about = {name: value for name, value in rule.about.items() if not callable(value)}
    return ", ".join([rule.expectation, *(f"{name}: {value}" for name, value in about.items())])


def latest_months(lake: ListenerLake, table: Table, day: str | None) -> Mapping[str, pa.Table]:
    """The stored rows of the months that a run may have changed, by path.

    Args:
        lake: the listener's.
        table: one that is partitioned by month.
        day: the run's date, YYYY-MM-DD; None to read all months.
    """
    if day is None:
        months = sorted(lake.month_versions(table))
    else:
        last = date.fromisoformat(day) + timedelta(days=1)
        months = months_between(last - timedelta(days=31), last)
    return {month.path(table.path): lake.read_unvalidated(table, **month.parts) for month in months}


def evaluate(
    checks: Sequence[Check], stored: Stored
) -> Iterator[tuple[Check, bool, dict[str, Any]]]:
    """Each check, whether it passed, and its metadata: counts, and examples of failing rows.

    Args:
        checks: which to evaluate; at most one of them checks a structure.
        stored: the stored data.
    """
    tables, figures = dict(stored.tables), dict[str, Mapping[str, Any]]()
    for one in checks:
        if one.declaration:
            structure = Structure.of(
                stored.files, one.declaration, apart=one.apart, examples=EXAMPLES
            )
            tables |= {COLUMNS: structure.columns, KEYS: structure.keys}
            figures[one.name] = _figures(structure)
        elif one.figures:
            figures[one.name] = one.figures(tables[one.rules[0].table])
    results = _validated([(one, rule) for one in checks for rule in one.rules], tables)
    for one in checks:
        of_rules = [(rule, tables[rule.table], results.get(_key(one, rule))) for rule in one.rules]
        passed = all(result is None or result.success for _, _, result in of_rules)
        metadata = (
            _metadata_of_several(of_rules)
            if len(of_rules) > 1
            else _metadata_of_one(*of_rules[0], one.counted)
        )
        metadata = {**figures.get(one.name, {}), **metadata}
        yield one, passed, _counts(metadata) if one.private else metadata


def _counts(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """The numbers alone: neither rows, nor a library's message, which may quote one."""
    return {name: value for name, value in metadata.items() if isinstance(value, int | float)}


def _figures(structure: Structure) -> dict[str, Any]:
    if not structure.wrong:
        return {"rows": structure.rows}
    examples = {"examples": _as_json(structure.examples)}
    return {"rows": structure.rows, "unexpected_count": structure.wrong} | examples


def _key(one: Check, rule: Rule) -> str:
    return f"{one.name} {rule.name}"


def _validated(
    rules: Sequence[tuple[Check, Rule]], tables: Mapping[str, pa.Table]
) -> dict[str, Any]:
    """The results of Great Expectations by key; none for rules about empty tables."""
    results: dict[str, Any] = {}
    for name in dict.fromkeys(rule.table for _, rule in rules):
        rules_of_table = {_key(one, rule): rule for one, rule in rules if rule.table == name}
        # A batch costs as much as ten rules, and most tables of warnings are empty.
        if len(tables[name]):
            results |= _results(rules_of_table, tables[name])
    return results


def _results(rules: Mapping[str, Rule], table: pa.Table) -> dict[str, Any]:
    """The results of some rules about one table, with the rows on which they fail.

    Counting comes first, for all of them together; rows are looked for only where there are any.
    """
    expectations = {key: _expectation(key, rule, table) for key, rule in rules.items()}
    asked = {rule.about.get(name) for rule in rules.values() for name in _ABOUT_COLUMNS}
    frame = _flat(table.select([name for name in table.column_names if name in asked])).to_pandas()
    batch = data_frames().get_batch({"dataframe": frame})
    counted = _validate(batch, expectations.values(), {"result_format": "BASIC"})
    wrong = [
        expectations[key]
        for key, one in counted.items()
        if not one.success or one.result.get("unexpected_count")
    ]
    shown = {"result_format": "COMPLETE", "partial_unexpected_count": EXAMPLES}
    return counted | (_validate(batch, wrong, shown) if wrong else {})


def _expectation(key: str, rule: Rule, table: pa.Table) -> Any:
    about = {n: value(table) if callable(value) else value for n, value in rule.about.items()}
    expectation = getattr(great_expectations().expectations, rule.expectation)
    return expectation(meta={"rule": key}, **about)


def _validate(
    batch: Any, expectations: Iterable[Any], result_format: Mapping[str, Any]
) -> dict[str, Any]:
    suite = great_expectations().ExpectationSuite("rules", expectations=list(expectations))
    validation = batch.validate(suite, result_format=dict(result_format))
    return {str(one.expectation_config.meta["rule"]): one for one in validation.results}


def _flat(table: pa.Table) -> pa.Table:
    """The table with lists replaced by their lengths: pandas would create an object per element."""
    for at, field_ in enumerate(table.schema):
        if pa.types.is_list(field_.type):
            table = table.set_column(at, field_.name, pc.list_value_length(table[field_.name]))
    return table


def _metadata_of_one(rule: Rule, table: pa.Table, result: Any, counted: str) -> dict[str, Any]:
    """The metadata of a check with one rule: counts, and failing rows as examples."""
    metadata: dict[str, Any] = {counted: len(table)}
    if result is None:
        return metadata
    for name in ("element_count", "unexpected_count", "unexpected_percent", "observed_value"):
        if isinstance(value := result.result.get(name), numbers.Number):
            metadata[name] = round(float(value), 4)  # type: ignore[arg-type]
    if problem := _problem(result.exception_info):
        metadata["problem"] = problem
    if examples := _examples(rule, table, result):
        metadata["examples"] = _as_json(examples)
    return metadata


def _metadata_of_several(results: Sequence[tuple[Rule, pa.Table, Any]]) -> dict[str, Any]:
    """The metadata of a check with several rules: failing rows by the name of the rule."""
    metadata: dict[str, Any] = {}
    for rule, table, result in results:
        if result is None or result.success:
            continue
        metadata[f"{rule.name}_unexpected_count"] = result.result.get("unexpected_count", 0)
        metadata[rule.name] = _as_json(_examples(rule, table, result))
        if problem := _problem(result.exception_info):
            metadata[f"{rule.name}_problem"] = problem
    return metadata


def _problem(info: Mapping[str, Any]) -> str:
    """Why a rule could not be evaluated: one message, or one for each of its metrics."""
    each = [info] if "exception_message" in info else info.values()
    return "; ".join(str(one["exception_message"]) for one in each if one["exception_message"])


def _examples(rule: Rule, table: pa.Table, result: Any) -> list[dict[str, Any]]:
    rows = [int(row) for row in (result.result.get("unexpected_index_list") or [])[:EXAMPLES]]
    shown = table.select(rule.shown or table.column_names)
    examples: list[dict[str, Any]] = shown.take(pa.array(rows, pa.int64())).to_pylist()
    return examples


def _as_json(rows: Sequence[Mapping[str, Any]]) -> dg.JsonMetadataValue:
    return dg.MetadataValue.json(
        [{name: str(value) for name, value in row.items()} for row in rows]
    )
