"""What one source tells of a track is filled in where another is mute, and a change is noticed.

Add a test here when something else of a track is filled in. How tracks are told from each other is
tested in `tests/listening/catalogue/test_tracks_and_artists.py`.
"""

from datetime import timedelta
from typing import Any

import pyarrow as pa
import pytest

from pipelines.listening.catalogue.tracks_and_artists import unique_tracks
from pipelines.listening.contexts.filling import FILLED, fill, track_digests_by_month
from pipelines.listening.schema.tables import PLAYS, UNIQUE_TRACKS
from tests.listening.contexts.builders import Row, at, play, plays, song

POLLED = song(
    "Hey Ya!",
    "Outkast",
    track_uri="spotify:track:hey",
    album_name="Speakerboxxx",
    artist_id="a1",
    artists=[{"id": "a1", "name": "Outkast"}, {"id": "a2", "name": "Guest"}],
    isrc="USAR10300924",
    explicit=True,
    release_year=2003,
)
NAMES_ONLY = {
    "track_name": "Hey Ya",
    "artist_name": "OUTKAST",
    "ms_played": 200_000,
    "album_name": None,
    "duration_ms": None,
}


def filled(*rows: Row) -> list[Row]:
    table = plays(rows)
    done: list[Row] = fill(table, unique_tracks(table)).plays.to_pylist()
    return done


def monthly(what: Row, *months: int, **known: Any) -> list[Row]:
    """A play in each of these months of 2026."""
    return [play(at(0, "12:00").replace(month=month), what, **known) for month in months]


def test_a_row_with_names_only_gets_what_polls_told_of_the_track() -> None:
    mute, told = filled(play(at(0, "12:00"), NAMES_ONLY), play(at(1, "12:00"), POLLED))

    for name in ("track_id", "track_uri", "artist_id", "artists", "isrc", "album_name"):
        assert mute[name] == told[name] is not None
    assert mute["recording_id"] == told["recording_id"] == "isrc:USAR10300924"


def test_its_own_spelling_and_length_heard_stay() -> None:
    mute, _ = filled(play(at(0, "12:00"), NAMES_ONLY), play(at(1, "12:00"), POLLED))

    assert (mute["track_name"], mute["artist_name"]) == ("Hey Ya", "OUTKAST")
    assert mute["ms_played"] == 200_000


def test_of_several_tracks_of_that_name_the_first_heard_one_is_meant() -> None:
    live = POLLED | {"track_id": "live", "isrc": "USAR10300925", "album_name": "Live"}
    often = [play(at(day, "12:00"), live) for day in range(2, 9)]
    mute, *_ = filled(play(at(0, "12:00"), NAMES_ONLY), play(at(1, "12:00"), POLLED), *often)

    assert mute["track_id"] == POLLED["track_id"]


def test_facts_of_a_row_stay_whatever_is_known_of_its_track() -> None:
    older = POLLED | {"album_name": "Single", "release_year": 2002, "explicit": False}
    first, last = filled(play(at(0, "12:00"), older), play(at(1, "12:00"), POLLED))

    for name in FILLED:
        assert first[name] == older.get(name), name
        assert last[name] == POLLED.get(name), name


def test_single_nulls_are_filled_from_the_same_track() -> None:
    exported = POLLED | {"artists": None, "artist_id": None, "isrc": None, "duration_ms": None}
    first, _ = filled(play(at(0, "12:00"), exported), play(at(1, "12:00"), POLLED))

    assert {name: first[name] for name in FILLED} == {name: POLLED.get(name) for name in FILLED}


def test_an_artist_is_filled_in_as_a_whole_where_an_export_names_the_albums() -> None:
    unknown = {"artists": None, "artist_id": None, "isrc": None, "artist_name": "Various Artists"}
    compiled, _ = filled(play(at(0, "12:00"), POLLED | unknown), play(at(1, "12:00"), POLLED))

    assert (compiled["artist_id"], compiled["artist_name"]) == ("a1", "Outkast")
    assert compiled["artists"] == POLLED["artists"]
    assert compiled["artist_key"] == "a1"


@pytest.mark.parametrize("days", [(0, 1), (1, 0)])
def test_where_one_export_names_somebody_and_one_nobody_it_is_theirs(days: tuple[int, int]) -> None:
    exported = POLLED | {"artists": None, "artist_id": None, "isrc": None}
    rows = filled(
        play(at(days[0], "12:00"), exported),
        play(at(days[1], "12:00"), exported, artist_name="Various Artists"),
    )
    assert {(row["artist_name"], row["artist_key"]) for row in rows} == {("Outkast", "outkast")}


def test_a_row_that_only_various_artists_are_named_for_has_no_artist() -> None:
    [row] = filled(play(at(0, "12:00"), NAMES_ONLY, artist_name="Various Artists"))

    assert (row["artist_name"], row["artist_key"]) == ("Various Artists", None)


def test_what_is_no_description_is_never_filled_in() -> None:
    told = POLLED | {
        "platform": "ios",
        "skipped": True,
        "shuffle": True,
        "played_from_uri": "spotify:playlist:p1",
    }
    first, _ = filled(play(at(0, "12:00"), POLLED), play(at(1, "12:00"), told))

    assert [first[name] for name in ("platform", "skipped", "shuffle", "played_from_uri")] == [
        None
    ] * 4


def test_a_track_that_is_not_among_the_tracks_has_a_recording_all_the_same() -> None:
    row = play(at(0, "12:00"), POLLED)
    table = plays([row])
    done = fill(table, UNIQUE_TRACKS.empty())

    assert done.track_of.tolist() == [-1]
    assert done.plays["recording_id"].to_pylist() == [row["play_id"]]
    assert done.plays["artist_key"].to_pylist() == [None]
    assert done.plays.drop_columns(["kind_source", "recording_id", "artist_key"]).equals(table)


def test_a_row_without_any_name_is_a_track_of_its_own() -> None:
    nameless = {"track_name": None, "artist_name": None, "ms_played": None}
    rows = [play(at(day, "12:00"), nameless, play_id=f"p{day}") for day in range(2)]
    first, second = filled(*rows)

    assert first["recording_id"] != second["recording_id"]


def test_without_plays_nothing_is_filled() -> None:
    assert filled() == []
    done = fill(PLAYS.empty(), unique_tracks(plays([play(at(0, "12:00"), POLLED)])))
    added = ["kind_source", "recording_id", "artist_key"]
    assert done.plays.schema.names == [*PLAYS.schema.names, *added]


def test_plays_in_pieces_are_filled_like_a_whole() -> None:
    rows = [
        play(at(0, "12:00"), NAMES_ONLY),
        play(at(1, "12:00"), POLLED),
        play(at(2, "12:00"), NAMES_ONLY),
    ]
    whole = plays(rows)
    pieces = pa.concat_tables([whole[:1], whole[1:2], whole[2:]])
    tracks = unique_tracks(whole)

    assert fill(pieces, tracks).plays.equals(fill(whole, tracks).plays)


OTHER = song("Ms. Jackson", "Outkast", artist_id="a1")


@pytest.mark.parametrize("known", [{"isrc": "X1"}, {"explicit": True}, {"artist_name": "OutKast"}])
def test_a_months_digest_changes_with_what_is_known_of_its_tracks(known: Row) -> None:
    rows = plays([*monthly(POLLED, 1, 2), *monthly(OTHER, 2, 3)])
    before = track_digests_by_month(rows, unique_tracks(rows))
    told = unique_tracks(plays([*monthly(POLLED, 1, 2), *monthly(OTHER | known, 2, 3)]))
    after = track_digests_by_month(rows, told)

    assert set(before) == {"2026-01", "2026-02", "2026-03"}
    assert {month for month in before if before[month] != after[month]} == {"2026-02", "2026-03"}


def test_it_does_not_change_with_how_often_they_were_played_since() -> None:
    rows = plays([*monthly(POLLED, 1, 2), *monthly(OTHER, 2)])
    more = plays([*monthly(POLLED, 1, 2, 5), *monthly(OTHER, 2, 6, 7)])
    before = track_digests_by_month(rows, unique_tracks(rows))
    after = track_digests_by_month(more, unique_tracks(more))

    assert {month: after[month] for month in before} == before


def test_it_changes_when_a_row_of_names_becomes_a_known_track() -> None:
    rows = plays([*monthly(NAMES_ONLY, 1), *monthly(OTHER, 2)])
    more = plays([*monthly(NAMES_ONLY, 1), *monthly(OTHER, 2), *monthly(POLLED, 4)])
    before = track_digests_by_month(rows, unique_tracks(rows))
    after = track_digests_by_month(rows, unique_tracks(more))

    assert {month for month in before if before[month] != after[month]} == {"2026-01"}


def test_it_changes_when_a_row_of_names_becomes_another_track_of_the_same_month() -> None:
    live = POLLED | {"track_id": "live", "isrc": "USAR10300925", "album_name": "Live"}
    rows = [*monthly(NAMES_ONLY, 1), *monthly(POLLED, 1), *monthly(live, 1)]
    table = plays(rows)
    earlier = [play(at(-99, "12:00"), live)]
    less, more = (unique_tracks(plays([*rows, *also])) for also in ([], earlier))

    assert track_digests_by_month(table, less) != track_digests_by_month(table, more)


def test_the_order_of_plays_and_tracks_makes_no_difference() -> None:
    rows = plays([*monthly(POLLED, 1, 2), *monthly(OTHER, 2)])
    tracks = unique_tracks(rows)
    turned = rows.take(list(reversed(range(len(rows)))))

    assert track_digests_by_month(turned, tracks.take([1, 0])) == track_digests_by_month(
        rows, tracks
    )


def test_a_month_is_one_of_the_listeners_calendar() -> None:
    midnight = at(0, "00:30").replace(month=4, day=1)
    row = play(midnight, POLLED, local_date=(midnight - timedelta(hours=5)).date())
    table = plays([row])

    assert set(track_digests_by_month(table, unique_tracks(table))) == {"2026-03"}
