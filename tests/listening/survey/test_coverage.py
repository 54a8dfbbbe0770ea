"""How much is known of songs, of people's and of a group's."""

from pipelines.listening.schema.survey_tables import COMPARED, SONGS
from pipelines.listening.survey.coverage import (
    coverage_of_group,
    coverage_of_people,
    coverage_of_songs,
)

SOUND = {one.name: 0.5 for one in COMPARED}


def song(pseudonym: str, place: int, key: str, state: str, **known: object) -> dict[str, object]:
    return {"pseudonym": pseudonym, "place": place, "song_key": key, "state": state, **known}


ROWS = SONGS.from_rows(
    [
        song("one", 1, "a", "matched", genres=["rock"], **SOUND),
        song("one", 2, "b", "chosen", genres=[]),
        song("one", 3, "c", "doubtful"),
        song("two", 1, "a", "matched", genres=["rock"], **SOUND),
        song("two", 2, "d", "matched", **SOUND | {"tempo": None}),
        song("three", 1, "e", "waiting"),
    ]
)


def test_of_each_song_it_is_known_how_many_named_it_and_what_is_told_of_it() -> None:
    rows = [tuple(row.values()) for row in coverage_of_songs(ROWS).to_pylist()]
    assert rows == [
        ("a", 2, True, True, True),
        ("b", 1, True, False, False),
        ("c", 1, False, False, False),
        ("d", 1, True, False, False),
        ("e", 1, False, False, False),
    ]


def test_of_each_person_songs_are_counted_that_have_a_track_features_and_genres() -> None:
    rows = [tuple(row.values()) for row in coverage_of_people(ROWS).to_pylist()]
    assert rows == [("one", 3, 2, 1, 1), ("three", 1, 0, 0, 0), ("two", 2, 2, 1, 1)]


def test_of_a_group_every_naming_counts() -> None:
    assert coverage_of_group(ROWS) == {
        "people": 3,
        "songs": 6,
        "matched": 4,
        "with_features": 2,
        "with_genres": 2,
    }
    assert coverage_of_group(SONGS.empty())["songs"] == 0
