"""Answers of Spotify's catalogue that are kept for some hours, so that nobody asks twice.

`responses.py` decides what is kept, for how long and for whom. `store.py` says what a place to keep
it has to do; `sqlite.py` and `redis_server.py` are such places, and `switching.py` uses the one
while the other is away. Nothing here is a record: all of it may be lost at any moment. What has to
stay is in the lake.
"""
