"""What one more poll and one more daily run cost, with little and with much behind them.

A lake is filled with a made-up history, polled for a month or for ten years, or imported from a
privacy export of one year or of fourteen. Then one poll's answer is kept and the assets after it
are run. Printed: seconds, objects read and written, and how often a month of plays was read.
"""

import io
import json
import os
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import dagster as dg
import msgspec

from pipelines import run_context
from pipelines.assets import catalogue, history, ledger, publish, snapshots
from pipelines.ingest.archive import ExportFile, open_files
from pipelines.ingest.privacy_export import import_export, no_progress
from pipelines.listening.api.responses import Request, Response
from pipelines.resources.dagster_resources import resources_from
from pipelines.resources.lake.folder import Folder
from pipelines.resources.lake.lakes import Lake
from pipelines.resources.lake.object_store import Entry, Stored
from pipelines.resources.lake.raw import RawResponses
from testing.pipeline import resource_of

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
        self.read: Counter[str] = Counter()

    def get(self, key: str) -> Stored | None:
        """Count a read."""
        self.count["read"] += 1
        self.read[key] += 1
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
        [snapshots, history, ledger, catalogue, publish], key_prefix=LISTENER
    )
    keys = [[LISTENER, *asset.key.path] for asset in assets]
    lake.store.count.clear()  # type: ignore[attr-defined]
    lake.store.read.clear()  # type: ignore[attr-defined]
    with dg.DagsterInstance.ephemeral() as instance:
        began = time.perf_counter()
        result = dg.materialize(
            list(keyed),
            selection=dg.AssetSelection.assets(*keys),
            partition_key=day.isoformat() if day else None,
            tags={run_context.POLL_TAG: "true"} if assets is POLL else {},
            resources=resources_from(os.environ)
            | {"lake": resource_of(lake), "progress": no_progress},
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
    raw = RawResponses(lake.of(LISTENER))
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
    once_more(lake)


def export(years: int) -> bytes:
    """An extended export that ends yesterday, a play every 36 minutes."""
    spacing = A_DAY / PLAYS_A_DAY
    ends = [noon(TODAY) - A_DAY - number * spacing for number in range(years * 365 * PLAYS_A_DAY)]
    rows = [
        {
            "ts": f"{end:%Y-%m-%dT%H:%M:%SZ}",
            "ms_played": 180_000,
            "spotify_track_uri": f"spotify:track:track{number % 997:017}",
            "master_metadata_track_name": f"Song {number % 997}",
            "master_metadata_album_artist_name": f"Artist {number % 89}",
            "reason_end": "trackdone",
        }
        for number, end in enumerate(reversed(ends))
    ]
    return json.dumps(rows).encode()


def measure_imported(years: int, home: Path) -> None:
    """Import so many years, then poll and run a day once more."""
    (home / "listeners.toml").write_text(f'[{LISTENER}]\ntimezone = "Europe/Berlin"\n')
    lake = Lake(Counted(home / "lake"))
    content = export(years)
    file = ExportFile("endsong_0.json", len(content), lambda: io.BytesIO(content))
    with open_files([file]) as opened:
        outcome = import_export(lake.of(LISTENER), opened, now=noon(TODAY) - A_DAY / 2)
    RawResponses(lake.of(LISTENER)).keep(TODAY.isoformat(), answer(noon(TODAY)))
    run(lake, [ledger.polled, ledger.plays, ledger.gaps, catalogue.known_artists], None)
    run(lake, DAILY, TODAY)
    print(f"{years:5} years imported, {outcome['rows_read']:7,} plays")
    once_more(lake)


def once_more(lake: Lake) -> None:
    """One more poll and one more day."""
    raw = RawResponses(lake.of(LISTENER))
    for name, assets in (("poll", POLL), ("daily", DAILY)):
        raw.keep(
            TODAY.isoformat(), answer(noon(TODAY) + timedelta(hours=1 if name == "poll" else 2))
        )
        seconds, count = run(lake, assets, TODAY)
        told = ", ".join(f"{count[what]} {what}" for what in ("read", "written", "listed"))
        months = [n for key, n in lake.store.read.items() if "/plays/year=" in key]  # type: ignore[attr-defined]
        print(
            f"      {name:5} {seconds:.2f} s; {told}; "
            f"{len(months)} months of plays read, none more than {max(months, default=0)} times"
        )


def main() -> None:
    """Measure a month and ten years of polls, one and fourteen years of an export."""
    import os  # noqa: PLC0415
    import warnings  # noqa: PLC0415

    warnings.simplefilter("ignore")
    settings = [(measure, 30), (measure, 3650), (measure_imported, 1), (measure_imported, 14)]
    for measured, much in settings:
        with tempfile.TemporaryDirectory() as folder:
            os.environ["LISTENERS_FILE"] = f"{folder}/listeners.toml"
            measured(much, Path(folder))


if __name__ == "__main__":
    main()
