"""Insights: one SQL file per table, and how such files are parsed and run.

A file of `pipelines/insights/` is an insight: its comment has the question that it answers, what
one row is, and its columns; its SELECT gives the rows. Files in `insights/base/` prepare what
several of them select from. To add an insight, add a file, and change nothing else. Reading its
inputs from the lake is `assets/insights.py`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

import pyarrow as pa

from pipelines.listening.catalogue.genres import genre_key_sql
from pipelines.listening.schema.table import Table
from pipelines.listening.schema.tables import NAMES, UTC_MS
from pipelines.listening.time.local_time import Zone, local_time_sql

INPUTS = {
    *("labelled_plays", "sessions", "gaps"),
    *("known_tracks", "unique_artists", "top_lists", "settings"),
    *("playlist_entries", "playlist_tracks", "playlist_readings", "playlist_changes"),
    *("named_tracks", "lastfm_user_tracks", "lastfm_tracks", "spotify_play_counts"),
}
"""The inputs that base files select from."""

TYPES = {
    "string": pa.string(),
    "bool": pa.bool_(),
    "int8": pa.int8(),
    "int16": pa.int16(),
    "int32": pa.int32(),
    "int64": pa.int64(),
    "double": pa.float64(),
    "date": pa.date32(),
    "instant": UTC_MS,
    "strings": NAMES,
}
"""Types of columns, by their names in the comments of insights."""

LOOKED_UP = " Looked up by it."
"""What follows the key of a table that is read row by row."""

_COLUMN = re.compile(r"  (?P<name>\w+) +(?P<type>\S+?)(?P<required>\*?)  +(?P<meaning>\S.*)")
_FROM = re.compile(r"\b(?:FROM|JOIN)\s+(\w+)")

STREAMED = {"top_entries"}
"""Base files with far more rows than what is made of them: computed where they are read."""


_MACROS = f"""
CREATE MACRO genre_key(genre) AS {genre_key_sql("genre")};
CREATE MACRO first_three(genres) AS list_filter(genres, lambda x, place:
    list_position(list_transform(genres, lambda y: genre_key(y)), genre_key(x)) = place)[:3];
-- An enum is sorted and grouped as a number.
CREATE TYPE whose AS ENUM ('all', 'mine');
-- Sums of integers, and of sorted lists, which do not depend on the order of rows.
CREATE MACRO mean_by_plays(value, plays) AS
    sum(round(value * 1e6)::BIGINT * plays) / sum(plays) FILTER (value IS NOT NULL) / 1e6;
CREATE MACRO entropy(counts) AS greatest(
    ln(list_sum(counts))
        - list_sum(list_transform(counts, lambda x: x * ln(x))) / list_sum(counts),
    0
);
-- Limits beyond which a Poisson number of so many does not lie but for once in a thousand times.
CREATE MACRO byar(number, z) AS number * (1 - 1 / (9 * number) + z / (3 * sqrt(number))) ** 3;
CREATE MACRO byar_low(seen) AS if(seen = 0, 0, byar(seen, -3.0902));
CREATE MACRO byar_high(seen) AS byar(seen + 1, 3.0902);
-- How many months or years lie between two in which something was played; null where not all of
-- these are known as a whole.
CREATE MACRO away(apart, now, earlier) AS CASE
    WHEN now.lacking = earlier.lacking + (NOT earlier.whole)::INTEGER THEN apart - 1 END;
-- What became of something since the month or the year before, of which there may be none.
CREATE MACRO moved(before, heard_before, long_away, climbed) AS CASE
    WHEN before IS NULL THEN NULL
    WHEN heard_before IS NULL THEN 'new'
    WHEN long_away THEN 'back'
    WHEN climbed > 0 THEN 'up'
    WHEN climbed < 0 THEN 'down'
    WHEN climbed = 0 THEN 'same' END;
CREATE MACRO gini(counts) AS
    2 * list_sum(list_transform(counts, lambda x, i: x * i)) / (len(counts) * list_sum(counts))
        - (len(counts) + 1) / len(counts);
"""


class WrongInsight(ValueError):
    """An SQL file that is not a valid insight; the message names the file and the problem."""


@dataclass(frozen=True)
class Insight:
    """One question and the table that answers it.

    Attributes:
        table: what the comment declares; its name is the file's.
        question: what the table answers.
        sql: the SELECT.
    """

    table: Table
    question: str
    sql: str

    @property
    def description(self) -> str:
        """The question, and what one row is."""
        return f"{self.question} {self.table.grain}"


@cache
def insights() -> Mapping[str, Insight]:
    """Every insight, by the name of its table."""
    folder = files("pipelines") / "insights"
    return {name: parse_insight(name, text) for name, text in _sql_files(folder)}


@cache
def base() -> Mapping[str, str]:
    """Base files: a SELECT by the name of the table that it prepares."""
    return dict(_sql_files(files("pipelines") / "insights" / "base"))


def _sql_files(folder: Traversable) -> Iterator[tuple[str, str]]:
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".sql"):
            yield file.name.removesuffix(".sql"), file.read_text(encoding="utf-8")


def parse_insight(name: str, text: str) -> Insight:
    """Parse the file of an insight.

    Args:
        name: name of the file, without `.sql`.
        text: paragraphs of comment (the question; what one row is; the columns, each with its
            type, a star if it is never null, and its meaning; the key, with `LOOKED_UP` where it
            applies), then a SELECT.

    Raises:
        WrongInsight: if the comment has another form.
    """
    lines = text.splitlines()
    end = next((n for n, line in enumerate(lines) if not line.startswith("--")), len(lines))
    paragraphs = "\n".join(line[3:] for line in lines[:end]).split("\n\n")
    if len(paragraphs) != 4:  # noqa: PLR2004 question, grain, columns, key
        raise WrongInsight(
            f"insights/{name}.sql: its comment needs four paragraphs (the question, 'One row: …', "
            f"the columns, 'Key: …'), and has {len(paragraphs)}"
        )
    question, grain, columns, key = paragraphs
    key = _after_prefix(name, key, "Key:")
    table = Table(
        name=name,
        path=f"aggregated/{name}.parquet",
        grain=_after_prefix(name, grain, "One row:"),
        fields=tuple(_columns(name, columns)),
        key=tuple(re.split(r",\s*", key.removesuffix(LOOKED_UP).rstrip("."))),
        looked_up=key.endswith(LOOKED_UP),
    )
    if unknown := set(table.key) - set(table.schema.names):
        raise WrongInsight(f"insights/{name}.sql: no column is called {min(unknown)}, as its key")
    return Insight(table, _in_one_line(question), "\n".join(lines[end:]))


def _after_prefix(name: str, paragraph: str, prefix: str) -> str:
    """A paragraph without its prefix."""
    text = _in_one_line(paragraph)
    if not text.startswith(prefix):
        raise WrongInsight(f"insights/{name}.sql: {text[:40]!r} should begin with {prefix!r}")
    text = text.removeprefix(prefix).strip()
    return text[:1].upper() + text[1:] if prefix.startswith("One") else text


def _in_one_line(paragraph: str) -> str:
    return " ".join(paragraph.split())


def _columns(name: str, paragraph: str) -> Iterator[pa.Field]:
    # A meaning continues on lines that are indented further than names.
    for line in re.sub(r"\n {3,}", " ", paragraph).splitlines():
        match = _COLUMN.fullmatch(line)
        type_ = _type(match["type"]) if match else None
        if not match or type_ is None:
            raise WrongInsight(
                f"insights/{name}.sql: {line.strip()!r} is not a column: write its name, its type "
                f"({', '.join(TYPES)}, or list<name:type,…>), a star where it is never null, "
                "two blanks and its meaning"
            )
        metadata = {"description": match["meaning"]}
        yield pa.field(match["name"], type_, nullable=not match["required"], metadata=metadata)


def _type(text: str) -> pa.DataType | None:
    if not text.startswith("list<"):
        return TYPES.get(text)
    parts = text.removeprefix("list<").removesuffix(">").split(",")
    fields = {name: TYPES.get(type_) for name, _, type_ in (part.partition(":") for part in parts)}
    return None if None in fields.values() else pa.list_(pa.struct(fields.items()))


def compute(
    wanted: Iterable[str], inputs: Mapping[str, pa.Table], zones: Sequence[Zone]
) -> Iterator[tuple[str, pa.Table]]:
    """Compute some insights, each after the insights that it selects from.

    Base files that several of them select from are computed once; tables and inputs are given up
    after the last query that reads them, so that a caller should not hold on to inputs either.

    Args:
        wanted: names of insights.
        inputs: at least the inputs in `required_inputs(wanted)`, by name.
        zones: the listener's time zones, in order of time.

    Yields:
        Names of insights and their rows, as soon as they are computed.
    """
    import duckdb  # noqa: PLC0415 0.1 s that loading the definitions should not take

    wanted = set(wanted)
    with duckdb.connect() as db:
        db.execute("SET TimeZone = 'UTC'")
        db.execute(f"CREATE MACRO local_time(instant) AS {local_time_sql('instant', zones)}")
        db.execute(_MACROS)
        inputs = dict(inputs)
        for name, rows in inputs.items():
            db.register(name, rows)
        order = _sorted_by_dependency(wanted)
        last_use = {read: name for name in order for read in (name, *_tables_read(name))}
        for name in order:
            db.execute(f"SET disabled_optimizers = '{_not_for(name)}'")
            sql = _sql_of(name)
            read_on = last_use[name] != name or name in STREAMED
            if read_on:
                kind = "VIEW" if name in STREAMED else "TABLE"
                db.execute(f"CREATE {kind} {name} AS {sql}")
            if name in wanted:
                rows = inputs.get(_input_as_it_is(sql))
                if rows is None:
                    rows = db.sql(f"FROM {name}" if read_on else sql).to_arrow_table()
                rows = conform(insights()[name].table, rows)
                yield name, rows
            rows = None
            for read in [one for one, last in last_use.items() if last == name]:
                if read in inputs:
                    db.unregister(read)
                    del inputs[read]
                elif read not in STREAMED and (read != name or read_on):
                    db.execute(f"DROP TABLE {read}")


def _input_as_it_is(sql: str) -> str:
    """The input that a query gives as it is: DuckDB would only copy it; empty for other queries."""
    whole = re.fullmatch(r"\s*FROM (\w+)\s*", _without_comments(sql))
    return whole[1] if whole else ""


def _tables_read(name: str) -> set[str]:
    """The tables and inputs that a file is computed from, also those behind a view."""
    named = set(_FROM.findall(_without_comments(_sql_of(name)))) & {*base(), *insights(), *INPUTS}
    return (named - STREAMED).union(*(_tables_read(view) for view in named & STREAMED))


def _not_for(name: str) -> str:
    """The optimizers of DuckDB's that slow a file down.

    One would hold many rows to join them with few others: it does not know how many rows an Arrow
    table has, and takes it for the smaller side. Where it is told not to choose, what follows JOIN
    is held. Another asks of each item of a playlist whether it is within the bounds of what it is
    joined with, as nearly all are.
    """
    read = set(_FROM.findall(_without_comments(_sql_of(name))))
    slow = {
        "build_side_probe_side": {*STREAMED, "playlist_entries"},
        "join_filter_pushdown": {"playlist_entries"},
    }
    return ",".join(optimizer for optimizer, of in slow.items() if read & of)


def required_inputs(wanted: Iterable[str]) -> set[str]:
    """The inputs from which some insights are computed, directly or through other files."""
    named = {
        name
        for one in _sorted_by_dependency(wanted)
        for name in _FROM.findall(_without_comments(_sql_of(one)))
    }
    return named & INPUTS


def dependencies(sql: str) -> set[str]:
    """The insights and base files that a query selects from."""
    return set(_FROM.findall(_without_comments(sql))) & {*base(), *insights()}


def _sorted_by_dependency(wanted: Iterable[str]) -> list[str]:
    """Insights and base files, each after those that it selects from."""
    order: dict[str, None] = {}

    def add(name: str) -> None:
        # Late and one by one, so that each is there for few others; sorted, so always the same.
        if name not in order:
            for other in sorted(dependencies(_sql_of(name))):
                add(other)
            order[name] = None

    for name in sorted(wanted):
        add(name)
    return list(order)


def _sql_of(name: str) -> str:
    return base()[name] if name in base() else insights()[name].sql


def _without_comments(sql: str) -> str:
    """A query without its comments."""
    return re.sub(r"--.*", "", sql)


def conform(table: Table, rows: pa.Table) -> pa.Table:
    """Conform rows to a table; columns that are not declared are dropped.

    Args:
        table: the insight's table.
        rows: what its SELECT gave.

    Raises:
        WrongInsight: if columns are missing; names them.
    """
    if missing := [name for name in table.schema.names if name not in rows.column_names]:
        raise WrongInsight(f"insights/{table.name}.sql: its SELECT gives no {', '.join(missing)}")
    return table.conform(rows.select(table.schema.names).cast(table.schema))
