"""Login tokens: one file per listener, readable by its owner alone, changed under a lock.

Reading and writing any file in `TOKENS_DIR` lives here too: the throttle's state and lockouts are
in the same folder. When a token is refreshed belongs in `oauth.py`.
"""

import contextlib
import errno
import hashlib
import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import msgspec
from dateutil.relativedelta import relativedelta
from filelock import FileLock

from pipelines.errors import TokenFileError, login_command
from pipelines.settings import SEEDS, Purpose

RESERVED_BYTES = 16_384
"""Disk space reserved before a token is requested. Tokens have a few hundred bytes each."""

LOGIN_LIFETIME = relativedelta(months=6)


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """A listener's login as it is stored. Its `repr` shows no secrets.

    Attributes:
        refresh_token: secret.
        access_token: secret; empty where none was issued yet.
        obtained_at: when the access token was issued, Unix seconds.
        expires_at: when it expires, Unix seconds.
        scope: the scopes that were granted, separated by spaces.
        authorized_at: when the listener consented; null for a token from the environment.
        seeded_at: when a token from the environment was adopted; the consent was earlier.
        seed: digest of the refresh token in the environment, so that a rotated one is not
            overwritten by it at the next start.
        account: id of the Spotify account that this login belongs to.
        user_id: that account's user name; it may change.
        collecting_since: when the account was first seen, and collecting with this login began.
        refused: Spotify no longer accepts it; only a new login helps.
    """

    refresh_token: str
    access_token: str = ""
    obtained_at: float = 0.0
    expires_at: float = 0.0
    scope: str = ""
    authorized_at: datetime | None = None
    seeded_at: datetime | None = None
    seed: str | None = None
    account: str | None = None
    user_id: str | None = None
    collecting_since: datetime | None = None
    refused: bool = False

    def __repr__(self) -> str:
        return f"Token(authorized_at={self.authorized_at}, refused={self.refused})"

    def is_fresh(self, now: float) -> bool:
        """Whether the access token can be used: less than 5/6 of its lifetime has passed.

        Spotify's access tokens are valid for 60 minutes, so they are refreshed after 50. `now` is
        in Unix seconds.
        """
        life = self.expires_at - self.obtained_at
        return bool(self.access_token) and self.obtained_at <= now < self.obtained_at + life * 5 / 6

    @property
    def ends_at(self) -> datetime | None:
        """When the login expires; for a token from the environment, at the latest.

        Six months after the consent, however often it is refreshed (Spotify, June 2026).
        """
        began = self.authorized_at or self.seeded_at
        return began + LOGIN_LIFETIME if began else None

    def is_same_login(self, other: "Token") -> bool:
        """Whether both come from the same consent or seed, however often they were refreshed."""
        return (self.authorized_at, self.seed) == (other.authorized_at, other.seed)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not appear in any text."""
        return tuple(text for text in (self.access_token, self.refresh_token) if text)


def digest(secret: str) -> str:
    """A hash by which a secret is recognized without being stored."""
    return hashlib.sha256(secret.encode()).hexdigest()


class TokenFile:
    """The token file of one of a listener's logins.

    Args:
        folder: `TOKENS_DIR`.
        listener: their name.
        purpose: what the login is for.
    """

    def __init__(self, folder: Path, listener: str, purpose: Purpose = "read") -> None:
        self.listener, self.purpose = listener, purpose
        name = _file_name(listener, purpose)
        self.path = folder / f"{name}.json"
        self._lock = FileLock(folder / f".{name}.lock", mode=0o600)

    def files_of_listener(self) -> list[Path]:
        """All the listener's files in the folder, of this login and of others of theirs.

        They are tokens, locks, and drafts of killed processes.

        Raises:
            TokenFileError: where the folder cannot be read.
        """
        names = [_file_name(self.listener, purpose) for purpose in SEEDS]
        own = {name for one in names for name in (f"{one}.json", f".{one}.lock")}
        drafts = tuple(f".{one}-" for one in names)  # no listener's name has a dash
        with translate_os_errors("list", self.path.parent), contextlib.suppress(FileNotFoundError):
            paths = sorted(self.path.parent.iterdir())
            return [p for p in paths if p.name in own or p.name.startswith(drafts)]
        return []

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the file's lock; the kernel releases it when the process dies.

        Raises:
            TokenFileError: where the file cannot be locked.
        """
        with file_lock(self._lock):
            yield

    def read(self) -> Token | None:
        """The token; None where there is none yet.

        Raises:
            TokenFileError: where others can read or own the file, or it is not a token.
        """
        body = read_file(self.path)
        if body is None:
            return None
        with translate_os_errors("read", self.path):
            status = self.path.lstat()
        if problem := _why_untrusted(status):
            raise TokenFileError(f"{self.path} {problem}")
        try:
            return msgspec.json.decode(body, type=Token)
        except (ValueError, RecursionError):
            raise TokenFileError(
                f"{self.path} is not a token file: "
                f"run `{login_command(self.listener, self.purpose)}`"
            ) from None

    def write(self, token: Token) -> None:
        """Replace the token atomically: a killed process leaves the old or the new one.

        Raises:
            TokenFileError: where it cannot be written; the old one stays.
        """
        with self.reserve_space() as write:
            write(token)

    @contextlib.contextmanager
    def reserve_space(self) -> Iterator[Callable[[Token], None]]:
        """Reserve disk space for a token that is about to be issued, such as a rotated one.

        Yields:
            A function that writes the token.

        Raises:
            TokenFileError: where there is no space, or the token cannot be written.
        """
        with reserve_space(self.path) as write:
            yield lambda token: write(msgspec.json.encode(token))


def _file_name(listener: str, purpose: Purpose) -> str:
    """Without its ending; no listener's name has a dot, so that it is nobody else's."""
    return listener if purpose == "read" else f"{listener}.{purpose}"


def _why_untrusted(status: os.stat_result) -> str:
    """Why a file must not be used for a login; empty where it may."""
    mode = stat.S_IMODE(status.st_mode)
    if stat.S_ISLNK(status.st_mode):
        return "is a symbolic link: put the file itself in its place"
    if status.st_uid != os.geteuid():
        return f"belongs to another user (id {status.st_uid}): run this as that user, or chown it"
    return f"can be read by others (mode {mode:04o}): run `chmod 600` on it" if mode & 0o077 else ""


@contextlib.contextmanager
def translate_os_errors(action: str, path: Path) -> Iterator[None]:
    """Turn errors of the operating system in `TOKENS_DIR` into a line that says what to do.

    Args:
        action: what is being done, as in "cannot write": `read`, `write`, `lock` …
        path: the file it is done to.

    Raises:
        TokenFileError: in place of any OSError.
    """
    try:
        yield
    except (OSError, NotImplementedError) as problem:  # the latter: a file system without locks
        code, reason = getattr(problem, "errno", None), getattr(problem, "strerror", None)
        advice = (
            "free some space there"
            if code in {errno.ENOSPC, errno.EDQUOT}
            else "let the user who runs this read and write there, or set it to another folder"
        )
        raise TokenFileError(
            f"TOKENS_DIR: cannot {action} {path} ({reason or problem}): {advice}"
        ) from None


@contextlib.contextmanager
def file_lock(lock: FileLock) -> Iterator[None]:
    """Hold a lock in `TOKENS_DIR`; the folder is created if need be."""
    path = Path(lock.lock_file)
    # Errors while the lock is held are not about the folder.
    with translate_os_errors("lock", path):
        _make_folder(path.parent)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def read_file(path: Path) -> bytes | None:
    """The content of a file in `TOKENS_DIR`; None where there is none."""
    with translate_os_errors("read", path), contextlib.suppress(FileNotFoundError):
        return path.read_bytes()
    return None


@contextlib.contextmanager
def reserve_space(path: Path) -> Iterator[Callable[[bytes], None]]:
    """Reserve disk space beside a file, in order to replace the file atomically.

    Yields:
        A function that replaces it.
    """
    with translate_os_errors("write", path):
        _make_folder(path.parent)
        handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-")

    def replace(body: bytes) -> None:
        with translate_os_errors("write", path):
            _overwrite(handle, body)
            Path(draft).replace(path)

    try:  # mkstemp creates the file with mode 0600
        with translate_os_errors("write", path):
            _overwrite(handle, b" " * RESERVED_BYTES)
        yield replace
    finally:
        os.close(handle)
        Path(draft).unlink(missing_ok=True)


def _make_folder(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)


def _overwrite(handle: int, body: bytes) -> None:
    """Replace the content of an open file, in the space that it has."""
    os.lseek(handle, 0, os.SEEK_SET)
    rest = memoryview(body)
    while rest:
        rest = rest[os.write(handle, rest) :]
    os.ftruncate(handle, len(body))
    os.fsync(handle)
