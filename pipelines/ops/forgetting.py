"""Deletes everything stored about one listener, for good.

It is in six places: their folder in the lake, `TOKENS_DIR`, the cache of Spotify's answers, the
dashboard's logins, Dagster's storage, which `dagster_records.py` searches, and the logs that
`playledger up` keeps. Add here any other place where something about a listener is stored. What is
shared (`state/`, `reference/`, `views.sql`) names no listener and stays.
"""

import os
import re
import shutil
import warnings
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.errors import NotForgotten
from pipelines.ops.services import FOLDER
from pipelines.resources.cache.opening import open_store
from pipelines.resources.cache.store import CacheUnavailable
from pipelines.resources.dashboard_logins import DashboardLogins
from pipelines.resources.lake.folder import Folder
from pipelines.resources.lake.lakes import LISTENERS, Lake
from pipelines.resources.lake.object_store import Store
from pipelines.resources.spotify.token_store import TokenFile, translate_os_errors
from pipelines.settings import LISTENER_NAME, SEEDS, Settings

if TYPE_CHECKING:
    from pipelines.ops.dagster_records import DagsterRecords, ListenerRecords

DAEMON_ACTIVE_FOR = timedelta(minutes=2)
"""After a tick for the listener. A daemon that has them evaluates theirs every 30 s. Reasoned."""

DEFINITIONS = (
    "what holds the definitions (`playledger up`, the unit playledger-definitions, or the "
    "container code)"
)
"""What knows of a listener until it is started again; the daemon and the webserver ask it."""


@dataclass(frozen=True)
class StoredData:
    """What is stored about a listener.

    Attributes:
        lake: files, by their path or key.
        tokens: files in `TOKENS_DIR`.
        records: Dagster's records; None where they are left alone.
        answers: how many of Spotify's answers to their questions are kept.
        logins: their logins to the dashboard and invitations to it.
        logs: lines that name them, in logs of `playledger up`.
    """

    lake: list[str]
    tokens: list[Path]
    records: "ListenerRecords | None"
    answers: int = 0
    logins: int = 0
    logs: int = 0

    @property
    def counts(self) -> Counter[tuple[str, str]]:
        """Number of items, by place and kind."""
        counts = Counter({("lake", "files"): len(self.lake), ("tokens", "files"): len(self.tokens)})
        counts["cache", "answers"] = self.answers
        counts["dashboard", "logins"] = self.logins
        counts["logs", "lines"] = self.logs
        if self.records:
            counts.update({("Dagster", kind): n for kind, n in self.records.counts.items()})
        return +counts


class ListenerEraser:
    """Finds and deletes what is stored about one listener.

    Args:
        listener: their name, already checked.
        settings: where the lake and the tokens are.
        records: the listener's records in Dagster; None to leave them alone.
        home: `DAGSTER_HOME`, where logs are; None to leave these alone too.
    """

    def __init__(
        self,
        listener: str,
        settings: Settings,
        records: "DagsterRecords | None",
        home: Path | None = None,
    ) -> None:
        self.listener = listener
        self._logs = Logs(home, listener, {one.name for one in settings.listeners})
        self._store = Lake.open(settings).store
        self._tokens = TokenFile(settings.tokens_dir, listener)
        self._records = records
        self._answers = open_store(settings.cache)
        self._logins = DashboardLogins(settings.dashboard)

    def find(self, known_runs: frozenset[str] = frozenset()) -> StoredData:
        """Search every place.

        Args:
            known_runs: ids of runs already known to be theirs, whose remains are searched for too.

        Raises:
            NotForgotten: where one of their runs is in progress, or the daemon still has them.
        """
        records = self._records.find(known_runs) if self._records else None
        if records and records.under_way:
            raise NotForgotten(
                f"{self.listener} cannot be forgotten while a run is in progress "
                f"({', '.join(records.under_way)}): let it finish, or terminate it in Dagster's UI"
            )
        if records and records.ticked_at:
            ago = datetime.now(UTC) - records.ticked_at
            if ago < DAEMON_ACTIVE_FOR:
                raise NotForgotten(
                    f"Dagster's daemon was still running {self.listener}'s schedules or sensors "
                    f"{ago.seconds} s ago: restart {DEFINITIONS}, so that it reads "
                    "listeners.toml again, and try again in two minutes"
                )
        return StoredData(
            _files(self._store, self.listener),
            self._tokens.files_of_listener(),
            records,
            self._of_the_cache(lambda: self._answers.count(self.listener)),
            self._logins.count(self.listener),
            self._logs.count(),
        )

    def delete(self, stored: StoredData) -> None:
        """Delete what `find` returned, search again, and overwrite the freed space on disk.

        Raises:
            NotForgotten: where something is left; it says what.
        """
        for path in stored.tokens:
            with translate_os_errors("delete", path):
                path.unlink(missing_ok=True)
        _empty(self._store, self.listener)
        self._of_the_cache(lambda: self._answers.drop(self.listener))
        self._logins.forget(self.listener)
        if self._records and stored.records:
            self._records.delete(stored.records)
        self._logs.drop()
        left = self.find(stored.records.runs if stored.records else frozenset()).counts
        if left:
            items = ", ".join(f"{n:,} {kind} ({place})" for (place, kind), n in left.items())
            raise NotForgotten(f"still stored about {self.listener}: {items}; run this again")
        if self._records and (readable := self._records.overwrite()):
            raise NotForgotten(
                "everything is deleted, but deleted rows may still be readable in "
                f"{', '.join(readable)}: "
                "stop all of Dagster's processes (`playledger up`, or its three units), and run "
                "this again"
            )

    def _of_the_cache(self, ask: Callable[[], int]) -> int:
        try:
            return ask()
        except CacheUnavailable as problem:
            raise NotForgotten(
                f"the cache cannot be searched, which may have answers for {self.listener} "
                f"({problem}): run this again when it can be. If it is gone for good, correct "
                "CACHE_URL or CACHE_FILE first"
            ) from None


class Logs:
    """What `playledger up` has logged of one listener.

    Args:
        home: `DAGSTER_HOME`; None where nothing is searched.
        listener: their name.
        others: names that stay, which may have this one in them.
    """

    def __init__(self, home: Path | None, listener: str, others: Collection[str]) -> None:
        self._folder = home and home / FOLDER
        self._name = _any_of([listener])
        self._others = _any_of(sorted((one for one in others if listener in one), key=len)[::-1])

    def count(self) -> int:
        """How many lines name them."""
        return sum(self._tells(line) for path in self._files() for line in _lines(path))

    def drop(self) -> None:
        """Take these lines out, while others write on: what they write in this moment is lost.

        Raises:
            NotForgotten: where a file cannot be written.
        """
        for path in self._files():
            lines = _lines(path)
            kept = [line for line in lines if not self._tells(line)]
            if len(kept) == len(lines):
                continue
            with _can_be_written(path), path.open("r+b") as file:
                file.writelines(kept)
                file.truncate()

    def _files(self) -> list[Path]:
        """Those that there are now: a long one is put aside while others write."""
        return sorted(self._folder.glob("*.log*")) if self._folder else []

    def _tells(self, line: bytes) -> bool:
        return bool(self._name.search(self._others.sub(b"", line)))


def _any_of(names: Sequence[str]) -> re.Pattern[bytes]:
    """What finds names, also where those of jobs and assets have them in them."""
    any_of = "|".join(map(re.escape, names)) or "(?!)"
    return re.compile(f"(?<![a-z0-9])(?:{any_of})(?![a-z0-9])".encode(), re.IGNORECASE)


def _lines(path: Path) -> list[bytes]:
    with _can_be_written(path):
        return path.read_bytes().splitlines(keepends=True)


@contextmanager
def _can_be_written(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        raise NotForgotten(
            f"cannot take what names them out of {path} ({problem.strerror}): "
            "let the user who runs this write there, and run this again"
        ) from None


@contextmanager
def open_eraser(
    listener: str, settings: Settings, *, without_dagster: bool
) -> Iterator[ListenerEraser]:
    """An eraser for a listener, with Dagster's storage open, if they may be forgotten.

    Args:
        listener: their name, which must no longer be in `listeners.toml`.
        settings: where the lake, the tokens and the listeners are.
        without_dagster: leave Dagster's records alone.

    Yields:
        The eraser.

    Raises:
        NotForgotten: where it is not a name or still in use, `DAGSTER_HOME` is not set or has
            no `dagster.yaml`, or Dagster's storage cannot be reached.
    """
    if not LISTENER_NAME.fullmatch(listener):
        raise NotForgotten(f"{listener!r} is not a listener's name: nothing was deleted")
    if listener in {one.name for one in settings.listeners}:
        raise NotForgotten(
            f"remove [{listener}] from {settings.listeners_file} first, and restart {DEFINITIONS}"
        )
    for purpose, name in SEEDS.items():
        if settings.refresh_token(listener, purpose):
            raise NotForgotten(
                f"{name}{listener.upper()} is set: unset it first, here and for Dagster"
            )
    if without_dagster:
        yield ListenerEraser(listener, settings, None)
        return
    home = os.environ.get("DAGSTER_HOME")
    if not home:
        raise NotForgotten(
            "Dagster's records cannot be searched, because DAGSTER_HOME is not set: set it, "
            "or use --without-dagster; nothing was deleted"
        )
    # Without it Dagster would make a new storage there, in which nobody is.
    if not Path(home, "dagster.yaml").is_file():
        raise NotForgotten(
            f"Dagster's records cannot be searched, because DAGSTER_HOME ({home}) has no "
            "dagster.yaml, which says where they are: put that of Dagster's daemon there, "
            "or use --without-dagster; nothing was deleted"
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of libraries at their import; a person can do nothing
        import dagster as dg  # noqa: PLC0415 a second that other commands need not wait for
        from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415

        from pipelines.ops.dagster_records import DagsterRecords  # noqa: PLC0415
    try:
        with dg.DagsterInstance.get() as instance:
            records = DagsterRecords(instance, listener)
            yield ListenerEraser(listener, settings, records, Path(home))
    except (dg.DagsterError, SQLAlchemyError, OSError) as problem:
        [line, *_] = str(problem).splitlines() or [type(problem).__name__]
        raise NotForgotten(
            f"Dagster's records cannot be reached ({line}): check DAGSTER_HOME and the storage "
            "that its dagster.yaml names, and run this again"
        ) from problem


def _files(store: Store, listener: str) -> list[str]:
    if not isinstance(store, Folder):
        return [entry.key for entry in store.list(f"{LISTENERS}{listener}/")]
    top = store.root / LISTENERS / listener
    if not os.path.lexists(top):
        return []
    # Not by keys: a person may have put a symbolic link there, or a file whose name is no key.
    files = [str(path) for path in sorted(top.rglob("*")) if path.is_symlink() or not path.is_dir()]
    return files or [str(top)]


def _empty(store: Store, listener: str) -> None:
    if not isinstance(store, Folder):
        store.delete(f"{LISTENERS}{listener}/")
        return
    top = store.root / LISTENERS / listener
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
