"""What the catalogue tells of tracks closes what plays leave open, and decides nothing by a guess.

Add a test here when another column is filled, or another track is asked for. How answers are read
is `tests/listening/api/test_catalogue_answers.py`.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from pipelines.listening.catalogue.described import (
    NOTHING_TOLD,
    WANTED_COLUMNS,
    search_query,
    searched_names,
    wanted_tracks,
)
from pipelines.listening.catalogue.kinds import NO_REFERENCE
from pipelines.listening.catalogue.tracks_and_artists import unique_tracks
from pipelines.listening.contexts.filling import fill, track_digests_by_month
from pipelines.listening.schema.tables import DESCRIBED_TRACKS, PLAYS

Row = dict[str, Any]
BEGIN = datetime(2023, 3, 1, 8, tzinfo=UTC)
TOLD_AT = datetime(2026, 11, 1, tzinfo=UTC)
DESCRIBED = (
    *("album_id", "album_name", "album_type", "release_date", "release_year", "isrc"),
    *("artist_id", "artists", "duration_ms", "popularity", "explicit"),
)


def exported(key: str | None, title: str | None = "Rain", artist: str | None = "Band") -> Row:
    """A play as the extended history tells it; without an id, as account data does."""
    uri = key and f"spotify:track:{key}"
    kind = "track" if key else "unknown"
    return {
        "track_id": key,
        "track_uri": uri,
        "track_name": title,
        "artist_name": artist,
        "kind": kind,
        "ms_played": 200_000,
        "source": "export",
    }


def plays(*some: Row) -> pa.Table:
    """These plays, an hour apart."""
    rows = []
    for number, one in enumerate(some):
        at = BEGIN + timedelta(hours=number)
        rows.append(
            {
                "play_id": f"{number:03}",
                "listener": "nico",
                "played_at": at,
                "local_time": at.replace(tzinfo=None),
                "local_date": at.date(),
                "local_hour": at.hour,
                "local_weekday": at.weekday(),
                "ms_played_source": "measured",
                "counts": True,
                **one,
            }
        )
    return PLAYS.conform(PLAYS.from_rows(rows))


def told(asked_for: str, *, place: int = 1, asked_by: str = "id", **known: Any) -> Row:
    """What Spotify says of a track."""
    if not place:
        return {
            "asked_by": asked_by,
            "asked_for": asked_for,
            "place": 0,
            "asked_at": TOLD_AT,
            "status": known.get("status", 404),
        }
    return {
        "asked_by": asked_by,
        "asked_for": asked_for,
        "place": place,
        "asked_at": TOLD_AT,
        "told_at": TOLD_AT,
        "status": 200,
        "track_id": f"id-{asked_for}",
        "track_uri": f"spotify:track:id-{asked_for}",
        "track_name": "Rain",
        "album_id": "album",
        "album_name": "Clouds",
        "album_type": "album",
        "release_date": "1999-05-01",
        "isrc": "DEA379900001",
        "artist_id": "band",
        "artist_name": "Band",
        "artists": [{"id": "band", "name": "Band"}, {"id": "guest", "name": "Guest"}],
        "release_year": 1999,
        "duration_ms": 201_000,
        "popularity": 40,
        "explicit": True,
        **known,
    }


def found(place: int = 1, *, names: str = "band|rain", **known: Any) -> Row:
    return told(names, place=place, asked_by="search", **known)


def table(*answers: Row) -> pa.Table:
    return DESCRIBED_TRACKS.conform(DESCRIBED_TRACKS.from_rows(list(answers)))


def tracks(some: list[Row], *answers: Row) -> dict[str, Row]:
    rows = unique_tracks(plays(*some), NO_REFERENCE, table(*answers)).to_pylist()
    return {row["track_key"]: row for row in rows}


def wanted(some: list[Row], *answers: Row, days: float = 0) -> list[str]:
    asked = wanted_tracks(
        unique_tracks(plays(*some)).select(WANTED_COLUMNS),
        table(*answers),
        TOLD_AT + timedelta(days=days),
    )
    return asked["asked_for"].to_pylist()


def test_what_only_exports_know_is_filled_by_its_id() -> None:
    row = tracks([exported("a")], told("a"))["a"]
    for name in DESCRIBED:
        assert row[name] == told("a")[name], name
    assert (row["track_id"], row["track_uri"]) == ("a", "spotify:track:a")
    assert (row["recording_id"], row["artist_key"]) == ("isrc:DEA379900001", "band")


def test_what_plays_tell_stays() -> None:
    known = {
        "album_id": "mine",
        "album_name": "Mine",
        "album_type": "single",
        "isrc": "GBA379900001",
        "release_date": "2001",
        "release_year": 2001,
        "duration_ms": 1,
        "explicit": False,
        "artist_id": "me",
        "artists": [{"id": "me", "name": "Me"}],
        "popularity": 1,
    }
    row = tracks([exported("a", artist="Me") | known], told("a"))["a"]
    assert {name: row[name] for name in known} == known


def test_the_year_is_that_of_the_date_that_stands_beside_it() -> None:
    unclear = {"release_date": "0000", "release_year": None}
    row = tracks([exported("a") | unclear], told("a"))["a"]
    assert (row["release_date"], row["release_year"]) == ("0000", None)


def test_an_exports_artist_stays_and_gets_an_id_only_where_it_is_the_tracks() -> None:
    album_artist = tracks([exported("a", artist="The Label's Choir")], told("a"))["a"]
    assert (album_artist["artist_name"], album_artist["artist_id"]) == ("The Label's Choir", None)
    assert album_artist["artists"] == told("a")["artists"]
    spelled = tracks([exported("a", artist="BAND")], told("a"))["a"]
    assert (spelled["artist_name"], spelled["artist_id"]) == ("BAND", "band")


@pytest.mark.parametrize("artist", ["Various Artists", None])
def test_nobody_becomes_the_artist_whom_spotify_names(artist: str | None) -> None:
    some = [exported("a", artist=artist)]
    row = tracks(some, told("a"))["a"]
    assert (row["artist_name"], row["artist_id"], row["artist_key"]) == ("Band", "band", "band")
    [play] = fill(
        plays(*some), unique_tracks(plays(*some), NO_REFERENCE, table(told("a")))
    ).plays.to_pylist()
    assert (play["artist_name"], play["artist_id"]) == ("Band", "band")


def test_the_isrc_of_an_id_makes_one_recording_of_two_ids() -> None:
    some = [exported("a"), exported("b", title="Rain - Single Version")]
    apart, together = (
        {row["recording_id"] for row in tracks(some, *answers).values()}
        for answers in ([], [told("a"), told("b")])
    )
    assert (len(apart), len(together)) == (2, 1)


def test_what_a_search_found_describes_the_track_and_says_not_which_it_is() -> None:
    [row] = tracks([exported(None)], found()).values()
    for name in ("album_id", "album_name", "album_type", "release_date", "release_year"):
        assert row[name] == found()[name], name
    assert row["duration_ms"] == 201_000
    for name in ("track_id", "track_uri", "isrc", "artist_id", "artists", "popularity", "explicit"):
        assert row[name] is None, name


def test_a_wrong_guess_makes_no_two_tracks_one() -> None:
    some = [exported(None), exported("a", title="Storm") | {"isrc": "DEA379900001"}]
    before = tracks(some)
    after = tracks(some, found(isrc="DEA379900001", track_id="a", artist_id="other"))
    for key, row in before.items():
        for name in ("recording_id", "artist_key", "kind", "plays"):
            assert after[key][name] == row[name]
    assert before.keys() == after.keys()


def test_a_hit_of_another_length_is_another_recording() -> None:
    known = exported(None) | {"duration_ms": 300_000}
    [other] = tracks([known], found()).values()
    assert (other["release_date"], other["duration_ms"]) == (None, 300_000)
    fits = found(2, duration_ms=299_000, release_date="2003", release_year=2003)
    [same] = tracks([known], found(), fits).values()
    assert (same["release_date"], same["duration_ms"]) == ("2003", 300_000)


def test_hits_of_different_lengths_leave_the_length_open() -> None:
    [row] = tracks([exported(None)], found(), found(2, duration_ms=400_000)).values()
    assert (row["release_date"], row["duration_ms"]) == ("1999-05-01", None)


def test_the_album_is_the_plays_own_else_no_compilation_else_spotifys_first() -> None:
    hits = (
        found(1, album_id="hits", album_name="Hits", album_type="compilation"),
        found(2, album_id="clouds"),
        found(3, album_id="live", album_name="Live"),
    )
    [row] = tracks([exported(None)], *hits).values()
    assert row["album_id"] == "clouds"
    [row] = tracks([exported(None) | {"album_name": "LIVE"}], *hits).values()
    assert (row["album_id"], row["album_name"]) == ("live", "LIVE")
    [row] = tracks([exported(None) | {"album_name": "Elsewhere"}], *hits).values()
    assert (row["album_id"], row["album_name"], row["release_date"]) == (None, "Elsewhere", None)


def test_what_spotify_does_not_know_changes_nothing() -> None:
    some = [exported("a"), exported(None, "Other")]
    nothing = told("a", place=0), found(0, names="band|other", status=200)
    assert tracks(some, *nothing) == tracks(some)


def test_plays_of_a_track_get_what_was_told_of_it_and_their_month_is_made_again() -> None:
    some = plays(exported("a"), exported(None, "Other"))
    answers = table(told("a"), found(names="band|other"))
    before, after = (unique_tracks(some, NO_REFERENCE, one) for one in (NOTHING_TOLD, answers))
    known, guessed = fill(some, after).plays.to_pylist()
    assert (known["release_year"], known["isrc"]) == (1999, "DEA379900001")
    assert (guessed["release_year"], guessed["isrc"]) == (1999, None)
    assert track_digests_by_month(some, before) != track_digests_by_month(some, after)


def test_the_most_played_is_asked_for_first_and_ties_have_an_order() -> None:
    some = [exported("c"), exported("b"), exported("b"), *[exported(None, "Other")] * 3]
    assert wanted(some) == wanted(some[::-1]) == ["band|other", "b", "c"]


def test_two_spellings_of_names_are_one_question() -> None:
    some = [exported(None), exported(None, "RAIN!"), exported("a", "Storm")]
    assert wanted(some) == ["band|rain", "a"]


def test_nothing_is_asked_again_before_long() -> None:
    some = [exported("a"), exported("b", "B"), exported("c", "C"), exported(None, "D")]
    some.append(exported("e", "E"))
    answers = (
        told("a", isrc=None),
        told("b", place=0, status=404),
        told("c", place=0, status=403),
        told("e", place=0, status=200),
        found(0, names="band|d", status=200),
    )
    assert wanted(some, *answers, days=1) == []
    assert wanted(some, *answers, days=8) == ["e", "c"], "no word of any track, or refused"
    assert set(wanted(some, *answers, days=181)) == {"b", "c", "e", "band|d"}
    assert len(wanted(some, *answers, days=366)) == 5


@pytest.mark.parametrize(
    ("artist", "title"),
    [
        ("Band", "Rain"),
        ("AC/DC", 'Say "Yes": track:"x" artist:"y"'),
        ("a|b", "ÉTÉ\nnow"),
        ("!!!", "?"),
    ],
)
def test_a_query_holds_the_names_that_are_asked_for(artist: str, title: str) -> None:
    [asked] = wanted([exported(None, title, artist)])
    assert "|".join(searched_names(search_query(artist, title)) or ()) == asked


@pytest.mark.parametrize("words", ["", "rain", 'track:"a"', 'track:"a" artist:"b" year:1999'])
def test_another_query_holds_no_names(words: str) -> None:
    assert searched_names(words) is None


def test_names_that_say_nothing_are_not_asked_for() -> None:
    assert wanted([exported(None, ' " '), exported(None, None), exported(None, artist=None)]) == []
