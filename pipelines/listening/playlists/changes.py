"""What came and went between two readings of a playlist: `playlist_changes`.

Add here what is told of the difference of two readings. Which two are compared is
`library/derive.py`; what is made of the changes is an insight.
"""

from datetime import datetime

import pyarrow as pa

from pipelines.listening.schema.playlist_tables import PLAYLIST_CHANGES
from pipelines.listening.schema.sql import query
from pipelines.listening.time.intervals import whole_ms

VERSION = 1
"""Raise it when the same readings give other rows."""


def changes_between(
    before: pa.Table, after: pa.Table, *, before_at: datetime, read_at: datetime
) -> pa.Table:
    """The tracks of which a reading has more or fewer than the one before.

    Args:
        before: `playlist_entries` rows of the earlier reading.
        after: those of the later one.
        before_at: when the earlier one began.
        read_at: when the later one began.
    """
    moments = pa.table(
        {
            "read_at": pa.array([whole_ms(read_at)], PLAYLIST_CHANGES.schema.field("read_at").type),
            "before_at": pa.array(
                [whole_ms(before_at)], PLAYLIST_CHANGES.schema.field("before_at").type
            ),
        }
    )
    rows = query(_CHANGES, before_rows=before, after_rows=after, moments=moments)
    return PLAYLIST_CHANGES.conform(rows.cast(PLAYLIST_CHANGES.schema))


_CHANGES = """
WITH every AS (
    SELECT *, false AS later FROM before_rows UNION ALL SELECT *, true AS later FROM after_rows
),
counted AS (
    SELECT
        playlist_id,
        -- A local file or a gone item may have no uri: then its names tell it from others.
        coalesce(
            track_uri, 'unnamed:' || nullif(concat_ws(' - ', artist_name, track_name), ''), ''
        ) AS track_uri,
        -- Of several items with the same uri the first, of the later reading where that has it.
        arg_min(
            {'id': track_id, 'name': track_name, 'artist': artist_name, 'isrc': isrc},
            (NOT later, position)
        ) AS known,
        count(*) FILTER (NOT later) AS before,
        count(*) FILTER (later) AS after,
        max(added_at) FILTER (later) AS added_last,
    FROM every
    GROUP BY ALL
)
SELECT
    playlist_id,
    read_at,
    before_at,
    track_uri,
    known.id AS track_id,
    known.name AS track_name,
    known.artist AS artist_name,
    known.isrc AS isrc,
    before,
    after,
    CASE WHEN after > before THEN added_last END AS added_at,
FROM counted, moments
WHERE before <> after
"""
