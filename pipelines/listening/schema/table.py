"""What a table is: a name, a schema with a description of each column, a key.

`Table.conform` is what data passes before it is written. Add here what every table needs. The
tables themselves are declared in `tables.py`; storage is `resources/lake/tables.py`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.errors import RefusedTable

EXAMPLES = 3


def column(name: str, type_: pa.DataType, meaning: str, *, required: bool = False) -> pa.Field:
    """A column with its description.

    Args:
        name: its name.
        type_: its Arrow type.
        meaning: its description, kept in the field's metadata.
        required: whether it is never null.
    """
    return pa.field(name, type_, nullable=not required, metadata={"description": meaning})


_PATH_COLUMNS = {
    "date": column("date", pa.date32(), "date of the snapshot, UTC", required=True),
    "import": column("import_id", pa.string(), "the import that brought it", required=True),
}
"""Columns that a path can contain, by their placeholder. Years and months are in the rows too."""


@dataclass(frozen=True)
class Table:
    """A declared table: its path, its columns and what one row is.

    Attributes:
        name: as in paths, views and documentation.
        path: below `users/<listener>/`, with `{date}`, `{year}`, `{month}` where it is partitioned.
        grain: one sentence that says what one row is.
        fields: its columns.
        key: columns whose values are unique together, and not all null.
        order: sort order of the rows, so that the same rows give the same bytes; the key if empty.
        repair: what to do about a damaged file of it, if its asset cannot simply be run again.
        added: columns that files of earlier versions lack; there they are null. Only for tables
            that are not derived again.
        looked_up: whether readers want one row at a time, by its key: the rows are stored in order
            of it, in pieces that are read alone.
    """

    name: str
    path: str
    grain: str
    fields: tuple[pa.Field, ...] = field(repr=False)
    key: tuple[str, ...]
    order: tuple[str, ...] = ()
    repair: str = ""
    added: tuple[str, ...] = ()
    looked_up: bool = False

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema, with a description of the table and of every field."""
        return pa.schema(self.fields, metadata={"table": self.name, "description": self.grain})

    @property
    def repair_hint(self) -> str:
        """What to do about a damaged file of it."""
        again = "backfill its date" if "{date}" in self.path else f"materialize {self.name} again"
        return self.repair or f"delete it and {again}"

    @property
    def path_columns(self) -> tuple[pa.Field, ...]:
        """Columns that only the paths of its files contain, such as a snapshot's date."""
        named = re.findall(r"\{(\w+)\}", self.path)
        columns = [_PATH_COLUMNS[name] for name in named if name in _PATH_COLUMNS]
        return tuple(one for one in columns if one.name not in self.schema.names)

    @property
    def column_docs(self) -> list[tuple[str, str, str]]:
        """Name, type and description of every column."""
        return [(f.name, str(f.type), f.metadata[b"description"].decode()) for f in self.fields]

    def with_columns(self, columns: Sequence[str]) -> "Table":
        """The table with only these columns; unchanged if there are none."""
        if not columns:
            return self
        return replace(self, fields=tuple(f for f in self.fields if f.name in columns))

    def empty(self) -> pa.Table:
        """A table without rows."""
        return self.schema.empty_table()

    def with_added(self, data: pa.Table) -> pa.Table:
        """Rows of an earlier version, with nulls in the columns that were added since."""
        for name in self.added:
            if name in self.schema.names and name not in data.column_names:
                nulls = pa.nulls(len(data), self.schema.field(name).type)
                data = data.append_column(name, nulls)
        return data

    def from_rows(self, rows: list[dict[str, object]]) -> pa.Table:
        """A table of rows as dictionaries by column name; a missing column is null."""
        return pa.Table.from_pylist(rows, schema=self.schema)

    def conform(self, data: pa.Table) -> pa.Table:
        """Columns in declared order and type, rows sorted, keys unique; nothing is dropped.

        Raises:
            RefusedTable: if that is not possible; names table, column and problem.
        """
        typed = self._typed(data)
        by = self.order or self.key
        order = _sorted(typed, by) if by and not _ascending(typed, by) else None
        # Column by column, so that there is a second copy of one of them only.
        columns = (one if order is None else one.take(order) for one in typed.columns)
        typed = pa.table([_in_one_piece(one) for one in columns], schema=self.schema)
        # Rows in an order without two of a kind repeat nothing.
        if self.order not in {(), self.key} or not _ascending(typed, self.key):
            self._refuse_repeated_keys(typed)
        return typed

    def validate(self, data: pa.Table) -> pa.Table:
        """Columns in declared order and type, without nulls where required; rows are not checked.

        For rows that conformed when they were written, or are about to be.

        Raises:
            RefusedTable: if the columns are not those of this table.
        """
        typed = self._typed(data)
        return pa.table([_in_one_piece(one) for one in typed.columns], schema=self.schema)

    def _typed(self, data: pa.Table) -> pa.Table:
        """Columns in declared order and type, in as many pieces as they come in."""
        missing = [f.name for f in self.fields if f.name not in data.column_names]
        extra = [name for name in data.column_names if name not in self.schema.names]
        if missing or extra:
            raise RefusedTable(f"{self.name}: columns missing {missing}, not declared {extra}")
        columns = []
        for declared in self.fields:
            values = data[declared.name]
            try:
                columns.append(values.cast(declared.type, safe=True))
            except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as problem:
                raise RefusedTable(
                    f"{self.name}.{declared.name}: {values.type} does not fit "
                    f"{declared.type}: {problem}"
                ) from problem
            if columns[-1].null_count and not declared.nullable:
                nulls = f"{columns[-1].null_count} of {len(data)} are null"
                raise RefusedTable(f"{self.name}.{declared.name}: {nulls}")
        return pa.table(columns, schema=self.schema)

    def _refuse_repeated_keys(self, data: pa.Table) -> None:
        if not self.key or len(data) < 2:  # noqa: PLR2004 one row cannot repeat
            return
        if len(self.key) == 1 and pc.count_distinct(data[self.key[0]]).as_py() == len(data):
            return
        groups = data.group_by(list(self.key)).aggregate([([], "count_all")])
        twice = groups.filter(pc.field("count_all") > 1)
        if len(twice):
            examples = twice.slice(0, EXAMPLES).drop_columns("count_all").to_pylist()
            raise RefusedTable(
                f"{self.name}: {len(twice)} keys ({', '.join(self.key)}) stand there "
                f"more than once, such as {examples}"
            )


def _in_one_piece(values: pa.ChunkedArray) -> pa.Array:
    """Values as one array; `combine_chunks` copies even a single chunk."""
    return values.chunk(0) if values.num_chunks == 1 else values.combine_chunks()


def _ascending(rows: pa.Table, names: Sequence[str]) -> bool:
    """Whether each row comes after the one before, by these columns; no if any of them is null."""
    columns = [rows[name] for name in names]
    if any(one.null_count or pa.types.is_boolean(one.type) for one in columns):
        return False
    same, after = np.ones(max(len(rows) - 1, 0), bool), np.zeros(max(len(rows) - 1, 0), bool)
    for one in columns:
        before, next_ = one.slice(0, len(same)), one.slice(1)
        after |= same & pc.less(before, next_).to_numpy()
        same &= pc.equal(before, next_).to_numpy()
    return bool(after.all())


def _sorted(rows: pa.Table, names: Sequence[str]) -> pa.Array:
    """Where the rows stand in order of these columns, nulls last."""
    columns = {}
    for name in names:
        one = rows[name]
        if pa.types.is_string(one.type) and not one.null_count:
            # Numbers are compared sooner than texts, of which few are different.
            encoded = one.combine_chunks().dictionary_encode()
            one = pc.rank(encoded.dictionary).take(encoded.indices)
        columns[name] = one
    return pc.sort_indices(pa.table(columns), sort_keys=[(name, "ascending") for name in names])
