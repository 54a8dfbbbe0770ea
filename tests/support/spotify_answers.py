"""Spotify's answers in miniature: plays, pages and top lists as JSON, and as kept responses.

Add a builder here when a test needs another kind of answer. What a test expects does not belong
here.
"""

import json
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from pipelines.listening.api.polled import PolledRows, parse_response
from pipelines.listening.api.responses import Request, Response, file_name

LIMIT = 50
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
Json = dict[str, Any]


@dataclass(frozen=True, order=True)
class Heard:
    """A play as it was: when it ended, and what it was."""

    at: datetime
    track: str

    @property
    def row(self) -> tuple[datetime, str]:
        """As it stands in a table: to the millisecond."""
        return self.at.replace(microsecond=self.at.microsecond // 1000 * 1000), self.track


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def isrc_of(key: str) -> str:
    """The ISRC of the track that `track` makes of a key."""
    return f"XXTST{zlib.crc32(key.encode()) % 10**7:07}"


def track(key: str, /, **changed: Any) -> Json:
    """A track in the old shape."""
    return {
        "id": key,
        "uri": f"spotify:track:{key}",
        "name": f"Song {key}",
        "type": "track",
        "is_local": False,
        "duration_ms": 180_000,
        "explicit": False,
        "popularity": 40,
        "external_ids": {"isrc": isrc_of(key)},
        "album": {
            "id": f"album-{key}",
            "name": f"Album {key}",
            "album_type": "album",
            "release_date": "1999-05-01",
        },
        "artists": [{"id": f"artist-{key}", "name": f"Artist {key}"}],
        **changed,
    }


def item(heard: Heard, **changed: Any) -> Json:
    return {"track": track(heard.track), "played_at": iso(heard.at), "context": None, **changed}


def page(items: Iterable[Any], **changed: Any) -> Json:
    return {"items": list(items), "next": None, "limit": LIMIT, **changed}


def respond(
    body: Json | bytes,
    at: datetime = NOON,
    *,
    endpoint: str = "recently_played",
    offset: int = 0,
    server_date: datetime | None = None,
) -> Response:
    """A response as it is kept."""
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    asked: dict[str, str | int] = {"limit": LIMIT, "offset": offset} if offset else {"limit": LIMIT}
    request = Request(endpoint, f"me/{endpoint}", asked)
    return Response(request, at, 200, msgspec.Raw(sent), server_date)


def poll(heard: Sequence[Heard], at: datetime = NOON, *, next_page: bool = False) -> Response:
    """What a poll answers: the plays, newest first."""
    shown = sorted(heard, reverse=True)
    return respond(page(map(item, shown), next="https://x/?before=1" if next_page else None), at)


def shown_at(life: Iterable[Heard], at: datetime, limit: int = LIMIT) -> list[Heard]:
    """What Spotify shows of a life at a moment: the last plays that had ended by then."""
    return sorted(one for one in life if one.at <= at)[-limit:]


def polled(heard: Sequence[Heard], at: datetime = NOON, **options: Any) -> PolledRows:
    return taken(poll(heard, at, **options))


def taken(response: Response) -> PolledRows:
    return parse_response(response, file_name(response.fetched_at))


def artist(key: str, /, **changed: Any) -> Json:
    """An artist in the old shape."""
    return {
        "id": f"artist-{key}",
        "uri": f"spotify:artist:{key}",
        "name": f"Artist {key}",
        "genres": ["pop", f"{key} wave"],
        "popularity": 60,
        "followers": {"total": 1000},
        **changed,
    }


def top(
    kind: str, items: Sequence[Json], time_range: str = "short", at: datetime = NOON
) -> Response:
    """A top list that fits on one page."""
    return respond(page(items, offset=0), at, endpoint=f"top_{kind}_{time_range}")
