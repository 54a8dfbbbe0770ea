"""A lake in a folder of a file system.

Add here what is true of file systems only: drafts, renames, locks, what the operating system
refuses. What a store promises is `object_store.py`; a bucket is `s3.py`.
"""

import errno
import fcntl
import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from filelock import FileLock

from pipelines.errors import StoreUnavailable
from pipelines.resources.lake.object_store import (
    DRAFTS,
    LOCKS,
    Conflict,
    Entry,
    Stored,
    check_folder,
    check_key,
    check_prefix,
    keys_to_delete,
    md5,
)

LOCK_FILES = 15
LOCK_TIMEOUT_S = 60
JUST_MADE_S = 5
"""A draft this young may not be locked by its writer yet."""
NO_HARD_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}
HINTS = {
    errno.ENOSPC: "free some space there",
    errno.EDQUOT: "free some space there",
    errno.EACCES: "let the user who runs this read and write there",
    errno.EPERM: "let the user who runs this read and write there",
    errno.EROFS: "mount it writable or set LAKE_URL to another folder",
    errno.ENOTDIR: "a file is in the place of a folder",
    errno.EISDIR: "a folder is in the place of a file",
}


class Folder:
    """A lake in a folder of a file system.

    Writers prepare a draft in `<root>/.tmp` and move it to its place with one rename or hard link,
    so that readers, who take no lock, never see half a file. Every writer holds one of a few
    kernel locks in `<root>/.locks`, chosen by the key: that makes compare-and-replace atomic, and
    the kernel releases it when a process is killed. Where hard links do not exist (exFAT, some
    network mounts) the lock alone decides who is first: still atomic, as long as every writer uses
    this class.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()  # a later chdir must not move the lake
        self._remove_stale_drafts()

    def __repr__(self) -> str:
        return f"Folder({str(self.root)!r})"

    def url(self, key: str) -> str:
        """The absolute path; see `Store`."""
        check_prefix(key)
        return f"{self.root}/{key}" if key else str(self.root)

    def check(self) -> None:
        """See `Store`."""
        with _translate_os_errors("use", self.root):
            if self.root.exists():
                os.scandir(self.root).close()  # fails where it is a file, or may not be read
                if not os.access(self.root, os.W_OK):
                    raise PermissionError(errno.EACCES, "it is not writable")

    def get(self, key: str) -> Stored | None:
        """See `Store`."""
        path = self._path(key)
        with _translate_os_errors("read", path):
            body = _read_file(path)
        return None if body is None else Stored(body, md5(body))

    def put(self, key: str, body: bytes) -> str:
        """See `Store`."""
        return self._write(key, body, os.replace)

    def put_if_absent(self, key: str, body: bytes) -> str:
        """See `Store`."""
        return self._write(key, body, _place_new)

    def put_if_match(self, key: str, body: bytes, etag: str | None) -> str:
        """See `Store`."""
        if etag is None:
            return self.put_if_absent(key, body)
        return self._write(key, body, os.replace, expected=etag)

    def list(self, prefix: str, *, start_after: str = "") -> Iterator[Entry]:
        """See `Store`."""
        check_prefix(prefix)
        return self._walk(prefix.rpartition("/")[0], prefix, start_after)

    def folders(self, prefix: str, *, start_after: str = "") -> Iterator[str]:
        """See `Store`."""
        return self._names(check_folder(prefix), f"{start_after}/" if start_after else "")

    def delete(self, prefix: str) -> int:
        """See `Store`."""
        keys = keys_to_delete(self, prefix)
        for key in keys:
            path = self._path(key)
            with _translate_os_errors("delete", path), self._lock(key):
                path.unlink(missing_ok=True)
        if prefix.endswith("/") and keys:
            with self._folders_lock():
                self._prune(self.root / prefix)
        return len(keys)

    def _path(self, key: str) -> Path:
        return self.root / check_key(key)

    def _write(
        self,
        key: str,
        body: bytes,
        place: Callable[[Path, Path], None],
        expected: str | None = None,
    ) -> str:
        target = self._path(key)
        with _translate_os_errors("write", target), self._draft(body) as draft, self._lock(key):
            if expected is not None and _etag(target) != expected:
                raise Conflict(f"{target} is no longer the version that was read")
            try:
                self._place(draft, target, place)
            except FileNotFoundError:  # a delete has removed the empty folder in between
                with self._folders_lock():
                    self._place(draft, target, place)
            self._sync_up(target.parent)
        return md5(body)

    def _place(self, draft: Path, target: Path, place: Callable[[Path, Path], None]) -> None:
        with suppress(FileExistsError):  # also where it is a file: placing the draft then fails
            target.parent.mkdir(parents=True, exist_ok=True)
        place(draft, target)

    def _sync_up(self, folder: Path) -> None:
        """Make a new name, and those of the new folders above it, survive a power cut."""
        while folder != self.root:
            with suppress(FileNotFoundError):  # deleted already
                _sync(folder)
            folder = folder.parent
        _sync(self.root)

    @contextmanager
    def _draft(self, body: bytes) -> Iterator[Path]:
        path = self.root / DRAFTS / secrets.token_hex(16)
        _make(path.parent)
        try:
            with path.open("xb") as file:
                fcntl.flock(file, fcntl.LOCK_EX)  # for as long as the writer lives
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
                yield path
        finally:
            path.unlink(missing_ok=True)

    def _lock(self, key: str) -> FileLock:
        return self._lock_file(f"{int(md5(key.encode()), 16) % LOCK_FILES:02}")

    def _folders_lock(self) -> FileLock:
        """Held while folders are removed, and by a writer whose folder was removed."""
        return self._lock_file("folders")

    def _lock_file(self, name: str) -> FileLock:
        _make(self.root / LOCKS)
        return FileLock(self.root / LOCKS / name, timeout=LOCK_TIMEOUT_S, poll_interval=0.005)

    def _names(self, prefix: str, after: str) -> Iterator[str]:
        folder = prefix.rstrip("/")
        for name, _, _ in _children(self.root / folder, hidden=() if folder else (DRAFTS, LOCKS)):
            # As in a bucket, a folder without keys below it does not exist.
            if name.endswith("/") and name > after and any(self._walk(prefix + name[:-1])):
                yield name[:-1]

    def _walk(self, folder: str, prefix: str = "", start_after: str = "") -> Iterator[Entry]:
        for name, size, at in _children(
            self.root / folder, hidden=() if folder else (DRAFTS, LOCKS)
        ):
            key = f"{folder}/{name}" if folder else name
            if not name.endswith("/"):
                if key.startswith(prefix) and key > start_after:
                    yield Entry(key, size, partial(_etag, self.root / key), at)
            elif (key.startswith(prefix) or prefix.startswith(key)) and (
                key > start_after or start_after.startswith(key)
            ):
                yield from self._walk(key[:-1], prefix, start_after)

    def _prune(self, folder: Path) -> None:
        """Remove empty folders at and below this one, then those above it."""
        for path, _, _ in os.walk(folder, topdown=False):
            with suppress(OSError):
                Path(path).rmdir()
        for parent in folder.parents:
            if parent == self.root:
                return
            with suppress(OSError):
                parent.rmdir()

    def _remove_stale_drafts(self) -> None:
        # Leftovers of killed writers. A reader without write permission leaves them there.
        with suppress(OSError):
            for draft in (self.root / DRAFTS).iterdir():
                if time.time() - draft.stat().st_mtime > JUST_MADE_S:
                    with draft.open("rb") as file, suppress(BlockingIOError):
                        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                        draft.unlink(missing_ok=True)


def _children(path: Path, hidden: tuple[str, ...]) -> list[tuple[str, int, float]]:
    """Names (folders end in '/'), sizes and when they were written, in the order of their keys."""
    entries = []
    with (
        _translate_os_errors("list", path),
        suppress(FileNotFoundError, NotADirectoryError),
        os.scandir(path) as children,
    ):
        for child in children:
            with suppress(FileNotFoundError):  # deleted meanwhile
                if child.name not in hidden:
                    told = child.stat()
                    name = child.name + "/" * child.is_dir()
                    entries.append((name, told.st_size, told.st_mtime))
    return sorted(entries)


@contextmanager
def _translate_os_errors(action: str, path: Path) -> Iterator[None]:
    """Turn errors of the operating system into a line that says what to do."""
    try:
        yield
    except (OSError, NotImplementedError) as error:  # the latter: a file system without locks
        code, reason = getattr(error, "errno", None), getattr(error, "strerror", None) or error
        hint = HINTS.get(code or 0, "check the disk, or set LAKE_URL to another folder")
        raise StoreUnavailable(f"cannot {action} {path}: {reason}; {hint}") from error


def _read_file(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _etag(path: Path) -> str:
    with _translate_os_errors("read", path):
        body = _read_file(path)
    return "" if body is None else md5(body)


def _place_new(draft: Path, target: Path) -> None:
    """Move the draft to its place unless a file is there; the lock is held."""
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    try:
        _link(draft, target)
    except FileExistsError:
        raise Conflict(f"{target} exists already") from None


def _link(draft: Path, target: Path) -> None:
    try:
        os.link(draft, target)
    except OSError as error:
        if error.errno not in NO_HARD_LINKS:
            raise
        if target.exists():
            raise FileExistsError from error
        draft.replace(target)


def _make(folder: Path) -> None:
    """Create a folder and those above it so that they survive a power cut."""
    if folder.is_dir():
        return
    _make(folder.parent)
    with suppress(FileExistsError):
        folder.mkdir()
        _sync(folder.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
