"""What a table is: a name, a schema whose fields carry their meaning, a key.

Here lives the one gate through which data passes before it may be written. The tables
themselves are declared in `tables.py`; how they reach a folder or a bucket is `resources/lake/tables.py`.
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
    """A column and what it means; `required` ones are never null."""
    return pa.field(name, type_, nullable=not required, metadata={"description": meaning})


_TOLD_BY_PATH = {
    "date": column("date", pa.date32(), "date of the snapshot, UTC", required=True),
    "import": column("import_id", pa.string(), "the import that brought it", required=True),
}
"""What a path tells, by the name that it has in it. Years and months are told by rows too."""


@dataclass(frozen=True)
class Table:
    """A declared table: where it lies, what a row is, which columns tell rows apart.

    Attributes:
        name: as it stands in paths, views and documentation.
        path: below `users/<listener>/`, with `{date}`, `{year}`, `{month}` where it is cut.
        grain: one sentence that says what one row is.
        key: columns that are never null together and never the same twice.
        order: columns by which rows are sorted, so that the same rows give the same bytes.
        mend: what to do where a file of it is damaged, if its asset cannot be run again.
    """

    name: str
    path: str
    grain: str
    fields: tuple[pa.Field, ...] = field(repr=False)
    key: tuple[str, ...]
    order: tuple[str, ...] = ()
    mend: str = ""

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema; every field has a description."""
        return pa.schema(self.fields, metadata={"table": self.name, "description": self.grain})

    @property
    def remedy(self) -> str:
        """What to do where a file of it is damaged."""
        again = "backfill its date" if "{date}" in self.path else f"materialize {self.name} again"
        return self.mend or f"delete it and {again}"

    @property
    def told_by_path(self) -> tuple[pa.Field, ...]:
        """Columns that only the paths of its files tell, such as a snapshot's date."""
        named = re.findall(r"\{(\w+)\}", self.path)
        told = [_TOLD_BY_PATH[name] for name in named if name in _TOLD_BY_PATH]
        return tuple(one for one in told if one.name not in self.schema.names)

    @property
    def described(self) -> list[tuple[str, str, str]]:
        """Name, type and meaning of every column."""
        return [(f.name, str(f.type), f.metadata[b"description"].decode()) for f in self.fields]

    def only(self, columns: Sequence[str]) -> "Table":
        """The table as it is where no more than these columns are read; all of it for none."""
        if not columns:
            return self
        return replace(self, fields=tuple(f for f in self.fields if f.name in columns))

    def empty(self) -> pa.Table:
        """The table with no rows."""
        return self.schema.empty_table()

    def from_rows(self, rows: list[dict[str, object]]) -> pa.Table:
        """Rows as dictionaries by column name; a column that a row lacks is null there."""
        return pa.Table.from_pylist(rows, schema=self.schema)

    def conform(self, data: pa.Table) -> pa.Table:
        """Columns in declared order and type, rows sorted, keys unique; never a silent loss.

        Raises:
            RefusedTable: with the table's and column's name and what is wrong.
        """
        typed = self.recognise(data)
        self._refuse_repeated_keys(typed)
        by = [(name, "ascending") for name in self.order or self.key]
        order = pc.sort_indices(typed, sort_keys=by).to_numpy() if by else np.arange(len(typed))
        # What was read from the lake is in order already, and a copy is not free.
        return typed if (np.diff(order.astype(np.int64)) == 1).all() else typed.take(order)

    def recognise(self, data: pa.Table) -> pa.Table:
        """What conformed when it was written: columns in declared order and type, and no nulls.

        Raises:
            RefusedTable: where it is another table, or one of another make.
        """
        typed = self._typed(data)
        for column_ in self.fields:
            nulls = typed[column_.name].null_count
            if nulls and not column_.nullable:
                raise RefusedTable(f"{self.name}.{column_.name}: {nulls} of {len(typed)} are null")
        return typed

    def _typed(self, data: pa.Table) -> pa.Table:
        missing = [f.name for f in self.fields if f.name not in data.column_names]
        extra = [name for name in data.column_names if name not in self.schema.names]
        if missing or extra:
            raise RefusedTable(f"{self.name}: columns missing {missing}, not declared {extra}")
        columns = []
        for declared in self.fields:
            found = data[declared.name]
            try:
                columns.append(found.cast(declared.type, safe=True).combine_chunks())
            except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as problem:
                raise RefusedTable(
                    f"{self.name}.{declared.name}: {found.type} does not fit "
                    f"{declared.type}: {problem}"
                ) from problem
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
