"""By which rule rows of a file become tracks, and files become one table."""

import random
from itertools import pairwise
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.listening.catalogue.audio_features import (
    COLUMNS,
    FEATURES,
    NO_CONTENT,
    NO_IDENTITY,
    ParsedTracks,
    artist_genres,
    merge_tracks,
    parse_tracks,
)
from pipelines.listening.schema.reference_tables import AUDIO_FEATURES, REFERENCE_TABLES
from pipelines.listening.schema.table import Table
from tests.support.reference_rows import Row, as_text, row, spotify_id

NONE = AUDIO_FEATURES.empty()
A, B, C = (spotify_id(letter) for letter in "abc")


def tracks(*rows: Row) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = parse_tracks(as_text(rows)).tracks.to_pylist()
    return found


def track(*rows: Row) -> dict[str, Any]:
    [only] = tracks(*rows)
    return only


def refused(found: ParsedTracks) -> dict[str, int]:
    return {one.what: one.rows for one in found.refused}


def test_a_row_becomes_a_track_with_its_types():
    found = track(row(isrc="US-RC1-76-07839"))
    assert found["track_key"] == found["track_id"] == "2wrJq5XKLnmhRXHIAf9xBa"
    assert found["isrc"] == "USRC17607839"
    assert found["artists"] == ["Dan + Shay", "Justin Bieber"]
    assert found["name_key"] == "dan shay|10 000 hours"
    assert (found["popularity"], found["duration_ms"], found["explicit"]) == (78, 167693, False)
    assert (found["energy"], found["key"], found["genres"]) == (0.63, None, ["country"])
    assert found["mood_score"] == pytest.approx((0.63 + 0.43 + 1 - 0.153) / 3)


def test_rows_per_genre_fold_into_one_track():
    rows = [row(track_genre=genre) for genre in ("Pop", "country", " pop ", "")]
    found = parse_tracks(as_text(rows))
    assert found.tracks["genres"].to_pylist() == [["country", "pop"]]
    assert found.folded == 3


def test_of_conflicting_values_the_most_popular_row_counts_and_others_fill_in():
    rows = [
        row(popularity="", energy="0.9", album_name="C"),
        row(popularity="5", energy="0.1", album_name="B", key="3"),
        row(popularity="60", energy="0.2", album_name="A"),
    ]
    found = track(*rows)
    assert (found["energy"], found["album_name"], found["popularity"]) == (0.2, "A", 60)
    assert found["key"] == 3


@pytest.mark.parametrize(
    ("identity", "key"),
    [
        ({"track_id": "spotify:track:2wrJq5XKLnmhRXHIAf9xBa"}, "2wrJq5XKLnmhRXHIAf9xBa"),
        ({"track_id": " ", "isrc": "usrc17607839"}, "USRC17607839"),
        ({"track_id": "", "isrc": "no isrc"}, "dan shay|10 000 hours"),
        ({"track_id": "", "artists": " ; Björk ;;", "track_name": "Jóga!"}, "bjork|joga"),
    ],
)
def test_a_track_goes_by_its_id_else_its_isrc_else_its_name(identity: Row, key: str):
    assert track(row(**identity))["track_key"] == key


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("energy", "1.01"),
        ("energy", "-0.1"),
        ("valence", "loud"),
        ("valence", "0,5"),
        ("liveness", "inf"),
        ("loudness", "-81"),
        ("loudness", "20.5"),
        ("tempo", "401"),
        ("key", "12"),
        ("key", "4.5"),
        ("mode", "2"),
        ("time_signature", "8"),
        ("duration_ms", "0"),
        ("duration_ms", "99999999999"),
        ("popularity", "101"),
        ("explicit", "maybe"),
        ("isrc", "12345"),
        ("track_name", "Caf\ufffd"),
    ],
)
def test_a_single_bad_value_is_null_counted_and_shown(column: str, text: str):
    found = parse_tracks(as_text([row(), row(**{column: text})]))
    [one] = found.kept_without
    assert (one.what, one.rows) == (column, 1)
    assert one.examples == (f"row 2 ('2wrJq5XKLnmhRXHIAf9xBa'): {text!r}",)
    assert found.refused == ()
    [alone] = tracks(row(**{column: text}))
    assert alone[column] is None


@pytest.mark.parametrize(
    ("column", "text", "value"),
    [
        ("loudness", "20", 20.0),
        ("loudness", "-80", -80.0),
        ("energy", "1", 1.0),
        ("energy", "7.4e-06", 7.4e-06),
        ("key", "5.0", 5),
        ("explicit", "1.0", True),
        ("explicit", "TRUE", True),
        ("track_name", "None", "None"),
        ("tempo", "0", None),
        ("tempo", "0.0", None),
        ("time_signature", "0", None),
        ("key", "-1", None),
        ("energy", "NaN", None),
        ("energy", "", None),
    ],
)
def test_values_at_the_edge_and_values_not_told_are_not_bad(column: str, text: str, value: object):
    found = parse_tracks(as_text([row(**{column: text})]))
    assert found.kept_without == ()
    assert found.tracks[column].to_pylist() == [value]


def test_a_row_is_left_out_only_where_nothing_is_left_of_it():
    rows = [
        row(track_id="", artists=";"),
        {"track_id": A, "artists": "Sia", "popularity": "9", "energy": "7"},
        {"track_id": B, "energy": "7", "track_genre": "pop"},
        {"track_id": C, "energy": "0.7"},
    ]
    found = parse_tracks(as_text(rows))
    assert refused(found) == {NO_IDENTITY: 1, NO_CONTENT: 1}
    assert [one.examples for one in found.refused] == [
        ("row 1 ('10,000 Hours')",),
        (f"row 2 ('{A}')",),
    ]
    assert found.tracks["track_key"].to_pylist() == [B, C]
    assert found.tracks["genres"].to_pylist() == [["pop"], None]


def test_no_rows_are_no_tracks():
    found = parse_tracks(as_text([]))
    assert (len(found.tracks), found.folded, found.refused) == (0, 0, ())


def test_a_later_file_counts_where_it_tells_something():
    first = parse_tracks(
        as_text([row(energy="0.1", key="3"), row(track_id=spotify_id("x"))])
    ).tracks
    later = parse_tracks(as_text([row(energy="0.2", popularity="1", track_genre="pop")])).tracks
    both = merge_tracks(first, later).to_pylist()
    assert [one["track_key"] for one in both] == ["2wrJq5XKLnmhRXHIAf9xBa", spotify_id("x")]
    assert (both[0]["energy"], both[0]["key"], both[0]["popularity"]) == (0.2, 3, 1)
    assert both[0]["genres"] == ["country", "pop"]
    assert both[0]["mood_score"] == pytest.approx((0.2 + 0.43 + 1 - 0.153) / 3)


def test_names_that_were_compared_otherwise_before_are_compared_anew():
    new = parse_tracks(as_text([row(track_id="", artists="ガガ", track_name="パパ")])).tracks
    at = new.schema.get_field_index("track_key")
    before = new.set_column(at, new.schema.field(at), pa.array(["カカ|ハハ"]))
    assert merge_tracks(before, new)["track_key"].to_pylist() == ["ガガ|パパ"]


def test_of_two_spellings_as_frequent_the_first_from_a_to_z_is_the_genre():
    read = parse_tracks(
        as_text(
            [
                row(track_id=spotify_id(name), artists="A", track_genre=genre)
                for name, genre in (("a", "hip-hop"), ("b", "hip hop"))
            ]
        )
    )
    assert artist_genres(read.tracks)["genres"].to_pylist() == [["hip hop"]]


def test_genres_of_artists_count_their_tracks():
    rows = [
        row(track_id=spotify_id("1"), artists="SIA;Björk", track_genre="pop"),
        row(track_id=spotify_id("2"), artists="Sia", track_genre="pop"),
        row(track_id=spotify_id("2"), artists="Sia", track_genre="dance"),
        row(track_id=spotify_id("3"), artists="Sia;sia", track_genre="acoustic"),
        row(track_id=spotify_id("4"), artists="Nobody", track_genre=""),
    ]
    bjork, sia = artist_genres(parse_tracks(as_text(rows)).tracks).to_pylist()
    assert (bjork["artist_key"], bjork["genres"], bjork["tracks"]) == ("bjork", ["pop"], 1)
    assert (sia["artist_name"], sia["genres"]) == ("Sia", ["pop", "acoustic", "dance"])
    assert [one["tracks"] for one in sia["genre_tracks"]] == [2, 1, 1]
    assert sia["tracks"] == 3


WILD = {
    "track_id": st.sampled_from(["", A, B, f"spotify:track:{A}", "a"]),
    "isrc": st.sampled_from(["", "USRC17607839", "bad"]),
    "artists": st.sampled_from(["", "Sia", "SIA;Björk", ";"]),
    "track_name": st.sampled_from(["", "One", "óne", "Caf\ufffd"]),
    "popularity": st.sampled_from(["", "0", "50", "-0.0", "500"]),
    "energy": st.sampled_from(["", "0", "-0.0", "0.5", "nan", "7", "x"]),
    "valence": st.sampled_from(["", "0.25", "-0", "1"]),
    "acousticness": st.sampled_from(["", "0.125", "1"]),
    "key": st.sampled_from(["", "-1", "0", "-0.0", "11"]),
    "explicit": st.sampled_from(["", "True", "0"]),
    "track_genre": st.sampled_from(["", "pop", "Pop", "rock"]),
}

Rows = list[dict[str, str]]


def bits(rows: pa.Table) -> str:
    """As text, in which 0 and -0 differ."""
    return repr(rows.to_pylist())


@given(st.lists(st.fixed_dictionaries(WILD), max_size=8), st.randoms(use_true_random=False))
def test_any_order_of_rows_gives_the_same_table(rows: Rows, chance: random.Random):
    shuffled = chance.sample(rows, len(rows))
    one, other = parse_tracks(as_text(rows)), parse_tracks(as_text(shuffled))
    assert bits(one.tracks) == bits(other.tracks)
    assert refused(one) == refused(other)
    assert bits(artist_genres(one.tracks)) == bits(artist_genres(other.tracks))
    assert len(rows) == len(one.tracks) + one.folded + sum(refused(one).values())


def test_minus_zero_is_zero():
    rows = [row(energy="-0.0"), row(energy="0")]
    both = [bits(parse_tracks(as_text(some)).tracks) for some in (rows, rows[::-1], rows[:1])]
    assert both[0] == both[1] == both[2]


@given(st.lists(st.fixed_dictionaries(WILD), max_size=6), st.integers(0, 6))
def test_adding_twice_is_adding_once(rows: Rows, cut: int):
    first, second = (parse_tracks(as_text(part)).tracks for part in (rows[:cut], rows[cut:]))
    both = merge_tracks(merge_tracks(NONE, first), second)
    assert bits(merge_tracks(both, second)) == bits(both)
    assert bits(merge_tracks(first, first)) == bits(first) == bits(merge_tracks(first, NONE))


AGREED = {
    A: {"artists": "Sia", "track_name": "One", "energy": "0.5", "popularity": "7", "key": "0"},
    B: {"artists": "SIA;Björk", "track_name": "Two", "valence": "0.25", "isrc": "USRC17607839"},
    C: {"track_name": "Three", "energy": "-0.0", "valence": "1", "acousticness": "0.1"},
}

AGREEING = st.builds(
    lambda name, genre, left_out: (
        {"track_id": name, "track_genre": genre}
        | {column: text for column, text in AGREED[name].items() if column not in left_out}
    ),
    st.sampled_from(sorted(AGREED)),
    WILD["track_genre"],
    st.sets(st.sampled_from(COLUMNS)),
)
"""Rows that tell more or less of three tracks, and never two things of one."""


@given(
    st.lists(AGREEING, max_size=10),
    st.lists(st.integers(0, 10), max_size=2),
    st.randoms(use_true_random=False),
)
def test_any_cut_into_files_gives_the_same_table(
    rows: Rows, cuts: list[int], chance: random.Random
):
    at = [0, *sorted(cuts), len(rows)]
    files = [rows[one:other] for one, other in pairwise(at)]
    chance.shuffle(files)
    lake = NONE
    for file in files:
        lake = merge_tracks(lake, parse_tracks(as_text(file)).tracks)
    assert bits(lake) == bits(parse_tracks(as_text(rows)).tracks)


@pytest.mark.parametrize("table", REFERENCE_TABLES, ids=lambda table: table.name)
def test_every_shared_table_describes_itself(table: Table):
    assert table.grain.endswith(".")
    assert all(meaning.strip() for _, _, meaning in table.column_docs)
    assert table.conform(table.empty()).schema.equals(table.schema, check_metadata=True)
    assert set(FEATURES) <= set(AUDIO_FEATURES.schema.names)
