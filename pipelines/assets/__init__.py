"""The assets, one module per stage, in the order in which data flows.

1. `collect`: Spotify's answers, kept as received in `raw/`.
2. `snapshots`: what the answers of one date say.
3. `history`: what privacy exports say.
4. `ledger`: every play once, and the gaps.
5. `catalogue`: tracks and artists, and the dates' figures side by side.
6. `publish`: what a reader opens first.

What several assets share, or what is more than a few lines, stands beside this package:
`collecting`, `deriving`, `importing`, `drop_box`, `catching_up`. What a run says of itself is
`runs`.

An asset reads from the lake, calls a function of `listening/`, writes through the lake and says
how many rows there are. Every asset is loaded once per listener, with the listener's name before
its key, so none may name its own key.
"""
