"""The domain: pure functions and table schemas, with no Dagster and no input or output.

Everything here can be tried in a REPL with bytes and Arrow tables. What reads or writes a lake
belongs in `assets/`, what talks to a server in `resources/`.

A room imports only rooms before it: `time` and `schema` (intervals, tables), `catalogue` (tracks
and artists), `api` and `privacy_export` (parsing of sources), `ledger` (plays and gaps),
`contexts` (labels), `insights`. `arrays` is below them all, `all_tables` above.
"""

import pipelines.listening.arrays  # noqa: F401 before anything makes an array
