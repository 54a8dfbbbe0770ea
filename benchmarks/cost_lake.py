"""The lake that `cost.py` measures on: years of a made-up listener, in a folder or in a bucket.

Made quickly rather than true to life: what matters is how many files, months and rows there are.
"""

import json
import random
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import msgspec
import pyarrow as pa
import requests

from pipelines.assets.catalogue import VERSION
from pipelines.ingest.archive import open_export
from pipelines.ingest.privacy_export import import_export
from pipelines.listening.api import top_lists
from pipelines.listening.api.responses import Request, Response
from pipelines.listening.catalogue import tracks_and_artists
from pipelines.listening.schema.tables import TIME_RANGES, TOP_LISTS
from pipelines.resources.lake.lakes import Lake
from pipelines.resources.lake.manifest import THROUGH, Manifest
from pipelines.resources.lake.raw import RawResponses
from pipelines.settings import Settings
from sandbox import Sandbox
from testing.pipeline import Pipeline
from testing.servers import S3Server

LISTENER = "nico"
A_DAY = timedelta(days=1)
ISO = "%Y-%m-%dT%H:%M:%SZ"
PLAYS_A_DAY = 40
TRACKS = 20_000


def fill(home: Path, sandbox: Sandbox, years: int) -> int:
    """Years of an export, a year of polls, and all that follows; how many plays."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    dates = [today - back * A_DAY for back in range(years * 365, 0, -1)]
    lake = Lake.open(Settings())
    file = home / "endsong_0.json"
    file.write_text(json.dumps(exported(dates[:-14])))
    with open_export(file) as export:
        import_export(lake.of(LISTENER), export, now=today - A_DAY)
    keep_answers(lake, sandbox, dates[-365:])
    with dg.DagsterInstance.ephemeral() as instance:
        assert Pipeline(instance, lake).rebuild().success
    keep_lists(lake, sandbox, dates)
    told = lake.of(LISTENER).document("aggregated/last_updated.json")
    return int((told or {})["plays"])


def exported(dates: list[datetime]) -> list[dict[str, object]]:
    """Rows of an extended export: so many plays of so many tracks on each date."""
    chance = random.Random(1)  # noqa: S311 a made-up life, no secret
    numbers = [int(chance.paretovariate(0.5)) % TRACKS for _ in range(len(dates) * PLAYS_A_DAY)]
    # Sessions of ten plays, every six hours.
    ends = [timedelta(hours=at // 10 * 6, minutes=at % 10 * 4) for at in range(PLAYS_A_DAY)]
    return [
        {
            "ts": f"{dates[at // PLAYS_A_DAY] + ends[at % PLAYS_A_DAY]:{ISO}}",
            "ms_played": 180_000,
            "spotify_track_uri": f"spotify:track:track{number:017}",
            "master_metadata_track_name": f"Song {number}",
            "master_metadata_album_artist_name": f"Artist {number % 1500}",
            "reason_end": "trackdone",
        }
        for at, number in enumerate(numbers)
    ]


def keep_answers(lake: Lake, sandbox: Sandbox, dates: list[datetime]) -> None:
    """One poll's answer for each date."""
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {sandbox.access_token(LISTENER)}"
        for date in dates:
            at = date + timedelta(hours=20)
            sandbox.clock.fix(at)
            asked = Request("recently_played", "me/player/recently-played", {"limit": 50})
            told = session.get(sandbox.api_url + asked.path, params=asked.params).content
            answer = Response(asked, at, 200, msgspec.Raw(told))
            RawResponses(lake.of(LISTENER)).keep(f"{date:%Y-%m-%d}", answer)


def keep_lists(lake: Lake, sandbox: Sandbox, dates: list[datetime]) -> None:
    """`top_lists` of all dates: those of a month of the last year stand for that month of all."""
    parts: list[pa.Table] = []
    by_month: dict[int, pa.Table] = {}
    for date in reversed(dates):
        if date.month not in by_month:
            sandbox.clock.fix(date)
            lists = {
                (date.date(), kind, time_range): read(
                    pages(sandbox, kind, time_range, date), time_range
                )[0]
                for kind, read in (
                    ("tracks", top_lists.top_tracks),
                    ("artists", top_lists.top_artists),
                )
                for time_range in TIME_RANGES
            }
            by_month[date.month] = tracks_and_artists.top_lists(TOP_LISTS.empty(), lists)
        of_month = by_month[date.month]
        days = pa.repeat(pa.scalar(date.date(), pa.date32()), len(of_month))
        parts.append(of_month.set_column(0, of_month.schema.field(0), days))
    rows = TOP_LISTS.conform(pa.concat_tables(parts))
    own = lake.of(LISTENER)
    manifest = Manifest(own, TOP_LISTS.path)
    inputs = {THROUGH: f"{dates[-1]:%Y-%m-%d}"}
    manifest.record((inputs, VERSION), own.replace(TOP_LISTS, rows))
    manifest.save()


def pages(sandbox: Sandbox, kind: str, time_range: str, at: datetime) -> list[Any]:
    """All pages of one of Spotify's lists."""
    found, told = [], {"next": True}
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {sandbox.access_token(LISTENER)}"
        while told["next"]:
            params = {"limit": 50, "offset": 50 * len(found), "time_range": f"{time_range}_term"}
            asked = Request(f"top_{kind}_{time_range}", f"me/top/{kind}", params)
            answer = session.get(sandbox.api_url + asked.path, params=params)
            told = answer.json()
            found.append(Response(asked, at, 200, msgspec.Raw(answer.content)))
    return found


def upload(lake: Path, server: S3Server) -> None:
    """A folder's files into the bucket, past the proxy."""
    client = server.client()
    files = [path for path in lake.rglob("*") if path.is_file() and not _ours(path, lake)]

    def put(path: Path) -> None:
        key = f"lake/{path.relative_to(lake).as_posix()}"
        client.put_object(Bucket=server.bucket, Key=key, Body=path.read_bytes())

    with ThreadPoolExecutor(8) as uploaders:
        list(uploaders.map(put, files))
    client.close()


def _ours(path: Path, lake: Path) -> bool:
    return path.relative_to(lake).parts[0] in {".tmp", ".locks"}
