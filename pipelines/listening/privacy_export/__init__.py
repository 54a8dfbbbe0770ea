"""Spotify's privacy exports: file names, typed rows, and which time they cover.

Add here a further format that Spotify sends, or a further way in which a file can be damaged.
Opening zips and folders is `ingest/archive.py`; how exports join the ledger is `listening/ledger/`.
"""
