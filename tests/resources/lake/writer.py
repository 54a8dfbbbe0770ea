"""A writing process for the tests to race with and to kill: python writer.py ROOT KEY MODE."""

import sys
from itertools import count
from pathlib import Path

from pipelines.resources.lake.folder import Folder
from pipelines.resources.lake.object_store import Conflict

SIZE = 2_000_000
COUNTS = 25


def claim(store: Folder, key: str) -> None:
    """Say `won` if this process created the key."""
    try:
        store.put_if_absent(key, b"x" * SIZE)
    except Conflict:
        return
    sys.stdout.write("won\n")


def add(store: Folder, key: str) -> None:
    """Add one to a counter, many times, without losing anybody's one."""
    done = 0
    while done < COUNTS:
        stored = store.get(key)
        value = b"%d" % (int(stored.body) + 1 if stored else 1)
        try:
            store.put_if_match(key, value, stored.etag if stored else None)
        except Conflict:
            continue
        done += 1


def overwrite(store: Folder, key: str) -> None:
    """Write for ever; every version repeats one letter."""
    for number in count():
        store.put(key, b"%c" % (ord("a") + number % 26) * SIZE)


if __name__ == "__main__":
    root, key, mode = sys.argv[1:]
    sys.stdin.readline()  # all start when the test says so
    {"claim": claim, "add": add, "overwrite": overwrite}[mode](Folder(Path(root)), key)
