"""What is told of a single artist, and of a single song: from the first play to the last.

Add a life here when a page of an artist or a song got a number wrong.
"""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.listening.insights.runner import insights
from tests.support.examples import of_whole_runs
from tests.support.insights.agreement import agree, column, rows
from tests.support.insights.chance import SONGS
from tests.support.insights.lives import BERLIN, Life, at, daily, gap, heard, local, song

BOTH = ("artists", "songs")
ONE, TWO = song("One", "Alma"), song("Two", "Alma")


def test_an_artist_has_a_history() -> None:
    plays = [
        *daily("2026-01-05", 2, ONE),
        *(heard("2026-03-01 19:00", TWO), heard("2026-03-01 20:00", TWO, context="sleep")),
        *(heard("2026-03-02 20:30", ONE), heard("2026-05-01", ONE, ms_played=20_000)),
        *daily("2026-03-04", 4, song("Three", "Bruno")),
    ]
    found = rows(agree(Life(plays), *BOTH), "artists", artist_key="alma")

    assert column(found, "rank", "artist_name", "plays", "tracks", "days_heard") == [
        (1, "Alma", 5, 2, 4)
    ]
    assert column(found, "first_heard_on", "last_heard_on", "best_month", "best_month_plays") == [
        (date(2026, 1, 5), date(2026, 3, 2), date(2026, 3, 1), 3)
    ]
    [alma] = found
    assert alma["by_month"] == [
        {"month": date(2026, 1, 1), "plays": 2, "minutes": 8.0, "rank": 1},
        {"month": date(2026, 3, 1), "plays": 3, "minutes": 12.0, "rank": 2},
    ]
    assert alma["peak_rank"] == 1
    assert alma["minutes"] == pytest.approx(20 + 1 / 3)
    hours = [one["plays"] for one in alma["by_hour"]]
    assert (len(hours), hours[13], hours[20], hours[21]) == (24, 2, 1, 2)
    assert alma["contexts"] == [
        {"context": "everyday", "plays": 4},
        {"context": "sleep", "plays": 1},
    ]
    assert [(one["track_name"], one["plays"]) for one in alma["top_tracks"]] == [
        ("One", 3),
        ("Two", 2),
    ]


def test_a_song_is_one_under_all_its_ids_and_is_described_by_its_most_played_track() -> None:
    single = song("Hit", "Alma", track_id="single", isrc="X", album_name="Hit", duration_ms=200_000)
    album = song("Hit", "Alma", track_id="album", isrc="X", album_name="LP", duration_ms=201_000)
    plays = [*daily("2026-01-01", 3, single), *daily("2026-02-01", 2, album)]
    found = rows(agree(Life(plays), *BOTH), "songs")

    assert column(found, "track_name", "artist_key", "track_id", "isrc", "album_name") == [
        ("Hit", "alma", "album", "X", "Hit")
    ]
    assert column(found, "duration_ms", "plays", "rank") == [(200_000, 5, 1)]


def test_the_keys_of_one_table_lead_to_the_rows_of_the_others() -> None:
    plays = [one for n, what in enumerate(SONGS) for one in daily("2026-01-01", n + 1, what)]
    tables = agree(Life(plays), *BOTH, "top_tracks_by_year", "top_artists_by_year")
    songs = {row["track_key"]: row for row in rows(tables, "songs")}
    artists = {row["artist_key"]: row for row in rows(tables, "artists")}

    for artist in artists.values():
        assert {one["track_key"] for one in artist["top_tracks"]} <= set(songs)
    assert {row["artist_key"] for row in songs.values()} <= {None, *artists}
    for row in rows(tables, "top_tracks_by_year", year=0):
        assert songs[row["recording_id"]]["rank"] == row["rank"]
    for row in rows(tables, "top_artists_by_year", year=0):
        assert artists[row["artist_key"]]["rank"] == row["rank"]


def test_ranks_have_no_ties_and_ten_songs_of_an_artist_are_told() -> None:
    many = [song(f"{n:02}", "Alma") for n in range(12)]
    tables = agree(Life([heard("2026-01-02", one) for one in many]), *BOTH)

    assert sorted(column(rows(tables, "songs"), "rank")) == [(n + 1,) for n in range(12)]
    [alma] = rows(tables, "artists")
    assert [one["track_name"] for one in alma["top_tracks"]] == [f"{n:02}" for n in range(10)]


@pytest.mark.parametrize("name", BOTH)
def test_plays_may_be_missing_where_there_is_a_gap_or_a_play_of_unknown_length(name: str) -> None:
    plays = [heard("2026-01-01", ONE), heard("2026-01-02", ONE, ms_played=None)]
    plays += daily("2026-01-03", 3, song("Other", "Bruno"))

    told = column(rows(agree(Life(plays), *BOTH), name), "artist_name", "at_least")
    assert sorted(told) == [("Alma", True), ("Bruno", False)]
    lost = [gap("2026-01-04 10:00", "2026-01-04 11:00")]
    told = column(rows(agree(Life(plays, gaps=lost), *BOTH), name), "at_least")
    assert told == [(True,), (True,)]


@pytest.mark.parametrize("name", BOTH)
def test_rows_are_stored_in_order_of_the_key_by_which_they_are_looked_up(name: str) -> None:
    plays = [one for n, what in enumerate(SONGS) for one in daily("2026-01-01", 9 - n % 3, what)]
    table = agree(Life(plays), name)[name]

    keys = list(zip(*(table[one].to_pylist() for one in insights()[name].table.key), strict=True))
    assert len(keys) > 4
    assert keys == sorted(keys)


_PLAY = st.tuples(
    st.integers(0, len(SONGS) - 1),
    st.integers(0, 120 * 24),
    st.sampled_from((240_000, 30_000, 29_999, None)),
    st.sampled_from(("everyday", "sleep", "kids")),
)


@of_whole_runs(6, rare=40)
@given(st.lists(_PLAY, min_size=1, max_size=40))
def test_histories_by_chance_are_those_of_the_head_comments(
    told: list[tuple[int, int, int | None, str]],
) -> None:
    begin = at("2025-11-20")
    plays = [
        heard(begin + timedelta(hours=hour, minutes=which), SONGS[which], ms_played=ms)
        | {"context": context}
        for which, hour, ms, context in told
    ]
    tables = agree(Life(plays), *BOTH)

    days: list[datetime] = [local(play["played_at"], BERLIN) for play in plays]
    for name in BOTH:
        for row in rows(tables, name):
            assert sum(one["plays"] for one in row["by_month"]) == row["plays"]
            assert sum(one["plays"] for one in row["by_hour"]) == row["plays"]
            assert sum(one["plays"] for one in row["contexts"]) == row["plays"]
            assert min(days).date() <= row["first_heard_on"] <= row["last_heard_on"]
