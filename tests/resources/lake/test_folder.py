"""What is true of a lake in a folder only: processes, disks, permissions, leftovers."""

import errno
import fcntl
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from pipelines.errors import StoreUnavailable
from pipelines.resources.lake.folder import Folder
from pipelines.resources.lake.object_store import Conflict
from tests.resources.lake import writer

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="mounting a file system needs root")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "lake"


@contextmanager
def writing(root: Path, key: str, mode: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, writer.__file__, str(root), key, mode]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def go(process: subprocess.Popen[str]) -> None:
    assert process.stdin
    process.stdin.write("go\n")
    process.stdin.flush()


def run_together(root: Path, key: str, mode: str, processes: int) -> list[str]:
    with ExitStack() as stack:
        started = [stack.enter_context(writing(root, key, mode)) for _ in range(processes)]
        for process in started:
            go(process)
        outputs = [process.communicate()[0] for process in started]
        assert [process.returncode for process in started] == [0] * processes
        return outputs


@contextmanager
def tmpfs(where: Path, size: str) -> Iterator[Path]:
    where.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", where], check=True)
    try:
        yield where
    finally:
        subprocess.run(["umount", where], check=True)


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_one_of_several_processes_creates_a_key(root: Path) -> None:
    outputs = run_together(root, "a/b", "claim", 4)
    assert sorted(outputs) == ["", "", "", "won\n"]
    assert files_in(root / ".tmp") == []


def test_counting_processes_lose_no_update(root: Path) -> None:
    run_together(root, "counter", "add", 4)
    stored = Folder(root).get("counter")
    assert stored is not None
    assert int(stored.body) == 4 * writer.COUNTS


def test_a_killed_writer_leaves_no_half_file_and_no_lock(root: Path) -> None:
    store = Folder(root)
    chance = random.Random(1)
    for _ in range(10):
        with writing(root, "k", "overwrite") as process:
            go(process)
            deadline = time.monotonic() + 0.25 + chance.random() * 0.1
            while time.monotonic() < deadline:
                assert_whole(store)
            process.kill()
        assert_whole(store)
    started = time.monotonic()
    store.put("k", b"after all")
    assert time.monotonic() - started < 30
    assert [entry.key for entry in store.list("")] == ["k"]


def assert_whole(store: Folder) -> None:
    stored = store.get("k")
    if stored is not None:
        assert len(stored.body) == writer.SIZE
        assert len(set(stored.body)) == 1


def test_deleting_and_writing_side_by_side_lose_nothing(root: Path) -> None:
    # A delete removes the folders it empties, also one that a writer has just made.
    store, stop = Folder(root), threading.Event()

    def delete() -> None:
        while not stop.is_set():
            store.delete("a/b/")

    deleter = threading.Thread(target=delete)
    deleter.start()
    try:
        for number in range(300):
            store.put_if_absent(f"a/b/c{number}/d", b"1")
    finally:
        stop.set()
        deleter.join()
    store.delete("a/")
    assert files_in(root / "a") == []


def test_nothing_is_created_before_the_first_write(root: Path) -> None:
    store = Folder(root)
    assert store.get("a") is None
    assert list(store.list("")) == []
    assert store.delete("a/") == 0
    assert not root.exists()


def test_the_workshop_never_shows(root: Path) -> None:
    store = Folder(root)
    store.put("a/.tmp/b", b"a name like any other below the root")
    assert {path.name for path in root.iterdir()} == {".tmp", ".locks", "a"}
    assert [entry.key for entry in store.list("")] == ["a/.tmp/b"]
    assert list(store.folders("")) == ["a"]


def test_there_are_few_lock_files(root: Path) -> None:
    store = Folder(root)
    for number in range(100):
        store.put(str(number), b"")
    assert len(list((root / ".locks").iterdir())) <= 16


def test_the_drafts_of_dead_writers_are_removed_when_a_lake_is_opened(root: Path) -> None:
    Folder(root).put("k", b"1")
    dead, living, young = (root / ".tmp" / name for name in ("dead", "living", "young"))
    for draft in (dead, living, young):
        draft.write_bytes(b"half of something")
    for draft in (dead, living):
        os.utime(draft, (time.time() - 60,) * 2)
    with living.open("rb") as writer:
        fcntl.flock(writer, fcntl.LOCK_EX)
        Folder(root)
        assert not dead.exists()
        assert living.exists()
        assert young.exists()


def test_empty_folders_go_with_their_last_key(root: Path) -> None:
    store = Folder(root)
    store.put("users/nico/raw/x", b"1")
    store.put("users/other", b"1")
    store.delete("users/nico/")
    assert not (root / "users" / "nico").exists()
    store.delete("users/")
    assert not (root / "users").exists()
    assert root.exists()


def test_an_etag_is_read_when_asked_for(root: Path) -> None:
    store = Folder(root)
    store.put("k", b"1")
    (entry,) = store.list("")
    changed = store.put("k", b"2")
    assert entry.etag == changed
    store.delete("k")
    assert entry.etag == ""


def test_files_are_readable_by_whom_the_umask_allows(root: Path) -> None:
    Folder(root).put("k", b"1")
    umask = os.umask(0)
    os.umask(umask)
    assert (root / "k").stat().st_mode & 0o777 == 0o666 & ~umask


def test_a_lake_stays_where_it_was_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    store = Folder(Path("lake"))
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    store.put("k", b"1")
    assert (tmp_path / "lake" / "k").read_bytes() == b"1"


def test_a_file_where_a_folder_is_needed_is_told(root: Path) -> None:
    store = Folder(root)
    store.put("a", b"1")
    store.put("b/c", b"1")
    for write in (store.put, store.put_if_absent):
        with pytest.raises(StoreUnavailable, match=r"cannot write .*/lake/a/b: Not a directory"):
            write("a/b", b"1")
        with pytest.raises(StoreUnavailable, match=r"cannot write .*/lake/b: Is a directory"):
            write("b", b"1")


def test_a_name_too_long_for_the_file_system_is_told(root: Path) -> None:
    with pytest.raises(StoreUnavailable, match="File name too long"):
        Folder(root).put("x" * 300, b"1")


def test_without_hard_links_one_writer_still_wins(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "as exFAT answers")

    monkeypatch.setattr(os, "link", refuse)
    store = Folder(root)
    etag = store.put_if_absent("k", b"1")
    with pytest.raises(Conflict):
        store.put_if_absent("k", b"2")
    assert [entry.etag for entry in store.list("k")] == [etag]
    assert files_in(root / ".tmp") == []


@needs_root
def test_a_full_disk_is_told_and_leaves_the_old_version(tmp_path: Path) -> None:
    with tmpfs(tmp_path / "small", "256k") as disk:
        store = Folder(disk / "lake")
        store.put("k", b"old")
        with pytest.raises(StoreUnavailable, match="No space left on device; free some space"):
            store.put("k", b"x" * 1_000_000)
        stored = store.get("k")
        assert stored is not None
        assert stored.body == b"old"
        assert files_in(disk / "lake" / ".tmp") == []


@needs_root
def test_a_read_only_lake_can_be_read_but_not_written(tmp_path: Path) -> None:
    with tmpfs(tmp_path / "disk", "256k") as disk:
        Folder(disk).put("a/k", b"1")
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        store = Folder(disk)
        assert store.get("a/k") is not None
        assert list(store.folders("")) == ["a"]
        for refused in (
            lambda: store.put("a/k", b"2"),
            lambda: store.put_if_absent("b/k", b"2"),
            lambda: store.delete("a/k"),
        ):
            with pytest.raises(StoreUnavailable, match="Read-only file system; mount it writable"):
                refused()


def test_a_folder_of_another_user_is_told(tmp_path: Path) -> None:
    (tmp_path / "lake").mkdir(mode=0o700)
    (tmp_path / "lake" / "k").write_bytes(b"1")
    code = (
        "import os, sys; from pathlib import Path\n"
        "from pipelines.errors import StoreUnavailable\n"
        "from pipelines.resources.lake.folder import Folder\n"
        "if os.geteuid() == 0: os.setuid(65534)\n"
        "else: os.chmod(sys.argv[1], 0)\n"
        "for use in (lambda s: s.get('k'), lambda s: s.put('k', b''), lambda s: [*s.list('')]):\n"
        "    try: use(Folder(Path(sys.argv[1])))\n"
        "    except StoreUnavailable as e: print(e)\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "lake")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    (tmp_path / "lake").chmod(0o700)
    assert [line.split(" ")[1] for line in done.stdout.splitlines()] == ["read", "write", "list"]
    assert done.stdout.count("Permission denied; let the user who runs this") == 3
