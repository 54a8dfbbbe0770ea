"""Who is logged in to the dashboard, and who is invited to it: one SQLite file of this machine's.

A cookie or a link holds 32 random bytes; kept of them is their SHA-256 alone, so that whoever reads
the file can log in as nobody. How a login comes about, and what it may see, is the dashboard's; the
file is down here because `forget` empties it of a listener.
"""

import contextlib
import hashlib
import os
import secrets
import sqlite3
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock

from pipelines.errors import LoginsUnavailable
from pipelines.settings import DashboardSettings

TOKEN_BYTES = 32
AGENT_LENGTH = 80
"""So many characters of what a browser calls itself are kept, to tell one's devices apart."""

SEEN_AGAIN = timedelta(minutes=1)
"""That a login was used is noted no more often: most questions then write nothing."""

BACK_S = 60.0
"""So far may a machine's clock be put back before its logins are over."""

BUSY_S = 5.0
"""How long one process waits for another one's write."""

_TABLES = """
PRAGMA secure_delete = ON;
CREATE TABLE IF NOT EXISTS logins (
    key TEXT PRIMARY KEY, listener TEXT NOT NULL, agent TEXT NOT NULL,
    began_at REAL NOT NULL, seen_at REAL NOT NULL, ends_at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS of_listener ON logins (listener);
CREATE TABLE IF NOT EXISTS invitations (
    key TEXT PRIMARY KEY, listener TEXT NOT NULL, made_at REAL NOT NULL, ends_at REAL NOT NULL
);
"""

_NAMED = ("logins", "invitations")
"""The tables whose rows are somebody's."""


@dataclass(frozen=True)
class DashboardLogin:
    """One browser that is logged in.

    Attributes:
        key: SHA-256 of what its cookie holds.
        listener: as whom.
        agent: what the browser calls itself, shortened.
        began_at: when it logged in, UTC.
        seen_at: when it last asked for something, to the minute.
        ends_at: when it has to log in again, however much it asks.
    """

    key: str
    listener: str
    agent: str
    began_at: datetime
    seen_at: datetime
    ends_at: datetime

    @property
    def name(self) -> str:
        """By which a person tells it from others."""
        return self.key[:8]


def key_of(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


class DashboardLogins:
    """Logins and invitations of all listeners.

    Args:
        settings: where they are kept, and how long a login lasts.
        clock: the current time, Unix seconds.
    """

    def __init__(self, settings: DashboardSettings, clock: Callable[[], float] = time.time) -> None:
        self.path = settings.file
        self._lasts_s = settings.lasts.total_seconds()
        self._idle_s = settings.idle.total_seconds()
        self._clock = clock
        self._lock = Lock()
        self._opened: sqlite3.Connection | None = None

    def begin(self, listener: str, agent: str = "") -> str:
        """Log somebody in; returns the token that their cookie is to hold."""
        token, now = secrets.token_urlsafe(TOKEN_BYTES), self._clock()
        shown = "".join(one for one in agent if one.isprintable())[:AGENT_LENGTH]
        row = (key_of(token), listener, shown, now, now, now + self._lasts_s)
        with self._database() as database:
            self._sweep(database)
            database.execute("INSERT INTO logins VALUES (?, ?, ?, ?, ?, ?)", row)
        return token

    def find(self, token: str, *, is_used: bool = True) -> DashboardLogin | None:
        """The login of a cookie; None where there is none, or it is over.

        Args:
            token: what the cookie holds.
            is_used: whether somebody uses it, so that it does not count as idle.
        """
        return self.by_key(key_of(token), is_used=is_used)

    def by_key(self, key: str, *, is_used: bool = False) -> DashboardLogin | None:
        """The same by what is kept of the token."""
        now = self._clock()
        with self._database() as database:
            row = database.execute("SELECT * FROM logins WHERE key = ?", (key,)).fetchone()
            if row is None:
                return None
            began_at, seen_at, ends_at = row[3:]
            # It may have been longer when the login began; a clock may have been put back.
            ends_at = min(ends_at, began_at + self._lasts_s)
            if not began_at - BACK_S <= now < min(ends_at, seen_at + self._idle_s):
                database.execute("DELETE FROM logins WHERE key = ?", (key,))
                return None
            if is_used and now - seen_at >= SEEN_AGAIN.total_seconds():
                database.execute("UPDATE logins SET seen_at = ? WHERE key = ?", (now, key))
                row = (*row[:4], now, ends_at)
        return _login(row)

    def end(self, key: str) -> int:
        """End one login; returns how many that were."""
        with self._database() as database:
            return database.execute("DELETE FROM logins WHERE key = ?", (key,)).rowcount

    def end_all(self, listener: str) -> int:
        """End all logins of a listener."""
        with self._database() as database:
            return database.execute("DELETE FROM logins WHERE listener = ?", (listener,)).rowcount

    def all(self, listener: str | None = None) -> list[DashboardLogin]:
        """The logins that last, newest first; of one listener, if one is named."""
        with self._database() as database:
            self._sweep(database)
            rows = database.execute("SELECT * FROM logins ORDER BY began_at DESC").fetchall()
        return [_login(row) for row in rows if listener in {None, row[1]}]

    def invite(self, listener: str, lasts: timedelta) -> str:
        """Make an invitation; returns the token that its link is to hold."""
        token, now = secrets.token_urlsafe(TOKEN_BYTES), self._clock()
        with self._database() as database:
            self._sweep(database)
            database.execute(
                "INSERT INTO invitations VALUES (?, ?, ?, ?)",
                (key_of(token), listener, now, now + lasts.total_seconds()),
            )
        return token

    def accept(self, token: str) -> str | None:
        """Use an invitation up; returns whom it invites, None where it is none, or not any more."""
        with self._database() as database:
            row = database.execute(
                "DELETE FROM invitations WHERE key = ? RETURNING listener, made_at, ends_at",
                (key_of(token),),
            ).fetchone()
        return row[0] if row and row[1] <= self._clock() < row[2] else None

    def invitations(self, listener: str | None = None) -> int:
        """How many invitations are open."""
        with self._database() as database:
            self._sweep(database)
            rows = database.execute("SELECT listener FROM invitations").fetchall()
        return sum(listener in {None, row[0]} for row in rows)

    def count(self, listener: str) -> int:
        """How much is kept of a listener; makes no file where there is none."""
        if not self.path.exists():
            return 0
        of = "SELECT count(*) FROM {} WHERE listener = ?"
        with self._database() as database:
            return sum(
                int(database.execute(of.format(table), (listener,)).fetchone()[0])
                for table in _NAMED
            )

    def forget(self, listener: str) -> int:
        """End all logins and invitations of a listener, and leave no trace of them in the file."""
        if not self.path.exists():
            return 0
        of = "DELETE FROM {} WHERE listener = ?"
        with self._database() as database:
            gone = sum(database.execute(of.format(one), (listener,)).rowcount for one in _NAMED)
            # Deleted rows are zeroes by now, but not in a log that somebody still keeps.
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return gone

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._opened:
                self._opened.close()
                self._opened = None

    def _sweep(self, database: sqlite3.Connection) -> None:
        now = self._clock()
        database.execute(
            "DELETE FROM logins WHERE ends_at <= ? OR seen_at <= ?", (now, now - self._idle_s)
        )
        database.execute("DELETE FROM invitations WHERE ends_at <= ?", (now,))

    @contextlib.contextmanager
    def _database(self) -> Iterator[sqlite3.Connection]:
        try:
            with self._lock:
                if self._opened is None:
                    self._opened = self._open()
                yield self._opened
        except sqlite3.Error as problem:
            raise LoginsUnavailable(
                f"DASHBOARD_FILE: {self.path} cannot be used ({problem}): make room or let the "
                "user who runs this write there; if it is damaged, delete it, and everybody logs "
                "in again"
            ) from None
        except OSError as problem:
            raise LoginsUnavailable(
                f"DASHBOARD_FILE: {self.path} cannot be used ({problem.strerror}): "
                "let the user who runs this write there"
            ) from None

    def _open(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with contextlib.suppress(FileExistsError):
            os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        status = self.path.lstat()
        if stat.S_ISLNK(status.st_mode) or status.st_uid != os.geteuid():
            raise LoginsUnavailable(
                f"DASHBOARD_FILE: {self.path} is a link or another user's: put it elsewhere"
            )
        if stat.S_IMODE(status.st_mode) & 0o077:
            raise LoginsUnavailable(
                f"DASHBOARD_FILE: {self.path} can be read by others: run `chmod 600` on it"
            )
        database = sqlite3.connect(
            self.path, timeout=BUSY_S, isolation_level=None, check_same_thread=False
        )
        try:
            with contextlib.suppress(sqlite3.OperationalError):
                # Without a write-ahead log two machines of a cluster may open the file on a disk of
                # the network. As long as an older process has it open with one, it stays.
                database.execute("PRAGMA journal_mode = DELETE")
            database.executescript(_TABLES)
        except sqlite3.Error:
            database.close()
            raise
        return database


def _login(row: tuple[str, str, str, float, float, float]) -> DashboardLogin:
    key, listener, agent, *moments = row
    began_at, seen_at, ends_at = (datetime.fromtimestamp(one, UTC) for one in moments)
    return DashboardLogin(key, listener, agent, began_at, seen_at, ends_at)
