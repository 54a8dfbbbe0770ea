"""A listener's privacy export: a life's extended streaming history, in a zip as Spotify sends it.

In which words Spotify writes a play down lives here; add here what it adds to its exports. What an
export knows of a play is `ledger`, what was heard `life` and `podcasts`.
"""

import json
import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from operator import itemgetter
from pathlib import Path
from typing import Any

from sandbox.ledger import plays_of
from sandbox.people import person_of
from sandbox.podcasts import Spoken, spoken

FOLDER = "Spotify Extended Streaming History"

ROWS_PER_FILE = 15_000
"""Spotify begins a new file after about 12 MB."""

_IP_ADDRESS = "203.0.113.7"

_KEYS = {
    "played_at": "ts",
    "platform": "platform",
    "ms_played": "ms_played",
    "country": "conn_country",
    "track_name": "master_metadata_track_name",
    "artist_name": "master_metadata_album_artist_name",
    "album_name": "master_metadata_album_album_name",
    "track_uri": "spotify_track_uri",
    "reason_start": "reason_start",
    "reason_end": "reason_end",
    "shuffle": "shuffle",
    "skipped": "skipped",
    "offline": "offline",
    "started_at": "offline_timestamp",
    "incognito": "incognito_mode",
}
"""What Spotify calls the columns of `plays`."""

Row = dict[str, Any]

_EMPTY: Row = dict.fromkeys(
    (
        "ts",
        "platform",
        "ms_played",
        "conn_country",
        "ip_addr",
        "master_metadata_track_name",
        "master_metadata_album_artist_name",
        "master_metadata_album_album_name",
        "spotify_track_uri",
        "episode_name",
        "episode_show_name",
        "spotify_episode_uri",
        "audiobook_title",
        "audiobook_uri",
        "audiobook_chapter_uri",
        "audiobook_chapter_title",
        "reason_start",
        "reason_end",
        "shuffle",
        "skipped",
        "offline",
        "offline_timestamp",
        "incognito_mode",
    )
)
"""Every row has all keys, in this order."""


def write_export(path: Path, seed: str, start: datetime, end: datetime) -> int:
    """Write the zip that Spotify would send; the same life and span give the same bytes.

    Args:
        path: Where to; there is nothing until all of it is there.
        seed: Whose life.
        start: The first instant, aware.
        end: The first instant that is too late, aware.

    Returns:
        How many rows it holds.
    """
    rows = history(seed, start, end)
    unfinished = path.with_suffix(".part")
    with zipfile.ZipFile(unfinished, "w") as archive:
        for number, at in enumerate(range(0, len(rows), ROWS_PER_FILE)):
            part = rows[at : at + ROWS_PER_FILE]
            # Without a time of its own: two exports of the same plays are the same file.
            file = zipfile.ZipInfo(f"{FOLDER}/{_file_name(part, number)}")
            file.external_attr = 0o644 << 16
            archive.writestr(file, json.dumps(part), zipfile.ZIP_DEFLATED)
    unfinished.replace(path)
    return len(rows)


def history(seed: str, start: datetime, end: datetime) -> list[Row]:
    """The rows of an extended streaming history, oldest first: music, skips and podcasts.

    Args:
        seed: Whose life.
        start: The first instant, aware.
        end: The first instant that is too late, aware.
    """
    country = person_of(seed).country
    talk = (_of_episode(one, country) for one in spoken(seed, start, end))
    return sorted([*_of_music(seed, start, end), *talk], key=itemgetter("ts"))


def _of_music(seed: str, start: datetime, end: datetime) -> Iterator[Row]:
    table, _ = plays_of(seed, start, end, polled_from=end)
    for play in table.select(list(_KEYS)).rename_columns(list(_KEYS.values())).to_pylist():
        yield _row(play)


def _of_episode(heard: Spoken, country: str) -> Row:
    told = {
        "ts": heard.played_at,
        "platform": "ios",
        "ms_played": heard.ms_played,
        "conn_country": country,
        "episode_name": heard.episode,
        "episode_show_name": heard.show,
        "spotify_episode_uri": f"spotify:episode:{heard.episode_id}",
        "reason_start": "clickrow",
        "reason_end": "trackdone" if heard.finished else "endplay",
        "shuffle": False,
        "skipped": False,
        "offline": False,
        "offline_timestamp": heard.started_at,
        "incognito_mode": False,
    }
    return _row(told)


def _row(told: Row) -> Row:
    """A row with times as Spotify writes them: the end as text, the start as unix seconds."""
    times = {
        "ts": f"{told['ts']:%Y-%m-%dT%H:%M:%SZ}",
        "offline_timestamp": int(told["offline_timestamp"].timestamp()),
    }
    return _EMPTY | told | times | {"ip_addr": _IP_ADDRESS}


def _file_name(rows: Sequence[Row], number: int) -> str:
    first, last = (row["ts"][:4] for row in (rows[0], rows[-1]))
    years = first if first == last else f"{first}-{last}"
    return f"Streaming_History_Audio_{years}_{number}.json"
