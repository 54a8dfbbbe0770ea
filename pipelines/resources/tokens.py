"""Login tokens: one file per listener, readable by its owner alone, changed under a lock.

What a token is exchanged for and when belongs in `login.py`.
"""

import contextlib
import hashlib
import os
import stat
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import msgspec
from filelock import FileLock


class TokenFileError(RuntimeError):
    """A token file that cannot be used; the message names it and says what to do."""


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """A listener's login. It never shows its secrets when printed.

    Attributes:
        obtained_at: when the access token was issued, Unix seconds.
        expires_at: when it ends, Unix seconds.
        authorized_at: when the listener consented; the login ends six months later, however
            often it is refreshed (Spotify, June 2026). Null for a token that was seeded.
        seed: digest of the refresh token that was given in the environment, so that a rotated
            one is not overwritten by it at the next start.
        account: the account that this login was found to belong to.
        refused: Spotify no longer accepts it; only a new login helps.
    """

    refresh_token: str
    access_token: str = ""
    obtained_at: float = 0.0
    expires_at: float = 0.0
    scope: str = ""
    authorized_at: datetime | None = None
    seed: str | None = None
    account: str | None = None
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
        self._lock = FileLock(folder / f".{listener}.lock")

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the file for oneself; the kernel frees it when the process dies."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._lock:
            yield

    def read(self) -> Token | None:
        """The token; None where there is none yet.

        Raises:
            TokenFileError: where others may read the file, or it is not a token.
        """
        try:
            mode = stat.S_IMODE(self.path.stat().st_mode)
            if mode & 0o077:
                raise TokenFileError(
                    f"{self.path} can be read by others (mode {mode:04o}): run `chmod 600` on it"
                )
            return msgspec.json.decode(self.path.read_bytes(), type=Token)
        except FileNotFoundError:
            return None
        except msgspec.DecodeError:
            raise TokenFileError(
                f"{self.path} is not a token file: run `playledger login {self.listener}`"
            ) from None

    def write(self, token: Token) -> None:
        """Replace the token at once and wholly: a killed process leaves the old or the new one."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, temporary = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.listener}-")
        try:  # mkstemp makes the file with mode 0600
            with os.fdopen(handle, "wb") as file:
                file.write(msgspec.json.encode(token))
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(self.path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise

    def delete(self) -> bool:
        """Remove the token; whether there was one."""
        existed = self.path.exists()
        self.path.unlink(missing_ok=True)
        return existed
