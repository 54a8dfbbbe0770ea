"""Playlists: their items as rows, which of them are the same song, and plans for new ones.

Pure functions over kept pages and Arrow tables. Add here what follows from the items of a playlist.
Reading from Spotify and writing to it is `pipelines/library/`; tables that answer a question are
insights.
"""
