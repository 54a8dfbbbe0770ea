"""Whether the sources of a plan are as they were when it was made, item by item.

A playlist with the same snapshot costs one request; another one is read anew, since a new snapshot
may also mean a new name. What was read is kept, so that before anything is written the lake has the
complete state of every source. Add here what concerns playlists that a plan only reads.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.errors import RefusedPlan, RefusedRequest
from pipelines.library.kept import Reading, Readings
from pipelines.library.reading import ProgressCallback, no_progress, refresh
from pipelines.listening.playlists.items import entries_of
from pipelines.listening.playlists.items_to_write import title_of
from pipelines.listening.playlists.plan import (
    Plan,
    SourceState,
    entries_digest,
    uris_to_write,
)
from pipelines.resources.lake.lakes import ListenerLake
from pipelines.resources.spotify.client import Spotify

MOST_NAMED = 3
"""How many songs that came or went are named."""


def check_sources(
    lake: ListenerLake, spotify: Spotify, plan: Plan, progress: ProgressCallback = no_progress
) -> None:
    """Pass where every source of a plan has the items that it had.

    Raises:
        RefusedPlan: where one has changed, with what came and went, or cannot be read.
        PlayledgerError: where that cannot be found out now.
    """
    for source in plan.sources:
        try:
            reading = refresh(lake, spotify, source.playlist_id, progress=progress)
        except RefusedRequest as problem:
            raise RefusedPlan(
                f"{_name(source)}, from which plan {plan.id} is made, cannot be read any more, so "
                f"nobody can tell whether it has changed ({problem}): make a new plan"
            ) from None
        entries = entries_in(lake, reading)
        if entries_digest(entries) != source.digest:
            raise RefusedPlan(
                f"{_name(source)} has changed since plan {plan.id} was made: "
                f"{_change(lake, source, entries)}. Nothing was written: make a new plan"
            )


def entries_in(lake: ListenerLake, reading: Reading) -> pa.Table:
    """The rows of a complete reading."""
    return entries_of(reading.playlist_id, Readings(lake).pages(reading))


def reading_at(lake: ListenerLake, source: SourceState) -> Reading | None:
    """The reading that a plan was made from; None where it is not kept any more."""
    readings = Readings(lake).by_playlist(source.playlist_id).get(source.playlist_id, [])
    # Tables have milliseconds, names of files microseconds.
    at = int(source.read_at.timestamp() * 1000)
    same = [one for one in readings if int(one.started_at.timestamp() * 1000) == at]
    return next((one for one in same if one.complete), None)


def titles(lake: ListenerLake, plan: Plan) -> Mapping[str, str]:
    """Artist and title of each song of a plan's sources, by its uri."""
    found: dict[str, str] = {}
    for source in plan.sources:
        if reading := reading_at(lake, source):
            found |= _titles(entries_in(lake, reading))
    return found


def _titles(entries: pa.Table) -> Mapping[str, str]:
    rows = zip(
        _uris(entries),
        entries["artist_name"].to_pylist(),
        entries["track_name"].to_pylist(),
        strict=True,
    )
    return {uri: title_of(artist, title, uri) for uri, artist, title in rows}


def _uris(entries: pa.Table) -> list[str]:
    uris: list[str] = pc.fill_null(uris_to_write(entries), "").to_pylist()
    return uris


def _change(lake: ListenerLake, source: SourceState, entries: pa.Table) -> str:
    """What came and went, in words."""
    reading = reading_at(lake, source)
    if reading is None:
        return f"it had {source.items:,} items, and has {len(entries):,}"
    before = entries_in(lake, reading)
    was, is_ = Counter(_uris(before)), Counter(_uris(entries))
    names = {**_titles(before), **_titles(entries)}
    told = [
        f"{sum(some.values()):,} {verb} ({_named(some, names)})"
        for verb, some in (("came", is_ - was), ("went", was - is_))
        if some
    ]
    return ", ".join(told) or "its items are in another order"


def _named(some: Iterable[str], names: Mapping[str, str]) -> str:
    songs = [names[uri] if uri else "an empty item" for uri in some]
    more = f" and {len(songs) - MOST_NAMED:,} more" if len(songs) > MOST_NAMED else ""
    return "; ".join(songs[:MOST_NAMED]) + more


def _name(source: SourceState) -> str:
    return repr(source.name) if source.name else source.playlist_id
