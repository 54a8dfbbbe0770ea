"""The assets, one module per stage, in the order in which data flows.

1. `collect`: Spotify's responses, stored as received in `raw/`.
2. `snapshots`: tables of the responses of one date.
3. `history`: plays from privacy exports; `lastfm`: scrobbles, of listeners who have any.
4. `ledger`: every play once, and the gaps.
5. `catalogue`: tracks and artists, and the metrics of all dates; `lastfm`: what it counts.
6. `contexts`: the context of each play.
7. `insights`: one table per SQL file.
8. `report`: the page that a listener reads.
9. `publish`: how fresh the tables are.

Beside these, in a job of its own: `playlists`, what is in the listener's playlists.

These are loaded once per listener, with the listener's name as key prefix, so none may set its own
key; `shared/` has what all listeners have in common and is loaded once.

An asset reads from the lake, calls a function of `listening/`, writes to the lake and reports the
number of rows. It declares as dependencies exactly what it reads, and writes no other asset's
files. Code that several assets share is in `ingest/` and `resources/lake/`, the context of a run in
`run_context.py`.
"""

from pipelines.assets import (
    catalogue,
    collect,
    contexts,
    history,
    insights,
    lastfm,
    ledger,
    playlists,
    publish,
    report,
    snapshots,
)

STAGES = (
    collect,
    snapshots,
    history,
    ledger,
    catalogue,
    contexts,
    insights,
    report,
    publish,
    playlists,
)
"""The modules of assets that each listener has."""

WITH_LASTFM = (lastfm,)
"""Those of listeners with a name at Last.fm."""
