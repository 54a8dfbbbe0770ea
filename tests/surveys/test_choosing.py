"""Tracks that a person chooses for songs in doubt: listed, chosen, kept, taken back."""

from collections.abc import Callable

import pytest

from pipelines.errors import CorruptFile, RefusedChoice
from pipelines.listening.schema.survey_tables import CANDIDATES, SONGS
from pipelines.resources.lake.lakes import Lake, SurveyLake
from pipelines.surveys.choosing import PATH, choose, open_songs, read_choices, undo

ID = "4iJyoBOLtHqaGxP12qzhQI"


def song(pseudonym: str, key: str, state: str, title: str, place: int = 1) -> dict[str, object]:
    return {
        "pseudonym": pseudonym,
        "place": place,
        "song_key": key,
        "artist_name": "Nina",
        "track_name": title,
        "state": state,
    }


def candidate(key: str, rank: int) -> dict[str, object]:
    return {
        "song_key": key,
        "rank": rank,
        "artist_name": "Nina",
        "track_name": f"Candidate {rank}",
        "track_id": f"{rank}".zfill(22),
        "source": "reference",
        "similarity": 0.9 - rank / 10,
    }


@pytest.fixture
def spring(lake: Lake) -> SurveyLake:
    """A survey with songs of each state."""
    own = lake.survey("spring")
    songs = [
        song("one", "aaaa00000001", "unmatched", "Nowhere"),
        song("one", "aaaa00000002", "doubtful", "Somewhere", place=2),
        song("two", "aaaa00000002", "doubtful", "Somewhere"),
        song("two", "bbbb00000003", "matched", "Everywhere", place=2),
        song("three", "cccc00000004", "waiting", "Anywhere"),
    ]
    own.replace(SONGS, SONGS.from_rows(songs))
    candidates = [candidate("aaaa00000002", 2), candidate("aaaa00000002", 1)]
    own.replace(CANDIDATES, CANDIDATES.from_rows(candidates))
    return own


def test_open_songs_are_those_without_a_track_that_of_most_people_first(
    spring: SurveyLake,
) -> None:
    songs = open_songs(spring)
    assert [(one.name, one.people, one.state) for one in songs] == [
        ("Nina - Somewhere", 2, "doubtful"),
        ("Nina - Anywhere", 1, "waiting"),
        ("Nina - Nowhere", 1, "unmatched"),
    ]
    assert [(one.rank, one.name) for one in songs[0].candidates] == [
        (1, "Nina - Candidate 1"),
        (2, "Nina - Candidate 2"),
    ]


@pytest.mark.parametrize(
    ("track", "chosen"),
    [
        ("2", {"track_id": "2".zfill(22), "artist_name": "Nina", "track_name": "Candidate 2"}),
        (ID, {"track_id": ID}),
        (f"spotify:track:{ID}", {"track_id": ID}),
        (f"https://open.spotify.com/intl-de/track/{ID}?si=1", {"track_id": ID}),
        ("us-rw2-96-00011", {"isrc": "USRW29600011"}),
        ("none", None),
        ("None", None),
    ],
)
def test_a_track_is_chosen_by_its_number_id_address_or_isrc(
    spring: SurveyLake, track: str, chosen: dict[str, str] | None
) -> None:
    assert choose(spring, "aaaa00000002", track) == "aaaa00000002"
    assert read_choices(spring) == {"aaaa00000002": chosen}
    assert "aaaa00000002" not in {one.key for one in open_songs(spring)}


def test_a_key_may_be_cut_short_where_it_is_only_one_songs(spring: SurveyLake) -> None:
    assert choose(spring, "CCCC", "none") == "cccc00000004"
    with pytest.raises(RefusedChoice, match="'aaaa' may be several songs"):
        choose(spring, "aaaa", "none")
    with pytest.raises(RefusedChoice, match="'dddd' is no song's key"):
        choose(spring, "dddd", "none")


@pytest.mark.parametrize("track", ["3", "a song", f"spotify:album:{ID}", ""])
def test_what_is_no_track_is_refused_and_nothing_is_chosen(spring: SurveyLake, track: str) -> None:
    with pytest.raises(RefusedChoice):
        choose(spring, "aaaa00000002", track)
    assert read_choices(spring) == {}


def test_a_choice_is_kept_beside_others_and_taken_back_alone(spring: SurveyLake) -> None:
    choose(spring, "aaaa00000001", "none")
    choose(spring, "aaaa00000002", "1")
    choose(spring, "aaaa00000002", "2")
    assert undo(spring, "aaaa00000001") == "aaaa00000001"
    assert list(read_choices(spring)) == ["aaaa00000002"]
    with pytest.raises(RefusedChoice):
        undo(spring, "aaaa00000001")


def test_what_a_song_was_matched_with_can_be_corrected(spring: SurveyLake) -> None:
    assert choose(spring, "bbbb", ID) == "bbbb00000003"
    assert choose(spring, "bbbb", "none") == "bbbb00000003"


@pytest.mark.parametrize("body", [b"not JSON", b"[]", b'{"a": 1}', b'{"a": {"mail": "x"}}'])
def test_damaged_choices_are_not_silently_lost(spring: SurveyLake, body: bytes) -> None:
    spring.store.put(PATH, body)
    read: tuple[Callable[[SurveyLake], object], ...] = (read_choices, open_songs)
    for one in read:
        with pytest.raises(CorruptFile, match=r"choices\.json"):
            one(spring)
