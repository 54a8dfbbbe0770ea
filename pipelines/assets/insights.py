"""Stage 7: the tables of `pipelines/insights/`, one asset for each SQL file.

Add an insight there, not here: this module provides the inputs of the queries and writes their
results.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import dagster as dg
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.assets.catalogue import top_lists, unique_artists, unique_tracks
from pipelines.assets.contexts import context_tables, labelled_plays, read_reference_data
from pipelines.assets.ledger import coverage_tables
from pipelines.assets.shared.reference import PLAY_COUNTS_KEY, REFERENCE_KEYS
from pipelines.listening.insights import inputs as insight_inputs
from pipelines.listening.insights import runner
from pipelines.listening.insights.runner import Insight
from pipelines.listening.playlists.recordings import with_recordings
from pipelines.listening.schema.context_tables import LABELLED_PLAYS, SESSIONS
from pipelines.listening.schema.count_tables import LASTFM_TRACKS, LASTFM_USER_TRACKS
from pipelines.listening.schema.playlist_tables import (
    PLAYLIST_CHANGES,
    PLAYLIST_ENTRIES,
    PLAYLIST_READINGS,
)
from pipelines.listening.schema.reference_tables import SPOTIFY_PLAY_COUNTS
from pipelines.listening.schema.tables import (
    COVERED,
    GAPS,
    TOP_LISTS,
    UNIQUE_ARTISTS,
    UNIQUE_TRACKS,
)
from pipelines.listening.sources.lastfm_counts import TRACKS_COLUMNS, with_names
from pipelines.report.pictures import as_markdown, contexts_picture, days_picture, hours_picture
from pipelines.resources.dagster_resources import LakeResource, ListenersResource
from pipelines.resources.lake.lakes import ListenerLake
from pipelines.resources.lake.manifest import ROWS
from pipelines.run_context import column_schema, expected_failures
from pipelines.settings import Listener

ENTRIES_KEY = dg.AssetKey(PLAYLIST_ENTRIES.name)

READ_FROM: Mapping[str, Sequence[dg.AssetKey]] = {
    "labelled_plays": [labelled_plays.key],
    "sessions": [key for key in context_tables.keys if key.path[-1] == SESSIONS.name],
    "gaps": [coverage_tables.keys_by_output_name["gaps"]],
    "known_tracks": [unique_tracks.key, *REFERENCE_KEYS],
    "unique_artists": [unique_artists.key],
    "top_lists": [top_lists.key],
    "settings": [labelled_plays.key, *coverage_tables.keys],
    "playlist_entries": [ENTRIES_KEY, unique_tracks.key],
    "playlist_tracks": [ENTRIES_KEY, unique_tracks.key, *REFERENCE_KEYS],
    "playlist_readings": [dg.AssetKey(PLAYLIST_READINGS.name)],
    "playlist_changes": [dg.AssetKey(PLAYLIST_CHANGES.name)],
    "named_tracks": [unique_tracks.key],
    "lastfm_user_tracks": [],
    "lastfm_tracks": [],
    "spotify_play_counts": [PLAY_COUNTS_KEY],
}
"""The assets from which each input of the insights is read; those that only some listeners have, of
Last.fm's counts, are added in `definitions.py`."""


PICTURES = {
    "listening_by_hour": (hours_picture, "minutes by hour of the week"),
    "listening_by_day": (days_picture, "minutes per day"),
    "contexts_by_month": (contexts_picture, "hours by context and month"),
}
"""By the name of an insight, the picture in its metadata and the caption."""


def _spec(insight: Insight) -> dg.AssetSpec:
    read = runner.required_inputs([insight.table.name])
    others = runner.dependencies(insight.sql) & set(runner.insights())
    return dg.AssetSpec(
        insight.table.name,
        deps=[*dict.fromkeys(key for name in sorted(read) for key in READ_FROM[name]), *others],
        description=insight.description,
        group_name="insights",
        kinds={"parquet", "sql"},
        metadata=column_schema(insight.table),
        skippable=True,
    )


@dg.multi_asset(
    specs=[_spec(insight) for insight in runner.insights().values()],
    can_subset=True,
)
def insight_tables(
    context: dg.AssetExecutionContext, lake: LakeResource, listeners: ListenersResource
) -> Iterator[dg.MaterializeResult]:
    """The insights, from inputs that are read once for all of them."""
    selected = {key.path[-1]: key for key in context.selected_asset_keys}
    with expected_failures():
        listener = listeners.get(next(iter(selected.values())).path[0])
        for name, rows in update_insights(lake.of(listener.name), listener, selected):
            metadata: dict[str, Any] = {ROWS: len(rows)}
            if name in PICTURES and len(rows):
                draw, caption = PICTURES[name]
                metadata["picture"] = dg.MetadataValue.md(as_markdown(draw(rows), caption))
            del rows  # before the next is computed
            yield dg.MaterializeResult(asset_key=selected[name], metadata=metadata)


def update_insights(
    lake: ListenerLake, listener: Listener, wanted: Iterable[str]
) -> Iterator[tuple[str, pa.Table]]:
    """Run some insights and write their tables.

    Args:
        lake: the listener's.
        listener: their settings.
        wanted: names of insights.

    Yields:
        The name and the rows of each, after it was written.
    """
    names = list(wanted)
    read = InsightInputs(lake, listener).read
    # Not kept under a name here: an input is given up with the last query that reads it.
    computed = runner.compute(names, read(runner.required_inputs(names)), listener.zones)
    for name, rows in computed:
        lake.replace(runner.insights()[name].table, rows)
        yield name, rows
        del rows  # before the next is computed


class InsightInputs:
    """Reads the inputs of insights from the lake; each method is the input of its name.

    Args:
        lake: the listener's.
        listener: their settings.
    """

    def __init__(self, lake: ListenerLake, listener: Listener) -> None:
        self._lake, self._listener = lake, listener

    def read(self, names: set[str]) -> Mapping[str, pa.Table]:
        """Some of them; `settings` needs `labelled_plays`."""
        plays = self.labelled_plays()
        inputs = {"labelled_plays": plays, "settings": self.settings(plays)}
        return inputs | {name: getattr(self, name)() for name in names - set(inputs)}

    def labelled_plays(self) -> pa.Table:
        """All labelled plays, with the columns that insights use."""
        rows = self._lake.read_months(LABELLED_PLAYS, insight_inputs.LABELLED_PLAYS_COLUMNS)
        return insight_inputs.number_plays(rows)

    def sessions(self) -> pa.Table:
        """The sessions."""
        return self._lake.read(SESSIONS)

    def gaps(self) -> pa.Table:
        """The gaps."""
        return self._lake.read(GAPS)

    def known_tracks(self) -> pa.Table:
        """The tracks with their reference data."""
        tracks = self._lake.read(UNIQUE_TRACKS)
        return insight_inputs.known_tracks(tracks, read_reference_data(self._lake.lake, tracks))

    def unique_artists(self) -> pa.Table:
        """The artists, with Spotify's genres."""
        return self._lake.read(UNIQUE_ARTISTS)

    def top_lists(self) -> pa.Table:
        """Spotify's own lists."""
        return self._lake.read(TOP_LISTS)

    def playlist_entries(self) -> pa.Table:
        """The items of all playlists, with their recordings."""
        return self._entries

    def playlist_tracks(self) -> pa.Table:
        """The different tracks among them, with their reference data."""
        tracks = insight_inputs.playlist_tracks(self._entries)
        return insight_inputs.known_tracks(tracks, read_reference_data(self._lake.lake, tracks))

    def playlist_readings(self) -> pa.Table:
        """The playlists, and how each was last read."""
        return self._lake.read(PLAYLIST_READINGS)

    def playlist_changes(self) -> pa.Table:
        """What came into playlists and what went."""
        return self._lake.read_folders(PLAYLIST_CHANGES)

    def named_tracks(self) -> pa.Table:
        """The tracks with their names as these are compared."""
        return with_names(self._lake.read(UNIQUE_TRACKS, TRACKS_COLUMNS))

    def lastfm_user_tracks(self) -> pa.Table:
        """How often the listener played tracks by Last.fm's count; no rows where nobody asked."""
        return self._lake.read(LASTFM_USER_TRACKS)

    def lastfm_tracks(self) -> pa.Table:
        """How often everyone did, likewise."""
        return self._lake.read(LASTFM_TRACKS)

    def spotify_play_counts(self) -> pa.Table:
        """How often everyone played tracks on Spotify, where a file told it."""
        return self._lake.lake.read(SPOTIFY_PLAY_COUNTS)

    @cached_property
    def _entries(self) -> pa.Table:
        columns = insight_inputs.PLAYLIST_ENTRIES_COLUMNS
        entries = self._lake.read_folders(PLAYLIST_ENTRIES, columns)
        return with_recordings(entries, self._lake.read(UNIQUE_TRACKS))

    def settings(self, plays: pa.Table) -> pa.Table:
        """One row: up to when the ledger is complete, and what counts as heavy rotation."""
        stretches = self._lake.read(COVERED, ["start", "end"])
        start, end = stretches["start"], pc.max(stretches["end"]).as_py()
        covered = (
            None if end is None else (None if start.null_count else pc.min(start).as_py(), end)
        )
        return insight_inputs.settings(
            plays,
            covered,
            self._listener.zones,
            self._listener.rotation,
        )
