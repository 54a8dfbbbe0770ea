"""Checks on playlists: is everything there that Spotify told of, and what cannot be read?

Add here what the tables of kept readings must mean. What follows from them is checked with the
other insights.
"""

from pipelines.assets.playlists import playlist_tables
from pipelines.checks.suite import Check, Rule, Stored, asset_checks, structure_of
from pipelines.listening.schema.playlist_tables import PLAYLIST_READINGS
from pipelines.resources.lake.lakes import ListenerLake

SHOWN = ("playlist_id", "name", "state", "reason", "total", "items")

AS_MANY = Rule(
    "ExpectColumnPairValuesToBeEqual",
    {"column_A": "items", "column_B": "total", "ignore_row_if": "either_value_is_missing"},
    shown=SHOWN,
)

READABLE = Rule(
    "ExpectColumnValuesToNotBeInSet",
    {"column": "state", "value_set": ["not_readable"]},
    shown=SHOWN,
)

READINGS_CHECKS = [
    structure_of(PLAYLIST_READINGS),
    Check("as_many_items_as_spotify_told", (AS_MANY,), blocking=False, counted="playlists"),
    Check("every_playlist_is_readable", (READABLE,), blocking=False, counted="playlists"),
]


def _readings(lake: ListenerLake, _: str | None) -> Stored:
    return Stored.one(PLAYLIST_READINGS.path, lake.read_unvalidated(PLAYLIST_READINGS))


playlist_readings_checks = asset_checks(
    playlist_tables, READINGS_CHECKS, _readings, of=PLAYLIST_READINGS.name
)
