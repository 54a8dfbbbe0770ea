"""The key of a survey: what makes its pseudonyms, and the codes that open people's own parts.

One file for each survey, outside the lake and readable by its owner alone. Who has the key and a
list of names can tell who is who, and without it nobody can, so deleting it is what makes a survey
anonymous. Add here what is derived from the key; which text is a person's is
`listening/survey/people.py`.
"""

import base64
import contextlib
import hashlib
import hmac
import os
import secrets
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pipelines.errors import SurveyKeyError
from pipelines.listening.survey.people import normal_identity

KEY_BYTES = 32
PSEUDONYM_SIGNS = 32
CODE_SIGNS = 26


@dataclass(frozen=True)
class SurveyKey:
    """A survey's key; its `repr` does not show it.

    Attributes:
        secret: at least 32 random bytes.
    """

    secret: bytes = field(repr=False)

    def pseudonym(self, identity: str) -> str:
        """What somebody is called in all tables.

        Args:
            identity: their mail, else their name, as they wrote it.
        """
        return self._digest(normal_identity(identity)).hex()[:PSEUDONYM_SIGNS]

    def code(self, pseudonym: str) -> str:
        """What opens somebody's own part of the page; nobody can tell it from the pseudonym."""
        digest = self._digest(f"code|{pseudonym}")
        return base64.b32encode(digest).decode()[:CODE_SIGNS].lower()

    def _digest(self, text: str) -> bytes:
        return hmac.digest(self.secret, text.encode(errors="replace"), hashlib.sha256)


class KeyFile:
    """The file that a survey's key is in.

    Args:
        folder: `SURVEY_KEYS_DIR`.
        survey: its name.
    """

    def __init__(self, folder: Path, survey: str) -> None:
        self.path = folder / f"{survey}.key"

    def read(self) -> SurveyKey | None:
        """The key; None where there is none yet.

        Raises:
            SurveyKeyError: where others can read or own the file, or it is no key.
        """
        with self._translated("read"), contextlib.suppress(FileNotFoundError):
            status = self.path.lstat()
            if problem := _why_untrusted(status):
                raise SurveyKeyError(f"{self.path} {problem}")
            return self._of(self.path.read_bytes())
        return None

    def _of(self, body: bytes) -> SurveyKey:
        try:
            secret = bytes.fromhex(body.decode("ascii"))
        except ValueError:
            secret = b""
        if len(secret) < KEY_BYTES:
            raise SurveyKeyError(
                f"{self.path} is damaged and no key: put back the one from your backup; without "
                "one, run `playledger survey forget NAME --all`, and then `survey reopen NAME`: "
                "everybody gets another pseudonym and another code"
            )
        return SurveyKey(secret)

    def read_or_make(self) -> SurveyKey:
        """The key, which is made at its first use.

        Of several processes at once one makes it, and all have the same. It is there as a whole or
        not at all, whenever a process is killed.

        Raises:
            SurveyKeyError: where it cannot be read or made.
        """
        if (key := self.read()) is not None:
            return key
        with self._translated("write"):
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, draft = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}-")
            try:  # mkstemp creates the file with mode 0600
                with os.fdopen(handle, "wb") as file:
                    file.write(secrets.token_bytes(KEY_BYTES).hex().encode())
                    file.flush()
                    os.fsync(file.fileno())
                with contextlib.suppress(FileExistsError):  # another process was quicker
                    os.link(draft, self.path)
            finally:
                Path(draft).unlink(missing_ok=True)
        key = self.read()
        if key is None:
            raise SurveyKeyError(f"{self.path} was deleted while it was made: try again")
        return key

    def is_there(self) -> bool:
        """Whether there is anything in the place of the key."""
        return self.path.is_symlink() or self.path.exists()

    def delete(self) -> bool:
        """Delete the key, and drafts of killed processes; returns whether there was one.

        Raises:
            SurveyKeyError: where it cannot be deleted.
        """
        with self._translated("delete"):
            for draft in self.path.parent.glob(f".{self.path.name}-*"):
                draft.unlink(missing_ok=True)
            there = self.is_there()
            self.path.unlink(missing_ok=True)
            return there

    @contextlib.contextmanager
    def _translated(self, action: str) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError:
            raise
        except OSError as problem:
            raise SurveyKeyError(
                f"SURVEY_KEYS_DIR: cannot {action} {self.path} ({problem.strerror}): let the user "
                "who runs this read and write there, or set it to another folder"
            ) from None


def _why_untrusted(status: os.stat_result) -> str:
    """Why a file must not be used as a key; empty where it may."""
    mode = stat.S_IMODE(status.st_mode)
    if stat.S_ISLNK(status.st_mode):
        return "is a symbolic link: put the file itself in its place"
    if not stat.S_ISREG(status.st_mode):
        return "is no file: move it away"
    if status.st_uid != os.geteuid():
        return f"belongs to another user (id {status.st_uid}): run this as that user, or chown it"
    return f"can be read by others (mode {mode:04o}): run `chmod 600` on it" if mode & 0o077 else ""
