from datetime import date
from typing import Any

import pyarrow as pa

from pipelines.listening.api.snapshot_metrics import computed_metrics, flat_row
from pipelines.listening.api.top_lists import top_artists, top_tracks
from pipelines.listening.catalogue.tracks_and_artists import (
    known_artists,
    top_lists,
    unique_artists,
    unique_tracks,
)
from pipelines.listening.ledger.plays import assemble, plays
from pipelines.listening.schema.tables import (
    ALL_SNAPSHOTS_METRICS,
    KNOWN_ARTISTS,
    TIME_RANGES,
    TOP_LISTS,
)
from pipelines.listening.time.local_time import Zone
from tests.support.spotify_answers import (
    NOON,
    Heard,
    artist,
    isrc_of,
    item,
    minutes,
    page,
    respond,
    taken,
    top,
)
from tests.support.spotify_answers import track as song

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
    same = {"external_ids": {"isrc": "DEA379900001"}}
    one, other = song("a", **same), song("b", **same)

    assert set(recordings(one, other, song("c")).values()) == {
        "isrc:DEA379900001",
        f"isrc:{isrc_of('c')}",
    }


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


def test_a_track_without_an_isrc_is_the_song_of_that_name_that_has_one():
    def named(key: str, isrc: str | None, **changed: Any) -> dict[str, Any]:
        told = {"isrc": isrc} if isrc else {}
        same = {"name": "Hey Ya!", "artists": [{"name": "OutKast"}], "external_ids": told}
        return song(key, **same | changed)

    mute = named("mute", None, name="hey ya", artists=[{"name": "OUTKAST"}])
    often, seldom = named("often", "usaaa0000001"), named("seldom", "USAAA0000002")
    by_track = recordings(mute, seldom, often, often, named("live", None, name="Hey Ya! (Live)"))

    assert by_track["mute"] == by_track["seldom"] == "isrc:USAAA0000002"
    assert by_track["often"] == "isrc:USAAA0000001"
    assert by_track["live"] == "name:outkast|hey ya live"
    assert recordings(mute, often, seldom, seldom)["mute"] == "isrc:USAAA0000001"
    assert recordings(often, mute)["mute"] == recordings(mute, often)["mute"] == "isrc:USAAA0000001"


def test_a_track_without_names_takes_no_isrc():
    nameless = song("a", artists=[], external_ids=None)

    assert recordings(nameless, song("b", name="Song a", artists=[]))["a"] == "a"


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


def test_an_artist_told_only_beside_another_has_their_id_and_what_lists_told():
    both = [{"id": "x", "name": "X"}, {"id": "artist-b", "name": "Artist b"}]
    alone = song("c", artists=[{"name": "Artist b"}])
    tracks = unique_tracks(heard(song("a", artists=both), alone))
    known = known_artists(NOBODY, [(MAY, told(artist("b")))])
    rows = {row["artist_key"]: row for row in unique_artists(tracks, known).to_pylist()}

    assert rows["artist-b"]["artist_id"] == "artist-b"
    assert rows["artist-b"]["genres"] == ["pop", "b wave"]


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


def test_lists_of_all_dates_lie_side_by_side():
    tracks, _ = top_tracks(
        [top("tracks", [song("b", popularity=7), song("a", popularity=None)])], "long"
    )
    nobody = told()
    rows = top_lists(
        TOP_LISTS.empty(),
        {
            (JUNE, "artists", "short"): told(artist("z", followers={"total": 5}), artist("a")),
            (MAY, "tracks", "long"): tracks,
            (MAY, "artists", "long"): nobody,
        },
    ).to_pylist()

    assert [(row["date"], row["kind"], row["time_range"]) for row in rows] == [
        (MAY, "tracks", "long"),
        (JUNE, "artists", "short"),
    ]
    assert rows[0]["entries"] == [
        {"id": "b", "name": "Song b", "popularity": 7, "followers": None},
        {"id": "a", "name": "Song a", "popularity": None, "followers": None},
    ]
    assert [entry["followers"] for entry in rows[1]["entries"]] == [5, 1000]


def test_a_list_takes_the_place_of_what_was_kept_of_it_and_others_stay():
    def lists(*keys: str) -> dict[tuple[date, str, str], pa.Table]:
        return {(MAY, "artists", key): told(artist(key)) for key in keys}

    kept = top_lists(TOP_LISTS.empty(), lists("short", "long"))
    grown = top_lists(kept, {(MAY, "artists", "short"): told(artist("new"))})

    ids = {row["time_range"]: row["entries"][0]["id"] for row in grown.to_pylist()}
    assert ids == {"long": "artist-long", "short": "artist-new"}
    assert top_lists(kept, {}) == kept == top_lists(kept, lists("short"))


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
        ALL_SNAPSHOTS_METRICS.from_rows([flat_row(MAY, metrics)])
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


def by(key: str, *artists: tuple[str | None, str | None]) -> dict[str, Any]:
    return song(key, artists=[{"id": id_, "name": name} for id_, name in artists])


def artists_of(*tracks: dict[str, Any]) -> dict[str, str | None]:
    return {row["track_id"]: row["artist_key"] for row in unique_tracks(heard(*tracks)).to_pylist()}


def test_two_spellings_of_an_id_are_one_artist_and_two_ids_of_a_name_are_two():
    told = artists_of(by("a", ("x", "Ye")), by("b", ("x", "Kanye West")), by("c", ("y", "Ye")))

    assert told == {"a": "x", "b": "x", "c": "y"}


def test_a_name_without_an_id_is_the_one_artist_with_that_name():
    nameless = by("c", (None, "KANYE WEST"))
    guest = by("d", (None, "guest"))
    told = artists_of(by("a", ("x", "Ye"), ("g", "Guest")), by("b", ("x", "Kanye West")), nameless)

    assert told["c"] == "x"
    assert artists_of(by("a", ("x", "Ye"), ("g", "Guest")), guest)["d"] == "g"
    assert (
        artists_of(by("a", ("x", "Kanye West")), by("b", ("y", "Kanye West")), nameless)["c"]
        == "kanye west"
    )


def test_various_artists_are_no_artist():
    tracks = unique_tracks(
        heard(by("a", ("0LyfQWJT6nXafLPZqxke9x", "Various Artists")), by("b", (None, "群星")))
    )

    assert tracks["artist_key"].to_pylist() == [None, None]
    assert len(unique_artists(tracks, NOBODY)) == 0


def test_a_track_is_described_by_a_poll_though_an_export_came_later():
    polled = heard(by("a", ("x", "Guest")))
    row = polled.to_pylist()[0]
    later = row | {
        "play_id": "later",
        "played_at": row["played_at"] + minutes(9),
        "source": "export",
        "artist_name": "Various Artists",
        **dict.fromkeys(("artist_id", "artists", "isrc", "duration_ms", "album_id")),
    }
    [track] = unique_tracks(pa.Table.from_pylist([row, later], polled.schema)).to_pylist()

    assert (track["artist_name"], track["artist_key"]) == ("Guest", "x")
    assert track["isrc"] == isrc_of("a")
    assert (track["duration_ms"], track["plays"]) == (180_000, 2)
