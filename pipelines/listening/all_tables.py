"""All tables of a listener, in the order in which they are documented.

Views, `docs/tables.md` and the lake's index are made from this list. A table is declared in
`schema/`, or as an insight; add it here to give it its place in the order.
"""

from pipelines.listening.insights.runner import insights
from pipelines.listening.schema.context_tables import (
    CONTEXT_EVALUATION,
    LABELLED_PLAYS,
    LABELS,
    SESSIONS,
)
from pipelines.listening.schema.count_tables import LASTFM_TRACKS, LASTFM_USER_TRACKS
from pipelines.listening.schema.playlist_tables import (
    PLAYLIST_CHANGES,
    PLAYLIST_ENTRIES,
    PLAYLIST_READINGS,
)
from pipelines.listening.schema.tables import (
    ALL_SNAPSHOTS_METRICS,
    CACHE_OUTCOMES,
    COVERED,
    DESCRIBED_TRACKS,
    GAPS,
    HISTORY,
    KNOWN_ARTISTS,
    PLAYS,
    POLLED,
    POLLS,
    RECENT_TRACKS,
    REFUSED,
    REFUSED_HISTORY,
    TOP_ARTISTS,
    TOP_LISTS,
    TOP_TRACKS,
    UNIQUE_ARTISTS,
    UNIQUE_TRACKS,
)

TABLES = (
    RECENT_TRACKS,
    POLLS,
    REFUSED,
    TOP_TRACKS,
    TOP_ARTISTS,
    POLLED,
    HISTORY,
    REFUSED_HISTORY,
    PLAYS,
    LABELLED_PLAYS,
    SESSIONS,
    CONTEXT_EVALUATION,
    LABELS,
    *(insight.table for insight in insights().values()),
    COVERED,
    GAPS,
    UNIQUE_TRACKS,
    DESCRIBED_TRACKS,
    CACHE_OUTCOMES,
    KNOWN_ARTISTS,
    UNIQUE_ARTISTS,
    ALL_SNAPSHOTS_METRICS,
    TOP_LISTS,
    LASTFM_USER_TRACKS,
    LASTFM_TRACKS,
    PLAYLIST_READINGS,
    PLAYLIST_ENTRIES,
    PLAYLIST_CHANGES,
)
