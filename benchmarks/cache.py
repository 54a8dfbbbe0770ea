"""What it costs to answer a question from what is kept, and how much sooner that is than asking.

The floor is unpacking the same answer. Asked is a sandbox over loopback, with the default interval
between requests. Then many answers are too old, and are removed by sweeps of a second each.
"""

import os
import sqlite3
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from pipelines.listening.api.responses import unpack
from pipelines.resources.cache.responses import TRACK, Answer
from pipelines.resources.cache.sqlite import SqliteStore
from pipelines.resources.lake.lakes import Lake
from pipelines.resources.spotify.client import Spotify
from pipelines.settings import Settings
from sandbox import Sandbox
from sandbox.catalogue import catalogue
from testing.redis_servers import valkey

TIMES = 1_000
MOST_S, LEAST_TIMES = 1e-3, 1_000
ENTRIES = int(os.environ.get("ENTRIES", "1_000_000"))


def main() -> None:
    """Print what a hit costs with each backend, and how long sweeps take."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "valkey").mkdir()
        with Sandbox("nico") as sandbox, valkey(folder / "valkey") as server:
            environment = {
                **sandbox.environment("nico"),
                "LAKE_URL": str(folder / "lake"),
                "TOKENS_DIR": str(folder / "tokens"),
                "CACHE_FILE": str(folder / "answers.sqlite"),
                "REQUEST_INTERVAL_S": "2",
            }
            hits("sqlite", environment)
            hits("valkey", environment | {"CACHE_URL": server.url})
        sweeps(folder / "many.sqlite")


def hits(backend: str, environment: dict[str, str]) -> None:
    """Ask twice, the second time often."""
    settings = Settings.of(environment)
    client = Spotify(settings, Lake.open(settings)).client("nico")
    before, key = list(catalogue().tracks)[:2]

    def ask(track: str) -> Answer:
        return client.look_up(TRACK, "track", lambda spotify: spotify.track(track))

    ask(before)
    first = seconds(lambda: ask(key))
    packed = ask(key).response.pack()
    hit, floor = (
        min(seconds(one) for _ in range(TIMES))
        for one in (lambda: ask(key), lambda: unpack(packed, ""))
    )
    middle = sorted(seconds(lambda: ask(key)) for _ in range(TIMES))[TIMES // 2]
    fine = middle <= MOST_S and first / middle >= LEAST_TIMES
    print(
        f"{backend}: asked in {first * 1e3:,.0f} ms, found in {middle * 1e3:.3f} ms (at best "
        f"{hit * 1e3:.3f}, {hit / floor:.1f} x the floor): {first / middle:,.0f} x sooner; "
        f"{'within' if fine else 'BEYOND'} the bars of 1 ms and {LEAST_TIMES:,} x"
    )


def sweeps(path: Path) -> None:
    """Have many old answers, and remove them."""
    store = SqliteStore(path, 2**34)
    store.usage()
    store.tally("2026-01-01", "nico", {"hit": 1})  # makes the file
    with sqlite3.connect(path) as db:
        db.execute(
            "WITH RECURSIVE numbers(value) AS "
            "(SELECT 1 UNION ALL SELECT value + 1 FROM numbers WHERE value < ?) "
            "INSERT INTO answers "
            "SELECT 'nico', printf('%064d', value), randomblob(1000), 1.0, 1.0 FROM numbers",
            (ENTRIES,),
        )
    db.close()
    took, removed = [], 0
    while removed < ENTRIES:
        began = time.perf_counter()
        removed += store.sweep(1.0)
        took.append(time.perf_counter() - began)
    print(
        f"{ENTRIES:,} old answers removed by {len(took)} sweeps of a second, the longest took "
        f"{max(took):.2f} s, {sum(took):.1f} s in all"
    )


def seconds(do: Callable[[], object]) -> float:
    """How long it takes."""
    began = time.perf_counter()
    do()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
