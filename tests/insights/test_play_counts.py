"""Counts of plays: each beside the others, and none made of two unlike ones.

Add a life here when a name was counted for the wrong recording, twice, or not at all.
"""

from datetime import date
from typing import Any

from pipelines.listening.catalogue.names import normal_name
from tests.support.insights.agreement import agree
from tests.support.insights.lives import Life, Row, at, daily, gap, heard, song

WHEN = at("2026-11-01")


def key(artist: str, title: str) -> str:
    return f"{normal_name(artist)}|{normal_name(title)}"


def scrobbled(plays: int, title: str = "Song", artist: str = "Band") -> Row:
    names = {"artist_name": artist, "track_name": title, "name_key": key(artist, title)}
    return {**names, "plays": plays, "as_of": WHEN}


def everyones(plays: int | None, title: str = "Song", artist: str = "Band", **known: Any) -> Row:
    """What Last.fm told of a name; a name that it does not know has no `told`."""
    told = known.pop("told", (artist, title))
    return {
        "asked_artist": artist,
        "asked_title": title,
        "name_key": key(artist, title),
        "artist_name": told and told[0],
        "track_name": told and told[1],
        "corrected": False,
        "plays": plays,
        "listeners": None if plays is None else plays // 10,
        "url": told and f"https://www.last.fm/music/{told[0]}/_/{told[1]}",
        "as_of": WHEN,
        **known,
    }


def counts(life: Life) -> dict[str, Row]:
    rows = agree(life, "play_counts")["play_counts"].to_pylist()
    return {row["recording_id"]: row for row in rows}


def test_without_last_fm_own_plays_stand_alone_and_the_others_are_unknown() -> None:
    short = heard("2026-03-09", ms_played=29_999)
    [row] = counts(Life([*daily("2026-03-01", 5), short])).values()
    assert (row["local_plays"], row["local_plays_all"]) == (5, 6)
    for name in ("lastfm_user_plays", "lastfm_global_plays", "spotify_global_plays", "agreement"):
        assert row[name] is None
    assert row["spotify_reason"] == "Spotify's Web API does not tell it"
    assert row["lastfm_names"] == []


def test_a_recording_with_several_names_at_last_fm_is_their_sum_and_they_are_listed() -> None:
    one, other = song(isrc="GBAAA0000001"), song("Song - Live", isrc="GBAAA0000001")
    life = Life(
        [*daily("2026-03-01", 6, one), *daily("2026-03-01", 2, other)],
        scrobbled=[scrobbled(3), scrobbled(2, "SONG"), scrobbled(5, "Song - Live")],
        everyones=[everyones(1000), everyones(70, "Song - Live"), everyones(9, "Else")],
    )
    [row] = counts(life).values()
    assert row["lastfm_user_plays"] == 10
    assert row["agreement"] == 0.8
    assert row["lastfm_global_plays"] == 1070
    assert row["lastfm_names"] == ["Band - SONG", "Band - Song - Live"]
    assert row["lastfm_url"].endswith("/Song")


def test_two_names_with_one_page_are_counted_once_and_a_correction_is_told() -> None:
    one, other = song(isrc="GBAAA0000001"), song("Sogn", isrc="GBAAA0000001")
    lives = [*daily("2026-03-01", 6, one), *daily("2026-03-01", 2, other)]
    sogn = everyones(1000, "Sogn", told=("Band", "Song"), corrected=True)
    [row] = counts(Life(lives, everyones=[everyones(1000), sogn])).values()
    assert (row["lastfm_global_plays"], row["lastfm_corrected"]) == (1000, False)
    [row] = counts(Life(lives, everyones=[everyones(None, told=None), sogn])).values()
    assert (row["lastfm_global_plays"], row["lastfm_corrected"]) == (1000, True)


def test_a_list_without_its_names_means_none_and_no_agreement() -> None:
    [row] = counts(Life(daily("2026-03-01", 6), scrobbled=[scrobbled(3, "Else")])).values()
    assert (row["lastfm_user_plays"], row["agreement"]) == (0, None)
    assert row["lastfm_user_as_of"] == WHEN


def test_names_that_two_recordings_share_are_counted_at_the_one_that_was_played_more() -> None:
    single, album = (song(track_id=isrc, isrc=isrc) for isrc in ("GBAAA0000001", "GBAAA0000002"))
    life = Life(
        [*daily("2026-03-01", 6, album), *daily("2026-03-01", 2, single)],
        scrobbled=[scrobbled(8)],
        everyones=[everyones(1000)],
    )
    rows = counts(life)
    more, less = rows["isrc:GBAAA0000002"], rows["isrc:GBAAA0000001"]
    assert (more["lastfm_user_plays"], less["lastfm_user_plays"]) == (8, None)
    assert (more["lastfm_global_plays"], less["lastfm_global_plays"]) == (1000, None)
    assert more["lastfm_shared"]
    assert less["lastfm_shared"]


def test_nobody_is_never_looked_for_at_last_fm_and_podcasts_are_not_counted() -> None:
    nobody = song(artist="Various Artists", track_id="va")
    episode = song("Talk", "Show", kind="episode", track_id=None, track_uri="spotify:episode:1")
    life = Life(
        [*daily("2026-03-01", 2, nobody), *daily("2026-03-01", 2, episode)],
        scrobbled=[scrobbled(3, artist="Various Artists"), scrobbled(2, "Talk", "Show")],
        everyones=[everyones(7, "Talk", "Show")],
    )
    [row] = counts(life).values()
    assert row["artist_name"] != "Show"
    assert row["lastfm_user_plays"] is None
    assert row["lastfm_global_plays"] is None


def test_spotifys_count_is_that_of_a_file_by_id_then_isrc_then_names() -> None:
    def told(plays: int, **known: Any) -> Row:
        return {"track_key": str(known), "plays": plays, "as_of": date(2026, 10, 1), **known}

    one = song(isrc="GBAAA0000001")
    by_id = told(100, track_id="Band/Song")
    by_isrc, by_name = told(2000, isrc="GBAAA0000001"), told(30_000, name_key=key("Band", "Song"))
    for files, plays in (
        ([by_id, by_isrc, by_name], 100),
        ([by_isrc, by_name], 2000),
        ([by_name], 30_000),
    ):
        [row] = counts(Life(daily("2026-03-01", 2, one), on_spotify=files)).values()
        assert (row["spotify_global_plays"], row["spotify_reason"]) == (plays, None)
        assert row["spotify_as_of"] == date(2026, 10, 1)


def test_an_open_gap_makes_own_plays_at_least() -> None:
    [row] = counts(Life(daily("2026-03-01", 2), [gap("2026-03-05", "2026-03-06")])).values()
    assert row["at_least"]
