"""The same music in two contexts: company, hour and shape decide, as they would for a person.

Add a pair here when listeners mix two contexts up. Names that mislead are in `test_traps.py`.
"""

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from tests.listening.contexts.builders import (
    Row,
    at,
    from_playlist,
    heard,
    labelled,
    plays,
    song,
    sound,
)

LULLABY = song("Brahms' Lullaby", "A Harp", 2.5)
NURSERY = [
    song(title, "A Choir", 2)
    for title in (
        "Wheels on the Bus",
        "Baby Shark",
        "Old MacDonald Had a Farm",
        "Itsy Bitsy Spider",
    )
]


def ways(weeks: int) -> list[Row]:
    """Songs on the way to work, so that there is an everyday to compare with."""
    rows: list[Row] = []
    for day in [day for day in range(7 * weeks) if day % 7 < 5]:
        songs = [song(f"Song {(day * 7 + n) % 60}", f"Band {(day + n) % 20}") for n in range(6)]
        rows += heard(at(day, "08:10"), songs) + heard(at(day, "17:00"), songs[::-1])
    return rows


def share(rows: pa.Table, context: str) -> float:
    """The share of plays of that context."""
    return float(pc.mean(pc.equal(rows["context"], context)).as_py())


@pytest.fixture(scope="module")
def lullabies() -> pa.Table:
    rows = ways(2)
    for day in range(0, 14, 2):
        rows += heard(at(day, "18:30"), [*NURSERY, LULLABY, *NURSERY[:2], LULLABY])
    for day in range(1, 14, 2):
        rows += heard(at(day, "23:30"), [LULLABY] * 30)
    done = labelled(plays(rows))
    return done.filter(pc.equal(done["track_name"], LULLABY["track_name"]))


def test_a_lullaby_among_childrens_songs_in_the_evening_is_for_kids(lullabies: pa.Table) -> None:
    early = lullabies.filter(pc.less(lullabies["local_hour"], 20))
    early = early.filter(pc.greater(early["local_hour"], 12))

    assert len(early) == 14
    assert share(early, "kids") == 1


def test_the_same_lullaby_alone_all_night_is_for_sleep(lullabies: pa.Table) -> None:
    night = lullabies.filter(
        pc.or_(pc.less(lullabies["local_hour"], 5), pc.equal(lullabies["local_hour"], 23))
    )

    assert len(night) == 7 * 30
    assert share(night, "sleep") == 1


DANCE = [song(f"Tune {n}", f"DJ {n}", 3.2) for n in range(90)]
FEW = [*DANCE[:6], *(song(f"Tune {n}", f"DJ {n % 6}", 3.2) for n in range(6, 30))]
LOUD = [
    sound(
        tune,
        energy=0.88,
        danceability=0.74,
        loudness=-5.0,
        valence=0.6,
        acousticness=0.03,
        instrumentalness=0.02,
        speechiness=0.06,
        tempo=128.0,
    )
    for tune in [*DANCE, *FEW[6:]]
]


def energetic(*, named: bool = False, weeks: int = 6) -> pa.Table:
    """Tuesdays and Thursdays at six for 50 minutes, Saturday nights for four hours."""
    gym, party = (from_playlist(name) if named else {} for name in ("Gym", "Party"))
    rows = ways(weeks)
    for week in range(weeks):
        for day in (1, 3):
            tunes = [FEW[(5 * week + 3 * day + n) % 30] | gym for n in range(15)]
            rows += heard(at(7 * week + day, "18:00"), tunes)
        tunes = [DANCE[(17 * week + n) % 90] | party for n in range(75)]
        rows += heard(at(7 * week + 5, "21:00"), tunes)
    return plays(rows)


def slots(done: pa.Table) -> tuple[pa.Table, pa.Table]:
    """What was heard in the two slots after work, and on Saturday nights."""
    night = pc.or_(
        pc.and_(pc.equal(done["local_weekday"], 5), pc.greater_equal(done["local_hour"], 21)),
        pc.and_(pc.equal(done["local_weekday"], 6), pc.less(done["local_hour"], 3)),
    )
    slot = pc.and_(
        pc.is_in(done["local_weekday"], pa.array([1, 3], pa.int8())),
        pc.equal(done["local_hour"], 18),
    )
    return done.filter(slot), done.filter(night)


def test_energetic_music_is_workout_in_a_slot_and_party_on_saturday_night() -> None:
    slot, night = slots(labelled(energetic(), sounds=LOUD))

    assert share(slot, "workout") > 0.9
    assert share(night, "party") > 0.9


def test_without_a_word_of_its_sound_a_slot_is_no_party_and_a_night_no_workout() -> None:
    slot, night = slots(labelled(energetic()))

    assert share(slot, "party") == 0
    assert share(night, "workout") == 0


def test_what_playlists_are_called_is_learned_for_the_evenings_without_a_name() -> None:
    rows = energetic(named=True)
    named = pc.less(rows["local_date"], pa.scalar(at(28, "00:00").date()))
    silent = [
        row if keep else row | dict.fromkeys(from_playlist("Gym"))
        for row, keep in zip(rows.to_pylist(), named.to_pylist(), strict=True)
    ]
    done = labelled(plays(silent))
    nameless = done.filter(pc.and_(done["played_from_name"].is_null(), pc.invert(named)))
    slot, night = slots(nameless)

    assert len(slot) == 4 * 15
    assert share(slot, "workout") > 0.9
    assert share(night, "party") > 0.9


def test_mornings_of_short_songs_do_not_make_a_child() -> None:
    rows: list[Row] = []
    for day in range(42):
        rap = [song(f"Bar {(5 * day + n) % 40}", f"MC {n % 6}", 2.1) for n in range(4)]
        rows += heard(at(day, "07:36"), rap) + heard(at(day, "17:20"), rap[::-1] * 3)
    done = labelled(plays(rows))

    assert set(done["context"].to_pylist()) == {"everyday"}
    assert min(row["context_confidence"] for row in done.to_pylist()) > 0.6


def test_nights_of_someone_who_works_at_night_are_not_sleep() -> None:
    rows: list[Row] = []
    for day in range(42):
        few = [song(f"Song {(3 * day + n) % 90}", f"Band {n % 12}", 4) for n in range(45)]
        rows += heard(at(day, "23:10"), few)
    done = labelled(plays(rows))

    assert not {"sleep", "kids"} & set(done["context"].to_pylist())
