"""What `playledger forget` does: everything of one listener, deleted for good.

A listener is in three places: their folder in the lake, `TOKENS_DIR`, and Dagster's storage, of
which `ops/dagster_records.py` knows. Add here where else something of a listener comes to lie. Whatever
is shared (`state/`, `reference/`, `views.sql`) holds no listener's name and stays.
"""

import os
import shutil
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table

from pipelines.errors import NotForgotten
from pipelines.resources.lake.folder import Folder
from pipelines.resources.lake.lakes import Lake
from pipelines.resources.lake.object_store import Store
from pipelines.resources.spotify.token_store import TokenFile, reported
from pipelines.settings import LISTENER_NAME, Settings

if TYPE_CHECKING:
    from pipelines.ops.dagster_records import DagsterRecords, Found

STILL_LOOKED_AFTER = timedelta(minutes=2)
"""A daemon that knows the listener ticks for them every 30 seconds. Reasoned."""

BEYOND_REACH = (
    "Copies elsewhere are beyond reach: exports, mailed reports, alerts that were sent, backups, "
    "and versions of files that a bucket keeps. At Spotify, take the app's access away under "
    "Account → Manage apps."
)


@dataclass(frozen=True)
class Belongings:
    """What there is of a listener.

    Attributes:
        lake: files, by their path or key.
        tokens: files in `TOKENS_DIR`.
        records: what Dagster holds; None where it is left aside.
    """

    lake: list[str]
    tokens: list[Path]
    records: "Found | None"

    @property
    def counts(self) -> Counter[tuple[str, str]]:
        """How many there are, by place and kind."""
        counts = Counter({("lake", "files"): len(self.lake), ("tokens", "files"): len(self.tokens)})
        if self.records:
            counts.update({("Dagster", kind): n for kind, n in self.records.counts.items()})
        return +counts


class Memory:
    """Where a listener is remembered.

    Args:
        listener: their name, which is checked.
        settings: say where the lake and the tokens are.
        records: Dagster's; None to leave them aside.
    """

    def __init__(self, listener: str, settings: Settings, records: "DagsterRecords | None") -> None:
        self.listener = listener
        self._store = Lake.open(settings).store
        self._tokens = TokenFile(settings.tokens_dir, listener)
        self._records = records

    def find(self, known: frozenset[str] = frozenset()) -> Belongings:
        """Look everywhere.

        Args:
            known: runs that were found before; nothing of them may be left either.

        Raises:
            NotForgotten: where a run of theirs is under way, or the daemon still looks after them.
        """
        records = self._records.find(known) if self._records else None
        if records and records.under_way:
            raise NotForgotten(
                f"{self.listener} cannot be forgotten while a run is under way "
                f"({', '.join(records.under_way)}): let it end, or end it in Dagster's UI"
            )
        if records and records.ticked_at:
            ago = datetime.now(UTC) - records.ticked_at
            if ago < STILL_LOOKED_AFTER:
                raise NotForgotten(
                    f"Dagster's daemon still looked after {self.listener} {ago.seconds} s ago: "
                    "restart it, so that it reads the listeners anew, and try again in two minutes"
                )
        return Belongings(_files(self._store, self.listener), self._tokens.traces(), records)

    def forget(self, found: Belongings) -> None:
        """Delete what was found, look again, and overwrite what is left of it on the disk.

        Raises:
            NotForgotten: where something is left, with what it is.
        """
        for path in found.tokens:
            with reported("delete", path):
                path.unlink(missing_ok=True)
        _empty(self._store, self.listener)
        if self._records and found.records:
            self._records.delete(found.records)
        left = self.find(found.records.runs if found.records else frozenset()).counts
        if left:
            told = ", ".join(f"{n:,} {kind} ({place})" for (place, kind), n in left.items())
            raise NotForgotten(f"of {self.listener} is left: {told}; run this again")
        if self._records and (readable := self._records.overwrite()):
            raise NotForgotten(
                f"all is deleted, but may still be read from {', '.join(readable)}: "
                "stop Dagster's daemon and webserver, and run this again"
            )


@contextmanager
def memory_of(listener: str, settings: Settings, *, without_dagster: bool) -> Iterator[Memory]:
    """Where a listener is remembered, unless something stands against forgetting them.

    Args:
        listener: a name as it stood in `listeners.toml`, and no longer does.
        settings: the configuration.
        without_dagster: leave Dagster's records aside.

    Raises:
        NotForgotten: where it is not a name, is in use, or `DAGSTER_HOME` is not set.
    """
    if not LISTENER_NAME.fullmatch(listener):
        raise NotForgotten(f"{listener!r} is not a listener's name: nothing was deleted")
    if listener in {one.name for one in settings.listeners}:
        raise NotForgotten(
            f"remove [{listener}] from {settings.listeners_file} first, "
            "and restart Dagster's daemon and webserver"
        )
    if settings.refresh_token(listener):
        raise NotForgotten(
            f"SPOTIFY_REFRESH_TOKEN_{listener.upper()} is set: unset it first, here and for Dagster"
        )
    if without_dagster:
        yield Memory(listener, settings, None)
        return
    if not os.environ.get("DAGSTER_HOME"):
        raise NotForgotten(
            "Dagster's records were not looked at, because DAGSTER_HOME is not set: set it, "
            "or say --without-dagster; nothing was deleted"
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of libraries at their import; a person can do nothing
        import dagster as dg  # noqa: PLC0415 a second that other commands need not wait for
        from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415

        from pipelines.ops.dagster_records import DagsterRecords  # noqa: PLC0415
    try:
        with dg.DagsterInstance.get() as instance:
            yield Memory(listener, settings, DagsterRecords(instance, listener))
    except (dg.DagsterError, SQLAlchemyError, OSError) as problem:
        [line, *_] = str(problem).splitlines() or [type(problem).__name__]
        raise NotForgotten(
            f"Dagster's records cannot be reached ({line}): check DAGSTER_HOME and the storage "
            "that its dagster.yaml names, and run this again"
        ) from problem


def told(listener: str, found: Belongings) -> Table | str:
    """What is to be deleted, for a person to see."""
    if not found.counts:
        return f"There is nothing of {listener}."
    shown = Table(title=f"All that there is of {listener}")
    for column in ("where", "what"):
        shown.add_column(column)
    shown.add_column("", justify="right")
    for (place, kind), number in found.counts.items():
        shown.add_row(place, kind, f"{number:,}")
    return shown


def _files(store: Store, listener: str) -> list[str]:
    if not isinstance(store, Folder):
        return [entry.key for entry in store.list(f"users/{listener}/")]
    top = store.root / "users" / listener
    if not os.path.lexists(top):
        return []
    # Not by keys: what a person put there may have a name that is none, or be a symbolic link.
    below = [str(path) for path in sorted(top.rglob("*")) if path.is_symlink() or not path.is_dir()]
    return below or [str(top)]


def _empty(store: Store, listener: str) -> None:
    if not isinstance(store, Folder):
        store.delete(f"users/{listener}/")
        return
    top = store.root / "users" / listener
    try:
        if top.is_symlink():
            top.unlink()
        elif top.exists():
            shutil.rmtree(top)
    except OSError as problem:
        raise NotForgotten(
            f"cannot delete all of {top} ({problem.strerror}): "
            "let the user who runs this write there, and run this again"
        ) from None
