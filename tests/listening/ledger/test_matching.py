"""The rule by which polled plays and exports become one row per play, line by line."""

import pytest

from tests.support.sources import (
    EDGES,
    LATER,
    Json,
    account,
    all_plays,
    answer,
    assembled,
    at,
    export,
    item,
    loop,
    minute,
    plays,
    row,
)

# Polled times are the plays' ends


@pytest.mark.parametrize("off", [-2, -1, 0, 1, 2])
def test_an_end_a_second_or_two_off_is_the_same_play(off: int):
    assert plays([answer(item(600))], export(row(600 + off))) == [(600, "api+export")]


def test_a_merged_play_has_the_polls_milliseconds_and_the_exports_measure():
    [found] = all_plays([answer(item(600.123))], [export(row(601, seconds=179.9))])

    assert found["played_at"] == at(600.123)
    assert (found["ms_played"], found["ms_played_source"]) == (179_900, "measured")


def test_a_play_that_only_a_poll_shows_stays_with_an_assumed_length():
    [found] = all_plays([answer(item(600))], [])

    assert (found["ms_played"], found["ms_played_source"]) == (180_000, "assumed")
    assert found["skipped"] is None


def test_a_skip_is_not_the_play_that_a_poll_shows_beside_it():
    skip = row(590, seconds=20, reason_end="fwdbtn")

    assert plays([answer(item(600, fetched := "a"))], export(skip)) == [
        (590, "export"),
        (600, "api"),
    ], fetched


def test_a_loop_of_which_an_export_has_the_first_half_stays_as_long_as_it_was():
    ends = loop(20)
    short: Json = {"duration_ms": 31_000}
    polls = [answer(*(item(end, **short) for end in ends))]

    assert plays(polls, export(*(row(end + 1, seconds=31) for end in ends[:11]))) == [
        *((end, "api+export") for end in ends[:11]),
        *((end, "api") for end in ends[11:]),
    ]


def test_short_plays_back_to_back_do_not_pair_crosswise():
    short: Json = {"duration_ms": 3000}
    polls = [answer(item(600.535, **short), item(603.535, **short))]
    told = export(*EDGES, row(599, seconds=3), row(602, seconds=3))

    assert [source for _, source in plays(polls, told)] == ["api+export"] * 2


def test_two_plays_that_end_in_the_same_second_are_two():
    polls = [answer(item(600.1), item(600.9, "b", duration_ms=700))]
    told = export(row(600), row(601, "b", seconds=0.7))

    assert plays(polls, told) == [(600.1, "api+export"), (600.9, "api+export")]


# Polled times are the plays' beginnings


@pytest.mark.parametrize("fetched", [1000, LATER], ids=["shown before", "shown after"])
def test_a_beginning_is_recognised_where_an_export_covers_it(fetched: float):
    polls = [answer(item(420), fetched=fetched)]

    assert plays(polls, export(*EDGES, row(600))) == [(600, "api+export")]


def test_the_first_play_of_an_export_may_be_told_by_its_beginning():
    assert plays([answer(item(420))], export(row(600), row(9000, "after"))) == [(600, "api+export")]


def test_a_beginning_before_a_pause_is_recognised_though_it_was_shown_later():
    assert plays([answer(item(395))], export(*EDGES, row(600))) == [(600, "api+export")]


def test_a_beginning_is_not_guessed_where_no_export_covers_it():
    told = export(row(0, "before"), row(600), row(700, "after"))

    assert plays([answer(item(5000))], told) == [(600, "export"), (5000, "api")]


def test_a_song_heard_twice_and_told_by_its_beginnings_is_two_plays():
    polls = [answer(item(420), item(600))]

    assert plays(polls, export(*EDGES, row(600), row(780))) == [
        (600, "api+export"),
        (780, "api+export"),
    ]


@pytest.mark.parametrize("fetched", [3000, LATER], ids=["shown before", "shown after"])
def test_a_loop_told_by_its_beginnings_is_as_long_as_it_was(fetched: float):
    ends = loop(20)
    polls = [answer(*(item(end - 31, duration_ms=31_000) for end in ends), fetched=fetched)]
    told = export(*EDGES, *(row(end, seconds=31) for end in ends))

    assert plays(polls, told) == [(end, "api+export") for end in ends]


def test_each_of_a_loops_plays_may_be_told_by_its_end_or_its_beginning():
    polls = [answer(item(600), item(600, "b"))]
    told = export(*EDGES, row(600), row(780, "b"))

    assert plays(polls, told) == [(600, "api+export"), (780, "api+export")]


# Which tracks are the same recording


def test_another_id_of_the_same_recording_is_found_by_its_names():
    relinked = row(600, spotify_track_uri="spotify:track:other")

    assert plays([answer(item(600))], export(relinked)) == [(600, "api+export")]


def test_another_id_under_other_names_is_found_by_the_code_that_polls_told():
    same: Json = {"external_ids": {"isrc": "DE-A37-99-00001"}}
    polls = [answer(item(600, **same), item(4000, "other", **same))]
    relinked = row(600, "other")

    assert plays(polls, export(relinked)) == [(600, "api+export"), (4000, "api")]


def test_a_track_is_found_by_its_albums_artist_whom_alone_an_export_names():
    album = {"id": "x", "name": "Hits", "artists": [{"id": "v", "name": "Various Artists"}]}
    relinked = row(
        600,
        spotify_track_uri="spotify:track:other",
        master_metadata_album_artist_name="Various Artists",
    )

    assert plays([answer(item(600, album=album))], export(relinked)) == [(600, "api+export")]


def test_spelling_does_not_make_another_recording():
    relinked = row(
        600, spotify_track_uri="spotify:track:other", master_metadata_track_name="SONG (A)!"
    )

    assert plays([answer(item(600))], export(relinked)) == [(600, "api+export")]


def test_a_local_file_is_found_by_its_names():
    local: Json = {"id": None, "uri": "spotify:local:Artist a::Song a:180", "is_local": True}
    told = export(row(600, spotify_track_uri=None))

    assert plays([answer(item(600, **local))], told) == [(600, "api+export")]


def test_an_episode_is_found_by_its_show_and_title():
    episode: Json = {
        "type": "episode",
        "uri": "spotify:episode:a",
        "name": "Number 1",
        "show": {"name": "Talk"},
        "album": None,
        "artists": None,
        "external_ids": None,
    }
    told = row(
        600,
        spotify_track_uri=None,
        master_metadata_track_name=None,
        master_metadata_album_artist_name=None,
        master_metadata_album_album_name=None,
        episode_name="Number 1",
        episode_show_name="Talk",
        spotify_episode_uri="spotify:episode:another",
    )

    assert plays([answer(item(600, **episode))], export(told)) == [(600, "api+export")]


def test_a_renamed_track_is_the_play_of_the_same_second_and_length():
    assert plays([answer(item(600), fetched=800)], export(*EDGES, row(601, "anew"))) == [
        (600, "api+export")
    ]


@pytest.mark.parametrize("second", [600, 601, 599])
def test_a_renamed_track_may_be_the_first_or_the_last_of_an_export(second: int):
    assert plays([answer(item(600))], export(row(second, "anew"))) == [(600, "api+export")]


@pytest.mark.parametrize("fetched", [1000, LATER], ids=["shown before", "shown after"])
def test_a_renamed_track_may_be_told_by_its_beginning(fetched: float):
    polls = [answer(item(420), fetched=fetched)]

    assert plays(polls, export(*EDGES, row(601, "anew"))) == [(601, "api+export")]


@pytest.mark.parametrize("fetched", [1000, LATER], ids=["shown before", "shown after"])
def test_a_renamed_track_heard_twice_and_told_by_its_beginnings_is_two_plays(fetched: float):
    polls = [answer(item(420), item(600), fetched=fetched)]
    told = export(*EDGES, row(600, "anew"), row(780, "anew"))

    assert [source for _, source in plays(polls, told)] == ["api+export"] * 2


def test_a_renamed_track_is_found_in_the_last_minute_of_account_data():
    told = account(minute(0, "before"), minute(611, "anew"))

    assert plays([answer(item(611))], told) == [(611, "api+account")]


@pytest.mark.parametrize(
    "other",
    [row(604, "anew"), row(600, "anew", seconds=177), row(560, "anew")],
    ids=["another second", "another length", "a minute before"],
)
def test_different_recordings_are_different_plays_otherwise(other: Json):
    found = plays([answer(item(600), fetched=800)], export(*EDGES, other))

    assert sorted(source for _, source in found) == ["api", "export"]


def test_equal_lengths_are_paired_by_names_before_times():
    polls = [answer(item(600, "a"), item(602, "b"))]
    told = export(*EDGES, row(602, "a"), row(600, "b"))

    assert plays(polls, told) == [(600, "api+export"), (602, "api+export")]


def test_equal_names_forty_seconds_apart_are_two_plays_where_no_export_vouches():
    other = row(600, spotify_track_uri="spotify:track:other", seconds=31)

    assert plays([answer(item(640, duration_ms=31_000))], export(other)) == [
        (600, "export"),
        (640, "api"),
    ]


# What an export vouches for, and when


def test_a_play_after_an_exports_end_is_a_play_of_its_own():
    told = export(row(600), row(1000, "after"))

    assert plays([answer(item(600), item(1300))], told) == [(600, "api+export"), (1300, "api")]


def test_a_play_made_offline_that_was_sent_after_the_export_is_kept():
    assert plays([answer(item(300))], export(*EDGES, row(900))) == [(300, "api"), (900, "export")]


def test_a_vouched_play_is_found_within_a_minute():
    polls = [answer(item(600, duration_ms=31_000), fetched=700)]

    assert plays(polls, export(*EDGES, row(640, seconds=31))) == [(640, "api+export")]


def test_a_vouched_play_that_the_export_lacks_is_kept_and_counted_as_unclear():
    found = assembled([answer(item(600), fetched=700)], [export(*EDGES)])

    assert len(found.polled_of) == 3
    assert found.matches.ambiguous.tolist() == [True]


def test_a_play_restamped_between_two_answers_stays_two_since_an_export_may_lack_one():
    polls = [answer(item(600), fetched=700), answer(item(601), fetched=800)]

    assert len(plays(polls, export(*EDGES, row(600)))) == 2


def test_two_rows_a_second_apart_in_different_answers_are_kept_without_an_export():
    polls = [answer(item(600), fetched=700), answer(item(601), fetched=800)]

    assert plays(polls) == [(600, "api"), (601, "api")]


def test_two_rows_of_one_answer_are_two_plays_whatever_an_export_has():
    polls = [answer(item(600), item(601), fetched=700)]

    assert len(plays(polls, export(*EDGES, row(600)))) == 2
