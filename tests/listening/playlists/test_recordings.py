"""Items of playlists are the recordings that the ledger says, or recordings by the same rule."""

from datetime import timedelta

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.listening.catalogue.names import normal_name, normal_names
from pipelines.listening.catalogue.tracks_and_artists import unique_tracks
from pipelines.listening.playlists.recordings import with_recordings
from pipelines.listening.schema.playlist_tables import PLAYLIST_ENTRIES
from pipelines.listening.schema.tables import PLAYS, UNIQUE_TRACKS
from tests.support.insights.lives import Row, at, heard, song
from tests.support.insights.playlists import GONE, ISRC, OTHER_ISRC, TRACKS, file, playlist, track


def ledger(*songs: Row) -> pa.Table:
    """The tracks of a ledger in which each of these was played once, one after the other."""
    told = [heard(at("2025-01-01") + timedelta(hours=n), one) for n, one in enumerate(songs)]
    filled = [
        play
        | {
            "play_id": f"{n:05}",
            "listener": "nico",
            "local_time": play["played_at"].replace(tzinfo=None),
            "local_date": play["played_at"].date(),
            "local_hour": 1,
            "local_weekday": 1,
            "ms_played_source": "measured",
            "counts": True,
        }
        for n, play in enumerate(told)
    ]
    rows = [{k: v for k, v in one.items() if k in PLAYS.schema.names} for one in filled]
    return unique_tracks(PLAYS.conform(PLAYS.from_rows(rows)))


NOTHING = UNIQUE_TRACKS.empty()


def found(items: list[Row], tracks: pa.Table = NOTHING) -> list[Row]:
    rows: list[Row] = with_recordings(
        PLAYLIST_ENTRIES.from_rows(playlist(items)), tracks
    ).to_pylist()
    return rows


def ids(items: list[Row], tracks: pa.Table = NOTHING) -> list[str]:
    return [row["recording_id"] for row in found(items, tracks)]


def test_a_track_that_was_played_is_the_recording_of_the_ledger() -> None:
    tracks = ledger(song(track_id="t"))

    assert tracks["recording_id"].to_pylist() == ["name:band|song"]
    [row] = found([track("t", "Another Title", isrc=ISRC)], tracks)
    assert row["recording_id"] == "name:band|song", "though its ISRC is known here"
    assert row["artist_key"] == "band"


def test_a_track_that_was_never_played_is_one_that_was_by_isrc_or_by_name_and_length() -> None:
    tracks = ledger(song("One", track_id="a", isrc=ISRC), song("Two", track_id="b"))
    items = [
        track("x", "Uno", isrc=ISRC),
        track("y", "two"),
        track("z", "Two", duration_ms=300_000),
        track("w", "One", isrc=OTHER_ISRC),
    ]

    by_isrc, by_name, longer, another = ids(items, tracks)
    assert (by_isrc, by_name, another) == (f"isrc:{ISRC}", "name:band|two", f"isrc:{OTHER_ISRC}")
    assert longer == "name:band|two|z"


def test_a_track_without_an_isrc_is_the_first_heard_of_the_recordings_it_may_be() -> None:
    tracks = ledger(song(track_id="a", isrc=ISRC), song(track_id="b", isrc=OTHER_ISRC))

    assert ids([track("t"), file("f")], tracks) == [f"isrc:{ISRC}"] * 2


def test_an_artist_has_the_key_of_the_ledger() -> None:
    tracks = ledger(song("One", "Known", artist_id="k"), song("Two", "Nameless"))
    items = [
        track("a", "Three", "Known", artist_id="k"),
        track("b", "Three", "NAMELESS", artist_id="n"),
        file("c", track_name="Four", artist_name="Known"),
        track("d", "Five", "Stranger", artist_id="s"),
        track("e", "Six", "Various Artists"),
    ]

    assert [row["artist_key"] for row in found(items, tracks)] == ["k", "nameless", "k", "s", None]


def test_what_nothing_is_known_of_is_no_recording_and_a_podcast_is_no_song() -> None:
    rows = found([GONE, TRACKS[-2], GONE])

    assert [row["recording_id"] for row in rows] == [None, "e", None]
    assert [row["recording"] for row in rows] == [None] * 3
    assert [row["track"] for row in rows] == [None, 0, None]


def test_an_isrc_that_one_item_of_a_track_lacks_is_that_of_the_others() -> None:
    items = [track("a"), track("b", isrc=ISRC), track("a", isrc=ISRC)]
    rows = found(items)

    assert len({row["same"] for row in rows}) == 1
    assert {row["recording_id"] for row in rows} == {f"isrc:{ISRC}"}


def test_no_items_are_no_recordings() -> None:
    assert with_recordings(PLAYLIST_ENTRIES.empty(), NOTHING).num_rows == 0
    assert with_recordings(PLAYLIST_ENTRIES.empty(), ledger(song())).num_rows == 0


@given(st.permutations(range(len(TRACKS) * 2)))
def test_recordings_do_not_depend_on_the_order_of_items(order: list[int]) -> None:
    items = PLAYLIST_ENTRIES.from_rows(playlist(list(TRACKS * 2)))
    tracks = ledger(song("One", artist_id="b"), song("Four", "Guest", track_id="heard"))
    names = ["position", "recording_id", "artist_key", "version"]

    once, again = (
        with_recordings(rows, tracks).select(names).sort_by("position")
        for rows in (items, items.take(order))
    )
    assert once.equals(again)


@pytest.mark.parametrize("alphabet", ["aZ#+ !$|~^`'\t\n_0", "aß é歌+#\u00a0"])
def test_names_folded_together_are_as_those_folded_alone(alphabet: str) -> None:
    @given(st.lists(st.text(alphabet=alphabet, max_size=7)))
    def together(names: list[str]) -> None:
        assert normal_names(pa.array(names, pa.string())).to_pylist() == list(
            map(normal_name, names)
        )

    together()
