"""What one more poll and one more daily run cost, after one month and after ten years.

A lake is filled with a made-up history, the same few plays a day in every month, then one poll's
answer is kept and the assets after it are run. Printed: seconds, and objects read and written.
"""

import json
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import dagster as dg
import msgspec

from pipelines import runs
from pipelines.assets import catalogue, ledger, publish, snapshots
from pipelines.listening.responses import Request, Response
from pipelines.resources.lake import Lake
from pipelines.resources.raw import Raw
from pipelines.resources.stores import Entry, Folder, Stored

LISTENER = "nico"
TODAY = date(2026, 11, 21)
A_DAY = timedelta(days=1)
PLAYS_A_DAY = 40

POLL = [snapshots.recent_tracks, ledger.polled, ledger.plays, ledger.gaps]
DAILY = [
    *POLL,
    catalogue.unique_tracks,
    catalogue.known_artists,
    catalogue.unique_artists,
    publish.last_updated,
]


class Counted(Folder):
    """A folder that counts what is asked of it."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.count: Counter[str] = Counter()

    def get(self, key: str) -> Stored | None:
        """Count a read."""
        self.count["read"] += 1
        return super().get(key)

    def put(self, key: str, body: bytes) -> str:
        """Count a write."""
        self.count["written"] += 1
        return super().put(key, body)

    def put_if_absent(self, key: str, body: bytes) -> str:
        """Count a write."""
        self.count["written"] += 1
        return super().put_if_absent(key, body)

    def put_if_match(self, key: str, body: bytes, etag: str | None) -> str:
        """Count a write."""
        self.count["written"] += etag is not None
        return super().put_if_match(key, body, etag)

    def list(self, prefix: str, *, start_after: str = "") -> Iterator[Entry]:
        """Count a listing."""
        self.count["listed"] += 1
        return super().list(prefix, start_after=start_after)


def answer(at: datetime) -> Response:
    """The last 50 plays as of an instant: one every 36 minutes."""
    spacing = A_DAY / PLAYS_A_DAY
    newest = int(at.timestamp() // spacing.total_seconds())
    items = [
        {
            "played_at": datetime.fromtimestamp(number * spacing.total_seconds(), UTC).isoformat(),
            "track": {
                "id": f"track{number % 997:017}",
                "uri": f"spotify:track:track{number % 997:017}",
                "type": "track",
                "name": f"Song {number % 997}",
                "duration_ms": 180_000 + number % 997,
                "artists": [{"id": f"artist{number % 89:016}", "name": f"Artist {number % 89}"}],
                "album": {"id": "a" * 22, "name": "Album", "album_type": "album"},
            },
        }
        for number in range(newest, newest - 50, -1)
    ]
    body = json.dumps({"items": items, "next": "more", "limit": 50}).encode()
    request = Request("recently_played", "me/player/recently-played", {"limit": 50})
    return Response(request, at, 200, msgspec.Raw(body))


def noon(day: date) -> datetime:
    """Midday, UTC."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def run(
    lake: Lake, assets: list[dg.AssetsDefinition], day: date | None
) -> tuple[float, Counter[str]]:
    """Materialize assets; seconds, and what was asked of the store."""
    keyed = dg.load_assets_from_modules(
        [snapshots, ledger, catalogue, publish], key_prefix=LISTENER
    )
    keys = [[LISTENER, *asset.key.path] for asset in assets]
    lake.store.count.clear()  # type: ignore[attr-defined]
    with dg.DagsterInstance.ephemeral() as instance:
        began = time.perf_counter()
        result = dg.materialize(
            list(keyed),
            selection=dg.AssetSelection.assets(*keys),
            partition_key=day.isoformat() if day else None,
            tags={runs.POLL_TAG: "true"} if assets is POLL else {},
            resources={"lake": lake, "spotify": None},
            instance=instance,
            run_config={"loggers": {"console": {"config": {"log_level": "ERROR"}}}},
        )
        seconds = time.perf_counter() - began
    assert result.success
    return seconds, Counter(lake.store.count)  # type: ignore[attr-defined]


def measure(days: int, home: Path) -> None:
    """Fill a lake with so many days, then poll and run a day once more."""
    (home / "listeners.toml").write_text(f'[{LISTENER}]\ntimezone = "Europe/Berlin"\n')
    lake = Lake(Counted(home / "lake"))
    raw = Raw(lake, LISTENER)
    for back in range(days, 0, -1):
        day = TODAY - back * A_DAY
        for hour in (-11, 11):
            raw.keep(day.isoformat(), answer(noon(day) + timedelta(hours=hour)))
    began = time.perf_counter()
    run(lake, [ledger.polled, ledger.plays, ledger.gaps, catalogue.known_artists], None)
    rebuilt = time.perf_counter() - began
    raw.keep(TODAY.isoformat(), answer(noon(TODAY)))
    run(lake, DAILY, TODAY)
    print(f"{days:5} days, {days * PLAYS_A_DAY:7,} plays; rebuilt from raw in {rebuilt:.1f} s")
    for name, assets in (("poll", POLL), ("daily", DAILY)):
        raw.keep(
            TODAY.isoformat(), answer(noon(TODAY) + timedelta(hours=1 if name == "poll" else 2))
        )
        seconds, count = run(lake, assets, TODAY)
        told = ", ".join(f"{count[what]} {what}" for what in ("read", "written", "listed"))
        print(f"      {name:5} {seconds:.2f} s; {told}")


def main() -> None:
    """Measure a month and ten years."""
    import os  # noqa: PLC0415
    import warnings  # noqa: PLC0415

    warnings.simplefilter("ignore")
    for days in (30, 3650):
        with tempfile.TemporaryDirectory() as folder:
            os.environ["LISTENERS_FILE"] = f"{folder}/listeners.toml"
            measure(days, Path(folder))


if __name__ == "__main__":
    main()
