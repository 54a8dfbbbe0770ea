"""Playlists in short: their order, their size, and counts of what other tables have in full.

Add a playlist here when its summary said something wrong of it.
"""

from datetime import date

from pipelines.listening.schema.playlist_tables import LIKED
from tests.support.insights.agreement import agree, column
from tests.support.insights.lives import Life, Row
from tests.support.insights.playlists import (
    EPISODE,
    GONE,
    ISRC,
    OTHER_ISRC,
    change,
    file,
    playlist,
    reading,
    track,
)


def summaries(life: Life) -> list[Row]:
    rows: list[Row] = agree(life, "playlist_summary")["playlist_summary"].to_pylist()
    return sorted(rows, key=lambda row: row["rank"])


def test_their_own_come_first_the_largest_on_top_and_what_was_never_read_behind() -> None:
    readings = [
        reading("theirs", 9, owned=False),
        reading("small", 1, owned=True),
        reading("unread", None, owned=True),
        reading("large", 4, owned=True),
        reading(LIKED, 2),
        reading("who knows", 8),
    ]
    rows = summaries(Life(readings=readings))
    names = ["large", LIKED, "small", "unread", "theirs", "who knows"]
    assert column(rows, "rank", "playlist_id") == list(enumerate(names, 1))
    assert [row["name"] for row in rows if row["playlist_id"] == LIKED] == ["Liked Songs"]


def test_items_that_repeat_another_are_counted_once_by_what_they_share_first() -> None:
    one, again = track("a", isrc=ISRC), track("b", isrc=ISRC)
    # Certainly one song, and probably the same as another of the same name.
    alike = track("c", isrc=OTHER_ISRC)
    items = [one, one, one, again, alike, track("d", "Else"), EPISODE, GONE, file(track_name="Me")]
    [row] = summaries(Life(entries=playlist(items), readings=[reading("A", len(items))]))
    counts = ("items", "song_items", "songs", "same_id", "same_isrc", "probable")
    assert column([row], *counts) == [(9, 7, 4, 2, 1, 1)]
    assert column([row], "episodes", "local_files", "gone", "heaviest") == [(1, 1, 1, 4)]
    assert row["weights"] == [{"occurrences": 1, "songs": 3}, {"occurrences": 4, "songs": 1}]
    assert row["never_played"] == row["songs"]


def test_what_came_and_went_is_summed_by_the_day_and_exchanged_items_are_neither() -> None:
    changes = [
        change("spotify:track:a", 0, 3),
        change("spotify:track:b", 2, 0),
        change("spotify:track:c", 1, 0, isrc=ISRC),
        change("spotify:track:d", 0, 1, isrc=ISRC),
    ]
    life = Life(readings=[reading("A", 0), reading("B", 0)], changes=changes)
    told = {row["playlist_id"]: row["changes"] for row in summaries(life)}
    assert told == {"A": [{"read_on": date(2026, 6, 1), "came": 3, "went": 2}], "B": []}


def test_a_song_that_goes_on_under_another_id_went_as_far_as_it_has_fewer_items() -> None:
    changes = [
        change("spotify:track:c", 3, 0, isrc=ISRC),
        change("spotify:track:d", 0, 1, isrc=ISRC),
    ]
    [row] = summaries(Life(readings=[reading("A", 0)], changes=changes))
    assert row["changes"] == [{"read_on": date(2026, 6, 1), "came": 0, "went": 2}]


def test_an_item_that_is_empty_now_has_gone_and_nothing_came_for_it() -> None:
    changes = [change("spotify:track:a", 1, 0), change("", 0, 1)]
    [row] = summaries(Life(readings=[reading("A", 0)], changes=changes))
    assert row["changes"] == [{"read_on": date(2026, 6, 1), "came": 0, "went": 1}]
