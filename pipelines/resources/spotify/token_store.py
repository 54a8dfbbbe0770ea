"""Login tokens: one file per listener, readable by its owner alone, changed under a lock.

How anything is read and written in `TOKENS_DIR` lives here too; the throttle's state and the
lockouts lie in the same folder. What a token is exchanged for and when belongs in `oauth.py`.
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

from pipelines.errors import TokenFileError

ROOM_BYTES = 16_384
"""What is taken on the disk before a token is asked for. Tokens have a few hundred bytes each."""


LOGIN_LASTS = relativedelta(months=6)


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """A listener's login. It never shows its secrets when printed.

    Attributes:
        obtained_at: when the access token was issued, Unix seconds.
        expires_at: when it ends, Unix seconds.
        authorized_at: when the listener consented. Null for a token that was seeded.
        seeded_at: when a token from the environment was taken over: the consent was earlier.
        seed: digest of the refresh token that was given in the environment, so that a rotated
            one is not overwritten by it at the next start.
        account: the account that this login was found to belong to.
        user_id: that account's name among people; it may change.
        collecting_since: when that was first found, and collecting with this login began.
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

    def fresh(self, now: float) -> bool:
        """Whether the access token is good for now: less than 5/6 of its life is over.

        Spotify's tokens live 60 minutes, so they are refreshed after 50.
        """
        life = self.expires_at - self.obtained_at
        return bool(self.access_token) and self.obtained_at <= now < self.obtained_at + life * 5 / 6

    @property
    def ends_at(self) -> datetime | None:
        """When the login ends, or for a seeded one the latest moment at which it can.

        Six months after the consent, however often it is refreshed (Spotify, June 2026).
        """
        began = self.authorized_at or self.seeded_at
        return began + LOGIN_LASTS if began else None

    def same_login(self, other: "Token") -> bool:
        """Whether both come from one consent or seed, however often they were refreshed."""
        return (self.authorized_at, self.seed) == (other.authorized_at, other.seed)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not appear in any text."""
        return tuple(text for text in (self.access_token, self.refresh_token) if text)


def digest(secret: str) -> str:
    """What is remembered of a secret in order to know it again."""
    return hashlib.sha256(secret.encode()).hexdigest()


class TokenFile:
    """The token file of one listener."""

    def __init__(self, folder: Path, listener: str) -> None:
        self.listener = listener
        self.path = folder / f"{listener}.json"
        self._lock = FileLock(folder / f".{listener}.lock", mode=0o600)

    def traces(self) -> list[Path]:
        """What there is of the listener in the folder: token, lock, and what killed writers left.

        Raises:
            TokenFileError: where the folder cannot be read.
        """
        own = {self.path.name, Path(self._lock.lock_file).name}
        with reported("list", self.path.parent), contextlib.suppress(FileNotFoundError):
            there = sorted(self.path.parent.iterdir())
            # No listener's name has a dash.
            return [p for p in there if p.name in own or p.name.startswith(f".{self.listener}-")]
        return []

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the file for oneself; the kernel frees it when the process dies.

        Raises:
            TokenFileError: where no lock can be had in the folder.
        """
        with held(self._lock):
            yield

    def read(self) -> Token | None:
        """The token; None where there is none yet.

        Raises:
            TokenFileError: where others may read or have made the file, or it is not a token.
        """
        body = content(self.path)
        if body is None:
            return None
        with reported("read", self.path):
            found = self.path.lstat()
        if problem := _not_ones_own(found):
            raise TokenFileError(f"{self.path} {problem}")
        try:
            return msgspec.json.decode(body, type=Token)
        except msgspec.DecodeError:
            raise TokenFileError(
                f"{self.path} is not a token file: run `playledger login {self.listener}`"
            ) from None

    def write(self, token: Token) -> None:
        """Replace the token at once and wholly: a killed process leaves the old or the new one.

        Raises:
            TokenFileError: where it cannot be written; the old one stays.
        """
        with self.room() as write:
            write(token)

    @contextlib.contextmanager
    def room(self) -> Iterator[Callable[[Token], None]]:
        """Room on the disk for a token that is yet to come, such as one that Spotify rotates.

        Yields:
            What writes the token.

        Raises:
            TokenFileError: where there is no room, or the token cannot be written.
        """
        with room_for(self.path) as write:
            yield lambda token: write(msgspec.json.encode(token))


def _not_ones_own(found: os.stat_result) -> str:
    """Why a file is not to be trusted with a login."""
    mode = stat.S_IMODE(found.st_mode)
    if stat.S_ISLNK(found.st_mode):
        return "is a symbolic link: put the file itself in its place"
    if found.st_uid != os.geteuid():
        return f"belongs to another user (id {found.st_uid}): run this as that user, or chown it"
    return f"can be read by others (mode {mode:04o}): run `chmod 600` on it" if mode & 0o077 else ""


@contextlib.contextmanager
def reported(action: str, path: Path) -> Iterator[None]:
    """Turn what the operating system refuses in `TOKENS_DIR` into a line that says what to do."""
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
def held(lock: FileLock) -> Iterator[None]:
    """Hold a lock in `TOKENS_DIR`, which is made where it does not exist."""
    path = Path(lock.lock_file)
    # What goes wrong while the lock is held is not the folder's fault.
    with reported("lock", path):
        _make(path.parent)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def content(path: Path) -> bytes | None:
    """What a file in `TOKENS_DIR` holds; None where there is none."""
    with reported("read", path), contextlib.suppress(FileNotFoundError):
        return path.read_bytes()
    return None


@contextlib.contextmanager
def room_for(path: Path) -> Iterator[Callable[[bytes], None]]:
    """Take room on the disk beside a file, to replace the file at once and wholly.

    Yields:
        What replaces it.
    """
    with reported("write", path):
        _make(path.parent)
        handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-")

    def replace(body: bytes) -> None:
        with reported("write", path):
            _fill(handle, body)
            Path(draft).replace(path)

    try:  # mkstemp makes the file with mode 0600
        with reported("write", path):
            _fill(handle, b" " * ROOM_BYTES)
        yield replace
    finally:
        os.close(handle)
        Path(draft).unlink(missing_ok=True)


def _make(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)


def _fill(handle: int, body: bytes) -> None:
    """Make this the file's whole content, in the room that it has."""
    os.lseek(handle, 0, os.SEEK_SET)
    rest = memoryview(body)
    while rest:
        rest = rest[os.write(handle, rest) :]
    os.ftruncate(handle, len(body))
    os.fsync(handle)
