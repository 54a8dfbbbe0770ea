"""Stored files compared with their table's declaration: columns, types, nulls and keys.

What `listening/schema/table.py` refuses is never written, so a difference means that a file was
changed in the lake, or written by something else. Add here what a declaration says and readers
rely on. What values mean belongs in the module of their stage.
"""

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.errors import RefusedTable
from pipelines.listening.schema.table import Table

if TYPE_CHECKING:
    import pandas as pd

_COLUMNS = pa.schema(
    [
        ("file", pa.string()),
        ("column", pa.string()),
        ("declared", pa.string()),
        ("stored", pa.string()),
        ("position", pa.int32()),
        ("stored_position", pa.int32()),
        ("readable", pa.bool_()),
        ("nulls", pa.int64()),
    ]
)

_TIMES = "times"


@dataclass(frozen=True)
class Structure:
    """Stored files of one table, compared with its declaration.

    Attributes:
        columns: a row per file and column that is declared or stored: its `declared` and `stored`
            type (null where it is not), its `position` and `stored_position` among the columns that
            are both, whether the stored type is `readable` as the declared one, and the `nulls` of
            a required column.
        keys: a row per row with a repeated key: its `file`, its key, and how many `times` that key
            occurs.
        rows: how many rows all files have.
        wrong: how many of them have a null in a required column, or a repeated key.
        examples: the first of the wrong rows.
    """

    columns: pa.Table
    keys: pa.Table
    rows: int
    wrong: int
    examples: list[dict[str, Any]]

    @classmethod
    def of(
        cls, files: Mapping[str, pa.Table], table: Table, *, apart: bool, examples: int
    ) -> "Structure":
        """The structure of some files.

        Args:
            files: the stored rows by path, not validated.
            table: their declaration.
            apart: whether a key may be in more than one of the files.
            examples: how many wrong rows to return.
        """
        columns = [row for path, rows in files.items() for row in _columns(path, rows, table)]
        keys = _keys(files, table)
        repeated = _repeated(keys, apart=apart)
        wrong = [
            (rows, index)
            for path, rows in files.items()
            for index in _wrong_rows(rows, table, repeated.get(path, ()))
        ]
        return cls(
            pa.Table.from_pylist(columns, schema=_COLUMNS),
            _repeated_keys(keys, repeated, apart=apart),
            sum(len(rows) for rows in files.values()),
            len(wrong),
            [rows.slice(index, 1).to_pylist()[0] for rows, index in wrong[:examples]],
        )


def as_declared(rows: pa.Table, table: Table) -> pa.Table:
    """Rows as declared; none where they are not, which the structural check reports.

    Args:
        rows: as they are stored.
        table: their declaration.
    """
    try:
        return table.validate(rows)
    except RefusedTable:
        return table.empty()


def together(files: Mapping[str, pa.Table], table: Table) -> pa.Table:
    """The rows of several files as one table, as they are stored.

    Args:
        files: the stored rows by path.
        table: their declaration.

    Returns:
        All rows; none where the types of two files are incompatible, which the structural check
        reports.
    """
    # The columns of an empty table would be added to the others.
    parts = [rows for rows in files.values() if len(rows)] or [table.empty()]
    try:
        return pa.concat_tables(parts, promote_options="permissive")
    except pa.ArrowException:
        return table.empty()


def _columns(path: str, rows: pa.Table, table: Table) -> Iterator[dict[str, Any]]:
    declared, stored = table.schema, rows.schema
    both = [name for name in declared.names if name in stored.names]
    in_store = [name for name in stored.names if name in both]
    for name in dict.fromkeys([*declared.names, *stored.names]):
        row: dict[str, Any] = {"file": path, "column": name}
        if name in declared.names:
            row |= {"declared": str(declared.field(name).type), "position": 0}
        if name in stored.names:
            row |= {"stored": str(rows[name].type), "stored_position": 0}
        if name in both:
            field = declared.field(name)
            row |= {"position": both.index(name), "stored_position": in_store.index(name)}
            row["readable"] = _is_readable(rows[name], field.type)
            row["nulls"] = None if field.nullable else rows[name].null_count
        yield row


def _is_readable(stored: pa.ChunkedArray, type_: pa.DataType) -> bool:
    """Whether readers can use it as the declared type; an older version's may be narrower."""
    if stored.type == type_:
        return True
    try:
        stored.cast(type_, safe=True)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return False
    return True


def _keys(files: Mapping[str, pa.Table], table: Table) -> "dict[str, pd.DataFrame]":
    """The keys of the files that have all columns of the key."""
    key = list(table.key)
    return {
        path: rows.select(key).to_pandas()
        for path, rows in files.items()
        if key and set(key) <= set(rows.column_names)
    }


def _repeated(keys: "Mapping[str, pd.DataFrame]", *, apart: bool) -> "dict[str, Any]":
    """The indexes of rows with a repeated key, by path."""
    import pandas as pd  # noqa: PLC0415 Great Expectations has imported it by now

    if apart:
        return {path: frame.index[_is_repeated(frame)] for path, frame in keys.items()}
    if not keys:
        return {}
    whole = pd.concat(keys)
    repeated = whole.index[_is_repeated(whole)]
    return {path: [row for file, row in repeated if file == path] for path in keys}


def _is_repeated(keys: "pd.DataFrame") -> Any:
    # Keys that are entirely null are counted as nulls.
    return keys.duplicated(keep=False) & ~keys.isna().all(axis=1)


def _repeated_keys(
    keys: "Mapping[str, pd.DataFrame]", repeated: Mapping[str, Any], *, apart: bool
) -> pa.Table:
    import pandas as pd  # noqa: PLC0415 Great Expectations has imported it by now

    rows = [
        frame.loc[list(repeated[path])].astype(str).assign(file=path)
        for path, frame in keys.items()
    ]
    frame = pd.concat(rows) if rows else pd.DataFrame()
    if frame.empty:
        return pa.table({"file": pa.array([], pa.string()), _TIMES: pa.array([], pa.int64())})
    key = [name for name in frame.columns if name != "file"]
    by = [*key, "file"] if apart else key
    frame[_TIMES] = frame.groupby(by)["file"].transform("size")
    return pa.Table.from_pandas(frame[["file", *key, _TIMES]], preserve_index=False)


def _wrong_rows(rows: pa.Table, table: Table, repeated: Any) -> list[int]:
    required = [field.name for field in table.fields if not field.nullable]
    nulls = [rows[name].is_null() for name in required if name in rows.column_names]
    mask = functools.reduce(pc.or_, nulls) if nulls and len(rows) else pa.array([], pa.bool_())
    with_nulls = pc.indices_nonzero(mask).to_pylist()
    return sorted({*with_nulls, *(int(row) for row in repeated)})
