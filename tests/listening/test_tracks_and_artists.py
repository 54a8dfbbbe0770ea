from datetime import date
from typing import Any

import pyarrow as pa

from pipelines.listening.catalogue import known_artists, unique_artists, unique_tracks
from pipelines.listening.ledger import assemble, plays
from pipelines.listening.local_time import Zone
from pipelines.listening.metrics import computed_metrics, flat
from pipelines.listening.tables import ALL_SNAPSHOTS_METRICS, KNOWN_ARTISTS, TIME_RANGES
from pipelines.listening.top_lists import top_artists, top_tracks
from tests.listening.builders import NOON, Heard, artist, item, minutes, page, respond, taken, top
from tests.listening.builders import track as song

MAY, JUNE = date(2026, 5, 1), date(2026, 6, 1)
NOBODY = KNOWN_ARTISTS.empty()


def heard(*tracks: dict[str, Any]) -> pa.Table:
    """Plays of these tracks, a minute apart."""
    items = [
        item(Heard(NOON - minutes(n), ""), track=track) for n, track in enumerate(reversed(tracks))
    ]
    shown = assemble(taken(respond(page(items))).plays, [])
    return plays([shown], listener="nico", zones=[Zone("UTC")])


def recordings(*tracks: dict[str, Any]) -> dict[str, str]:
    return {r["track_id"]: r["recording_id"] for r in unique_tracks(heard(*tracks)).to_pylist()}


def told(*artists: dict[str, Any]) -> pa.Table:
    return top_artists([top("artists", artists)], "short")[0]


def test_one_isrc_on_two_albums_is_one_recording():
    same = {"external_ids": {"isrc": "DE1"}}
    one, other = song("a", **same), song("b", **same)

    assert set(recordings(one, other, song("c")).values()) == {"isrc:DE1", "isrc:XXC"}


def test_without_an_isrc_artist_and_title_tell_recordings_apart():
    def named(key: str, title: str, who: str = "Sigur Rós") -> dict[str, Any]:
        return song(key, name=title, external_ids=None, artists=[{"name": who}])

    by_track = recordings(
        named("a", "Svefn-g-englar"),
        named("b", "svefn g englar!", "SIGUR ROS"),
        named("c", "???", "!!!"),
        named("d", "...", "!!!"),
    )

    assert by_track["a"] == by_track["b"]
    assert by_track["c"] != by_track["d"]


def test_a_track_is_described_as_its_latest_play_describes_it():
    table = unique_tracks(heard(song("a", name="Old"), song("a", name="New"), song("b")))
    rows = {row["track_key"]: row for row in table.to_pylist()}

    assert (rows["a"]["track_name"], rows["a"]["plays"]) == ("New", 2)
    assert rows["a"]["ms_played"] == 360_000
    assert rows["a"]["last_played_at"] - rows["a"]["first_played_at"] == minutes(1)


def test_plays_of_less_than_thirty_seconds_are_no_plays_but_are_heard():
    [row] = unique_tracks(heard(song("a", duration_ms=29_999))).to_pylist()

    assert (row["plays"], row["ms_played"]) == (0, 29_999)


def test_an_artist_sums_up_their_tracks_and_has_what_lists_told():
    who = [{"id": "x", "name": "X"}]
    tracks = unique_tracks(heard(song("a", artists=who), song("a", artists=who), song("b")))
    known = known_artists(NOBODY, [(MAY, told(artist("b")))])
    rows = {row["artist_key"]: row for row in unique_artists(tracks, known).to_pylist()}

    assert (rows["x"]["plays"], rows["x"]["tracks"], rows["x"]["genres"]) == (2, 1, None)
    assert rows["artist-b"]["genres"] == ["pop", "b wave"]
    assert rows["artist-b"]["told_on"] == MAY


def test_genres_are_those_of_the_latest_list_that_told_them():
    new_shape = {"genres": [], "popularity": None, "followers": None}
    lists = [
        (MAY, told(artist("a", genres=["old"]), artist("b", genres=["old"]))),
        (JUNE, told(artist("a", genres=["new"]), artist("b", **new_shape), artist("", id=None))),
    ]
    for order in (lists, lists[::-1]):
        known = known_artists(NOBODY, order).to_pylist()
        assert {row["artist_id"]: row["genres"] for row in known} == {
            "artist-a": ["new"],
            "artist-b": ["old"],
        }
    first = known_artists(NOBODY, lists[:1])
    assert known_artists(first, lists[1:]) == known_artists(NOBODY, lists)


def test_an_old_answer_can_say_that_there_are_no_genres():
    [row] = known_artists(NOBODY, [(MAY, told(artist("a", genres=[])))]).to_pylist()

    assert row["genres"] == []


def test_ranks_have_no_holes_though_items_are_refused():
    rows, refused = top_tracks(
        [top("tracks", [song("a"), song("b", id=1, uri=2, name=3), song("c")])], "short"
    )

    assert rows.select(["rank", "track_id"]).to_pylist() == [
        {"rank": 1, "track_id": "a"},
        {"rank": 2, "track_id": "c"},
    ]
    assert "item 2" in refused[0]


def test_ranks_go_on_over_pages():
    first = respond(page([artist("a")], next="https://x/?offset=1"), endpoint="top_artists_long")
    second = respond(page([artist("b")]), NOON + minutes(1), endpoint="top_artists_long", offset=1)
    rows, _ = top_artists([first, second], "long")

    assert rows["rank"].to_pylist() == [1, 2]
    assert set(rows["fetched_at"].to_pylist()) == {NOON}


def test_metrics_are_those_counted_by_hand():
    recent = taken(
        respond(
            page(
                [
                    item(Heard(NOON, "a"), track=song("a", popularity=10, explicit=True)),
                    item(Heard(NOON - minutes(1), "a"), track=song("a", popularity=20)),
                    item(
                        Heard(NOON - minutes(2), "b"),
                        track=song("b", popularity=None, duration_ms=240_000),
                    ),
                ]
            )
        )
    ).plays
    tracks, _ = top_tracks(
        [top("tracks", [song("a", popularity=70), song("b", album={"album_type": "single"})])],
        "short",
    )
    artists = told(artist("a", popularity=50), artist("b", genres=["pop"]))
    metrics = computed_metrics(recent, {"short": tracks}, {"short": artists})

    assert metrics["recent_tracks"] == {
        "count": 3,
        "unique_tracks": 2,
        "unique_artists": 2,
        "avg_popularity": 15,
        "explicit_ratio": 0.3333,
        "avg_duration_seconds": 200,
        "avg_release_year": 1999,
    }
    assert metrics["top_tracks"]["short"] == {
        "avg_popularity": 55,
        "explicit_ratio": 0,
        "avg_duration_seconds": 180,
        "album_vs_single": {"album": 1, "single": 1, "compilation": 0},
    }
    assert metrics["top_artists"]["short"] == {
        "count": 2,
        "avg_popularity": 55,
        "avg_followers": 1000,
        "total_genres": 3,
        "unique_genres": 2,
    }
    assert metrics["top_tracks"]["long"] is None
    assert metrics["diversity"] == {"artist_diversity": 0.6667, "mainstream_score": 55}
    [row] = ALL_SNAPSHOTS_METRICS.conform(
        ALL_SNAPSHOTS_METRICS.from_rows([flat(MAY, metrics)])
    ).to_pylist()
    assert (row["recent_count"], row["top_tracks_short_album_share"]) == (3, 0.5)
    assert row["top_artists_long_count"] is None


def test_metrics_of_nothing_are_null_not_zero():
    nothing = taken(respond(page([]))).plays
    empty = {name: top_artists([top("artists", [])], name)[0] for name in TIME_RANGES}
    metrics = computed_metrics(nothing, {}, empty)

    assert metrics["recent_tracks"]["avg_popularity"] is None
    assert metrics["diversity"] == {"artist_diversity": None, "mainstream_score": None}
    assert metrics["top_artists"]["short"]["count"] == 0
    assert metrics["top_artists"]["short"]["unique_genres"] is None
