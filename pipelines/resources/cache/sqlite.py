"""Answers in one SQLite file of this machine's, which all its processes share.

A file that is damaged is put aside and begun anew. One that cannot be read or written (a full disk,
no permission) is left as it is: then nothing is found, and nothing kept.
"""

import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import RLock

from pipelines.resources.cache.store import SCHEMA_VERSION, CacheUnavailable, Key, Usage

BUSY_S = 5.0
"""How long one process waits for another one's write."""

STEP = 2_000
"""Entries that are removed in one go: others wait no longer than for that."""

USED_AGAIN_S = 3600
"""When an entry was used last is noted to the hour, since most hits then write nothing."""

_TABLES = f"""
PRAGMA auto_vacuum = INCREMENTAL;
PRAGMA journal_mode = WAL;
CREATE TABLE IF NOT EXISTS answers (
    owner TEXT, name TEXT, value BLOB, keep_until REAL, used_at REAL,
    PRIMARY KEY (owner, name)
);
CREATE INDEX IF NOT EXISTS by_end ON answers (keep_until);
CREATE INDEX IF NOT EXISTS by_use ON answers (used_at);
CREATE TABLE IF NOT EXISTS tally (
    day TEXT, owner TEXT, what TEXT, times INTEGER, PRIMARY KEY (day, owner, what)
);
PRAGMA user_version = {SCHEMA_VERSION};
"""

LOG_BYTES = 2**22
"""To so much SQLite's log is cut once what is in it is in the file."""

_ENDINGS = ("", "-wal", "-shm")

_Opened = tuple[int, tuple[int, int] | None]
"""The process that opened a file, and which one, whatever is at its path by now."""

_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


class SqliteStore:
    """Keeps answers in a file, up to a size; those that were used least recently go first.

    Args:
        path: of the file; with its folder it is made when it is needed, for its owner alone.
        most_bytes: how large it may become, apart from what is written to it just now.
        clock: the current time, Unix seconds.
    """

    backend = "sqlite"

    def __init__(self, path: Path, most_bytes: int, clock: Callable[[], float] = time.time) -> None:
        self.path, self._most_bytes, self._clock = path, most_bytes, clock
        self._lock = RLock()
        self._opened: tuple[_Opened, sqlite3.Connection] | None = None

    def get(self, key: Key) -> bytes | None:
        """As `Store`."""
        now = self._clock()
        at = (key.owner, key.name)
        with self._using() as db:
            row = db.execute(
                "SELECT value, used_at FROM answers "
                "WHERE owner = ? AND name = ? AND keep_until > ?",
                (*at, now),
            ).fetchone()
            if row is None:
                return None
            value, used_at = row
            if abs(now - used_at) > USED_AGAIN_S:
                with suppress(sqlite3.OperationalError):  # what cannot be written can be read
                    db.execute(
                        "UPDATE answers SET used_at = ? WHERE owner = ? AND name = ?",
                        (now, *at),
                    )
        return bytes(value)

    def put(self, key: Key, value: bytes, keep_s: float) -> None:
        """As `Store`; what would leave no room for anything else is not kept."""
        if len(value) > self._most_bytes * 0.5:
            return
        now = self._clock()
        with self._using() as db:
            db.execute(
                "INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?)",
                (key.owner, key.name, value, now + keep_s, now),
            )
            if _size(db) > self._most_bytes:
                self._shrink(db)

    def count(self, owner: str) -> int:
        """As `Store`."""
        if self._file is None:
            return 0
        with self._using() as db:
            found = db.execute("SELECT count(*) FROM answers WHERE owner = ?", (owner,))
            tallied = db.execute("SELECT count(*) FROM tally WHERE owner = ?", (owner,))
            return int(found.fetchone()[0] + tallied.fetchone()[0])

    def drop(self, owner: str) -> int:
        """As `Store`; what is removed is overwritten, not only marked as free."""
        return self._remove(" WHERE owner = ?", (owner,))

    def clear(self) -> int:
        """As `Store`, likewise."""
        return self._remove("", ())

    def _remove(self, which: str, values: tuple[str, ...]) -> int:
        self._delete_damaged()
        if self._file is None:
            return 0
        with self._using() as db:
            db.execute("PRAGMA secure_delete = ON")
            removed = db.execute(f"DELETE FROM answers{which}", values).rowcount  # noqa: S608 ours
            db.execute(f"DELETE FROM tally{which}", values)  # noqa: S608 likewise
            _give_back(db)
            # Pages that were overwritten are still as they were in the log.
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        return removed

    def sweep(self, seconds: float) -> int:
        """As `Store`; also gives the room of what is gone back to the disk."""
        if self._file is None:
            return 0
        until, removed = time.monotonic() + seconds, 0
        with self._using() as db:
            while time.monotonic() < until:
                some = db.execute(
                    "DELETE FROM answers WHERE rowid IN "
                    "(SELECT rowid FROM answers WHERE keep_until <= ? LIMIT ?)",
                    (self._clock(), STEP),
                ).rowcount
                removed += some
                if some < STEP:
                    break
            if removed:
                _give_back(db, pages=10_000)
        return removed

    def usage(self) -> Usage:
        """As `Store`; its bytes are those of the file."""
        if self._file is None:
            return Usage(self.backend, 0, 0)
        with self._using() as db:
            entries = db.execute("SELECT count(*) FROM answers").fetchone()[0]
            return Usage(self.backend, entries, _size(db))

    def tally(self, day: str, owner: str, times: Mapping[str, int]) -> None:
        """Add to what became of the questions of a day.

        Args:
            day: YYYY-MM-DD.
            owner: for whom they were asked.
            times: how often each of the outcomes was.
        """
        rows = [(day, owner, what, number) for what, number in times.items() if number]
        with self._using() as db:
            db.executemany(
                "INSERT INTO tally VALUES (?, ?, ?, ?) "
                "ON CONFLICT DO UPDATE SET times = times + excluded.times",
                rows,
            )

    def tallied(self) -> list[tuple[str, str, str, int]]:
        """What became of the questions: day, owner, outcome and how often, in order."""
        if self._file is None:
            return []
        with self._using() as db:
            return db.execute("SELECT * FROM tally ORDER BY day, owner, what").fetchall()

    def close(self) -> None:
        """Close the file; it is opened again when it is needed."""
        with self._lock:
            if self._opened:
                self._opened[1].close()
            self._opened = None

    @contextmanager
    def _using(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                yield self._open()
            except sqlite3.DatabaseError as problem:
                code = getattr(problem, "sqlite_errorcode", 0) & 0xFF
                # Another process may have begun a new one already.
                is_at_path = self._opened is None or self._opened[0][1] == self._file
                self.close()
                if code in _DAMAGED and is_at_path:
                    self._put_aside()
                raise CacheUnavailable(f"{self.path}: {problem}") from None
            except OSError as problem:
                raise CacheUnavailable(f"{self.path}: {problem.strerror or problem}") from None

    def _open(self) -> sqlite3.Connection:
        # A connection must not be used by a process that was forked from its owner.
        if self._opened and self._opened[0] == (os.getpid(), self._file):
            return self._opened[1]
        self._opened = None
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not self.path.exists():
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
        db = sqlite3.connect(
            self.path, timeout=BUSY_S, isolation_level=None, check_same_thread=False
        )
        version = db.execute("PRAGMA user_version").fetchone()[0]
        tables = "SELECT count(*) = 2 FROM sqlite_master WHERE name IN ('answers', 'tally')"
        if version != SCHEMA_VERSION or not db.execute(tables).fetchone()[0]:
            if version not in {0, SCHEMA_VERSION}:
                db.executescript("DROP TABLE IF EXISTS answers; DROP TABLE IF EXISTS tally;")
            db.executescript(_TABLES)
        db.execute(f"PRAGMA journal_size_limit = {LOG_BYTES}").fetchall()
        db.execute("PRAGMA synchronous = NORMAL")  # after a crash the file is whole, if not new
        self._opened = (os.getpid(), self._file), db
        return db

    @property
    def _file(self) -> tuple[int, int] | None:
        """Which file is at the path; None where there is none."""
        try:
            status = self.path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as problem:
            raise CacheUnavailable(f"{self.path}: {problem.strerror or problem}") from None
        return status.st_dev, status.st_ino

    def _put_aside(self) -> None:
        for ending in _ENDINGS:
            with suppress(FileNotFoundError):
                self.path.with_name(self.path.name + ending).replace(self._damaged(ending))

    def _delete_damaged(self) -> None:
        """Delete the file that was put aside: nobody can tell whose answers are in it."""
        try:
            for ending in _ENDINGS:
                self._damaged(ending).unlink(missing_ok=True)
        except NotADirectoryError:
            return
        except OSError as problem:
            raise CacheUnavailable(f"{problem.filename}: {problem.strerror}") from None

    def _damaged(self, ending: str) -> Path:
        return self.path.with_name(f"{self.path.name}.damaged{ending}")

    def _shrink(self, db: sqlite3.Connection) -> None:
        """Remove what was used least recently, until there is some room again."""
        while _size(db) > self._most_bytes * 0.9:
            some = db.execute(
                "DELETE FROM answers WHERE rowid IN "
                "(SELECT rowid FROM answers ORDER BY used_at LIMIT ?)",
                (max(db.execute("SELECT count(*) FROM answers").fetchone()[0] // 10, 1),),
            ).rowcount
            if some < 1:
                break
        _give_back(db)


def _size(db: sqlite3.Connection) -> int:
    """Bytes of the file that are in use."""
    pages, free, size = (
        db.execute(f"PRAGMA {what}").fetchone()[0]
        for what in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)


def _give_back(db: sqlite3.Connection, pages: int = 0) -> None:
    db.execute(f"PRAGMA incremental_vacuum({pages})").fetchall()
