"""Fields whose type is not the one that Spotify promises: they cost themselves, not their play."""

import json
from copy import deepcopy
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.listening.api.objects import Artist, Track, decode
from pipelines.listening.api.polled import MAX_ROW, PolledRows, merge_polled
from pipelines.listening.api.responses import Page, last_complete_list, next_offset
from pipelines.listening.api.top_lists import playlist_names, top_artists, top_tracks
from pipelines.listening.ledger.covered import Covered
from tests.support.spotify_answers import (
    NOON,
    Heard,
    Json,
    artist,
    isrc_of,
    item,
    minutes,
    page,
    respond,
    taken,
    top,
    track,
)

NO_TEXT = [5, 1.5, True, [], {}]
NO_NUMBER = ["x", "40", 12.5, True, [], {}, -1, 2**31, 2**70, -5.0, 1e300]
NO_OBJECT = ["x", 3, 0.5, True, []]
WRONG: dict[str, list[Any]] = {
    **{f"track.{name}": NO_TEXT for name in ("id", "uri", "name", "type", "release_date")},
    **{f"track.album.{name}": NO_TEXT for name in ("id", "name", "album_type", "release_date")},
    **{f"track.artists.0.{name}": NO_TEXT for name in ("id", "name")},
    "track.external_ids.isrc": NO_TEXT,
    "track.popularity": [*NO_NUMBER, 101, 101.0],
    "track.duration_ms": NO_NUMBER,
    "track.explicit": ["no", 0, 1.0, [], {}],
    "track.is_local": ["no", 0, 1.0, [], {}],
    **{f"track.{name}": NO_OBJECT for name in ("album", "external_ids", "show")},
    "track.artists": ["x", 3, True, {}, [5], [{"id": "a"}, "x"]],
    "track.artists.0.genres": ["x", [5], [None]],
    "track.artists.0.followers": NO_OBJECT,
    "context": NO_OBJECT,
    "context.type": NO_TEXT,
    "context.uri": NO_TEXT,
}
IDENTITY = {"track.id", "track.uri", "track.name"}
MANY_SIDED = {"artists", "kind"}
"""Columns made of several fields: one that is missing changes them."""


def good(minute: int = 5) -> Json:
    context = {"type": "playlist", "uri": "spotify:playlist:p"}
    return item(Heard(NOON - minutes(minute), "a"), context=context)


def spoilt(play: Json, path: str, value: Any) -> Json:
    """The play with another value at a path."""
    play = deepcopy(play)
    *parents, last = [int(part) if part.isdecimal() else part for part in path.split(".")]
    place: Any = play
    for part in parents:
        place = place[part]
    place[last] = value
    return play


def shown(*items: Any, **changed: Any) -> PolledRows:
    return taken(respond(page(items, **changed)))


wrong = st.sampled_from([(path, value) for path, values in WRONG.items() for value in values])


@given(wrong)
def test_a_play_with_an_odd_field_is_there_with_all_else_and_the_field_is_named(
    odd: tuple[str, Any],
) -> None:
    path, value = odd
    bad = spoilt(good(), path, value)
    read = shown(good(1), bad, good(9))
    [kept] = [row for row in read.plays.to_pylist() if row["played_at"] == NOON - minutes(5)]
    [named] = read.refused.to_pylist()

    whole = shown(good()).plays.to_pylist()[0]
    changed = {name for name in whole if kept[name] != whole[name]}
    assert all(kept[name] is None for name in changed - MANY_SIDED), changed
    assert named["item"] == 2
    assert named["reason"].startswith("kept without ")
    assert path.replace(".0", "[0]") in named["reason"]
    assert json.loads(named["row"]) == bad
    assert read.polls["refused"].to_pylist() == [0]
    assert len(read.plays) == 3


@given(st.lists(wrong, min_size=2, max_size=5, unique_by=lambda one: one[0]))
def test_many_odd_fields_are_one_row_that_names_them_all(odd: list[tuple[str, Any]]) -> None:
    paths = {path for path, _ in odd}
    inner = [
        (path, value)
        for path, value in odd
        if not any(path.startswith(f"{other}.") for other in paths)
    ]
    bad = good()
    for path, value in inner:
        bad = spoilt(bad, path, value)
    read = shown(bad)

    if paths >= IDENTITY:
        assert "no id, uri or name" in read.refused["reason"].to_pylist()[0]
        return
    [named] = read.refused.to_pylist()
    assert len(read.plays) == 1
    for path, _ in inner:
        assert path.split(".0")[0] in named["reason"]


def test_a_changed_type_in_every_row_loses_no_play_and_says_what_changed() -> None:
    read = shown(*(spoilt(good(n), "track.popularity", 12.5) for n in range(5)))

    assert len(read.plays) == 5
    assert read.plays["popularity"].null_count == 5
    assert set(read.refused["reason"].to_pylist()) == {
        "kept without track.popularity: Expected `int | null`, got `float`"
    }


def test_a_whole_number_told_with_a_fraction_of_nothing_is_that_number() -> None:
    bad = spoilt(spoilt(good(), "track.duration_ms", 180_000.0), "track.popularity", 40.0)
    read = shown(bad)
    [row] = read.plays.to_pylist()

    assert (row["duration_ms"], row["popularity"]) == (180_000, 40)
    assert len(read.refused) == 0


NO_UNICODE = [b"Song \xff", rb"Song \ud83d", rb"Song \u0000", rb"Song \q", b"Song \x00"]


@pytest.mark.parametrize("letters", NO_UNICODE)
def test_letters_that_are_none_cost_themselves_only(letters: bytes) -> None:
    body = json.dumps(page([good()])).encode().replace(b"Song a", letters)
    read = taken(respond(body))

    assert read.plays["track_name"].to_pylist() == ["Song \ufffd"]
    assert read.refused["reason"].to_pylist() == ["kept with U+FFFD in track.name"]


@pytest.mark.parametrize("letters", NO_UNICODE)
def test_an_id_with_letters_that_are_none_is_no_id(letters: bytes) -> None:
    whole = json.dumps(page([good()])).encode()
    body = whole.replace(b'"id": "a"', b'"id": "%s"' % letters)
    body = body.replace(isrc_of("a").encode(), letters).replace(b"playlist:p", letters)
    read = taken(respond(body))
    [row] = read.plays.to_pylist()

    assert (row["track_id"], row["isrc"], row["played_from_uri"]) == ("a", None, None)
    reason = "is no Unicode text"
    assert read.refused["reason"].to_pylist() == [
        f"kept without track.id: {reason}; track.external_ids.isrc: {reason}; context.uri: {reason}"
    ]
    assert all("\0" not in text for text in read.refused["row"].to_pylist())


def test_a_play_whose_id_is_odd_once_is_still_one_play() -> None:
    odd = taken(respond(page([spoilt(good(), "track.id", 5)])))
    well = taken(respond(page([good()]), NOON + minutes(15)))

    assert merge_polled([odd, well]).plays["track_id"].to_pylist() == ["a"]


def test_a_second_artist_does_not_pass_for_an_unreadable_first() -> None:
    bad = spoilt(good(), "track.artists", ["x", {"id": "b", "name": "B"}])

    assert shown(bad).plays["artist_name"].to_pylist() == [None]


UNTIMED = {**good(), "played_at": "yesterday"}
UNTRACKED = {**good(3), "track": None}


@pytest.mark.parametrize("bad", [UNTIMED, UNTRACKED, None], ids=["no time", "no track", "null"])
def test_an_answer_of_refused_rows_alone_vouches_for_nothing(bad: Json | None) -> None:
    before = taken(respond(page([good()], next="more"), NOON))
    nothing = taken(respond(page([bad, bad]), NOON + minutes(60)))
    late = item(Heard(NOON + minutes(100), "b"))
    after = taken(respond(page([late], next="more"), NOON + minutes(120)))
    [row] = nothing.polls.to_pylist()
    knowledge = Covered().add_all(merge_polled([before, nothing, after]).polls).coverage

    assert (row["full"], row["oldest_played_at"], row["refused"]) == (True, None, 2)
    assert [(gap.start, gap.end) for gap in knowledge.gaps] == [(NOON, NOON + minutes(100))]


def test_a_last_row_without_its_track_still_says_how_far_an_answer_reaches() -> None:
    [row] = shown(good(1), UNTRACKED).polls.to_pylist()

    assert row["oldest_played_at"] == NOON - minutes(3)


def test_an_answer_whose_last_time_is_unreadable_does_not_say_how_far_it_reaches() -> None:
    offline = good(9 * 60)  # stands among newer plays with its old time
    [row] = shown(good(1), offline, UNTIMED, next="more").polls.to_pylist()
    [inside] = shown(good(1), UNTIMED, good(5)).polls.to_pylist()

    assert row["oldest_played_at"] is None
    assert inside["oldest_played_at"] == NOON - minutes(5)


@pytest.mark.parametrize("address", [5, {}, True])
def test_an_odd_address_of_the_next_page_means_that_there_is_one(address: Any) -> None:
    read = shown(good(), next=address)
    first = respond(page([{"id": "a"}], next=address, offset=0), endpoint="top")

    assert len(read.plays) == 1
    assert read.polls["full"].to_pylist() == [True]
    assert next_offset([Page.of(first)]) == 1
    assert last_complete_list([first]) == []


def test_an_object_without_items_is_no_empty_answer() -> None:
    read = taken(respond(b'{"next": null}'))

    assert read.refused["item"].to_pylist() == [0]
    assert read.polls["full"].to_pylist() == [True]


def test_of_a_row_that_is_endless_the_beginning_is_shown() -> None:
    [named] = shown(spoilt(good(), "track.album", "x" * 10**6)).refused.to_pylist()

    assert len(named["row"]) == MAX_ROW


def test_a_playlist_that_nothing_identifies_names_nothing() -> None:
    odd: list[Json] = [{"id": 5, "name": "Five"}, {"name": "None"}, {"id": "a", "name": 5}]
    lists = page([*odd, {"id": "b", "uri": 5, "name": "By its id"}])

    assert playlist_names([respond(lists)]) == {"spotify:playlist:b": "By its id"}


def test_an_odd_field_costs_a_top_track_or_artist_nothing_else() -> None:
    songs = [track("a"), track("b", popularity="x", album="y"), track("c")]
    tracks, odd_tracks = top_tracks([top("tracks", songs)], "short")
    people = [artist("a", followers={"total": 2**70}), artist("b", genres=[5]), artist("c", name=5)]
    artists, odd_artists = top_artists([top("artists", people)], "short")

    assert tracks["track_id"].to_pylist() == ["a", "b", "c"]
    assert tracks["popularity"].to_pylist() == [40, None, 40]
    [line] = odd_tracks
    assert "item 2: kept without popularity: " in line
    assert "album: " in line
    assert artists["artist_id"].to_pylist() == ["artist-a", "artist-b"]
    assert artists["followers"].to_pylist() == [None, 1000]
    assert ["kept without" in line for line in odd_artists] == [True, True, False]


def test_what_needs_no_mending_is_read_as_it_is() -> None:
    told, dropped = decode(msgspec.Raw(json.dumps(track("a")).encode()), Track)

    assert dropped == {}
    assert told.artists == [Artist(id="artist-a", name="Artist a")]
