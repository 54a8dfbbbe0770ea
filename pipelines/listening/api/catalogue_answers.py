"""What the catalogue answered of single tracks, as rows of `described_tracks`.

Which tracks are asked for, and what becomes of the rows, is `catalogue/described.py`. Add here
another kind of question about one track.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice

import msgspec
import pyarrow as pa

from pipelines.listening.api.objects import Track, decode
from pipelines.listening.api.responses import Response
from pipelines.listening.catalogue.described import (
    BY_ID,
    BY_SEARCH,
    searched_for,
    searched_names,
)
from pipelines.listening.catalogue.names import normal_name
from pipelines.listening.schema.sql import query
from pipelines.listening.schema.tables import DESCRIBED_TRACKS

VERSION = "1"
"""Of how answers are read."""

TRACK, SEARCH = "track", "search"
"""The names under which answers are kept."""

OK = 200

AT_ONCE = 1000
"""Answers of which there are objects at the same time: those of years would take much memory."""

Row = dict[str, object]


def described_tracks(known: pa.Table, answers: Iterable[Response]) -> pa.Table:
    """What the catalogue said of each track that was ever asked for, the last time that it knew it.

    Args:
        known: `described_tracks` rows of some answers, or none.
        answers: others, or the same, in any order.
    """
    tables = [known]
    waiting = iter(answers)
    while some := list(islice(waiting, AT_ONCE)):
        tables.append(DESCRIBED_TRACKS.from_rows([row for one in some for row in _rows(one)]))
    rows = query(_LATEST, every=pa.concat_tables(tables))
    return DESCRIBED_TRACKS.conform(rows.cast(DESCRIBED_TRACKS.schema))


_LATEST = """
WITH latest AS (
    SELECT asked_by, asked_for, max(asked_at) AS asked_at,
        arg_max(status, (asked_at, status)) AS status, max(told_at) AS told_at
    FROM every GROUP BY ALL
)
SELECT every.* REPLACE (latest.asked_at AS asked_at, latest.status AS status)
FROM every JOIN latest USING (asked_by, asked_for)
WHERE every.told_at IS NOT DISTINCT FROM latest.told_at
QUALIFY row_number() OVER (
    PARTITION BY asked_by, asked_for, place ORDER BY every::VARCHAR
) = 1
"""


def _rows(answer: Response) -> Iterator[Row]:
    """The rows of one answer; none of one to another question."""
    if answer.request.endpoint == TRACK:
        asked_for = answer.request.path.rpartition("/")[2]
        found = [track] if (track := _track(answer)) else []
        yield from _described(BY_ID, asked_for, answer, found)
    elif names := searched_names(str(answer.request.params.get("q", ""))):
        found = [track for track in _hits(answer) if _has_names(track, *names)]
        yield from _described(BY_SEARCH, searched_for(*names), answer, found)


def tracks_in(answer: Response) -> list[Track]:
    """The tracks that an answer to a question about one track, or to a search, has.

    Args:
        answer: with `TRACK` or `SEARCH` as its endpoint.
    """
    if answer.request.endpoint == TRACK:
        return [track] if (track := _track(answer)) else []
    return list(_hits(answer))


def _described(
    asked_by: str, asked_for: str, answer: Response, found: list[Track]
) -> Iterator[Row]:
    at = _in_milliseconds(answer.fetched_at)
    asked = {"asked_by": asked_by, "asked_for": asked_for, "asked_at": at, "status": answer.status}
    if not found:
        yield {**asked, "place": 0}
    for place, track in enumerate(found, 1):
        yield {**asked, "place": place, "told_at": at, **track.columns()}


def _in_milliseconds(moment: datetime) -> datetime:
    """As it is stored, so that an answer that is read again is the same one."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


class _Tracks(msgspec.Struct):
    items: list[msgspec.Raw] | None = None


class _Found(msgspec.Struct):
    tracks: _Tracks | None = None


def _track(answer: Response) -> Track | None:
    return _decoded(answer.body) if answer.status == OK else None


def _hits(answer: Response) -> Iterator[Track]:
    if answer.status != OK:
        return
    try:
        found, _ = decode(answer.body, _Found)
    except msgspec.DecodeError:
        return
    for item in (found.tracks and found.tracks.items) or ():
        if track := _decoded(item):
            yield track


def _decoded(raw: msgspec.Raw) -> Track | None:
    """A track; None where nothing in it says which one."""
    try:
        track, _ = decode(raw, Track)
    except msgspec.DecodeError:
        return None
    return track if track.known_id else None


def _has_names(track: Track, artist: str, title: str) -> bool:
    """Whether a hit is by this artist, or on an album of theirs, and has this title."""
    first = next((one.name for one in track.artists or [] if one and one.name), None)
    names = {normal_name(name) for name in (first, track.album_artist) if name}
    return artist in names and normal_name(track.name or "") == title
