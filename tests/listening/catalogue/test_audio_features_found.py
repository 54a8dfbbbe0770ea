"""Tracks of the ledger found among the reference data."""

from typing import Any

import pyarrow as pa
import pytest

from pipelines.listening.catalogue.audio_features import (
    MATCHED_SCHEMA,
    artist_genres,
    genres_of,
    match_features,
    most_telling,
    parse_tracks,
)
from pipelines.listening.schema.reference_tables import ARTIST_GENRES, AUDIO_FEATURES
from tests.support.reference_rows import as_text, row, spotify_id

A, B, C, D = (spotify_id(letter) for letter in "abcd")

KNOWN = parse_tracks(
    as_text(
        [
            row(track_id=A, isrc="USRC17607839", energy="0.1", track_genre="pop"),
            row(track_id=B, isrc="USRC17607839", energy="0.2", popularity="90"),
            row(track_id=C, artists="Björk", track_name="Jóga", energy="0.3", popularity=""),
            row(track_id=D, artists="Björk", track_name="Joga!", energy="0.4", popularity="0"),
            {
                "artists": "Björk;Sia",
                "track_name": "JOGA",
                "popularity": "99",
                "track_genre": "art",
            },
            {"isrc": "GBAYE0601477", "energy": "0.5"},
        ]
    )
).tracks


def asked(**columns: str | None) -> pa.Table:
    names = ("track_id", "isrc", "artist_name", "track_name")
    return pa.table({name: pa.array([columns.get(name)], pa.string()) for name in names})


def found(**columns: str | None) -> dict[str, Any]:
    [one] = match_features(asked(**columns), KNOWN).to_pylist()
    return one


@pytest.mark.parametrize(
    ("names", "how", "energy"),
    [
        ({"track_id": A, "isrc": "GBAYE0601477"}, "id", 0.1),
        ({"track_id": "z", "isrc": "us-rc1-76-07839"}, "isrc", 0.2),
        ({"isrc": "GBAYE0601477"}, "isrc", 0.5),
        ({"isrc": "z", "artist_name": "BJORK", "track_name": "joga"}, "name", 0.4),
        ({"artist_name": "Björk"}, None, None),
        ({"track_id": "z", "artist_name": "Sia", "track_name": "Joga"}, None, None),
        ({}, None, None),
    ],
)
def test_a_track_is_found_by_id_then_isrc_then_name(
    names: dict[str, str], how: str | None, energy: float | None
):
    one = found(**names)
    assert (one["how"], one["energy"]) == (how, energy)
    if how is None:
        assert set(one.values()) == {None}


def test_every_row_is_answered_in_its_order():
    ids = [[D, "z", A, None, D][place % 5] for place in range(20_000)]
    columns = {name: pa.nulls(len(ids), pa.string()) for name in ("isrc", "artist_name")}
    tracks = pa.table({"track_id": ids, "track_name": ids, "other": ids, **columns})
    answer = match_features(tracks, KNOWN)
    assert answer.schema.equals(MATCHED_SCHEMA)
    assert answer["energy"].to_pylist() == [0.4, None, 0.1, None, 0.4] * 4_000


def test_nothing_is_found_in_nothing():
    [one] = match_features(asked(track_id=A), AUDIO_FEATURES.empty()).to_pylist()
    assert set(one.values()) == {None}
    assert len(match_features(asked().slice(1), KNOWN)) == 0
    assert genres_of(["Sia"], ARTIST_GENRES.empty()).to_pylist() == [None]


def test_genres_of_artists_are_found_whatever_their_spelling():
    known = artist_genres(KNOWN)
    names = ["sia", None, "BJÖRK", "Nobody", "sia"]
    answer = [["art"], None, ["country", "art"], None, ["art"]]
    assert genres_of(names, known).to_pylist() == answer
    assert genres_of(pa.array(names), known).to_pylist() == answer
    assert genres_of(pa.chunked_array([names[:2], names[2:]]), known).to_pylist() == answer


def test_genres_are_in_order_of_what_they_tell() -> None:
    def tracks(artist: str, count: int, *genres: str) -> list[dict[str, str]]:
        return [
            row(track_id=spotify_id(f"{artist}{n}"), artists=artist, track_genre=genre)
            for n in range(count)
            for genre in genres
        ]

    known = artist_genres(
        parse_tracks(
            as_text(
                [
                    *tracks("one", 3, "alternative", "pop", "shoegaze"),
                    *tracks("one", 1, "anime"),
                    *[one for name in ("two", "three", "four") for one in tracks(name, 1, "pop")],
                    *tracks("five", 1, "alternative"),
                ]
            )
        ).tracks
    )
    genres = [["alternative", "anime", "pop", "shoegaze"], ["b", "a"], None]
    found = most_telling(
        pa.chunked_array([["one", "nobody", "one"]]), pa.chunked_array([genres]), known
    )
    assert found.to_pylist() == [
        ["shoegaze", "alternative", "anime", "pop"],
        ["a", "b"],
        None,
    ]


def test_what_genres_tell_does_not_depend_on_keys_that_were_stored() -> None:
    rows = [
        row(track_id=spotify_id(f"{who}{n}"), artists=who, track_genre=genre)
        for who, genre in (("ガガ", "zouk"), ("ガガ", "anime"), ("b", "anime"), ("c", "anime"))
        for n in range(2)
    ]
    known = artist_genres(parse_tracks(as_text(rows)).tracks)
    keys = pa.array(["カカ" if key == "ガガ" else key for key in known["artist_key"].to_pylist()])
    at = known.schema.get_field_index("artist_key")
    before = known.set_column(at, known.schema.field(at), keys)
    asked_for = pa.chunked_array([["ガガ"]]), pa.chunked_array([[["anime", "zouk"]]])
    assert most_telling(*asked_for, known).to_pylist() == [["zouk", "anime"]]
    assert most_telling(*asked_for, before).to_pylist() == [["zouk", "anime"]]
