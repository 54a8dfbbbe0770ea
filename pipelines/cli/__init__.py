"""The command line, `playledger`: one module per command, and `main.py`, which joins them.

Add a module here for a command that a person types: its click command and what it shows. Work that
another layer could want belongs to `ingest/` or `ops/`; a command calls it and prints the result.
"""
