"""Files of privacy exports in miniature: rows as Spotify writes them, and what reading them gave.

Add a builder here when a test needs another kind of file. What a test expects does not belong
here.
"""

import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from pipelines.ingest.archive import ExportFile
from pipelines.listening.privacy_export.parser import Part, read_file

DATA = Path(__file__).parents[1] / "data"
EXTENDED = DATA / "extended_history" / "Streaming_History_Audio_spotify_import_test.json"
ACCOUNT = DATA / "account_history" / "StreamingHistory0.json"
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
AUDIO = "Streaming_History_Audio_2025_0.json"
MUSIC = "StreamingHistory_music_0.json"

SECRETS = ("203.0.113.77", "secret-listener", "SecretAgent/1.0", "kept-to-myself")
URI = "spotify:track:3aJ2aJz5xL03hpaqdPS7Ah"

Json = dict[str, Any]


def put(path: Path, content: bytes) -> Path:
    """Write a file, and the folders that it needs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def put_all(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Write files into a folder, by their path in it."""
    for name, content in files.items():
        put(folder / name, content)
    return folder


def play(**changes: object) -> Json:
    """A row of the extended history with everything in it, private keys of all times too."""
    return {
        "ts": "2025-04-28T21:04:35Z",
        "username": SECRETS[1],
        "platform": "windows",
        "ms_played": 1603,
        "conn_country": "US",
        "ip_addr": SECRETS[0],
        "ip_addr_decrypted": SECRETS[0],
        "user_agent_decrypted": SECRETS[2],
        "unheard_of": SECRETS[3],
        "master_metadata_track_name": "only my railgun",
        "master_metadata_album_artist_name": "fripSide",
        "master_metadata_album_album_name": "infinite synthesis",
        "spotify_track_uri": URI,
        "episode_name": None,
        "episode_show_name": None,
        "spotify_episode_uri": None,
        "reason_start": "clickrow",
        "reason_end": "trackdone",
        "shuffle": False,
        "skipped": False,
        "offline": False,
        "offline_timestamp": 1745874272,
        "incognito_mode": False,
    } | changes


def nameless(**changes: object) -> Json:
    """A row of the extended history that does not tell what was played."""
    names = ("track_name", "album_artist_name", "album_album_name")
    nothing: Json = {f"master_metadata_{name}": None for name in names}
    return play(**nothing, spotify_track_uri=None) | changes


def titled(*titles: str) -> list[Json]:
    """Rows of the extended history, one for each title."""
    return [play(master_metadata_track_name=title) for title in titles]


def heard(**changes: object) -> Json:
    """A row of the account data."""
    return {
        "endTime": "2021-04-22 05:41",
        "artistName": "Shindy",
        "trackName": "Dreams",
        "msPlayed": 6408,
    } | changes


def cut(content: bytes, size: int) -> Iterator[bytes]:
    return (content[at : at + size] for at in range(0, len(content), size))


def parts_of(content: object, name: str = AUDIO, **how: Any) -> list[Part]:
    """What a file gave; `content` is its bytes, or what it holds as JSON."""
    told = content if isinstance(content, bytes) else json.dumps(content).encode()
    return list(read_file(name, [told], latest=NOW, **how))


def rows_of(parts: Iterable[Part]) -> list[Json]:
    return [row for part in parts for row in part.rows.to_pylist()]


def refused_of(parts: Iterable[Part]) -> list[Json]:
    return [row for part in parts for row in part.refused.to_pylist()]


def row_of(row: Json, name: str = AUDIO) -> Json:
    """The one row that a file with one row gave, nothing refused."""
    parts = parts_of([row], name)
    assert not refused_of(parts)
    [only] = rows_of(parts)
    return only


def zipped(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


def in_lake(files: Mapping[str, bytes]) -> list[ExportFile]:
    """Files as they are opened out of a lake."""
    return [
        ExportFile(name, len(content), partial(io.BytesIO, content))
        for name, content in files.items()
    ]
