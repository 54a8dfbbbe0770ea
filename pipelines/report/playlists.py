"""Of the tables of playlists, which may have millions of rows, the few rows that the page shows.

Of which playlists there is more than a line depends on their summary. Change here how many
playlists, songs or examples the page carries; which columns it has of them is in `packed.py`, and
figures are computed in `insights/`.
"""

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.schema.sql import query

LISTED = 200
"""Playlists that the page lists."""

CHOSEN = 30
"""Playlists that can be chosen, and are compared with each other."""

_ROWS = {
    # The heaviest, those farthest from their weight, and the heaviest that was never played.
    "playlist_weights": """
        SELECT rows.* FROM rows JOIN chosen USING (playlist_id)
        QUALIFY rank <= 10 OR verdict IN ('overplayed', 'underplayed', 'never_played')
            AND row_number() OVER (
                PARTITION BY playlist_id, verdict
                ORDER BY if(verdict = 'never_played', 0, -abs(plays_since - expected_plays)), rank
            ) <= if(verdict = 'never_played', 1, 6)
        ORDER BY playlist_id, rank""",
    # Of each sort the groups with most items, of which some are enough to see why.
    "playlist_duplicates": """
        WITH kinds AS (
            SELECT rows.*, count(*) OVER same AS items, max(match) OVER same AS kind,
                row_number() OVER (same ORDER BY position) AS place
            FROM rows JOIN chosen USING (playlist_id)
            WINDOW same AS (PARTITION BY playlist_id, group_id)
        )
        SELECT * EXCLUDE (items, kind, place) FROM kinds
        QUALIFY place <= 3
            AND dense_rank() OVER (
                PARTITION BY playlist_id, kind ORDER BY items DESC, group_id
            ) <= 3
        ORDER BY playlist_id, group_id, position""",
    "playlist_overlap": """
        SELECT rows.* FROM rows
        WHERE playlist_a IN (FROM chosen) AND playlist_b IN (FROM chosen)
        ORDER BY playlist_a, playlist_b""",
    "playlist_dna": """
        SELECT rows.* FROM rows JOIN chosen USING (playlist_id)
        WHERE CASE WHEN aspect IN ('genre', 'artist') THEN rank <= 10
            ELSE aspect IN ('decade', 'average') END
        ORDER BY playlist_id, aspect, rank""",
    "playlist_history": """
        SELECT rows.* FROM rows JOIN chosen USING (playlist_id)
        QUALIFY row_number() OVER (
            PARTITION BY playlist_id
            ORDER BY read_on DESC, exchanged, track_name, artist_name, before, after
        ) <= 20
        ORDER BY playlist_id, read_on DESC, exchanged, track_name, artist_name, before, after""",
}
"""The rows of each other table that are shown; `chosen` has the playlists that can be chosen."""


def shown_playlists(
    tables: Mapping[str, pa.Table], wanted: str | None = None
) -> dict[str, pa.Table]:
    """The rows that are shown of the tables of playlists.

    Args:
        tables: by name, whatever else there is; without `playlist_summary` nothing is shown.
        wanted: the id of a playlist that is shown whatever its rank.
    """
    summary = tables.get("playlist_summary")
    if summary is None:
        return {name: tables[name].slice(0, 0) for name in _ROWS if name in tables}
    is_wanted = pc.field("playlist_id") == pa.scalar(wanted or "", pa.string())
    ranked = summary.filter(pc.field("songs") > 0).sort_by("rank")
    chosen = pa.concat_tables([ranked.slice(0, CHOSEN), ranked.slice(CHOSEN).filter(is_wanted)])
    chosen = chosen.select(["playlist_id"])
    shown = {
        name: query(sql, rows=tables[name], chosen=chosen)
        for name, sql in _ROWS.items()
        if name in tables
    }
    listed = summary.filter((pc.field("rank") <= LISTED) | is_wanted)
    return {"playlist_summary": listed, **shown}
