"""What came and went between two readings of a playlist."""

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from pipelines.listening.playlists.changes import changes_between
from pipelines.listening.schema.playlist_tables import PLAYLIST_ENTRIES

MAY, JUNE = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)


def reading(*items: str | dict[str, Any]) -> pa.Table:
    told = [{"track_uri": one} if isinstance(one, str) else one for one in items]
    return PLAYLIST_ENTRIES.from_rows(
        [
            {"playlist_id": "p", "position": at, "kind": "track", "state": "unknown", **one}
            for at, one in enumerate(told, 1)
        ]
    )


def changes(before: pa.Table, after: pa.Table) -> list[dict[str, Any]]:
    return changes_between(before, after, before_at=MAY, read_at=JUNE).to_pylist()


@given(before=st.lists(st.sampled_from("abcd")), after=st.lists(st.sampled_from("abcd")))
def test_each_track_of_which_there_are_more_or_fewer_is_one_row(
    before: list[str], after: list[str]
) -> None:
    told = changes(reading(*before), reading(*after))
    expected = {
        key: (before.count(key), after.count(key))
        for key in "abcd"
        if before.count(key) != after.count(key)
    }
    assert {one["track_uri"]: (one["before"], one["after"]) for one in told} == expected


def test_what_was_only_moved_has_not_changed() -> None:
    assert changes(reading("a", "b", "c"), reading("c", "a", "b")) == []


def test_what_came_says_when_it_was_added_and_what_went_does_not() -> None:
    came = {"track_uri": "b", "track_name": "New", "added_at": JUNE}
    told = changes(reading({"track_uri": "a", "track_name": "Old", "added_at": MAY}), reading(came))
    assert [(one["track_name"], one["added_at"]) for one in told] == [("Old", None), ("New", JUNE)]
    assert {(one["before_at"], one["read_at"]) for one in told} == {(MAY, JUNE)}


def test_items_without_a_uri_are_told_apart_by_their_names() -> None:
    named = {"track_uri": None, "track_name": "Tape", "artist_name": "Band"}
    told = changes(reading({"track_uri": None}), reading(named, named))
    assert [(one["track_uri"], one["before"], one["after"]) for one in told] == [
        ("", 1, 0),
        ("unnamed:Band - Tape", 0, 2),
    ]
