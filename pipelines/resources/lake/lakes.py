"""The whole lake, and the folder of one listener or of one survey in it.

`Lake` has what all listeners share: reference data, `views.sql`, lockouts. `ListenerLake` is the
folder of one listener, `SurveyLake` that of a survey; they have the same methods, with paths
relative to them. No other module knows where such a folder is.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cached_property

import pyarrow as pa

from pipelines.listening.schema.table import Table
from pipelines.listening.time.months import Month
from pipelines.resources.lake.object_store import Entry, Store, Stored
from pipelines.resources.lake.opening import open_store
from pipelines.resources.lake.remembering import Remembering
from pipelines.resources.lake.tables import TableStore
from pipelines.settings import Settings

LISTENERS = "users/"
"""The folder of the listeners' folders."""

SURVEYS = "surveys/"
"""The folder of the surveys' folders."""

READERS = 8
"""How many files are read in parallel, since reading from a bucket is mostly waiting."""


class Lake(TableStore):
    """All of the lake: a folder or a bucket.

    Args:
        store: where the bytes are, or a function that opens it at its first use.
    """

    def __init__(self, store: Store | Callable[[], Store]) -> None:
        self._store = store
        self._remembered: dict[str, ListenerLake] = {}

    @classmethod
    def open(cls, settings: Settings) -> "Lake":
        """The lake at `LAKE_URL`; nothing is read or created before the lake is used."""
        return cls(lambda: open_store(settings.lake_url, **settings.s3))

    @cached_property
    def store(self) -> Store:
        """The store of the bytes.

        Raises:
            SettingsError: where `LAKE_URL` is neither a folder nor s3://….
        """
        return self._store() if callable(self._store) else self._store

    def listeners(self) -> list[str]:
        """Names of the listeners with anything stored."""
        return list(self.store.folders(LISTENERS))

    def of(self, listener: str) -> "ListenerLake":
        """The folder of one listener."""
        return ListenerLake(self, listener)

    def surveys(self) -> list[str]:
        """Names of the surveys with anything stored."""
        return list(self.store.folders(SURVEYS))

    def survey(self, name: str) -> "SurveyLake":
        """The folder of one survey."""
        return SurveyLake(self, name)

    def remembered(self, listener: str) -> "ListenerLake":
        """The folder of one listener, seen through what was read of it before."""
        return self._remembered.setdefault(listener, ListenerLake(self, listener, remembers=True))


class ListenerLake(TableStore):
    """One listener's folder in the lake; all paths and keys are relative to it.

    Args:
        lake: the whole lake.
        listener: a name in `listeners.toml`.
        remembers: whether it asks for nothing twice; see `remembering.py`.
    """

    def __init__(self, lake: Lake, listener: str, *, remembers: bool = False) -> None:
        self.lake, self.listener, self.remembers = lake, listener, remembers

    @cached_property
    def store(self) -> Store:
        """The store, seen from the listener's folder."""
        own = SubStore(self.lake.store, f"{LISTENERS}{self.listener}/")
        return Remembering(own) if self.remembers else own

    def forget(self) -> bool:
        """Read everything again from now on; returns whether anything was remembered."""
        return self.store.forget() if isinstance(self.store, Remembering) else False

    def month_versions(self, table: Table) -> dict[Month, str]:
        """The ETag of each file of a table that is partitioned by month, in no order.

        Anything else in its folder, such as a folder in the place of a file, is ignored.
        """
        entries = self.store.list(f"{folder_of(table)}year=")
        return {
            month: entry.etag
            for entry in entries
            if (month := Month.from_path(entry.key)) and entry.key == month.path(table.path)
        }

    def read_months(self, table: Table, columns: Sequence[str] = ()) -> pa.Table:
        """All months of a table that is partitioned by month, in order.

        Args:
            table: its declaration.
            columns: which to read; empty for all.
        """
        months = sorted(self.month_versions(table))
        with ThreadPoolExecutor(READERS) as readers:
            rows = readers.map(lambda month: self.read(table, columns, **month.parts), months)
            return pa.concat_tables([table.with_columns(columns).empty(), *rows])

    def read_folders(self, table: Table, columns: Sequence[str] = ()) -> pa.Table:
        """All files of a table that has one in each folder, such as of each playlist, in order.

        Args:
            table: its declaration.
            columns: which to read; empty for all.
        """
        before, placeholder, after = re.split(r"\{(\w+)\}", table.path)
        keys = (entry.key for entry in self.store.list(before))
        names = sorted(key[len(before) : -len(after)] for key in keys if key.endswith(after))
        with ThreadPoolExecutor(READERS) as readers:
            rows = readers.map(lambda name: self.read(table, columns, **{placeholder: name}), names)
            return pa.concat_tables([table.with_columns(columns).empty(), *rows])


class SurveyLake(TableStore):
    """One survey's folder in the lake; all paths and keys are relative to it.

    Args:
        lake: the whole lake.
        survey: a name in `surveys.toml`.
    """

    def __init__(self, lake: Lake, survey: str) -> None:
        self.lake, self.survey = lake, survey

    @cached_property
    def store(self) -> Store:
        """The store, seen from the survey's folder."""
        return SubStore(self.lake.store, f"{SURVEYS}{self.survey}/")

    def etags(self) -> dict[str, str]:
        """The version of every file of the survey, by its path."""
        return {entry.key: entry.etag for entry in self.store.list("")}


class SubStore:
    """A store seen from one of its folders; see `Store`.

    Args:
        base: the whole store.
        prefix: the folder, ending in '/'.
    """

    def __init__(self, base: Store, prefix: str) -> None:
        self.base, self.prefix = base, prefix

    def url(self, key: str) -> str:
        """See `Store`."""
        return self.base.url(self.prefix + key)

    def check(self) -> None:
        """See `Store`."""
        self.base.check()

    def get(self, key: str) -> Stored | None:
        """See `Store`."""
        return self.base.get(self.prefix + key)

    def put(self, key: str, body: bytes) -> str:
        """See `Store`."""
        return self.base.put(self.prefix + key, body)

    def put_if_absent(self, key: str, body: bytes) -> str:
        """See `Store`."""
        return self.base.put_if_absent(self.prefix + key, body)

    def put_if_match(self, key: str, body: bytes, etag: str | None) -> str:
        """See `Store`."""
        return self.base.put_if_match(self.prefix + key, body, etag)

    def list(self, prefix: str, *, start_after: str = "") -> Iterator[Entry]:
        """See `Store`."""
        after = start_after and self.prefix + start_after
        for entry in self.base.list(self.prefix + prefix, start_after=after):
            yield replace(entry, key=entry.key.removeprefix(self.prefix))

    def folders(self, prefix: str, *, start_after: str = "") -> Iterator[str]:
        """See `Store`."""
        return self.base.folders(self.prefix + prefix, start_after=start_after)

    def delete(self, prefix: str) -> int:
        """See `Store`; "" deletes the whole folder."""
        return self.base.delete(self.prefix + prefix)


def folder_of(table: Table) -> str:
    """The folder of a table of several files, ending in '/'."""
    return table.path.partition("{")[0].rpartition("/")[0] + "/"
