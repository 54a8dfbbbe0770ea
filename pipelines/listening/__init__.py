"""The domain: pure functions and table schemas, with no Dagster and no input or output.

Everything here can be tried in a REPL with bytes and Arrow tables. What reads or writes a lake
belongs in `assets/`, what talks to a server in `resources/`.

In the order in which data passes through: `responses` (what was asked and answered), `polled`
(plays out of responses), `top_lists`, `metrics`, `ledger` (plays, each once), `knowledge` (gaps),
`catalogue` (tracks and artists). `tables` declares what is written.
"""
