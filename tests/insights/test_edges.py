"""Lives at the edges: what must stand in the tables is said in numbers here.

Add a life here when a table got something wrong that a sentence can say. That tables are right all
over is tested on these lives too, against plain Python.
"""

from datetime import date

import pytest

from pipelines.listening.insights.runner import insights
from tests.support.insights.agreement import agree, column, rows
from tests.support.insights.chance import SOUND
from tests.support.insights.lives import Life, Row, at, daily, gap, heard, inputs, song


def test_who_heard_nothing_has_empty_tables() -> None:
    tables = agree(Life(known_to=at("2026-03-01"), gaps=[gap("2026-02-01", "2026-02-02")]))

    assert set(tables) == set(insights())
    assert {name: len(table) for name, table in tables.items() if len(table)} == {}


def test_spotifys_lists_count_without_a_single_play() -> None:
    entries = [{"id": "a", "name": "A", "popularity": 80, "followers": None}]
    one = {"date": date(2026, 3, 1), "kind": "tracks", "entries": entries}
    tables = agree(Life(lists=[one | {"time_range": "short"}, one | {"time_range": "long"}]))

    [overlap] = rows(tables, "taste_overlap")
    assert (overlap["overlap"], overlap["coverage"], overlap["at_least"]) == (1, None, False)
    assert [row["hits_share"] for row in rows(tables, "popularity_by_snapshot")] == [1, 1]


def test_one_play_is_a_life() -> None:
    tables = agree(Life([heard("2026-03-04 12:00")]))

    [month] = rows(tables, "listening_by_month")
    assert (month["plays"], month["minutes"], month["minutes_per_day"]) == (1, 4, 4)
    assert month["minutes_before"] is None
    [day] = rows(tables, "listening_by_day")
    assert (day["streak"], day["tracks"]) == (1, 1)
    assert len(rows(tables, "listening_by_hour")) == 7 * 24
    assert column(rows(tables, "listening_by_hour", plays=1), "weekday", "hour", "share") == [
        (2, 13, 1)
    ]
    [width] = rows(tables, "discovery_by_month")
    assert (width["effective_artists"], width["evenness"], width["gini"]) == (1, None, 0)


def test_mine_may_be_empty() -> None:
    tables = agree(Life(daily("2026-03-01", 12, times=2, context="sleep")))

    assert {row["plays"] for row in rows(tables, "listening_by_hour", scope="mine")} == {0}
    assert {row["streak"] for row in rows(tables, "listening_by_day", scope="mine")} == {0}
    for name in ("heavy_rotation", "obsessions", "favourite_tracks", "top_tracks_by_month"):
        assert rows(tables, name)
        assert rows(tables, name, scope="mine") == []
    assert rows(tables, "obsessions")[0]["loop"] == "sleep"


def test_of_equal_plays_what_was_heard_longer_comes_first_then_what_comes_first_by_name() -> None:
    lasting = {"a": 60_000, "n": 240_000, "m": 240_000, "z": 300_000}
    songs = {one: song(one, one.upper(), ms_played=ms) for one, ms in lasting.items()}
    plays = [play for what in songs.values() for play in daily("2026-01-01", 5, what)]
    sounds = [
        {"track_key": one, "track_id": what["track_id"], "genres": [f"genre {one}"]}
        for one, what in songs.items()
    ]
    tables = agree(Life(plays, known_to=at("2026-04-01"), sounds=sounds))

    for name, of in (
        ("top_tracks_by_month", "track_name"),
        ("top_artists_by_month", "artist_name"),
        ("genres_by_month", "genre"),
        ("favourite_tracks", "track_name"),
        ("forgotten_favourites", "track_name"),
    ):
        found = sorted(rows(tables, name), key=lambda row: row["rank"])
        assert "".join(str(row[of])[-1].lower() for row in found) == "zmna", name


def test_a_song_that_fell_out_of_the_hundred_still_has_its_rank_of_the_month_before() -> None:
    many = [song(f"{n:03}", f"Artist {n:03}") for n in range(230)]
    first = [heard("2026-01-02", which) for which in [*many[:60], *many]]
    then = daily("2026-02-02", 3, many[229]) + [heard("2026-02-03", which) for which in many[:70]]
    tables = agree(Life(first + then))

    for name in ("top_tracks_by_month", "top_artists_by_month"):
        assert len(rows(tables, name, month=date(2026, 1, 1))) == 100
        [top, *_] = rows(tables, name, month=date(2026, 2, 1))
        assert (top["artist_name"], top["rank_before"]) == ("Artist 229", 230)
        assert top["change"] == 229
    assert len(rows(tables, "favourite_tracks")) == 200
    [_, overlap] = rows(tables, "taste_overlap", kind="tracks")
    assert (overlap["short_entries"], overlap["long_entries"]) == (50, 50)
    [_, width] = rows(tables, "discovery_by_month")
    assert width["loyalty"] == (3 + 9) / 73


def test_of_fifty_one_songs_the_one_heard_shortest_is_not_in_the_list() -> None:
    songs = [song(f"{n:02}", f"Artist {n:02}") for n in range(51)]
    plays = [heard("2026-02-02", one) for one in songs[1:]] + [heard("2026-01-02", songs[50])]
    plays.append(heard("2026-02-02", songs[0], ms_played=60_000))
    tables = agree(Life(plays), "taste_overlap")

    for kind in ("tracks", "artists"):
        [_, february] = rows(tables, "taste_overlap", kind=kind)
        assert (february["in_both"], february["overlap"]) == (50, 1)


def test_what_is_liked_for_long_is_of_twelve_months() -> None:
    plays = [heard("2025-02-28", song("gone")), heard("2025-03-01", song("just there"))]
    tables = agree(Life([*plays, heard("2026-02-01")]), "taste_overlap")

    [february] = rows(tables, "taste_overlap", kind="tracks", month=date(2026, 2, 1))
    assert (february["long_entries"], february["overlap"]) == (2, 0.5)


def test_of_a_months_lists_those_of_its_last_date_with_both_count_for_each_kind() -> None:
    def one(day: int, kind: str, time_range: str, *ids: str) -> Row:
        entries = [{"id": id_, "name": id_} for id_ in ids]
        when = date(2026, 3, day)
        return {"date": when, "kind": kind, "time_range": time_range, "entries": entries}

    lists = [
        one(1, "tracks", "short", "a"),
        one(1, "tracks", "long", "b"),
        one(9, "tracks", "short", "a", "b"),
        one(9, "tracks", "long", "b"),
        one(10, "tracks", "short", "x"),
        one(10, "tracks", "medium", "x"),
        one(10, "artists", "short", "a"),
        one(10, "artists", "long", "a", "b", "c", "d"),
    ]
    found = rows(agree(Life(lists=lists), "taste_overlap"), "taste_overlap")

    assert column(found, "kind", "overlap") == [("artists", 0.25), ("tracks", 0.5)]


def test_of_a_long_list_of_spotifys_only_the_first_fifty_are_compared() -> None:
    ids = [f"{n:02}" for n in range(60)]
    lists: list[Row] = [
        {
            "date": date(2026, 3, 1),
            "kind": "tracks",
            "time_range": time_range,
            "entries": [{"id": id_, "name": id_} for id_ in order],
        }
        for time_range, order in (("short", ids), ("long", ids[::-1]))
    ]
    [found] = rows(
        agree(Life([heard("2026-03-01")], lists=lists)), "taste_overlap", told_by="spotify"
    )

    assert (found["short_entries"], found["in_both"]) == (50, 40)


def test_an_entry_of_a_list_is_mine_unless_most_of_its_plays_were_not() -> None:
    contexts = {"half": ["kids", "focus"], "little": ["kids", "kids", "focus"], "none": ["kids"]}
    plays = [
        heard(f"2026-03-0{n + 1}", song(title, title.upper()), context=context)
        for title, found in contexts.items()
        for n, context in enumerate(found)
    ]
    short = song("half", "HALF", ms_played=29_999)
    plays += daily("2026-03-04", 3, short, context="kids")
    told = [(f"{title.upper()}/{title}", title) for title in contexts] + [("never", "never")]
    entries = [{"id": id_, "name": name, "popularity": 80} for id_, name in told]
    lists = [
        {"date": date(2026, 3, 9), "kind": kind, "time_range": "long", "entries": entries}
        for kind in ("tracks", "artists")
    ]
    tables = agree(Life(plays, lists=lists), "popularity_by_snapshot")

    for kind in ("tracks", "artists"):
        [everything] = rows(tables, "popularity_by_snapshot", kind=kind)
        [mine] = rows(tables, "popularity_by_snapshot", kind=kind, scope="mine")
        assert (everything["entries"], mine["entries"]) == (4, 2)


def test_an_artist_is_one_however_the_name_is_written_and_whoever_tells_an_id() -> None:
    plays = [
        heard("2026-03-01", song("a", "Björk", artist_id="old", source="api")),
        heard("2026-03-01 13:00", song("a", "Björk", artist_id="b", source="api")),
        heard("2026-03-02", song("b", "BJÖRK")),
        heard("2026-03-03", song("c", "björk", track_id=None, source="account")),
        heard("2026-03-04", song("d", None)),
    ]
    [artist] = rows(agree(Life(plays)), "top_artists_by_month")

    assert (artist["artist_name"], artist["artist_id"]) == ("björk", "b")
    assert (artist["plays"], artist["tracks"]) == (4, 3)


def test_artists_are_told_apart_by_id_in_every_table_alike() -> None:
    plays = [
        heard("2026-03-01", song("a", "Nirvana", artist_id="usa", source="api")),
        heard("2026-03-02", song("b", "Nirvana", artist_id="uk", source="api")),
        heard("2026-03-03", song("c", "NIRVANA (UK)", artist_id="uk", source="api")),
        heard("2026-03-04", song("d", "Nirvana")),
    ]
    made = agree(Life(plays))
    found = rows(made, "top_artists_by_month")

    assert {row["artist_id"]: row["plays"] for row in found} == {"uk": 2, "usa": 1, None: 1}
    [month] = rows(made, "discovery_by_month")
    assert month["artists"] == 3
    everybody = inputs(Life(plays))["unique_artists"].to_pylist()
    assert {row["artist_id"]: row["plays"] for row in everybody} == {"uk": 2, "usa": 1, None: 1}


@pytest.mark.parametrize("nobody", ["Various Artists", "Verschiedene Interpreten", "群星"])
def test_various_artists_are_no_artist_in_any_table(nobody: str) -> None:
    plays = [
        *(heard(f"2026-03-0{day}", song("Intro", nobody, track_id=f"t{day}")) for day in (1, 2, 3)),
        heard("2026-03-04", song("a", "Band")),
    ]
    made = agree(Life(plays))

    assert column(rows(made, "top_artists_by_month"), "artist_name") == [("Band",)]
    assert column(rows(made, "discovery_by_month"), "artists", "tracks") == [(1, 1)]
    assert len(rows(made, "top_tracks_by_month")) == 4
    assert inputs(Life(plays))["unique_artists"]["artist_name"].to_pylist() == ["Band"]


def test_one_recording_under_several_ids_is_one_song() -> None:
    plays = [
        heard("2026-02-28", song("Song", "Band", isrc="DEA379900001", release_year=1998)),
        heard("2026-03-01", song("Song", "Band", isrc="DEA379900001", release_year=1999)),
        heard("2026-03-02", song("Song", "Band", track_id="again", isrc="DEA379900001")),
        heard("2026-03-03", song("song!", "BAND", track_id=None)),
    ]
    [favourite] = rows(agree(Life(plays)), "favourite_tracks")

    assert (favourite["plays"], favourite["track_name"]) == (4, "song!")
    assert favourite["release_year"] == 1999, "though the latest play does not tell it"


def test_of_a_recordings_tracks_the_most_played_one_that_is_known_tells_of_it() -> None:
    often, seldom = song("A", isrc="X"), song("A", track_id="b", isrc="X", popularity=3)
    unknown = song("A", track_id="c", isrc="X")
    plays = [heard("2026-03-01", one) for one in (often, often, seldom, *[unknown] * 3)]
    sounds = [
        {"track_key": "1", "track_id": "b", "popularity": 50, "genres": ["b"], **SOUND},
        {"track_key": "2", "track_id": "Band/A", "popularity": 60, "genres": ["a"]},
    ]
    sounds[1] |= {name: value * 0.5 for name, value in SOUND.items()}
    tables = agree(Life(plays, sounds=sounds))

    [favourite] = rows(tables, "favourite_tracks")
    assert favourite["energy"] == SOUND["energy"] * 0.5
    assert favourite["popularity"] == 3, "Spotify's own word"
    assert column(rows(tables, "genres_by_month"), "genre", "plays") == [("a", 6)]


def test_genres_that_spotify_told_go_before_others_unless_there_are_none() -> None:
    plays = [
        heard("2026-03-01", song("a", "Known", artist_id="k")),
        heard("2026-03-02", song("b", "Bare", artist_id="n")),
        heard("2026-03-03", song("c", "KNOWN", track_id="export")),
    ]
    told = [
        {"artist_id": "k", "genres": ["one", "two", "three", "four"], "told_on": date(2026, 3, 1)},
        {"artist_id": "n", "genres": [], "told_on": date(2026, 3, 1)},
    ]
    sounds = [
        {"track_key": track, "track_id": track, "genres": ["Elsewhere"]}
        for track in ("Known/a", "Bare/b")
    ]
    found = rows(agree(Life(plays, artists=told, sounds=sounds)), "genres_by_month")

    assert {row["genre"]: row["plays"] for row in found} == {
        "one": 2,
        "two": 2,
        "three": 2,
        "elsewhere": 1,
    }


def test_a_play_of_less_than_thirty_seconds_is_heard_but_is_no_play() -> None:
    tables = agree(Life(daily("2026-03-01", 12, ms_played=29_999)))

    [month] = rows(tables, "listening_by_month")
    assert (month["plays"], month["short_plays"], month["days_heard"]) == (0, 12, 0)
    assert month["minutes"] == pytest.approx(12 * 29.999 / 60)
    for name in ("top_tracks_by_month", "heavy_rotation", "content_by_month", "favourite_tracks"):
        assert rows(tables, name) == []


def test_a_play_of_unknown_length_counts_and_makes_minutes_at_least() -> None:
    plays = [*daily("2026-03-01", 30), heard("2026-03-30 20:00", ms_played=None)]
    tables = agree(Life(plays, known_to=at("2026-04-01")))

    [month] = rows(tables, "listening_by_month")
    assert (month["plays"], month["minutes"], month["unknown_lengths"]) == (30, 120, 1)
    assert month["at_least"], "a length is missing, though an export tells of every play"
    days = {row["day"].day: row["at_least"] for row in rows(tables, "listening_by_day")}
    assert days == {day: day == 30 for day in range(1, 31)}
    [(hour,)] = column(rows(tables, "listening_by_hour", at_least=True, weekday=0), "hour")
    assert hour == 22
    assert [row["at_least"] for row in rows(tables, "favourite_tracks")] == [True]


def test_of_a_life_that_only_scrobbles_tell_nothing_is_complete_and_shares_are_of_plays() -> None:
    plays = daily("2026-03-01", 31, source="lastfm", ms_played=None, context="focus")
    tables = agree(Life(plays))

    [month] = rows(tables, "listening_by_month")
    assert (month["coverage"], month["at_least"], month["known_days"]) == ("scrobbled", True, 0)
    assert (month["whole"], month["unknown_lengths"]) == (False, 31)
    [context] = rows(tables, "contexts_by_month")
    assert (context["share"], context["minutes"]) == (1, 0)
    assert {row["known"] for row in rows(tables, "listening_by_day")} == {False}


def test_scrobbles_from_before_all_that_is_covered_make_no_month_whole() -> None:
    before = daily("2026-01-01", 59, source="lastfm", ms_played=None)
    tables = agree(
        Life(
            [*before, *daily("2026-03-01", 31)],
            known_to=at("2026-04-01"),
            known_from=at("2026-03-01"),
        )
    )

    months = column(rows(tables, "listening_by_month"), "coverage", "whole", "at_least")
    assert months == [
        ("scrobbled", False, True),
        ("scrobbled", False, True),
        ("export", True, False),
    ]


def test_podcasts_are_time_but_no_music() -> None:
    talk = song("Talk", None, kind="episode", track_id=None, track_uri="spotify:episode:e")
    tables = agree(Life(daily("2026-03-01", 12, talk, skipped=True)))

    [month] = rows(tables, "listening_by_month")
    assert (month["plays"], month["spoken_minutes"], month["tracks"]) == (12, 48, 0)
    assert (month["skips"], month["skip_share"]) == (None, None)
    assert rows(tables, "discovery_by_month") == rows(tables, "obsessions") == []


def test_a_podcast_that_was_put_aside_is_no_skip() -> None:
    talk = song("Talk", None, kind="episode", track_uri="spotify:episode:e")
    plays = [heard("2026-03-01", talk, skipped=True), heard("2026-03-02", skipped=False)]

    [month] = rows(agree(Life(plays), "listening_by_month"), "listening_by_month")
    assert (month["skips"], month["skip_share"]) == (0, 0)


def test_skips_are_of_what_exports_tell() -> None:
    told = [True, False, None, True]
    plays = [heard(f"2026-03-0{n + 1}", skipped=one) for n, one in enumerate(told)]

    [month] = rows(agree(Life(plays), "listening_by_month"), "listening_by_month")
    assert (month["skips"], month["skip_share"]) == (2, pytest.approx(2 / 3))


def test_a_track_of_unknown_length_has_no_length_and_ten_minutes_are_the_longest() -> None:
    lengths = [None, 240_000, 599_999, 600_000, 3_600_000]
    plays = [heard("2026-03-01", song(f"{one}", duration_ms=one)) for one in lengths]
    [month] = rows(agree(Life(plays), "content_by_month"), "content_by_month")

    assert column(month["lengths"], "minutes", "plays") == [(4, 1), (9, 1), (10, 2)]
    assert (month["plays"], month["avg_length_minutes"]) == (5, pytest.approx(21, abs=1e-3))


def test_a_favourite_was_first_played_when_it_was_heard_for_thirty_seconds() -> None:
    plays = [*daily("2026-03-01", 7, ms_played=29_999), heard("2026-03-03"), heard("2026-03-05")]
    [favourite] = rows(agree(Life(plays), "favourite_tracks"), "favourite_tracks")

    assert favourite["first_played_on"] == date(2026, 3, 3)
    assert favourite["last_played_on"] == date(2026, 3, 5)


def test_releases_count_as_new_for_a_year() -> None:
    told = ["2025-03-01", "2025-02-28", "2026", "2024", None]
    plays = [
        heard("2026-03-01", song(str(when), release_date=when), played_at=at(f"2026-03-01 1{n}:00"))
        for n, when in enumerate(told)
    ]
    [month] = rows(agree(Life(plays), "discovery_by_month"), "discovery_by_month")

    assert month["new_release_ratio"] == 0.5


def test_a_month_that_is_cut_says_how_many_of_its_days_are_known() -> None:
    plays = daily("2026-01-20", 85, times=2)
    lost = [gap("2026-03-09 12:00", "2026-03-11 12:00")]
    months = rows(agree(Life(plays, gaps=lost)), "listening_by_month")

    assert column(months, "known_days", "whole") == [
        (12, False),
        (28, True),
        (28, False),
        (14, False),
    ]
    assert {row["minutes_per_day"] for row in months} == {8}, "of known days alone"
    over = agree(Life(plays, known_to=at("2026-04-30")), "listening_by_month")
    assert column(rows(over, "listening_by_month"), "known_days", "whole")[2:] == [
        (31, True),
        (30, True),
    ]


def test_of_a_month_of_which_no_day_is_known_there_is_no_mean() -> None:
    plays = [*daily("2026-01-01", 31), *daily("2026-03-01", 5)]
    lost = [gap("2026-01-31 20:00", "2026-02-28 23:00")]
    _, february, _ = rows(agree(Life(plays, gaps=lost), "listening_by_month"), "listening_by_month")

    assert (february["known_days"], february["minutes_per_day"]) == (0, None)


def test_sessions_of_a_month_are_one_number_in_every_table() -> None:
    plays = [
        *daily("2026-01-30", 4, times=3),
        # It began before midnight on the last of January, by the clock of Berlin.
        *[heard(f"2026-01-31 22:5{minute}") for minute in (8, 9)],
        *[heard(f"2026-01-31 23:0{minute}", context="focus") for minute in (3, 7)],
        heard("2026-02-01 18:00", ms_played=9_000),
    ]
    life = Life(plays)
    tables = agree(life, "listening_by_month", "contexts_by_month")

    begun = [row["local_date"].month for row in inputs(life)["sessions"].to_pylist()]
    for month in rows(tables, "listening_by_month"):
        told = rows(tables, "contexts_by_month", month=month["month"])
        assert month["sessions"] == begun.count(month["month"].month)
        assert month["sessions"] == sum(row["sessions"] for row in told)


def test_whether_a_song_was_dropped_in_a_gap_is_not_known() -> None:
    plays = daily("2026-03-01", 5, times=2)
    known_to = at("2026-07-01")
    for start, end, abandoned in [
        ("2026-03-08 01:00", "2026-03-08 02:00", None),
        ("2026-05-06 01:00", "2026-05-06 02:00", None),
        ("2026-05-07 12:00", "2026-05-08 12:00", True),
        ("2026-03-06 12:00", "2026-03-07 12:00", True),
    ]:
        life = Life(plays, known_to=known_to, gaps=[gap(start, end)])
        [found] = rows(agree(life, "obsessions"), "obsessions")
        assert found["abandoned"] is abandoned, start
        closed = Life(plays, known_to=known_to, gaps=[gap(start, end, closed=True)])
        assert rows(agree(closed, "obsessions"), "obsessions")[0]["abandoned"] is True


def test_for_how_long_a_favourite_was_not_heard_is_not_known_after_a_gap() -> None:
    name = "forgotten_favourites"
    plays = daily("2026-01-01", 5)
    life = Life(plays, known_to=at("2026-06-01"), gaps=[gap("2026-02-01", "2026-02-02")])
    [found] = rows(agree(life, name), name)

    assert (found["days_since"], found["at_least"]) == (None, False)
    [known] = rows(agree(Life(plays, known_to=at("2026-06-01")), name), name)
    assert known["days_since"] == 147


def test_a_list_that_ends_at_fifty_says_how_many_there_are() -> None:
    plays = [one for n in range(63) for one in daily("2026-01-01", 5, song(f"{n:02}"))]
    found = rows(
        agree(Life(plays, known_to=at("2026-04-01")), "forgotten_favourites"),
        "forgotten_favourites",
    )

    assert (len(found), {row["in_all"] for row in found}) == (50, {63})


def test_spellings_of_a_genre_are_one() -> None:
    told = [
        ("a", "hip-hop", 1),
        ("b", "Hip Hop", 3),
        ("c", "hiphop", 1),
        ("d", "R&B", 1),
        ("e", "r-n-b", 2),
    ]
    plays = [one for name, _, days in told for one in daily("2026-01-01", days, song(name, name))]
    sounds = [
        {"track_key": name, "track_id": song(name, name)["track_id"], "genres": [genre]}
        for name, genre, _ in told
    ]
    found = rows(agree(Life(plays, sounds=sounds), "genres_by_month"), "genres_by_month")

    assert column(found, "genre", "plays", "genres") == [("hip hop", 5, 2), ("r-n-b", 3, 2)]


def test_years_and_lengths_that_only_reference_data_tell_count_for_exports() -> None:
    plays = daily("2026-03-01", 4, song("Old", duration_ms=None)) + daily(
        "2026-03-01", 2, song("New", release_date="2026-02-01", release_year=2026)
    )
    sounds = [
        {
            "track_key": title,
            "track_id": song(title)["track_id"],
            "release_date": "1971-05",
            "release_year": 1971,
            "album_type": "single",
            "duration_ms": 120_000,
        }
        for title in ("Old", "New")
    ]
    tables = agree(Life(plays, sounds=sounds))

    [years] = rows(tables, "release_years_by_month")
    assert (years["known_share"], years["oldest"], years["newest"]) == (1, 1971, 2026)
    [kinds] = rows(tables, "content_by_month")
    assert (kinds["single_plays"], kinds["avg_length_minutes"]) == (6, pytest.approx(16 / 6))
    assert rows(tables, "discovery_by_month")[0]["new_release_ratio"] == pytest.approx(2 / 6)
    assert column(rows(tables, "favourite_tracks"), "track_name", "release_year") == [
        ("Old", 1971),
        ("New", 2026),
    ]
