"""The command line, `playledger`: one module per command, and `main.py` that joins them.

Add a module here for a command that a person types. What also runs by itself belongs to `ingest/`,
`ops/` or the assets; a command only calls it and shows what came of it.
"""
