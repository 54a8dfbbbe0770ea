"""The assets, one module per stage, in the order in which data flows.

1. `collect`: Spotify's responses, kept as received in `raw/`.
2. `snapshots`: what the responses of one date say.
3. `history`: what privacy exports say.
4. `ledger`: every play once, and the gaps.
5. `catalogue`: tracks and artists, and the dates' figures side by side.
6. `contexts`: in which context each play was heard.
7. `insights`: one table per SQL file.
8. `report`: the page that a listener reads.
9. `publish`: how fresh the tables are.

These are loaded once per listener, with the listener's name before each key, so none may name its
own key; `shared/` has what all listeners have in common and is loaded once.

An asset reads from the lake, calls a function of `listening/`, writes through the lake and says
how many rows there are. It declares as dependencies exactly what it reads, and writes no other
asset's files. What several assets share stands in `ingest/` and `resources/lake/`, what a run says
of itself in `run_context.py`.
"""

from pipelines.assets import (
    catalogue,
    collect,
    contexts,
    history,
    insights,
    ledger,
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
)
"""The modules of assets that each listener has."""
