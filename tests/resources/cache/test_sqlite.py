"""The file in which answers are kept: shared, bounded, and never a reason to fail."""

import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from pipelines.resources.cache import sqlite
from pipelines.resources.cache.responses import TRACK
from pipelines.resources.cache.sqlite import SqliteStore
from pipelines.resources.cache.store import CacheUnavailable, Key
from pipelines.resources.lake.lakes import Lake
from pipelines.resources.spotify.client import Spotify
from pipelines.settings import Settings
from sandbox import Sandbox
from sandbox.catalogue import catalogue
from tests.support.environment import Environment

A, B = Key("nico", "a" * 64), Key("nico", "b" * 64)
THEIRS = Key("mira", "a" * 64)


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> SqliteStore:
    return SqliteStore(tmp_path / "some" / "answers.sqlite", 2**20, clock)


def test_what_is_kept_is_found_until_its_end(store: SqliteStore, clock: Clock) -> None:
    assert store.get(A) is None
    store.put(A, b"one", 100)
    store.put(A, b"two", 100)
    assert store.get(A) == b"two"
    assert store.get(THEIRS) is None
    clock.now += 101
    assert store.get(A) is None
    assert store.usage().entries == 1
    assert store.sweep(1) == 1
    assert store.usage().entries == 0


def test_an_owners_answers_are_removed_to_the_last_byte(store: SqliteStore) -> None:
    for key in (A, B, THEIRS, Key("nico", "c" * 64)):
        store.put(key, b"secretive " + key.owner.encode(), 100)
    assert store.drop("nico") == 3
    assert store.get(THEIRS) == b"secretive mira"
    files = store.path.parent.glob(f"{store.path.name}*")
    assert b"secretive nico" not in b"".join(file.read_bytes() for file in files)


def test_the_file_is_bounded_and_what_was_used_least_recently_goes_first(
    store: SqliteStore, clock: Clock
) -> None:
    value = os.urandom(10_000)
    keys = [Key("nico", f"{number:064}") for number in range(300)]
    store.put(keys[0], value, 1e9)
    for key in keys[1:]:
        clock.now += 4_000
        assert store.get(keys[0]) == value
        store.put(key, value, 1e9)
    used = store.usage()
    assert used.bytes is not None
    assert used.bytes <= 2**20
    assert store.get(keys[0]) == value
    assert store.get(keys[-1]) == value
    assert store.get(keys[1]) is None


@pytest.mark.parametrize("damage", ["text", "truncated", "overwritten"])
def test_a_damaged_file_is_put_aside_and_begun_anew(damage: str, store: SqliteStore) -> None:
    for number in range(50):
        store.put(Key("nico", f"{number:064}"), b"x" * 3_000, 100)
    store.close()
    body = store.path.read_bytes()
    for ending in ("-wal", "-shm"):
        store.path.with_name(store.path.name + ending).unlink(missing_ok=True)
    store.path.write_bytes(
        {
            "text": b"not a database at all " * 400,
            "truncated": body[: len(body) // 2],
            "overwritten": body[:4_096] + b"\xff" * (len(body) - 4_096),
        }[damage]
    )
    try:
        store.get(Key("nico", f"{7:064}"))
        store.put(A, b"one", 100)
    except CacheUnavailable:
        store.put(A, b"one", 100)
    assert store.get(A) == b"one"


def test_what_was_put_aside_goes_with_the_answers_of_anybody(store: SqliteStore) -> None:
    store.put(A, b"secretive", 100)
    store.close()
    body = store.path.read_bytes()
    store.path.write_bytes(b"x" * 100 + body[100:])
    with pytest.raises(CacheUnavailable):
        store.get(A)
    assert b"secretive" in next(store.path.parent.glob("*.damaged")).read_bytes()
    assert store.drop("nico") == 0
    assert list(store.path.parent.glob("*.damaged*")) == []


def test_a_new_file_is_not_put_aside_by_who_still_has_the_damaged_one_open(
    store: SqliteStore, clock: Clock
) -> None:
    other = SqliteStore(store.path, 2**20, clock)
    store.put(A, b"x" * 50_000, 100)
    assert other.get(A) == b"x" * 50_000
    with sqlite3.connect(store.path) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    store.close()
    with store.path.open("r+b") as file:
        file.write(b"no database" * 1_000)
    with pytest.raises(CacheUnavailable):
        store.get(A)
    store.put(B, b"new", 100)
    assert other.get(A) is None
    assert (other.get(B), store.get(B)) == (b"new", b"new")


def test_a_file_that_cannot_be_used_is_a_reason(tmp_path: Path) -> None:
    blocked = SqliteStore(tmp_path / "file" / "answers.sqlite", 2**20)
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(CacheUnavailable, match=r"answers\.sqlite"):
        blocked.get(A)
    impossible = SqliteStore(tmp_path / ("long" * 100), 2**20)
    for use in (
        impossible.usage,
        impossible.tallied,
        impossible.clear,
        lambda: impossible.sweep(1),
    ):
        with pytest.raises(CacheUnavailable, match="File name too long"):
            use()


def test_another_versions_file_is_emptied(store: SqliteStore) -> None:
    store.put(A, b"one", 100)
    store.close()
    with sqlite3.connect(store.path) as db:
        db.execute("PRAGMA user_version = 999")
    db.close()
    assert store.get(A) is None


def test_one_answer_that_is_larger_than_all_that_may_be_kept_is_not_kept(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "answers.sqlite", 2**20)
    store.put(A, b"x", 100)
    store.put(Key("nico", "huge"), bytes(2**20), 100)
    assert (store.get(A), store.get(Key("nico", "huge"))) == (b"x", None)
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 2**20


@pytest.mark.parametrize("gone", ["answers", "tally"])
def test_a_table_that_somebody_removed_is_made_again(gone: str, store: SqliteStore) -> None:
    store.put(A, b"x", 100)
    store.close()
    with closing(sqlite3.connect(store.path)) as db:
        db.execute(f"DROP TABLE {gone}")
    store.put(A, b"y", 100)
    store.tally("2026-11-28", "nico", {"hit": 1})
    assert store.get(A) == b"y"


def test_threads_and_processes_share_it(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_S", 60)  # of several who wait, none is sure to be next
    script = (
        "import sys; from pathlib import Path\n"
        "from pipelines.resources.cache import sqlite\n"
        "from pipelines.resources.cache.sqlite import SqliteStore\n"
        "from pipelines.resources.cache.store import Key\n"
        "sqlite.BUSY_S = 60\n"
        "store = SqliteStore(Path(sys.argv[1]), 2**24)\n"
        "for n in range(200): store.put(Key('nico', f'{sys.argv[2]}{n:063}'), b'x' * 99, 1e9)"
    )
    others = [
        subprocess.Popen([sys.executable, "-c", script, str(store.path), str(number)])
        for number in range(2)
    ]
    threads = [
        threading.Thread(
            target=lambda n=n: [
                store.put(Key("nico", f"t{n}{at:062}"), b"x" * 99, 1e9) for at in range(200)
            ]
        )
        for n in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [other.wait() for other in others] == [0, 0]
    assert store.usage().entries == 800


def test_a_full_disk_keeps_what_is_there_and_fails_nothing(tmp_path: Path) -> None:
    script = (
        "import resource, sys; from pathlib import Path\n"
        "from pipelines.resources.cache.sqlite import SqliteStore\n"
        "from pipelines.resources.cache.store import CacheUnavailable, Key\n"
        "store = SqliteStore(Path(sys.argv[1]), 2**24)\n"
        "store.put(Key('nico', 'a'), b'first', 1e9)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))\n"
        "failed = 0\n"
        "for number in range(400):\n"
        "    try: store.put(Key('nico', f'{number}'), b'x' * 5_000, 1e9)\n"
        "    except CacheUnavailable: failed += 1\n"
        "print(failed > 100, store.get(Key('nico', 'a')))"
    )
    told = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "answers.sqlite")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout == "True b'first'\n"


def test_where_it_cannot_be_used_questions_are_sent_and_answered(
    sandbox: Sandbox, environment: Environment, caplog: pytest.LogCaptureFixture
) -> None:
    (environment.folder / "no-folder").write_text("")
    environment.set(CACHE_FILE=str(environment.folder / "no-folder" / "answers.sqlite"))
    client = Spotify(Settings(), Lake.open(Settings())).client("nico")
    key = next(iter(catalogue().tracks))
    sources = [
        client.look_up(TRACK, "track", lambda spotify: spotify.track(key)).source for _ in range(3)
    ]
    assert sources == ["spotify"] * 3
    assert len([one for one in caplog.records if "cache" in one.message]) == 1


def test_of_a_file_that_there_is_not_there_is_nothing_and_none_is_made(store: SqliteStore) -> None:
    assert (store.count("nico"), store.drop("nico"), store.clear(), store.sweep(1)) == (0, 0, 0, 0)
    assert store.tallied() == []
    assert store.usage().entries == 0
    assert not store.path.exists()


def test_everything_of_everybody_is_removed(store: SqliteStore) -> None:
    for key in (A, THEIRS):
        store.put(key, b"secretive", 100)
    store.tally("2026-11-01", "nico", {"hit": 2, "miss": 0})
    assert (store.count("nico"), store.count("mira")) == (2, 1), "counts are somebody's too"
    assert store.clear() == 2
    assert (store.count("nico"), store.tallied()) == (0, [])
    assert b"secretive" not in store.path.read_bytes()


def test_what_is_over_is_removed_step_by_step_and_no_longer_than_it_may_take(
    store: SqliteStore, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "STEP", 3)
    for number in range(10):
        store.put(Key("nico", f"{number:064}"), b"x", 100 if number < 8 else 1_000)
    clock.now += 500
    assert store.sweep(0) == 0
    assert store.usage().entries == 10
    assert store.sweep(60) == 8
    assert store.usage().entries == 2


def test_a_write_of_another_process_that_does_not_end_is_no_damage(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_S", 0.05)
    store.put(A, b"one", 100)
    store.close()
    with sqlite3.connect(store.path) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(CacheUnavailable, match="locked"):
            store.put(B, b"two", 100)
        assert store.get(A) == b"one"
        other.rollback()
    store.put(B, b"two", 100)
    assert store.usage().entries == 2
    assert not list(store.path.parent.glob("*.damaged*"))
