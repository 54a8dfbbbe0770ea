"""Last.fm's counts of plays: rows of its answers, and for which names it is to be asked.

Last.fm knows a track by its names, in any case, and a recording may have several of them: each is
asked for. Add here what else an answer tells. Asking is `ingest/lastfm_counts.py`; which counts are
a recording's is the insight `play_counts`.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.api.json_text import storable
from pipelines.listening.catalogue.kinds import SPOKEN
from pipelines.listening.catalogue.tracks_and_artists import names_of
from pipelines.listening.schema.count_tables import LASTFM_TRACKS, LASTFM_USER_TRACKS
from pipelines.listening.schema.sql import query
from pipelines.listening.schema.tables import UTC_MS

MOST_PLAYED = 5_000
"""Of how many recordings everyone's plays are asked for: with a name each, all of them are as fresh
as `FRESH` says at 170 requests a day."""

FRESH = timedelta(days=30)
"""How long an answer is not asked for again: what everyone played in years changes slowly."""

TRACKS_COLUMNS = (
    *("recording_id", "track_key", "track_id", "isrc", "kind", "artist_key"),
    *("artist_name", "track_name", "plays"),
)
"""The columns of `unique_tracks` from which names are taken."""

_NUMBER = re.compile(r"[0-9]{1,18}")


class Name(NamedTuple):
    """An artist and a title."""

    artist: str
    title: str


class Asked(msgspec.Struct, frozen=True):
    """One name that Last.fm was asked for, as it is kept.

    Attributes:
        artist: as it was asked for.
        title: likewise.
        at: when.
        corrected: whether Last.fm was let to take the name for another spelling.
        track: what it answered; null where it knows none of the name.
    """

    artist: str
    title: str
    at: datetime
    corrected: bool
    track: Any

    @property
    def key(self) -> tuple[str, str]:
        """What is one name to Last.fm."""
        return self.artist.lower(), self.title.lower()


def user_tracks(pages: Iterable[Any], as_of: datetime) -> pa.Table:
    """The listener's counts, as `lastfm_user_tracks` has them.

    A name that moved from one page to the next while these were read stands on both.

    Args:
        pages: answers to `user.getTopTracks`, decoded.
        as_of: when they were asked for.
    """
    counts: dict[Name, int] = {}
    for name, plays in listed(pages):
        counts[name] = max(plays, counts.get(name, 0))
    rows = pa.table(
        {
            "artist_name": pa.array([name.artist for name in counts], pa.string()),
            "track_name": pa.array([name.title for name in counts], pa.string()),
            "plays": pa.array(counts.values(), pa.int64()),
            "as_of": pa.array([as_of] * len(counts), UTC_MS),
        }
    )
    return LASTFM_USER_TRACKS.conform(rows.append_column("name_key", names_of(rows)))


def listed(pages: Iterable[Any]) -> Iterator[tuple[Name, int]]:
    """Every track on the pages of a list, and how often it was played.

    Args:
        pages: answers to `user.getTopTracks`, decoded.
    """
    for page in pages:
        tracks = page["toptracks"].get("track") or []
        for track in tracks if isinstance(tracks, list) else [tracks]:
            name, plays = _name(track), _number(_member(track, "playcount"))
            if name and plays is not None:
                yield name, plays


def packed(answers: Sequence[Asked]) -> bytes:
    """Answers in JSON, in which texts may be what no strict parser takes."""
    return json.dumps(msgspec.to_builtins(answers), separators=(",", ":")).encode()


def unpacked(body: bytes) -> list[Asked]:
    """The answers of `packed`.

    Raises:
        ValueError: where it is something else.
    """
    return msgspec.convert(json.loads(body), list[Asked])


def latest(answers: Iterable[Asked]) -> list[Asked]:
    """Of each name the last answer."""
    last: dict[tuple[str, str], Asked] = {}
    for one in sorted(answers, key=lambda answer: (answer.at, answer.artist, answer.title)):
        last[one.key] = one
    return list(last.values())


def tracks(answers: Sequence[Asked]) -> pa.Table:
    """Everyone's counts, as `lastfm_tracks` has them.

    Args:
        answers: one of each name, as `latest` gives them.
    """
    names = [_name(one.track) for one in answers]
    known = [one.track if name else {} for one, name in zip(answers, names, strict=True)]
    asked = {
        "artist_name": pa.array([one.artist for one in answers], pa.string()),
        "track_name": pa.array([one.title for one in answers], pa.string()),
    }
    rows = {
        "asked_artist": asked["artist_name"],
        "asked_title": asked["track_name"],
        "name_key": names_of(pa.table(asked)),
        "artist_name": pa.array([name and name.artist for name in names], pa.string()),
        "track_name": pa.array([name and name.title for name in names], pa.string()),
        "corrected": pa.array(
            [
                name is not None and (name.artist.lower(), name.title.lower()) != one.key
                for one, name in zip(answers, names, strict=True)
            ],
            pa.bool_(),
        ),
        "plays": pa.array([_number(one.get("playcount")) for one in known], pa.int64()),
        "listeners": pa.array([_number(one.get("listeners")) for one in known], pa.int64()),
        "url": pa.array([_text(one.get("url")) for one in known], pa.string()),
        "as_of": pa.array([one.at for one in answers], UTC_MS),
    }
    return LASTFM_TRACKS.conform(pa.table(rows))


def names_due(
    unique_tracks: pa.Table, user: pa.Table, answered: pa.Table, now: datetime
) -> list[Name]:
    """The names that Last.fm is to be asked for.

    What was never asked comes first, the most played recording on top; then what was asked longest
    ago.

    Args:
        unique_tracks: at least `TRACKS_COLUMNS`.
        user: `lastfm_user_tracks` rows: a recording may be spelled in another way there.
        answered: `lastfm_tracks` rows.
        now: the present.
    """
    named = with_names(unique_tracks)
    stale = pa.table({"before": pa.array([now - FRESH], UTC_MS)})
    due = query(_DUE, tracks=named, listed=user, answered=answered, stale=stale)
    return [
        Name(artist, title)
        for artist, title in zip(due["artist"].to_pylist(), due["title"].to_pylist(), strict=True)
    ]


def with_names(unique_tracks: pa.Table) -> pa.Table:
    """Tracks with their `name_key`; null where a name lacks, where nobody is named, and of speech.

    Args:
        unique_tracks: at least `TRACKS_COLUMNS`.
    """
    named = unique_tracks.select(TRACKS_COLUMNS)
    music = pc.invert(pc.is_in(named["kind"], pa.array(SPOKEN)))
    somebody = pc.and_(music, pc.is_valid(named["artist_key"]))
    keys = pc.if_else(somebody, names_of(named), pa.scalar(None, pa.string()))
    return named.append_column("name_key", keys)


def _name(track: Any) -> Name | None:
    artist, title = _text(_member(_member(track, "artist"), "name")), _text(_member(track, "name"))
    return Name(artist, title) if artist and title else None


def _member(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None


def _text(value: Any) -> str | None:
    return storable(value) if isinstance(value, str) else None


def _number(value: Any) -> int | None:
    """A number, which is a text there; None where it is none."""
    text = str(value)
    return int(text) if _NUMBER.fullmatch(text) else None


_DUE = f"""
WITH recordings AS (
    SELECT recording_id, sum(plays) AS all_plays
    FROM tracks WHERE name_key IS NOT NULL
    GROUP BY recording_id HAVING sum(plays) > 0
    ORDER BY all_plays DESC, recording_id LIMIT {MOST_PLAYED}
),
chosen AS (FROM tracks JOIN recordings USING (recording_id) WHERE name_key IS NOT NULL),
spelled AS (
    SELECT artist_name AS artist, track_name AS title, recording_id, all_plays, plays FROM chosen
    UNION ALL
    SELECT listed.artist_name, listed.track_name, recording_id, all_plays, 0
    FROM listed JOIN chosen USING (name_key)
),
-- Whatever the case of its letters, it is one name there.
different AS (
    SELECT lower(artist) AS artist_key, lower(title) AS title_key,
        max(all_plays) AS all_plays, min(recording_id) AS recording_id, max(plays) AS plays,
        first({{'artist': artist, 'title': title}} ORDER BY plays DESC, artist, title) AS spelled
    FROM spelled GROUP BY ALL
),
asked AS (
    SELECT lower(asked_artist) AS artist_key, lower(asked_title) AS title_key, max(as_of) AS as_of
    FROM answered GROUP BY ALL
)
SELECT spelled.artist AS artist, spelled.title AS title
FROM different LEFT JOIN asked USING (artist_key, title_key) CROSS JOIN stale
WHERE as_of IS NULL OR as_of <= before
ORDER BY as_of NULLS FIRST, all_plays DESC, recording_id, plays DESC, artist, title
"""  # noqa: S608 built from a constant
