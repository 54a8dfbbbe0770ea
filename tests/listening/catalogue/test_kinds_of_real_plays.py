"""What is music in a real person's account data, in which podcasts are mixed in.

Which of them are podcasts was read off by eye. Add what a real file teaches; what is made up to try
the rule is in `test_kinds.py`.
"""

import json
from datetime import UTC, datetime

import pyarrow as pa
import pytest

from pipelines.listening.catalogue.tracks_and_artists import unique_artists, unique_tracks
from pipelines.listening.contexts.filling import fill
from pipelines.listening.schema.tables import KNOWN_ARTISTS, PLAYS
from tests.support.export_files import ACCOUNT
from tests.support.lives import imported, written
from tests.support.sources import all_plays

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)

PODCASTS = {
    "Gemischtes Hack",
    "Inside Brains - Der Podcast von Tim Gabel",
    "Podcasts \N{EN DASH} der Podcast ",
    "Spieltagssiegerbesieger \N{EN DASH} Der Kickbase Podcast",
    "D&N Podcast",
}
"""And "Sternstunde Philosophie". Ten minutes of one title are no sure sign: it stays music."""


def heard(*names: str) -> pa.Table:
    """The plays of files of that account data, as the ledger has them."""
    rows = {name: json.loads(ACCOUNT.with_name(name).read_text(encoding="utf-8")) for name in names}
    return PLAYS.from_rows(all_plays([], [imported(written(rows), NOW, "account")]))


@pytest.fixture(scope="module")
def known() -> pa.Table:
    return heard("StreamingHistory0.json", "StreamingHistory1.json")


def test_podcasts_are_found_and_all_else_stays_music(known: pa.Table) -> None:
    tracks = unique_tracks(known).to_pylist()

    assert {row["kind_source"] for row in tracks} == {"inferred"}
    assert {row["kind"] for row in tracks} == {"episode", "track"}
    assert {row["artist_name"] for row in tracks if row["kind"] == "episode"} == PODCASTS


def test_a_few_days_are_enough_for_the_largest() -> None:
    tracks = unique_tracks(heard("StreamingHistory0.json")).to_pylist()
    shows = {row["artist_name"] for row in tracks if row["kind"] == "episode"}

    assert shows == {"Gemischtes Hack"}


def test_no_podcast_is_an_artist(known: pa.Table) -> None:
    artists = unique_artists(unique_tracks(known), KNOWN_ARTISTS.empty())["artist_name"].to_pylist()

    assert "Kendrick Lamar" in artists
    assert not PODCASTS & set(artists)


def test_each_play_has_the_kind_of_its_show_and_the_ledger_stays_as_it_is(known: pa.Table) -> None:
    filled = fill(known, unique_tracks(known)).plays.to_pylist()

    assert set(known["kind"].to_pylist()) == {"unknown"}
    for row in filled:
        spoken = row["artist_name"] in PODCASTS
        assert row["kind"] == ("episode" if spoken else "track")
        assert row["kind_source"] == "inferred"
        assert row["album_name"] == (row["artist_name"] if spoken else None)
