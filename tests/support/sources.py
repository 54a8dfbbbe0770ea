"""Polls and exports in miniature, and the plays that the ledger makes of them.

Add a builder here when a test of the rule needs another source. What a test expects does not
belong here.
"""

from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa

from pipelines.listening.api import polled
from pipelines.listening.api.responses import Response
from pipelines.listening.ledger import plays as ledger
from pipelines.listening.ledger.export_union import ImportedExport
from pipelines.listening.ledger.plays import Assembled
from pipelines.listening.schema.tables import PLAYS
from pipelines.listening.time.local_time import Zone
from tests.support.export_files import MUSIC, play
from tests.support.lives import imported, written
from tests.support.spotify_answers import NOON, iso, page, respond, taken, track

Json = dict[str, Any]
Told = tuple[float, str]

LATER = 100_000
"""Seconds after noon: after everything that was played here."""

WHOLE = 180
"""Seconds; the length of a track of `builders` unless a test says another."""


def at(second: float) -> datetime:
    return NOON + timedelta(seconds=second)


def item(second: float, key: str = "a", **changed: Any) -> Json:
    return {"track": track(key, **changed), "played_at": iso(at(second))}


def answer(*items: Json, fetched: float = LATER) -> Response:
    """What a poll showed, at a second."""
    return respond(page(sorted(items, key=lambda one: one["played_at"], reverse=True)), at(fetched))


def row(second: float, key: str = "a", seconds: float = WHOLE, **changed: object) -> Json:
    """A row of an extended export: the same track as `item`, ended at a second."""
    names: Json = {
        "master_metadata_track_name": f"Song {key}",
        "master_metadata_album_artist_name": f"Artist {key}",
        "master_metadata_album_album_name": f"Album {key}",
        "spotify_track_uri": f"spotify:track:{key}",
    }
    times: Json = {"ts": f"{at(second):%Y-%m-%dT%H:%M:%SZ}", "ms_played": round(seconds * 1000)}
    return play(**names | times | changed)


def minute(second: float, key: str = "a", seconds: float = WHOLE, **changed: object) -> Json:
    """A row of account data, its minute cut off."""
    return {
        "endTime": f"{at(second):%Y-%m-%d %H:%M}",
        "artistName": f"Artist {key}",
        "trackName": f"Song {key}",
        "msPlayed": round(seconds * 1000),
    } | changed


def export(*rows: Json, name: str = "one", made: float = LATER) -> ImportedExport:
    return imported(written({"Streaming_History_Audio_2026.json": rows}), at(made), name)


def account(*rows: Json, made: float = LATER) -> ImportedExport:
    return imported(written({MUSIC: rows}), at(made), "account")


EDGES = (row(-9000, "before"), row(9000, "after"))
"""Between these an export vouches for everything."""


def assembled(polls: list[Response], imports: list[ImportedExport]) -> Assembled:
    return ledger.assemble(polled.merge_polled([taken(one) for one in polls]).plays, imports)


def all_plays(polls: list[Response], imports: list[ImportedExport]) -> list[Json]:
    parts = [assembled(polls, imports)]
    found = ledger.plays(parts, listener="nico", zones=[Zone("Europe/Berlin")])
    table: pa.Table = PLAYS.conform(found)
    found: list[Json] = table.to_pylist()
    return found


def plays(polls: list[Response], *imports: ImportedExport) -> list[Told]:
    """Second and source of each play in the ledger, but for those at the edges."""
    return [
        ((one["played_at"] - NOON).total_seconds(), one["source"])
        for one in all_plays(polls, list(imports))
        if one["track_name"] not in {"Song before", "Song after"}
    ]


def loop(count: int, length: int = 31, begin: int = 0) -> list[int]:
    """The seconds at which the plays of a loop end."""
    return [begin + length * number for number in range(1, count + 1)]
