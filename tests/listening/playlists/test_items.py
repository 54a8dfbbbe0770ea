"""Items of playlists as rows: none is lost, none is moved, whatever it holds."""

import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.errors import UnreadableResponse
from pipelines.listening.api.responses import Page, Response
from pipelines.listening.playlists.items import entries_of, following, states_of
from pipelines.listening.schema.playlist_tables import PLAYLIST_ENTRIES
from tests.support.spotify_answers import page, respond, track

AT = "2024-05-01T12:00:00Z"


def item(content: Any, *, name: str = "item", **told: Any) -> dict[str, Any]:
    return {"added_at": AT, "added_by": {"id": "nico"}, "is_local": False, name: content, **told}


def pages_of(*pages: list[Any], total: int | None = None) -> list[Response]:
    """Pages of a playlist, each followed by the next."""
    made, offset = [], 0
    total = sum(map(len, pages)) if total is None else total
    for at, items in enumerate(pages):
        after = offset + len(items)
        more = f"https://api/items?offset={after}&limit=50" if at + 1 < len(pages) else None
        body = page(items, offset=offset, next=more) | {"total": total}
        made.append(respond(body, endpoint="playlist_items", offset=offset))
        offset = after
    return made


def rows_of(*items: Any) -> list[dict[str, Any]]:
    rows = entries_of("p", pages_of(list(items)), key="k")
    return PLAYLIST_ENTRIES.conform(rows).to_pylist()


@pytest.mark.parametrize("name", ["item", "track"])
def test_both_names_of_an_item_are_read(name: str) -> None:
    [row] = rows_of(item(track("a"), name=name))
    assert (row["track_uri"], row["kind"], row["state"]) == ("spotify:track:a", "track", "unknown")
    assert row["added_at"] == datetime(2024, 5, 1, 12, tzinfo=UTC)


LOCAL = {
    "id": None,
    "uri": "spotify:local:Band:Garage:Tape:201",
    "name": "Tape",
    "type": "track",
    "is_local": True,
    "album": {"id": None, "album_type": None, "name": "Garage"},
    "artists": [{"id": None, "name": "Band"}],
}
EPISODE = {
    "id": "e",
    "uri": "spotify:episode:e",
    "name": "Nothing",
    "type": "episode",
    "show": {"id": "s", "name": "Invented", "publisher": "Nobody"},
}


@pytest.mark.parametrize(
    ("content", "kind", "state", "uri"),
    [
        (None, "unknown", "gone", None),
        ({}, "unknown", "gone", None),
        ({"id": None, "uri": None, "name": "", "type": "track"}, "unknown", "gone", None),
        (LOCAL, "local", "unknown", "spotify:local:Band:Garage:Tape:201"),
        (EPISODE, "episode", "unknown", "spotify:episode:e"),
        (track("a", id=None, uri=None), "track", "unknown", None),
        (track("a", uri=None), "track", "unknown", "spotify:track:a"),
        ("a text", "unknown", "unknown", None),
        (17, "unknown", "unknown", None),
    ],
)
def test_whatever_stands_there_is_a_row(
    content: Any, kind: str, state: str, uri: str | None
) -> None:
    before, row, after = rows_of(item(track("b")), item(content), item(track("c")))
    assert (row["position"], row["kind"], row["state"], row["track_uri"]) == (2, kind, state, uri)
    assert (before["track_id"], after["track_id"], after["position"]) == ("b", "c", 3)
    assert row["added_at"] == datetime(2024, 5, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("raw", [None, 3, "x", [], {}])
def test_an_item_that_is_none_is_a_row(raw: Any) -> None:
    rows = rows_of(item(track("b")), raw, item(track("c")))
    assert [row["track_id"] for row in rows] == ["b", None, "c"]
    assert rows[1]["kind"] == "unknown"


def test_an_odd_field_costs_that_field() -> None:
    odd = item(track("a", duration_ms="long", name=5), added_at="yesterday", added_by=7)
    one, other = rows_of(odd, item(track("b")))
    assert (one["track_id"], one["duration_ms"], one["track_name"]) == ("a", None, None)
    assert (one["added_at"], one["added_by"]) == (None, None)
    assert other["track_name"] == "Song b"


def test_half_a_character_in_a_title_costs_no_row() -> None:
    body = page([item(track("a", name="half")), item(track("b"))]) | {"total": 2}
    text = json.dumps(body).replace('"half"', '"half \\ud83d"')
    [response] = [respond(text.encode(), endpoint="playlist_items", offset=0)]
    rows = entries_of("p", [response])
    assert rows["track_name"].to_pylist() == ["half \ufffd", "Song b"]


def test_the_track_that_was_added_is_told_where_another_is_shown() -> None:
    linked = {"id": "old", "uri": "spotify:track:old"}
    [row] = rows_of(item(track("new", linked_from=linked)))
    assert (row["track_uri"], row["relinked_from"]) == ("spotify:track:new", "spotify:track:old")


def test_dates_before_spotify_mean_that_nobody_knows() -> None:
    old, unknown = rows_of(
        item(track("a"), added_at="1970-01-01T00:00:00Z"), item(track("b"), added_at=None)
    )
    assert (old["added_at"], unknown["added_at"]) == (None, None)


def test_whoever_added_an_item_is_a_hash_that_depends_on_the_key() -> None:
    made = pages_of([item(track("a")), item(track("b"), added_by={"id": "mira"})])
    one, other = (entries_of("p", made, key=key)["added_by"].to_pylist() for key in ("k", "l"))
    assert len({*one, *other}) == 4
    assert not {"nico", "mira"} & {*one, *other}
    assert one == entries_of("p", made, key="k")["added_by"].to_pylist()


def test_what_can_be_played_is_told_by_position() -> None:
    made = pages_of(
        [
            item(track("a", is_playable=True)),
            item(track("b", is_playable=False)),
            item(None),
            item(track("d")),
            item(LOCAL),
        ]
    )
    states = states_of(made)
    assert list(states.values()) == ["playable", "unplayable", "unplayable", "unknown", "unknown"]
    plain = pages_of([item(track(key)) for key in "abc"] + [item(None), item(LOCAL)])
    told = entries_of("p", plain, states=states)["state"].to_pylist()
    assert told == ["playable", "unplayable", "unplayable", "gone", "unknown"]


@given(cuts=st.lists(st.integers(1, 60), min_size=1, max_size=8))
def test_pages_of_any_size_are_one_list(cuts: list[int]) -> None:
    parts, at = [], 0
    for size in cuts:
        parts.append([item(track(f"t{n}")) for n in range(at, at + size)])
        at += size
    rows = entries_of("p", pages_of(*parts))
    assert rows["track_id"].to_pylist() == [f"t{n}" for n in range(at)]
    assert rows["position"].to_pylist() == list(range(1, at + 1))


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_a_page_that_is_missing_is_named(missing: int) -> None:
    made = pages_of(*([item(track(f"{page}{n}")) for n in range(50)] for page in "abc"))
    del made[missing]
    with pytest.raises(UnreadableResponse, match=f"no page at {missing * 50}"):
        entries_of("p", made)


@pytest.mark.parametrize(
    ("next_", "said"),
    [
        ("https://api/items?offset=0", "is followed by one at 0"),
        ("https://api/items", "is followed by one at 0"),
        (5, "is followed by one at 0"),
        ("https://api/items?offset=51", "has 2 items and is followed by one at 51"),
    ],
)
def test_a_next_page_that_leads_back_is_none(next_: Any, said: str) -> None:
    body = page([item(track("a")), item(track("b"))], offset=50, next=next_)
    with pytest.raises(UnreadableResponse, match=said):
        following(Page.of(respond(body, endpoint="playlist_items", offset=50)))


def test_an_empty_playlist_has_no_rows() -> None:
    assert len(entries_of("p", pages_of([]))) == 0


def test_nine_thousand_items_take_less_than_a_second() -> None:
    made = pages_of(*([item(track(f"t{n}")) for n in range(50)] for _ in range(180)))
    began = time.thread_time()
    assert len(entries_of("p", made)) == 9_000
    assert time.thread_time() - began < 1
